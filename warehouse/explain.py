"""The rows behind a figure, chosen by the filter that the figure itself is summed by, each with its place in its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, case, func, literal, or_, select, true

from schemas.indicator import Part
from schemas.ledger import UNIT
from schemas.periods import Period
from warehouse.parts import Warehouse, distinct_columns, part_filter

#: ids that one query asks for
CHUNK = 500


@dataclass(frozen=True)
class FoundRow:
    """A row and where it stands. `named_by` is the field that speaks for it, `value` as the warehouse holds it (money in 分).

    `period` is the month of the report, `month` that in which the row counts. `counts` is what the row adds to its side, in
    分 for money; `code` says why it adds nothing, with what the reason names: another row's place, a date, the places of the
    conditions that are not met, a finding's message.
    """

    ledger: str
    unit_code: str
    submission_id: int
    source_file: str
    source_sheet: str
    source_row: int | None
    period: str
    month: str
    named_by: str
    value: Any
    cell: str
    counts: int | None = None
    code: str = ""
    other_unit: str = ""
    other_period: str = ""
    other_submission: int | None = None
    day: date | None = None
    unmet: tuple[int, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class _Source:
    file: str
    sheet: str
    columns: Mapping[str, str]


class RowReader:
    """Reads the rows of these units for one period as of one load."""

    def __init__(
        self, connection: Connection, warehouse: Warehouse, units: Sequence[str], period: Period, load_id: int
    ) -> None:
        self.connection, self.warehouse, self.units = connection, warehouse, list(units)
        self.period, self.load_id = period, load_id
        self._sources: dict[int, _Source] = {}

    def counted(self, part: Part) -> tuple[list[FoundRow], list[FoundRow]]:
        """The rows that a part sums over, and those of them with nothing in the field that is summed or counted."""
        rows = part_filter(self.warehouse, part, self.units, self.period, self.load_id)
        counts, is_filled = self._counts(part)
        query = self.named(part, counts.label("counts_"), is_filled.label("is_filled_")).where(rows)
        found = self.fetched(query.order_by(*in_order(self.table(part))))
        told = [self.found(part, row, counts=int(row["counts_"])) for row in found if row["is_filled_"]]
        return told, [self.found(part, row, code="empty") for row in found if not row["is_filled_"]]

    def table(self, part: Part) -> Table:
        return self.warehouse.tables.ledgers[part.ledger]

    def named(self, part: Part, *more: ColumnElement[Any]) -> Select[Any]:
        """Place, dates and name of rows of a part's ledger, and more."""
        table = self.table(part)
        fields = dict.fromkeys([*naming_fields(self.warehouse, part), *part.dated_by])
        place = ("unit_code", "period", "submission_id", "source_row")
        return select(*(table.c[name] for name in (*place, *fields)), *more).select_from(table)

    def fetched(self, query: Select[Any]) -> list[RowMapping]:
        """The rows of a query, once the submissions that brought them are known."""
        rows = list(self.connection.execute(query).mappings())
        wanted = sorted({row["submission_id"] for row in rows} - set(self._sources))
        reports = self.warehouse.tables.submissions
        columns = [reports.c[name] for name in ("submission_id", "source_file", "source_sheet", "source_columns")]
        for start in range(0, len(wanted), CHUNK):
            these = reports.c.submission_id.in_(wanted[start : start + CHUNK])
            for number, *source in self.connection.execute(select(*columns).where(these)):
                self._sources[number] = _Source(*source)
        return rows

    def found(self, part: Part, row: RowMapping, **more: Any) -> FoundRow:
        """A row with its place, and the cell of the first field filled of those that name it."""
        source = self._sources[row["submission_id"]]
        names = naming_fields(self.warehouse, part)
        named_by = next((name for name in names if row[name] is not None), names[0])
        letter = source.columns.get(named_by)
        return FoundRow(
            ledger=part.ledger, unit_code=row["unit_code"], submission_id=row["submission_id"], source_file=source.file,
            source_sheet=source.sheet, source_row=row["source_row"], period=row["period"], month=self._month(part, row),
            named_by=named_by, value=row[named_by], cell=f"{letter}{row['source_row']}" if letter else "", **more,
        )  # fmt: skip

    def _month(self, part: Part, row: RowMapping) -> str:
        """The month in which a row counts: that of its date in the period, else of its report."""
        days = (row[name] for name in part.dated_by if row[name] is not None)
        inside = (day for day in days if self.period.start_on <= day < self.period.end_on)
        return next((f"{day:%Y-%m}" for day in inside), str(row["period"]))

    def _counts(self, part: Part) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
        """What a row adds, and whether there is anything to add; of equal values the first row adds one."""
        table = self.table(part)
        if part.aggregate == "sum":
            column = table.c[str(part.field)]
            return func.coalesce(column, 0), column.is_not(None)
        if part.aggregate == "count":
            return literal(1), true()
        columns = distinct_columns(self.warehouse, part)
        place = func.row_number().over(partition_by=columns, order_by=in_order(table))
        return case((place == 1, 1), else_=0), or_(*(column.is_not(None) for column in columns))


def in_order(table: Table) -> list[ColumnElement[Any]]:
    """The order in which rows are listed."""
    return [table.c[name] for name in ("unit_code", "period", "submission_id", "source_row", "version_id")]


def naming_fields(warehouse: Warehouse, part: Part) -> list[str]:
    """The fields whose first filled one speaks for a row: the summed one, the counted ones, or those of the natural key."""
    if part.aggregate == "sum":
        return [str(part.field)]
    if part.aggregate == "count_distinct":
        return [name for several in part.fields for name in several.split("|")]
    return list(dict.fromkeys(_key_fields(warehouse, part.ledger)))


def _key_fields(warehouse: Warehouse, ledger: str) -> Iterator[str]:
    for alternative in warehouse.ledgers[ledger].natural_key:
        for names in alternative:
            yield from (name for name in names if name != UNIT)
