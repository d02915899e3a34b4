"""The rows behind a figure, chosen by the filter that the figure itself is summed by, each with its place in its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, Table, select

from schemas.figures.indicator import Part
from schemas.ledgers.model import UNIT
from schemas.periods import Period
from warehouse.figures.filters import Warehouse, distinct_columns, measure_filter

#: ids that one query asks for
CHUNK = 500

#: of a row that is placed: `period` is the month of its report, `month` that in which it counts; `named_by` is the field that
#: speaks for it, `value` as the warehouse holds it (money in 分). Rows that count have `counts` beside these, what they add to
#: their side (分 for money); rows left out a `code` and what their reason names.
FOUND_COLUMNS = ["ledger", "unit_code", "submission_id", "source_file", "source_sheet", "source_row", "period", "month",
                 "named_by", "value", "cell"]  # fmt: skip


@dataclass(frozen=True)
class _Source:
    file: str
    sheet: str
    columns: Mapping[str, str]


class RowReader:
    """Reads the rows of these units for one period as of one load, as frames: a year of a city is hundreds of thousands."""

    def __init__(
        self,
        connection: Connection,
        warehouse: Warehouse,
        units: Sequence[str],
        period: Period,
        load_id: int,
    ) -> None:
        self.connection, self.warehouse, self.units = connection, warehouse, list(units)
        self.period, self.load_id = period, load_id
        self._sources: dict[int, _Source] = {}

    def counted(self, part: Part) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows that a part sums over, and those of them with nothing in the field that is summed or counted; not placed.

        Of rows with equal values the first one counts where values are counted.
        """
        rows = self.fetched(part, self.counted_query(part))
        values = [name for name in rows if str(name).startswith("counted_")]
        is_filled = rows[values].notna().any(axis=1) if values else pd.Series(True, rows.index)
        if part.aggregate == "sum":
            counts = rows["counted_0"].where(is_filled, 0)
        else:
            counts = ~rows.duplicated(values) if values else is_filled
        rows["counts"] = counts.astype("int64")
        return rows[is_filled], rows[~is_filled].drop(columns="counts").assign(code="empty")

    def counted_query(self, part: Part) -> Select[Any]:
        """The rows that a part sums over, in order, with what is summed or told apart."""
        table = self.table(part)
        values = (
            [table.c[str(part.field)]]
            if part.aggregate == "sum"
            else distinct_columns(self.warehouse, part)
        )
        more = (value.label(f"counted_{at}") for at, value in enumerate(values))
        rows = measure_filter(self.warehouse, part, self.units, self.period, self.load_id)
        return self.named(part, *more).where(rows).order_by(*in_order(table))

    def table(self, part: Part) -> Table:
        return self.warehouse.tables.ledgers[part.ledger]

    def named(self, part: Part, *more: ColumnElement[Any]) -> Select[Any]:
        """Place, dates and name of rows of a part's ledger, and more."""
        table = self.table(part)
        fields = dict.fromkeys([*naming_fields(self.warehouse, part), *part.dated_by])
        place = ("unit_code", "period", "submission_id", "source_row")
        columns = (
            table.c[name].label(name if name in place else f"its_{name}") for name in (*place, *fields)
        )
        return select(*columns, *more).select_from(table)

    def fetched(self, part: Part, query: Select[Any]) -> pd.DataFrame:
        """The rows of a query made by `named`, with the month in which each counts."""
        result = self.connection.execute(query)
        names, columns = list(result.keys()), list(zip(*result.all(), strict=True))
        rows = pd.DataFrame(
            {name: pd.Series(columns[at] if columns else [], dtype=object) for at, name in enumerate(names)}
        )
        return rows.assign(month=self._months(part, rows))

    def placed(self, part: Part, rows: pd.DataFrame) -> pd.DataFrame:
        """Fetched rows, each with its place and the cell of the first field filled of those that name it."""
        rows, sources = rows.copy(), self._sources_of(rows["submission_id"].unique())
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
        rows["source_file"] = _mapped(
            rows["submission_id"], {number: one.file for number, one in sources.items()}
        )
        rows["source_sheet"] = _mapped(
            rows["submission_id"], {number: one.sheet for number, one in sources.items()}
        )
        for name in fields:
            letters = {number: one.columns[name] for number, one in sources.items() if name in one.columns}
            has_letters = (rows["named_by"] == name) & rows["submission_id"].isin(list(letters))
            its = rows.loc[has_letters, ["submission_id", "source_row"]].itertuples(index=False, name=None)
            rows.loc[has_letters, "cell"] = [f"{letters[number]}{row}" for number, row in its]
        return rows

    def _sources_of(self, submissions: Sequence[int]) -> dict[int, _Source]:
        """Where submissions stand, and in which column each of their fields."""
        wanted = sorted(set(submissions) - set(self._sources))
        reports = self.warehouse.tables.submissions
        columns = [
            reports.c[name] for name in ("submission_id", "source_file", "source_sheet", "source_columns")
        ]
        for start in range(0, len(wanted), CHUNK):
            these = reports.c.submission_id.in_(wanted[start : start + CHUNK])
            for number, *source in self.connection.execute(select(*columns).where(these)):
                self._sources[number] = _Source(*source)
        return {number: self._sources[number] for number in submissions}

    def _months(self, part: Part, rows: pd.DataFrame) -> pd.Series:
        """The month in which each row counts: that of its first date in the period, else of its report."""
        months = rows["period"]
        for name in reversed(part.dated_by):
            days = (
                day
                for day in rows[f"its_{name}"].dropna().unique()
                if self.period.start_on <= day < self.period.end_on
            )
            inside = _mapped(rows[f"its_{name}"], {day: f"{day:%Y-%m}" for day in days})
            months = inside.where(inside.notna(), months)
        return months


def _mapped(values: pd.Series, to: Mapping[Any, Any]) -> pd.Series:
    """Each value by a dictionary, None where it has none; what pandas maps takes other types when all or none is found."""
    return pd.Series([to.get(value) for value in values.tolist()], values.index, dtype=object)


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
