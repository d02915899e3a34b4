"""Counts of values that several rows may share: which rows have to be compared at all, and which values a load touched.

Nearly every value stands in one row only. Such rows are summed like any others; what is left to compare is little.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, or_, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from schemas.figures.indicator import Part
from warehouse.figures.filters import Warehouse, distinct_columns, needs_distinct_scan


class json_each(GenericFunction[Any]):  # noqa: N801 - SQLite's own name
    """The texts of a JSON array as rows of one column, `value`."""

    name = "json_each"
    inherit_cache = True


@compiles(json_each, "postgresql")
def _each_postgresql(element: json_each, compiler: Any, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSON))"


def values_list(texts: Sequence[str]) -> Select[Any]:
    """These texts as a query: one parameter, however many they are."""
    told = json_each(json.dumps(list(texts), ensure_ascii=False), type_=Text).table_valued("value")
    return select(told.c.value)


def in_one_month(part: Part) -> bool:
    """Whether each row counts in one month, whatever the period's end: a sum of a year is then that of its months."""
    is_bound_to_end = any(one.test == "reaches_end" for one in part.where)
    return not part.stock and len(part.dated_by) == 1 and not is_bound_to_end


def has_unique_value(warehouse: Warehouse, part: Part) -> list[ColumnElement[bool]]:
    """What makes a row one that a part need not compare with others; nothing, where it compares none."""
    if not needs_distinct_scan(warehouse, part):
        return []
    columns = distinct_columns(warehouse, part)
    is_given = [column.is_not(None) for column in columns]
    # a missing value among those that nothing may be one of would leave no row at all
    repeated = select(*columns).where(*is_given).group_by(*columns).having(func.count() > 1)
    return [*is_given, _as_one(columns).not_in(repeated)]


def has_shared_value(warehouse: Warehouse, part: Part) -> ColumnElement[bool]:
    """The other rows: those that `stands_alone` does not hold for."""
    columns = distinct_columns(warehouse, part)
    return _has_value(warehouse, part, select(*columns).group_by(*columns).having(func.count() > 1))


def changed_in_load(warehouse: Warehouse, part: Part, load_id: int) -> ColumnElement[bool]:
    """Rows whose value is that of a row which a load recorded or retired."""
    table = warehouse.tables.ledgers[part.ledger].alias()
    changed = or_(table.c.recorded_load == load_id, table.c.retired_load == load_id)
    return _has_value(warehouse, part, select(*distinct_columns(warehouse, part, table)).where(changed))


def _has_value(warehouse: Warehouse, part: Part, values: Select[Any]) -> ColumnElement[bool]:
    """Rows whose value a query lists, and those where a part of the value is missing, which no list can name.

    They are named by their number: so a database looks for the values first, and not for all rows of the units and days.
    """
    table, rows = warehouse.tables.ledgers[part.ledger], warehouse.tables.ledgers[part.ledger].alias()
    columns = distinct_columns(warehouse, part, rows)
    has_value = or_(_as_one(columns).in_(values), *(column.is_(None) for column in columns))
    return table.c.version_id.in_(select(rows.c.version_id).where(has_value))


def _as_one(columns: Sequence[ColumnElement[Any]]) -> Any:
    return columns[0] if len(columns) == 1 else tuple_(*columns)
