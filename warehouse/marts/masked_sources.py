"""The materialised file and sheet names that report tools may see."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from schemas.sources import MaskedSources
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import SOURCES, RefreshState, refresh_state, set_refresh_state


def refresh_sources(as_of: AsOf, shown: MaskedSources, titles: Mapping[str, str], fingerprint: str) -> None:
    """Add the missing submissions' file and sheet names, or rebuild all if the fingerprint changed."""
    connection, tables = as_of.connection, as_of.tables
    before, now = refresh_state(connection, tables, SOURCES), RefreshState(as_of.load_id, fingerprint)
    if before == now:
        return
    table, reports = tables.marts.shown_sources, tables.submissions
    if before is None or before.fingerprint != fingerprint:
        connection.execute(delete(table))
    names = ("submission_id", "source_file", "source_sheet", "sha256", "unit_code", "period", "ledger")
    missing = select(*(reports.c[name] for name in names)).where(
        reports.c.submission_id.not_in(select(table.c.submission_id))
    )
    rows = [
        {
            "submission_id": row.submission_id,
            "source_file": shown.file(
                row.source_file, row.sha256, row.unit_code, row.period, titles.get(row.ledger)
            ),
            "source_sheet": shown.sheet(row.source_sheet),
        }
        for row in connection.execute(missing)
    ]
    if rows:
        connection.execute(insert(table), rows)
    set_refresh_state(connection, tables, SOURCES, now)
