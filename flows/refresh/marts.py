"""Refresh what report tools read: within each load's transaction, and again as a step of the run if it is
behind.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from importlib.metadata import version

from flows.refresh.coverage import refresh_coverage
from flows.refresh.deadlines import refresh_deadlines
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.version import ruleset_version
from warehouse.engine import Connection, writing
from warehouse.figures.materialize import refresh_figures
from warehouse.marts.masked_sources import refresh_sources
from warehouse.schema.refresh_state import RefreshState

#: increase it when the program computes something else from the same reports: forces a full refresh
MAKING = 6


def refresh_materialized(workspace: Workspace, connection: Connection, now: datetime) -> str | None:
    """Refresh the materialised tables (coverage, masked sources, figures) to the latest load, in its
    transaction.

    Returns an error text if coverage could not be computed.
    """
    fingerprint = input_fingerprint(workspace)
    fault = refresh_coverage(workspace, connection, now, fingerprint)
    as_of = workspace.as_of_moment(connection)
    recorded_at = workspace.recorded_at(as_of)
    titles = {name: ledger.title for name, ledger in workspace.ledgers.items()}
    refresh_sources(as_of, workspace.masked_sources, titles, fingerprint)
    state = RefreshState(as_of.load_id, fingerprint, recorded_at.isoformat() if recorded_at else None)
    refresh_figures(
        as_of,
        workspace.regions,
        workspace.obligations,
        list(indicators().values()),
        state,
        is_incremental=workspace.home.settings.incremental_figures,
    )
    return fault


def refresh_marts(workspace: Workspace, now: datetime) -> str | None:
    """Refresh the materialised tables for a new day, changed settings or definitions, even if nothing was
    loaded.

    Returns an error text if coverage could not be computed.
    """
    with writing(workspace.engine) as connection:
        fault = refresh_materialized(workspace, connection, now)
        refresh_deadlines(workspace, connection, now, input_fingerprint(workspace))
        return fault


def input_fingerprint(workspace: Workspace) -> str:
    """Hash every input to figures and masked names except the submissions."""
    owed = workspace.obligations
    due = (
        owed.due_working_day,
        [
            (year, sorted(year_calendar.days_off), sorted(year_calendar.make_up_days))
            for year, year_calendar in owed.calendar.overrides.items()
        ],
    )
    made_by = (MAKING, version("chinesecalendar"))
    inputs = (
        made_by,
        ruleset_version(),
        workspace.regions.regions,
        owed.entries,
        due,
        str(workspace.home.timezone),
        list(workspace.ledgers),
    )
    return hashlib.sha256(repr(inputs).encode()).hexdigest()
