"""The rows that a figure leaves out, by the one thing for which it does: a condition, a date, a later report, another unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, case, func, literal_column, or_, select, true

from schemas.indicator import Part
from schemas.states import REJECTED
from warehouse.explain import FoundRow, RowReader, in_order
from warehouse.parts import belongs, conditions, is_claimed, is_dated_in, report_stood_at, stood_at

#: of the rows left out for one reason so many are listed; how many there are is always told
MOST_LISTED = 2_000

Reason = tuple[str, tuple[int, ...]]  # its code, and the places of the conditions that are not met


@dataclass(frozen=True)
class LeftOut:
    """Rows left out, listed up to the limit, and how many there are by reason."""

    rows: list[FoundRow] = field(default_factory=list)
    numbers: dict[Reason, int] = field(default_factory=dict)

    def count(self, code: str, unmet: tuple[int, ...] = (), number: int = 1) -> int:
        """Count further rows; how many there are now."""
        self.numbers[code, unmet] = self.numbers.get((code, unmet), 0) + number
        return self.numbers[code, unmet]


class LeftOutReader(RowReader):
    """Reads the rows that these parts, of one ledger and dated alike, leave out."""

    def not_meeting(self, parts: Sequence[Part]) -> LeftOut:
        """Rows of the period that count for none of the parts, for want of their conditions."""
        left, table = LeftOut(), self.table(parts[0])
        if not all(part.where for part in parts):
            return left
        tests = [one for part in parts for one in conditions(self.warehouse, part, self.period, self.load_id)]
        rows = and_(
            stood_at(table, self.load_id), self._scope(parts), is_claimed(self.warehouse, parts[0]), _not(self._met(parts))
        )
        flags = [f"unmet_{at}" for at in range(len(tests))]
        unmet = [case((test, 0), else_=1).label(name) for test, name in zip(tests, flags, strict=True)]
        numbers = select(*unmet, func.count()).select_from(table).where(rows).group_by(*flags)
        for *signs, number in self.connection.execute(numbers):
            left.count("condition", _places(signs), number)
        listed = self.named(parts[0], *unmet).where(rows).order_by(*in_order(table)).limit(MOST_LISTED)
        for row in self.fetched(listed) if left.numbers else ():
            places = _places([row[name] for name in flags])
            left.rows.append(self.found(parts[0], row, code="condition", unmet=places))
        return left

    def passed_over(self, parts: Sequence[Part]) -> LeftOut:
        """Rows that one of the parts would count but for their date, another row of their key, or a later report."""
        left = LeftOut()
        self._retired(parts, left)
        if not parts[0].stock:
            self._outranked(parts, left)
            self._out_of_period(parts, left)
        return left

    def held_back(self, ledgers: Iterable[str]) -> LeftOut:
        """Rows held back for an error, and submissions refused since, in the period's reports of these ledgers."""
        findings, reports = self.warehouse.tables.findings, self.warehouse.tables.submissions
        query = (
            select(findings, reports.c.unit_code, reports.c.period, reports.c.ledger)
            .join(reports, reports.c.submission_id == findings.c.submission_id)
            .where(self._is_open(reports, sorted(ledgers)), findings.c.severity.in_(["error", "fatal"]))
            .order_by(reports.c.unit_code, reports.c.period, findings.c.submission_id, findings.c.row, findings.c.finding_id)
        )
        rows: dict[tuple[int, int | None], FoundRow] = {}
        for one in self.connection.execute(query):
            key = (one.submission_id, one.row)
            rows[key] = replace(rows[key], message=f"{rows[key].message} {one.message}") if key in rows else _held(one)
        left = LeftOut()
        left.rows.extend(row for row in rows.values() if left.count(row.code) <= MOST_LISTED)
        return left

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
            or_(report_stood_at(reports, self.load_id), refused),
            or_(reports.c.ledger.in_(ledgers), reports.c.ledger.is_(None)),
            reports.c.unit_code.in_(self.units),
            reports.c.period.in_(self.period.months()),
        )

    def _retired(self, parts: Sequence[Part], left: LeftOut) -> None:
        """Versions that a later report of the same unit and month rewrote or dropped. One that only ceased or began to count
        was retired by a submission of another report."""
        table = self.table(parts[0])
        reports = self.warehouse.tables.submissions.alias("retiring")
        now = table.alias("now")
        same = and_(*(now.c[name] == table.c[name] for name in ("row_key", "unit_code", "period")))
        is_there = select(now.c.version_id).where(same, stood_at(now, self.load_id)).correlate(table).exists()
        rows = and_(
            table.c.retired_load <= self.load_id,
            self._scope(parts),
            is_claimed(self.warehouse, parts[0]),
            self._met(parts),
            reports.c.submission_id == table.c.retired_by,
            reports.c.unit_code == table.c.unit_code,
            reports.c.period == table.c.period,
        )
        other = [reports.c.submission_id, reports.c.unit_code, reports.c.period]
        self._list(parts[0], left, "replaced", and_(rows, is_there), other)
        self._list(parts[0], left, "withdrawn", and_(rows, ~is_there), other)

    def _outranked(self, parts: Sequence[Part], left: LeftOut) -> None:
        """Rows of a key of which another unit's row counts, or that of the same unit's other month."""
        table = self.table(parts[0])
        owner = table.alias("owner")
        counts = and_(owner.c.row_key == table.c.row_key, stood_at(owner, self.load_id), owner.c.is_counted.is_(True))
        # looked up row by row: a join would let SQLite begin with the owners, which are all rows that count
        other = [
            select(owner.c[name]).where(counts).correlate(table).scalar_subquery()
            for name in ("submission_id", "unit_code", "period")
        ]
        rows = and_(stood_at(table, self.load_id), self._scope(parts), table.c.is_counted.is_(False), self._met(parts))
        self._list(parts[0], left, "other_unit", and_(rows, other[1] != table.c.unit_code), other)
        self._list(parts[0], left, "reported_again", and_(rows, other[1] == table.c.unit_code), other)

    def _out_of_period(self, parts: Sequence[Part], left: LeftOut) -> None:
        """Rows in the period's reports that would count, were they dated in it."""
        table = self.table(parts[0])
        rows = and_(
            stood_at(table, self.load_id),
            table.c.unit_code.in_(self.units),
            table.c.period.in_(self.period.months()),
            is_claimed(self.warehouse, parts[0]),
            _not(is_dated_in(self.warehouse, parts[0], self.period)),
            self._met(parts),
        )
        self._list(parts[0], left, "out_of_period", rows, [])

    def _list(
        self, part: Part, left: LeftOut, code: str, rows: ColumnElement[bool], other: Sequence[ColumnElement[Any]]
    ) -> None:
        """Count the rows of one reason and list them up to the limit, with the place of the `other` row or report."""
        joined = self.named(part, *(column.label(f"other_{at}") for at, column in enumerate(other))).where(rows)
        number = self.connection.scalar(joined.with_only_columns(func.count(), maintain_column_froms=True))
        if not number:
            return
        left.count(code, number=number)
        for row in self.fetched(joined.order_by(*in_order(self.table(part))).limit(MOST_LISTED)):
            named = ("other_submission", "other_unit", "other_period")
            places = {name: row[f"other_{at}"] for at, name in enumerate(named[: len(other)])}
            day = next((row[name] for name in part.dated_by if row[name] is not None), None)
            left.rows.append(self.found(part, row, code=code, day=day, **places))

    def _scope(self, parts: Sequence[Part]) -> ColumnElement[bool]:
        return belongs(self.warehouse, parts[0], self.units, self.period, self.load_id)

    def _met(self, parts: Sequence[Part]) -> ColumnElement[bool]:
        """Whether a row meets the conditions of any of the parts."""
        if not all(part.where for part in parts):
            return true()
        return or_(*(and_(*conditions(self.warehouse, part, self.period, self.load_id)) for part in parts))


def _not(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a condition does not hold; where a null leaves it open, it does not."""
    return case((condition, literal_column("0")), else_=literal_column("1")) == literal_column("1")


def _places(signs: Sequence[int]) -> tuple[int, ...]:
    return tuple(at for at, sign in enumerate(signs) if sign)


def _held(one: Row[Any]) -> FoundRow:
    """The first finding of a row that is held back, or of a submission that was refused."""
    mapped: Callable[[str], Any] = one._mapping.__getitem__
    return FoundRow(
        ledger=one.ledger or "", unit_code=one.unit_code, submission_id=one.submission_id, source_file=one.file,
        source_sheet=one.sheet or "", source_row=one.row, period=one.period, month=one.period,
        named_by=mapped("column") or "", value=mapped("value"), cell=one.cell or "",
        code="held_back" if one.severity == "error" else "refused", message=one.message,
    )  # fmt: skip
