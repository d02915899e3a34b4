"""Files and sheets as report tools may see them, kept beside the submissions."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from schemas.sources import ShownSources
from warehouse.schema.refresh_state import SOURCES, Kept, kept_state, set_kept_state
from warehouse.schema.tables import Tables


def refresh_sources(
    connection: Connection, tables: Tables, shown: ShownSources, titles: Mapping[str, str], fingerprint: str, load_id: int
) -> None:
    """Tell every submission's file and sheet that is not told yet, or all where other words are known than before."""
    before = kept_state(connection, tables, SOURCES)
    if before == Kept(load_id, fingerprint):
        return
    table, reports = tables.marts.shown_sources, tables.submissions
    if before is None or before.fingerprint != fingerprint:
        connection.execute(delete(table))
    names = ("submission_id", "source_file", "source_sheet", "sha256", "unit_code", "period", "ledger")
    untold = select(*(reports.c[name] for name in names)).where(reports.c.submission_id.not_in(select(table.c.submission_id)))
    rows = [
        {
            "submission_id": one.submission_id,
            "source_file": shown.file(one.source_file, one.sha256, one.unit_code, one.period, titles.get(one.ledger)),
            "source_sheet": shown.sheet(one.source_sheet),
        }
        for one in connection.execute(untold)
    ]
    if rows:
        connection.execute(insert(table), rows)
    set_kept_state(connection, tables, SOURCES, Kept(load_id, fingerprint))
