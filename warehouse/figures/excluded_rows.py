"""The rows that a figure leaves out, by the one thing for which it does: a condition, a date, a later report, another unit."""

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
from schemas.states import REJECTED
from warehouse.figures.contributing_rows import FOUND_COLUMNS, RowReader, in_order
from warehouse.figures.filters import (
    conditions,
    counts_once,
    in_scope,
    is_dated_in,
    key_current_at,
    report_current_at,
    row_current_at,
)

#: of the rows left out for one reason so many are listed; how many there are is always told
MOST_LISTED = 2_000

Reason = tuple[str, tuple[int, ...]]  # its code, and the places of the conditions that are not met


#: what a reason can name beside its code: another row's or report's place, a date, conditions not met, a finding's message
NAMED_COLUMNS = ["code", "other_submission", "other_unit", "other_period", "day", "unmet", "message"]


@dataclass(frozen=True)
class ExcludedRow:
    """Rows left out (FOUND_COLUMNS and NAMED_COLUMNS), listed up to the limit, and how many there are by reason."""

    frames: list[pd.DataFrame] = field(default_factory=list)
    numbers: dict[Reason, int] = field(default_factory=dict)


class ExcludedRowReader(RowReader):
    """Reads the rows that these parts, of one ledger and dated alike, leave out."""

    def not_meeting(self, parts: Sequence[Part]) -> ExcludedRow:
        """Rows of the period that count for none of the parts, for want of their conditions."""
        left, table = ExcludedRow(), self.table(parts[0])
        if not all(part.where for part in parts):
            return left
        tests = [
            condition
            for part in parts
            for condition in conditions(self.warehouse, part, self.period, self.load_id)
        ]
        rows = and_(
            row_current_at(table, self.load_id),
            self._scope(parts),
            counts_once(self.warehouse, parts[0]),
            _not(self._met(parts)),
        )
        unmet = [case((test, 0), else_=1).label(f"unmet_{at}") for at, test in enumerate(tests)]
        query = self.named(parts[0], literal("condition").label("code"), *unmet).where(rows)
        self._list(parts[0], left, query, [one.name for one in unmet])
        return left

    def passed_over(self, parts: Sequence[Part]) -> ExcludedRow:
        """Rows that one of the parts would count but for their date, another row of their key, or a later report."""
        left = ExcludedRow()
        for query in self.passing_over(parts):
            self._list(parts[0], left, query, [])
        return left

    def passing_over(self, parts: Sequence[Part]) -> list[Select[Any]]:
        """The queries of `passed_over`; what a stock leaves out is told by later reports alone."""
        later = [] if parts[0].stock else [self._outranked(parts), self._out_of_period(parts)]
        return [self._retired(parts), *later]

    def held_back(self, ledgers: Iterable[str]) -> ExcludedRow:
        """Rows held back for an error, and submissions refused since, in the period's reports of these ledgers."""
        findings, reports = self.warehouse.tables.findings, self.warehouse.tables.submissions
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
            key = (row.submission_id, row.row)
            rows[key] = (
                {**rows[key], "message": f"{rows[key]['message']} {row.message}"}
                if key in rows
                else _held(row)
            )
        found = pd.DataFrame(list(rows.values()), columns=[*FOUND_COLUMNS, *NAMED_COLUMNS], dtype=object)
        by_code = {str(code): of_code for code, of_code in found.groupby("code")}
        numbers: dict[Reason, int] = {(code, ()): len(of_code) for code, of_code in by_code.items()}
        return ExcludedRow([of_code.head(MOST_LISTED) for of_code in by_code.values()], numbers)

    def _is_open(self, reports: Table, ledgers: Sequence[str]) -> ColumnElement[bool]:
        """Submissions that stand, or that were refused and nothing came after them."""
        later = reports.alias("later")
        is_newer = and_(
            later.c.unit_code == reports.c.unit_code,
            later.c.period == reports.c.period,
            or_(later.c.ledger == reports.c.ledger, reports.c.ledger.is_(None)),
            later.c.submission_id > reports.c.submission_id,
            later.c.load_id <= self.load_id,
        )
        is_last = ~select(later.c.submission_id).where(is_newer).correlate(reports).exists()
        refused = and_(reports.c.state == REJECTED, reports.c.load_id <= self.load_id, is_last)
        return and_(
            or_(report_current_at(reports, self.load_id), refused),
            or_(reports.c.ledger.in_(ledgers), reports.c.ledger.is_(None)),
            reports.c.unit_code.in_(self.units),
            reports.c.period.in_(self.period.months()),
        )

    def _retired(self, parts: Sequence[Part]) -> Select[Any]:
        """Versions that a later report of the same unit and month rewrote or dropped. One that only ceased or began to count
        was retired by a submission of another report."""
        table = self.table(parts[0])
        reports = self.warehouse.tables.submissions.alias("retiring")
        now = table.alias("now")
        same = and_(*(now.c[name] == table.c[name] for name in ("row_key", "unit_code", "period")))
        is_present = exists().where(same, key_current_at(now, self.load_id)).correlate(table)
        rows = and_(
            table.c.retired_load <= self.load_id,
            self._scope(parts),
            counts_once(self.warehouse, parts[0]),
            self._met(parts),
            reports.c.submission_id == table.c.retired_by,
            reports.c.unit_code == table.c.unit_code,
            reports.c.period == table.c.period,
        )
        code = case((is_present, "replaced"), else_="withdrawn").label("code")
        return self.named(parts[0], code, *_other(reports)).where(rows)

    def _outranked(self, parts: Sequence[Part]) -> Select[Any]:
        """Rows of a key of which another unit's row counts, or that of the same unit's other month."""
        table = self.table(parts[0])
        owner = table.alias("owner")
        counts = and_(
            owner.c.row_key == table.c.row_key,
            key_current_at(owner, self.load_id),
            owner.c.is_counted.is_(True),
        )
        rows = and_(
            row_current_at(table, self.load_id),
            self._scope(parts),
            table.c.is_counted.is_(False),
            self._met(parts),
        )
        code = case(
            (owner.c.unit_code != table.c.unit_code, "other_unit"),
            (owner.c.unit_code == table.c.unit_code, "reported_again"),
        ).label("code")
        # an outer join, or SQLite would begin with the owners, which are all rows that count
        return self.named(parts[0], code, *_other(owner)).outerjoin(owner, counts).where(rows)

    def _out_of_period(self, parts: Sequence[Part]) -> Select[Any]:
        """Rows in the period's reports that would count, were they dated in it."""
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
        return self.named(parts[0], literal("out_of_period").label("code"), day).where(rows)

    def _list(self, part: Part, left: ExcludedRow, query: Select[Any], flags: Sequence[str]) -> None:
        """Count the rows of a query for each code (and the same `flags`), and list them up to the limit."""
        rows = self.fetched(part, query.order_by(*in_order(self.table(part))))
        for (code, *signs), alike in rows.groupby(["code", *flags]):
            unmet = _places(signs)
            left.numbers[code, unmet] = left.numbers.get((code, unmet), 0) + len(alike)
            told = self.placed(part, alike.head(MOST_LISTED))
            left.frames.append(told.assign(unmet=[unmet] * len(told)))

    def _scope(self, parts: Sequence[Part]) -> ColumnElement[bool]:
        return in_scope(self.warehouse, parts[0], self.units, self.period, self.load_id)

    def _met(self, parts: Sequence[Part]) -> ColumnElement[bool]:
        """Whether a row meets the conditions of any of the parts."""
        if not all(part.where for part in parts):
            return true()
        return or_(*(and_(*conditions(self.warehouse, part, self.period, self.load_id)) for part in parts))


def _not(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a condition does not hold; where a null leaves it open, it does not."""
    return case((condition, literal_column("0")), else_=literal_column("1")) == literal_column("1")


def _other(table: Any) -> list[ColumnElement[Any]]:
    """The row or report that a reason names."""
    return [table.c.submission_id.label("other_submission"), table.c.unit_code.label("other_unit"),
            table.c.period.label("other_period")]  # fmt: skip


def _places(signs: Sequence[int]) -> tuple[int, ...]:
    return tuple(at for at, sign in enumerate(signs) if sign)


def _held(one: Row[Any]) -> dict[str, Any]:
    """The first finding of a row that is held back, or of a submission that was refused."""
    mapped: Callable[[str], Any] = one._mapping.__getitem__
    return {
        "ledger": one.ledger or "", "unit_code": one.unit_code, "submission_id": one.submission_id, "source_file": one.file,
        "source_sheet": one.sheet or "", "source_row": one.row, "period": one.period, "month": one.period,
        "named_by": mapped("column") or "", "value": mapped("value"), "cell": one.cell or "",
        "code": "held_back" if one.severity == "error" else "refused", "message": one.message,
    }  # fmt: skip
