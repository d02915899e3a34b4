"""The specification of a view for report tools: its columns, each with expression and meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Float,
    FromClause,
    Integer,
    Numeric,
    Select,
    case,
    func,
    select,
)

from warehouse.schema.as_of import LoadId
from warehouse.schema.tables import Tables

Kind = Literal["boolean", "integer", "number", "decimal", "datetime", "date", "string"]
#: types of columns, for programs and in plain words; the first match applies
TYPES: tuple[tuple[type, Kind, str], ...] = (
    (Boolean, "boolean", "是/否"), (Integer, "integer", "整数"), (Float, "number", "数字"), (Numeric, "decimal", "数字"),
    (DateTime, "datetime", "时间"), (Date, "date", "日期"), (object, "string", "文字"),
)  # fmt: skip


def column_kind(shows: ColumnElement[Any]) -> Kind:
    """Return the type of a column, for programs."""
    return next(kind for type_, kind, _ in TYPES if isinstance(shows.type, type_))


@dataclass(frozen=True)
class ViewColumn:
    """A column of a view: expression, Chinese title, meaning, unit, source, and masking policy.

    `is_moment` marks a column that is the same in all rows: the load or time that the view reflects.
    """

    name: str
    shows: ColumnElement[Any]
    title: str
    meaning: str = ""
    unit: str = ""
    source: str = ""
    masked_as: str = ""
    is_moment: bool = False

    @property
    def kind(self) -> Kind:
        return column_kind(self.shows)

    @property
    def type(self) -> str:
        return next(title for type_, _, title in TYPES if isinstance(self.shows.type, type_))

    def labelled(self) -> ColumnElement[Any]:
        """Return the expression under the column's name."""
        return self.shows.label(self.name)

    @property
    def comment(self) -> str:
        meaning = f"：{self.meaning}" if self.meaning else ""
        return f"{self.title}{meaning}{f'（单位：{self.unit}）' if self.unit else ''}"


@dataclass(frozen=True)
class ViewParts:
    """The tables in which a snapshot keeps a view, where joined they are many times as large, each with what
    it holds; and the view over these tables.
    """

    tables: Mapping[str, Select[Any]]
    query: Select[Any]


@dataclass(frozen=True)
class ViewSpec:
    """A view: its name and title, its columns, the rows that it selects from, and its unique key.

    `moved_after(load_id)` filters rows inserted, updated or retired by later loads; None if unknown.
    Without `key` the view is append-only. `moment_where` chooses the moment columns without the rows, where
    these take long. `parts` are those of a snapshot.
    """

    name: str
    title: str
    columns: tuple[ViewColumn, ...]
    rows: FromClause
    where: tuple[ColumnElement[bool], ...] = ()
    key: tuple[str, ...] = ()
    moved_after: Callable[[LoadId], ColumnElement[bool]] | None = None
    moment_where: ColumnElement[bool] | None = None
    parts: ViewParts | None = None

    @cached_property
    def written(self) -> dict[str, str]:
        """Queries of the view as text, each written once, by the table that they fill or their purpose."""
        return {}

    def query(self) -> Select[Any]:
        columns = (column.labelled() for column in self.columns)
        return select(*columns).select_from(self.rows).where(*self.where)


def as_of_load(tables: Tables, materialized_load: ColumnElement[Any] | None = None) -> ViewColumn:
    """Column of the load that the view reflects: the last one, or that of a materialised table."""
    last_load_id = select(func.coalesce(func.max(tables.loads.c.load_id), 0)).scalar_subquery()
    load_id = last_load_id if materialized_load is None else materialized_load
    return ViewColumn(
        "load_id", load_id, "入库批次", "本视图反映到第几次入库为止", source="系统", is_moment=True
    )


def period_columns(period: ColumnElement[Any]) -> tuple[ViewColumn, ViewColumn]:
    """Columns by which a report tool sorts and filters periods: their kind, and their first day."""
    is_year, is_quarter = func.length(period) == len("2023"), period.like("%-Q%")
    quarter_months = {f"{quarter}": f"{3 * quarter - 2:02}" for quarter in range(1, 5)}
    year = func.substr(period, 1, 4)
    first_month = case(
        (is_year, "01"),
        (is_quarter, case(quarter_months, value=func.substr(period, 7, 1), else_="01")),
        else_=func.substr(period, 6, 2),
    )
    kind = case((is_year, "year"), (is_quarter, "quarter"), else_="month")
    start_on = func.date(year + "-" + first_month + "-01", type_=Date)
    return (
        ViewColumn("period_type", kind, "期间类型", "year 年、quarter 季、month 月", source="系统"),
        ViewColumn("period_start", start_on, "期间首日", source="系统"),
    )


def unit_columns(table: FromClause, units: FromClause) -> tuple[ViewColumn, ViewColumn, ViewColumn]:
    """Build the columns for the unit and the month of a row."""
    return (
        ViewColumn("unit_code", table.c.unit_code, "单位代码", "报送单位，按单位名录", source="报送"),
        ViewColumn("unit_name", units.c.unit_name, "单位名称", source="单位名录"),
        ViewColumn("period", table.c.period, "填报期间", "年-月", source="报送"),
    )


def source_columns(shown: FromClause) -> tuple[ViewColumn, ViewColumn]:
    """Build the columns for file and sheet, as report tools may see them."""
    meaning = "文件名可能含人名的，代以期间/单位/台账-摘要"
    return (
        ViewColumn("source_file", shown.c.source_file, "来源文件", meaning, source="报送"),
        ViewColumn("source_sheet", shown.c.source_sheet, "来源工作表", "可能含人名的不显示", source="报送"),
    )
