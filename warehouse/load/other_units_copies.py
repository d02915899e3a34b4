"""Files with the same bytes under two units: say so once, in place of a finding on each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, select

from schemas.ledgers.finding import finding
from schemas.ledgers.rules import OTHER_UNITS_FILE
from schemas.regions import RegionTable
from schemas.states import CURRENT_STATES
from warehouse.schema.tables import Tables
from warehouse.written_once import alias_once

MOVED = "，那里的文件已经不在收件箱里"


def find_other_units_copies(connection: Connection, tables: Tables, load_id: int) -> Sequence[Any]:
    """Read the submissions with rows of a load whose file is that of another unit's current submission too.

    Sheets of several units in one file are no copies.
    """
    reports, other_reports = tables.submissions, alias_once(tables.submissions, "other_reports")
    same = and_(
        *(reports.c[name] == other_reports.c[name] for name in ("sha256", "source_sheet", "ledger")),
        reports.c.unit_code != other_reports.c.unit_code,
        reports.c.source_file != other_reports.c.source_file,
    )
    columns = ("submission_id", "source_file", "source_sheet")
    query = select(
        *(reports.c[name] for name in columns),
        other_reports.c.unit_code.label("other_unit"),
        other_reports.c.source_file.label("other_file"),
    ).join(other_reports, same)
    are_current = (
        condition
        for table in (reports, other_reports)
        for condition in (
            table.c.state.in_(CURRENT_STATES),
            table.c.superseded_load.is_(None),
            table.c.rows > 0,
        )
    )
    copies = connection.execute(
        query.where(reports.c.load_id == load_id, *are_current).order_by(
            reports.c.submission_id, other_reports.c.submission_id
        )
    )
    return list({row.submission_id: row for row in copies}.values())


def describe_other_units_copies(
    copies: Sequence[Any], regions: RegionTable, moved: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Build a finding for each; `moved` maps the path of a file to the one where it lay before."""
    return [
        {
            "submission_id": copy.submission_id,
            **finding(
                OTHER_UNITS_FILE, file=copy.source_file, sheet=copy.source_sheet,
                unit=regions.name_of(copy.other_unit), other=copy.other_file,
                moved=MOVED if moved.get(copy.source_file) == copy.other_file else "",
            ),
        }
        for copy in copies
    ]  # fmt: skip
