"""Rows excluded from a figure, each with its single reason.

Reasons are an unmet condition, a date, a later report, or another unit's row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
)

from schemas.figures.indicator import Part
from schemas.ledgers.finding import compose_message
from schemas.states import REJECTED
from warehouse.figures.contributing_rows import ROW_COLUMNS, RowReader, in_order
from warehouse.figures.filters import conditions, counts_once, is_dated_in, is_of_units_and_period
from warehouse.schema.as_of import key_current_at, report_current_at, row_current_at
from warehouse.schema.regions import line_of

#: rows listed for one reason; all are counted
MOST_LISTED = 2_000

Reason = tuple[str, tuple[int, ...]]  # its code, and the indices of the conditions that are not met


#: details of a reason beside its code: another row's or report's origin, a date, unmet conditions, a message
NAMED_COLUMNS = ["code", "other_submission", "other_unit", "other_period", "day", "unmet", "message"]


@dataclass(frozen=True)
class ExcludedRows:
    """Excluded rows (ROW_COLUMNS and NAMED_COLUMNS), listed up to the limit, and their number by reason."""

    frames: list[pd.DataFrame] = field(default_factory=list)
    numbers: dict[Reason, int] = field(default_factory=dict)


class ExcludedRowReader(RowReader):
    """Reader of the rows that these parts, of one ledger and with the same date fields, exclude."""

    def rows_not_meeting(self, parts: Sequence[Part]) -> ExcludedRows:
        """Return rows of the period that meet the conditions of none of the parts."""
        excluded, table = ExcludedRows(), self.table(parts[0])
        if not all(part.where for part in parts):
            return excluded
        tests = [
            condition
            for part in parts
            for condition in conditions(self.warehouse, part, self.period, self.load_id)
        ]
        rows = and_(
            row_current_at(table, self.load_id),
            self._is_of_units_and_period(parts),
            counts_once(self.warehouse, parts[0]),
            _not(self._met(parts)),
        )
        unmet = [case((test, 0), else_=1).label(f"unmet_{index}") for index, test in enumerate(tests)]
        query = self.select_named(parts[0], literal("condition").label("code"), *unmet).where(rows)
        self._list(parts[0], excluded, query, [flag.name for flag in unmet])
        return excluded

    def rows_excluded_otherwise(self, parts: Sequence[Part]) -> ExcludedRows:
        """Return rows that meet the conditions, excluded by their date, another row or a later report."""
        excluded = ExcludedRows()
        for query in self.otherwise_excluded_queries(parts):
            self._list(parts[0], excluded, query, [])
        return excluded

    def otherwise_excluded_queries(self, parts: Sequence[Part]) -> list[Select[Any]]:
        """Build the queries of `rows_excluded_otherwise`.

        A point-in-time part excludes rows only by later reports.
        """
        later = [] if parts[0].stock else [self._outranked(parts), self._out_of_period(parts)]
        return [self._retired(parts), *later]

    def quarantined_rows(self, ledgers: Iterable[str]) -> ExcludedRows:
        """Return quarantined rows and rejected submissions of the period's reports of these ledgers."""
        findings, reports = self.as_of.tables.findings, self.as_of.submissions
        query = (
            select(findings, reports.c.unit_code, reports.c.period, reports.c.ledger)
            .join(reports, reports.c.submission_id == findings.c.submission_id)
            .where(self._is_open(reports, sorted(ledgers)), findings.c.severity.in_(["error", "fatal"]))
            .order_by(
                reports.c.unit_code,
                reports.c.period,
                findings.c.submission_id,
                findings.c.row,
                findings.c.finding_id,
            )
        )
        rows: dict[tuple[int, int | None], dict[str, Any]] = {}
        for row in self.connection.execute(query):
            key, described = (row.submission_id, row.row), _describe_finding(row)
            if key in rows:
                rows[key]["message"] += f" {described['message']}"
            else:
                rows[key] = described
        rejected_rows = pd.DataFrame(
            list(rows.values()), columns=[*ROW_COLUMNS, *NAMED_COLUMNS], dtype=object
        )
        by_code = {str(code): code_rows for code, code_rows in rejected_rows.groupby("code")}
        numbers: dict[Reason, int] = {(code, ()): len(code_rows) for code, code_rows in by_code.items()}
        return ExcludedRows([code_rows.head(MOST_LISTED) for code_rows in by_code.values()], numbers)

    def _is_open(self, reports: Table, ledgers: Sequence[str]) -> ColumnElement[bool]:
        """Filter for submissions that are current, or rejected with no later one of the same report."""
        later = reports.alias("later")
        is_newer = and_(
            later.c.unit_code == reports.c.unit_code,
            later.c.period == reports.c.period,
            or_(later.c.ledger == reports.c.ledger, reports.c.ledger.is_(None)),
            later.c.submission_id > reports.c.submission_id,
            later.c.load_id <= self.load_id,
        )
        is_last = ~select(later.c.submission_id).where(is_newer).correlate(reports).exists()
        is_rejected = and_(reports.c.state == REJECTED, reports.c.load_id <= self.load_id, is_last)
        return and_(
            or_(report_current_at(reports, self.load_id), is_rejected),
            or_(reports.c.ledger.in_(ledgers), reports.c.ledger.is_(None)),
            reports.c.unit_code.in_(self.units),
            reports.c.period.in_(self.period.months()),
        )

    def _retired(self, parts: Sequence[Part]) -> Select[Any]:
        """Select versions that a later report of the same unit and month rewrote or dropped.

        A version whose `is_counted` alone changed was retired by a submission of another report. One that the
        program read again as it was is no other: nobody sent it again.
        """
        table = self.table(parts[0])
        reports = self.as_of.submissions.alias("retiring")
        now = table.alias("now")
        same_row = and_(*(now.c[name] == table.c[name] for name in ("row_key", "unit_code", "period")))
        is_present = exists().where(same_row, key_current_at(now, self.load_id)).correlate(table)
        is_reread = reports.c.is_revalidated.is_(True)
        rows = and_(
            table.c.retired_load <= self.load_id,
            self._is_of_units_and_period(parts),
            counts_once(self.warehouse, parts[0]),
            self._met(parts),
            reports.c.submission_id == table.c.retired_by,
            reports.c.unit_code == table.c.unit_code,
            reports.c.period == table.c.period,
            ~and_(is_reread, self._was_recorded_again(table, parts[0].ledger)),
        )
        code = case(
            (and_(is_reread, is_present), "reread_otherwise"),
            (is_reread, "taken_back"),
            (is_present, "replaced"),
            else_="withdrawn",
        ).label("code")
        return self.select_named(parts[0], code, *_other(reports)).where(rows)

    def _was_recorded_again(self, table: Table, ledger: str) -> ColumnElement[bool]:
        """Filter for versions in whose place the same load recorded one with the same content."""
        again, definition = table.alias("again"), self.warehouse.ledgers[ledger]
        names = [*definition.field_names(), *(column.name for column in definition.derived)]
        same = [again.c[name].is_not_distinct_from(table.c[name]) for name in names if name in table.c]
        is_same_row = (again.c[name] == table.c[name] for name in ("row_key", "unit_code", "period"))
        is_again = and_(*is_same_row, again.c.recorded_load == table.c.retired_load, *same)
        return exists().where(is_again).correlate(table)

    def _outranked(self, parts: Sequence[Part]) -> Select[Any]:
        """Select duplicates: the row that counts is another unit's, or of another month of the same unit."""
        table = self.table(parts[0])
        owner = table.alias("owner")
        counts = and_(
            owner.c.row_key == table.c.row_key,
            key_current_at(owner, self.load_id),
            owner.c.is_counted.is_(True),
        )
        rows = and_(
            row_current_at(table, self.load_id),
            self._is_of_units_and_period(parts),
            table.c.is_counted.is_(False),
            self._met(parts),
        )
        regions = self.as_of.tables.regions
        own_line, line_of_owner = line_of(regions, table.c.unit_code), line_of(regions, owner.c.unit_code)
        code = case(
            (line_of_owner != own_line, "other_unit"), (line_of_owner == own_line, "reported_again")
        ).label("code")
        # an outer join, or SQLite would start from `owner`, which is every row that counts
        return self.select_named(parts[0], code, *_other(owner)).outerjoin(owner, counts).where(rows)

    def _out_of_period(self, parts: Sequence[Part]) -> Select[Any]:
        """Select rows in the period's reports that only their date excludes."""
        table = self.table(parts[0])
        rows = and_(
            row_current_at(table, self.load_id),
            table.c.unit_code.in_(self.units),
            table.c.period.in_(self.period.months()),
            counts_once(self.warehouse, parts[0]),
            _not(is_dated_in(self.warehouse, parts[0], self.period)),
            self._met(parts),
        )
        day = func.coalesce(*(table.c[name] for name in parts[0].dated_by), null()).label("day")
        return self.select_named(parts[0], literal("out_of_period").label("code"), day).where(rows)

    def _list(self, part: Part, excluded: ExcludedRows, query: Select[Any], flags: Sequence[str]) -> None:
        """Count the rows of a query by code and `flags`, and list them up to the limit."""
        rows = self.read_rows(part, query.order_by(*in_order(self.table(part))))
        for (code, *flag_values), group in rows.groupby(["code", *flags]):
            unmet = _indices_of_true(flag_values)
            excluded.numbers[code, unmet] = excluded.numbers.get((code, unmet), 0) + len(group)
            listed = self.locate_cells(part, group.head(MOST_LISTED))
            excluded.frames.append(listed.assign(unmet=[unmet] * len(listed)))

    def _is_of_units_and_period(self, parts: Sequence[Part]) -> ColumnElement[bool]:
        return is_of_units_and_period(self.warehouse, parts[0], self.units, self.period, self.load_id)

    def _met(self, parts: Sequence[Part]) -> ColumnElement[bool]:
        """Filter for rows that meet the conditions of any of the parts."""
        if not all(part.where for part in parts):
            return true()
        return or_(*(and_(*conditions(self.warehouse, part, self.period, self.load_id)) for part in parts))


def _not(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Negate a condition, treating NULL as false."""
    return case((condition, literal_column("0")), else_=literal_column("1")) == literal_column("1")


def _other(table: Any) -> list[ColumnElement[Any]]:
    """Label the row or report that a reason names."""
    return [table.c.submission_id.label("other_submission"), table.c.unit_code.label("other_unit"),
            table.c.period.label("other_period")]  # fmt: skip


def _indices_of_true(flag_values: Sequence[int]) -> tuple[int, ...]:
    return tuple(index for index, sign in enumerate(flag_values) if sign)


def _describe_finding(row: Row[Any]) -> dict[str, Any]:
    """Describe a quarantined row or rejected submission by its first finding."""
    get_value: Callable[[str], Any] = row._mapping.__getitem__
    return {
        "ledger": row.ledger or "", "unit_code": row.unit_code, "submission_id": row.submission_id, "source_file": row.file,
        "source_sheet": row.sheet or "", "source_row": row.row, "period": row.period, "month": row.period,
        "named_by": get_value("column") or "", "value": get_value("value"), "cell": row.cell or "",
        "code": "held_back" if row.severity == "error" else "refused",
        "message": compose_message(row._asdict()),
    }  # fmt: skip
