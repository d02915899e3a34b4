"""Refresh the materialised time limits once in a run and each day: they are of a day, not of a load alone."""

from __future__ import annotations

import hashlib
from datetime import datetime

from flows.queries.deadlines import read_spans
from flows.workspace import Workspace
from schemas.deadlines import deadlines, limits_by_ledger
from warehouse.engine import Connection
from warehouse.marts.deadlines import number_kinds, replace_deadlines
from warehouse.schema.refresh_state import DEADLINES, RefreshState, refresh_state, set_refresh_state


def refresh_deadlines(
    workspace: Workspace, connection: Connection, now: datetime, fingerprint: str
) -> None:
    """Refresh the table to the last load and today, in the caller's transaction.

    `fingerprint` is of every input besides the rows and the limits.
    """
    as_of = workspace.as_of_moment(connection)
    moment = workspace.to_local_time(now)
    made_by = hashlib.sha256(repr((fingerprint, deadlines())).encode()).hexdigest()
    state = RefreshState(as_of.load_id, made_by, moment.isoformat())
    before = refresh_state(connection, workspace.tables, DEADLINES)
    if before == state and (before.as_of or "").startswith(f"{moment.date()}"):
        return
    limits = limits_by_ledger(deadlines())
    spans = read_spans(workspace, as_of, number_kinds(as_of, limits), moment.date())
    replace_deadlines(connection, workspace.tables, spans)
    set_refresh_state(connection, workspace.tables, DEADLINES, state)
