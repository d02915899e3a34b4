"""Distinct counts: which rows share a value and need a distinct scan, and which values a load touched.

Nearly every value occurs in one row only. Such rows are summed like any others; few are left to compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from schemas.figures.indicator import Part
from warehouse.figures.filters import distinct_columns, needs_distinct_scan
from warehouse.schema.as_of import touched_by_load
from warehouse.schema.tables import Warehouse


def in_one_month(part: Part) -> bool:
    """Return True if each row counts in one month whatever the period.

    A year's sum is that of its months.
    """
    is_bound_to_end = any(condition.test == "reaches_end" for condition in part.where)
    return not part.stock and len(part.dated_by) == 1 and not is_bound_to_end


def unique_value_filters(warehouse: Warehouse, part: Part) -> list[ColumnElement[bool]]:
    """Return filters for rows whose value no other row has; none for a part without a distinct scan."""
    if not needs_distinct_scan(warehouse, part):
        return []
    columns = distinct_columns(warehouse, part)
    is_filled = [column.is_not(None) for column in columns]
    # NOT IN over a list containing NULL matches nothing; drop NULLs first
    repeated = select(*columns).where(*is_filled).group_by(*columns).having(func.count() > 1)
    return [*is_filled, _as_single_column(columns).not_in(repeated)]


def has_shared_value(warehouse: Warehouse, part: Part) -> ColumnElement[bool]:
    """Filter for the remaining rows: those that `unique_value_filters` exclude."""
    columns = distinct_columns(warehouse, part)
    return _has_value(warehouse, part, select(*columns).group_by(*columns).having(func.count() > 1))


def changed_in_load(warehouse: Warehouse, part: Part, load_id: int) -> ColumnElement[bool]:
    """Filter for rows with the value of a row that a load recorded or retired."""
    table = warehouse.tables.ledgers[part.ledger].alias()
    is_changed = touched_by_load(table, load_id)
    return _has_value(warehouse, part, select(*distinct_columns(warehouse, part, table)).where(is_changed))


def _has_value(warehouse: Warehouse, part: Part, values: Select[Any]) -> ColumnElement[bool]:
    """Filter for rows whose value is among `values`, or has a NULL field and so can never match.

    Selects by version_id so that the database looks the values up first, not all rows of the units and
    days.
    """
    table, rows = warehouse.tables.ledgers[part.ledger], warehouse.tables.ledgers[part.ledger].alias()
    columns = distinct_columns(warehouse, part, rows)
    has_value = or_(_as_single_column(columns).in_(values), *(column.is_(None) for column in columns))
    return table.c.version_id.in_(select(rows.c.version_id).where(has_value))


def _as_single_column(columns: Sequence[ColumnElement[Any]]) -> Any:
    return columns[0] if len(columns) == 1 else tuple_(*columns)
