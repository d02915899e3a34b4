"""What report tools read: kept with each load, in its transaction, and made good by the step of a run where it is behind."""

from __future__ import annotations

import hashlib
from datetime import datetime
from importlib.metadata import version

from flows.refresh.coverage import refresh_coverage
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.sources import MaskedSources
from schemas.version import ruleset_version
from warehouse.engine import Connection, writing
from warehouse.figures.filters import Warehouse
from warehouse.figures.materialize import refresh_figures
from warehouse.load.load import last_load
from warehouse.marts.masked_sources import refresh_sources
from warehouse.schema.refresh_state import RefreshState

#: raised where the program makes something else of the same reports: what was kept before is then made anew
MAKING = 3


def refresh_materialized(workspace: Workspace, connection: Connection, now: datetime) -> str | None:
    """Bring all that is kept to the last load, within its transaction: a reader sees the rows and the figures of one load.

    Why it cannot be told who has reported what, where it cannot.
    """
    fingerprint = _fingerprint(workspace)
    fault = refresh_coverage(workspace, connection, now, fingerprint)
    load_id, recorded_at = last_load(connection, workspace.tables)
    as_of = workspace.to_local_time(recorded_at).isoformat() if recorded_at else None
    titles = {name: ledger.title for name, ledger in workspace.ledgers.items()}
    masked_sources = MaskedSources(
        workspace.regions.spellings(), [name.removesuffix("台账") for name in titles.values()]
    )
    refresh_sources(connection, workspace.tables, masked_sources, titles, fingerprint, load_id)
    state = RefreshState(load_id, fingerprint, as_of)
    warehouse = Warehouse(workspace.tables, workspace.ledgers)
    refresh_figures(
        connection, warehouse, workspace.regions, workspace.obligations, list(indicators().values()), state
    )
    return fault


def refresh_marts(workspace: Workspace, now: datetime) -> str | None:
    """The step of a run: what is kept follows the day, the settings and the definitions, though nothing was loaded.

    Why it cannot be told who has reported what, where it cannot.
    """
    with writing(workspace.engine) as connection:
        return refresh_materialized(workspace, connection, now)


def _fingerprint(workspace: Workspace) -> str:
    """Of all that figures and shown names rest on, but for what was submitted."""
    owed = workspace.obligations
    due = (
        owed.due_working_day,
        [
            (year, sorted(year_calendar.days_off), sorted(year_calendar.make_up_days))
            for year, year_calendar in owed.calendar.given.items()
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
