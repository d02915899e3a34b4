"""Rows of earlier loads that ceased to count with a load, because a row that it brought has their key.

The report in which they stand got no file with this load, so nobody would hear that its figures moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, select

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.finding import finding
from schemas.ledgers.rules import COUNTS_ELSEWHERE, TAKES_OVER
from schemas.regions import RegionTable
from schemas.reporting.replacement import MOST_NAMED
from schemas.states import CURRENT_STATES
from warehouse.load.survivorship import FLIPPED, written_number
from warehouse.schema.tables import Tables
from warehouse.written_once import alias_once


def describe_ceased_rows(
    connection: Connection,
    tables: Tables,
    definition: LedgerDefinition,
    load_id: int,
    regions: RegionTable,
) -> list[dict[str, Any]]:
    """Build the findings about such rows: one on the report that lost them, one on that which has them now.

    Of one unit's reports they are named where a day or an amount that figures count differs; a bureau lists
    the matters of its counties too, and expects that those of the county count.
    """
    rows = _read_ceased_rows(connection, tables, definition, load_id)
    by_reports: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        is_moved_alike = row.counts_alike and regions.history.are_one_line(row.unit_code, row.owner_unit)
        if row.unit_code not in regions.bureaus and not is_moved_alike:
            report = (row.unit_code, row.period, row.owner_unit, row.owner_period, row.owner_submission)
            by_reports.setdefault(report, []).append(row)
    findings = []
    for (unit, month, owner_unit, owner_month, owner), of_reports in by_reports.items():
        keys = _list_keys(sorted({str(row.number) for row in of_reports}))
        here, there = f"{regions.name_of(unit)} {month}", f"{regions.name_of(owner_unit)} {owner_month}"
        lines = "、".join(str(row.owner_row) for row in of_reports[:MOST_NAMED])
        findings += [
            {
                "submission_id": number,
                **finding(COUNTS_ELSEWHERE, file=file, sheet=sheet, keys=keys, other=there),
            }
            for number, file, sheet in _current_submissions(connection, tables, definition, unit, month)
        ]
        source = connection.execute(
            select(tables.submissions.c.source_file, tables.submissions.c.source_sheet).where(
                tables.submissions.c.submission_id == owner
            )
        ).one()
        taken_over = finding(
            TAKES_OVER,
            file=source.source_file,
            sheet=source.source_sheet,
            rows=lines,
            keys=keys,
            other=here,
        )
        findings.append({"submission_id": owner, **taken_over})
    return findings


def _read_ceased_rows(
    connection: Connection, tables: Tables, definition: LedgerDefinition, load_id: int
) -> Sequence[Any]:
    ledger, submissions = tables.ledgers[definition.name], tables.submissions
    owner = alias_once(ledger, "owner")
    query = (
        select(
            written_number(definition, ledger).label("number"),
            ledger.c.unit_code,
            ledger.c.period,
            owner.c.unit_code.label("owner_unit"),
            owner.c.period.label("owner_period"),
            owner.c.submission_id.label("owner_submission"),
            owner.c.source_row.label("owner_row"),
            _counts_alike(definition, ledger, owner).label("counts_alike"),
        )
        .join(FLIPPED, and_(FLIPPED.c.version_id == ledger.c.version_id, FLIPPED.c.counts.is_(False)))
        .join(owner, and_(owner.c.row_key == ledger.c.row_key, owner.c.is_counted.is_(True)))
        .join(submissions, submissions.c.submission_id == owner.c.submission_id)
        .where(
            ledger.c.retired_load == load_id,
            owner.c.retired_load.is_(None),
            owner.c.recorded_load == load_id,
            submissions.c.load_id == load_id,
            submissions.c.is_revalidated.is_(False),
        )
        .order_by(ledger.c.unit_code, ledger.c.period, owner.c.submission_id, owner.c.source_row)
    )
    return connection.execute(query).all()


def _counts_alike(definition: LedgerDefinition, ledger: Table, owner: Any) -> ColumnElement[bool]:
    """Whether two rows have the same days and amount by which figures count them."""
    names = dict.fromkeys((definition.dated_by, *(definition.matter.amount or ())))
    return and_(*(owner.c[name].is_not_distinct_from(ledger.c[name]) for name in names))


def _current_submissions(
    connection: Connection, tables: Tables, definition: LedgerDefinition, unit: str, month: str
) -> Iterator[Any]:
    """Read number, file and sheet of the current submissions of a report."""
    reports = tables.submissions
    query = select(reports.c.submission_id, reports.c.source_file, reports.c.source_sheet).where(
        reports.c.ledger == definition.name,
        reports.c.unit_code == unit,
        reports.c.period == month,
        reports.c.superseded_load.is_(None),
        reports.c.state.in_(CURRENT_STATES),
    )
    return iter(connection.execute(query.order_by(reports.c.submission_id).limit(1)).all())


def _list_keys(numbers: Sequence[str]) -> str:
    return "、".join(numbers[:MOST_NAMED]) + (" 等" if len(numbers) > MOST_NAMED else "")
