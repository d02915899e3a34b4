"""The materialised file and sheet names that report tools may see."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from schemas.sources import MaskedSources
from warehouse.schema.refresh_state import SOURCES, RefreshState, refresh_state, set_refresh_state
from warehouse.schema.tables import Tables


def refresh_sources(
    connection: Connection,
    tables: Tables,
    shown: MaskedSources,
    titles: Mapping[str, str],
    fingerprint: str,
    load_id: int,
) -> None:
    """Add the missing submissions' file and sheet names, or rebuild all if the fingerprint changed."""
    before = refresh_state(connection, tables, SOURCES)
    if before == RefreshState(load_id, fingerprint):
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
    set_refresh_state(connection, tables, SOURCES, RefreshState(load_id, fingerprint))
