"""The rows behind a figure, selected by the figure's own filter, each with its file, sheet, row and cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, Table, select

from schemas.figures.indicator import Part
from schemas.ledgers.model import UNIT
from schemas.periods import Period
from warehouse.figures.filters import distinct_columns, part_filter
from warehouse.schema.as_of import AsOf
from warehouse.schema.tables import Warehouse

#: ids in one query
CHUNK = 500

#: of a located row: `period` is the month of its report, `month` the one in which it counts; `named_by` is
#: the field that identifies it, `value` as stored (money in 分). Rows that count also have `counts`, what
#: they add to their sum (分 for money); excluded rows have `code` and NAMED_COLUMNS.
ROW_COLUMNS = ["ledger", "unit_code", "submission_id", "source_file", "source_sheet", "source_row", "period", "month",
                 "named_by", "value", "cell"]  # fmt: skip


@dataclass(frozen=True)
class _Source:
    file: str
    sheet: str
    columns: Mapping[str, str]


class RowReader:
    """Reader of the rows of these units for one period, as frames.

    Frames, because a year of a city is hundreds of thousands of rows.
    """

    def __init__(self, as_of: AsOf, units: Sequence[str], period: Period) -> None:
        self.as_of, self.units, self.period = as_of, list(units), period
        self.connection, self.warehouse, self.load_id = as_of.connection, as_of.warehouse, as_of.load_id
        self._sources: dict[int, _Source] = {}

    def counted_rows(self, part: Part) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rows that a part sums over, and those with the summed or counted field empty.

        File and cell are added by `locate_cells`. Where distinct values are counted, the first of the rows
        with equal values counts.
        """
        rows = self.read_rows(part, self.counted_query(part))
        values = [name for name in rows if str(name).startswith("counted_")]
        is_filled = rows[values].notna().any(axis=1) if values else pd.Series(True, rows.index)
        if part.aggregate == "sum":
            counts = rows["counted_0"].where(is_filled, 0)
        else:
            counts = ~rows.duplicated(values) if values else is_filled
        rows["counts"] = counts.astype("int64")
        return rows[is_filled], rows[~is_filled].drop(columns="counts").assign(code="empty")

    def counted_query(self, part: Part) -> Select[Any]:
        """Build the query of a part's rows, in order, with the values that it sums or counts."""
        table = self.table(part)
        values = (
            [table.c[str(part.field)]]
            if part.aggregate == "sum"
            else distinct_columns(self.warehouse, part)
        )
        more = (value.label(f"counted_{index}") for index, value in enumerate(values))
        rows = part_filter(self.warehouse, part, self.units, self.period, self.load_id)
        return self.select_named(part, *more).where(rows).order_by(*in_order(table))

    def table(self, part: Part) -> Table:
        return self.as_of.ledger(part.ledger)

    def select_named(self, part: Part, *more: ColumnElement[Any]) -> Select[Any]:
        """Select key, dates and naming fields of a part's ledger, and `more` columns."""
        table = self.table(part)
        fields = dict.fromkeys([*naming_fields(self.warehouse, part), *part.dated_by])
        row_columns = ("unit_code", "period", "submission_id", "source_row")
        columns = (
            table.c[name].label(name if name in row_columns else f"its_{name}")
            for name in (*row_columns, *fields)
        )
        return select(*columns, *more).select_from(table)

    def read_rows(self, part: Part, query: Select[Any]) -> pd.DataFrame:
        """Read the rows of a query made by `select_named`, with the month in which each counts."""
        result = self.connection.execute(query)
        names, columns = list(result.keys()), list(zip(*result.all(), strict=True))
        rows = pd.DataFrame(
            {
                name: pd.Series(columns[index] if columns else [], dtype=object)
                for index, name in enumerate(names)
            }
        )
        return rows.assign(month=self._counting_months(part, rows))

    def locate_cells(self, part: Part, rows: pd.DataFrame) -> pd.DataFrame:
        """Add to each row its file, sheet and the cell of its first filled naming field."""
        rows, sources = rows.copy(), self._read_sources(rows["submission_id"].unique())
        fields = naming_fields(self.warehouse, part)
        rows["ledger"], rows["cell"], rows["named_by"], rows["value"] = (
            part.ledger,
            "",
            fields[0],
            rows[f"its_{fields[0]}"],
        )
        for name in fields[1:]:
            is_first = rows["value"].isna() & rows[f"its_{name}"].notna()
            rows.loc[is_first, "named_by"] = name
            rows.loc[is_first, "value"] = rows.loc[is_first, f"its_{name}"]
        rows["source_file"] = _map_values(
            rows["submission_id"], {number: source.file for number, source in sources.items()}
        )
        rows["source_sheet"] = _map_values(
            rows["submission_id"], {number: source.sheet for number, source in sources.items()}
        )
        for name in fields:
            letters = {
                number: source.columns[name] for number, source in sources.items() if name in source.columns
            }
            has_letters = (rows["named_by"] == name) & rows["submission_id"].isin(list(letters))
            cells = rows.loc[has_letters, ["submission_id", "source_row"]].itertuples(
                index=False, name=None
            )
            rows.loc[has_letters, "cell"] = [f"{letters[number]}{row}" for number, row in cells]
        return rows

    def _read_sources(self, submissions: Sequence[int]) -> dict[int, _Source]:
        """Read file, sheet and column letters of submissions, each only once."""
        missing = sorted(set(submissions) - set(self._sources))
        reports = self.as_of.submissions
        columns = [
            reports.c[name] for name in ("submission_id", "source_file", "source_sheet", "source_columns")
        ]
        for start in range(0, len(missing), CHUNK):
            in_chunk = reports.c.submission_id.in_(missing[start : start + CHUNK])
            for number, *source in self.connection.execute(select(*columns).where(in_chunk)):
                self._sources[number] = _Source(*source)
        return {number: self._sources[number] for number in submissions}

    def _counting_months(self, part: Part, rows: pd.DataFrame) -> pd.Series:
        """Return the month in which each row counts: its first date in the period, else its report's."""
        months = rows["period"]
        for name in reversed(part.dated_by):
            days = (
                day
                for day in rows[f"its_{name}"].dropna().unique()
                if self.period.start_on <= day < self.period.end_on
            )
            inside = _map_values(rows[f"its_{name}"], {day: f"{day:%Y-%m}" for day in days})
            months = inside.where(inside.notna(), months)
        return months


def _map_values(values: pd.Series, mapping: Mapping[Any, Any]) -> pd.Series:
    """Map values by a dictionary, None where absent.

    Pandas' own map changes the dtype when all or none match.
    """
    return pd.Series([mapping.get(value) for value in values.tolist()], values.index, dtype=object)


def in_order(table: Table) -> list[ColumnElement[Any]]:
    """Return the columns by which rows are listed in order."""
    return [table.c[name] for name in ("unit_code", "period", "submission_id", "source_row", "version_id")]


def naming_fields(warehouse: Warehouse, part: Part) -> list[str]:
    """Return the fields that can identify a row: summed, counted, or natural-key fields."""
    if part.aggregate == "sum":
        return [str(part.field)]
    if part.aggregate == "count_distinct":
        return [name for alternatives in part.fields for name in alternatives.split("|")]
    return list(dict.fromkeys(_key_fields(warehouse, part.ledger)))


def _key_fields(warehouse: Warehouse, ledger: str) -> Iterator[str]:
    for alternative in warehouse.ledgers[ledger].natural_key:
        for names in alternative:
            yield from (name for name in names if name != UNIT)
