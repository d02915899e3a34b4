"""A part of an indicator as SQL.

One filter serves its sum, current or as of a load, and the rows behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from schemas.figures.indicator import Condition, Part
from warehouse.schema.as_of import LoadId, key_current_at, report_current_at, row_current_at
from warehouse.schema.regions import followers_of
from warehouse.schema.tables import Warehouse

TEST_FILTERS: dict[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "is": lambda column, value: column == value,
    "is_not": lambda column, value: column.is_distinct_from(value),
    "in": lambda column, value: column.in_(value),
    "has": lambda column, value: ("、" + column + "、").like(f"%、{value}、%"),
    "is_true": lambda column, _: column.is_(True),
    "is_false": lambda column, _: column.is_(False),
    "is_filled": lambda column, _: column.is_not(None),
    "is_empty": lambda column, _: column.is_(None),
}


Units = Sequence[str] | BindParameter[Any] | Select[Any]

#: units as a parameter, so that a query is built and compiled once for all regions
UNITS_PARAM = bindparam("units", type_=Text, expanding=True)


class PeriodBounds(Protocol):
    """Bounds of a period: a `Period`, or columns of a table of periods for one query over all."""

    @property
    def start_on(self) -> Any: ...

    @property
    def end_on(self) -> Any: ...

    @property
    def last_on(self) -> Any: ...

    @property
    def end_month(self) -> Any: ...


def part_filter(
    warehouse: Warehouse, part: Part, units: Units, period: PeriodBounds, load_id: LoadId
) -> ColumnElement[bool]:
    """Filter for the rows that a part sums over."""
    return and_(
        row_current_at(warehouse.tables.ledgers[part.ledger], load_id),
        is_of_units_and_period(warehouse, part, units, period, load_id),
        counts_once(warehouse, part),
        *conditions(warehouse, part, period, load_id),
    )


def is_of_units_and_period(
    warehouse: Warehouse, part: Part, units: Units, period: PeriodBounds, load_id: LoadId
) -> ColumnElement[bool]:
    """Filter by units and period.

    The row's date decides or, for a point-in-time part, the last report up to the period's end.
    """
    table = warehouse.tables.ledgers[part.ledger]
    if part.stock:
        last = _last_report(warehouse, part, period, load_id)
        return and_(
            table.c.unit_code.in_(units),
            table.c.period <= period.end_month,
            table.c.period == last,
            _is_still_true(warehouse, part, period, load_id),
        )
    return and_(table.c.unit_code.in_(units), is_dated_in(warehouse, part, period))


def is_dated_in(warehouse: Warehouse, part: Part, period: PeriodBounds) -> ColumnElement[bool]:
    """Filter for rows with any of the part's dates in the period."""
    dates = [warehouse.tables.ledgers[part.ledger].c[name] for name in part.dated_by]
    return or_(*(and_(day >= period.start_on, day < period.end_on) for day in dates))


def counts_once(warehouse: Warehouse, part: Part) -> ColumnElement[bool]:
    """Filter for the one row of a key that counts; a point-in-time part counts every unit's rows."""
    return true() if part.stock else warehouse.tables.ledgers[part.ledger].c.is_counted.is_(True)


def conditions(
    warehouse: Warehouse, part: Part, period: PeriodBounds, load_id: LoadId
) -> list[ColumnElement[bool]]:
    """Translate the part's `where`, in its order."""
    table = warehouse.tables.ledgers[part.ledger]
    return [_condition(warehouse, table, part.ledger, test, period, load_id) for test in part.where]


def _last_report(
    warehouse: Warehouse, part: Part, period: PeriodBounds, load_id: LoadId
) -> ColumnElement[Any]:
    """Subquery: the last month up to the period's end with a current report of the row's unit."""
    rows, reports = warehouse.tables.ledgers[part.ledger], warehouse.tables.submissions
    is_current = report_current_at(reports, load_id)
    up_to_end = reports.c.period <= period.end_month
    same_report = and_(reports.c.ledger == part.ledger, reports.c.unit_code == rows.c.unit_code)
    return (
        select(func.max(reports.c.period))
        .where(is_current, up_to_end, same_report)
        .correlate_except(reports)
        .scalar_subquery()
    )


def _is_still_true(
    warehouse: Warehouse, part: Part, period: PeriodBounds, load_id: LoadId
) -> ColumnElement[bool]:
    """Filter for rows whose unit has not ended by the end of the period.

    The last report of a unit that goes on under another code, or was merged, stands until its follower sends
    one.
    """
    rows, reports = (
        warehouse.tables.ledgers[part.ledger],
        warehouse.tables.submissions.alias("followers_report"),
    )
    ended = warehouse.tables.regions.alias("ended")
    follower, follows = followers_of(warehouse.tables.regions, ended)
    is_replaced = (
        exists()
        .where(
            follows,
            reports.c.unit_code == follower.c.region_code,
            reports.c.ledger == part.ledger,
            reports.c.period > ended.c.last_month,
            reports.c.period <= period.end_month,
            report_current_at(reports, load_id),
        )
        .correlate_except(reports, follower)
    )
    has_ended = exists().where(
        ended.c.region_code == rows.c.unit_code,
        ended.c.last_month < period.end_month,
        or_(ended.c.followers == 0, is_replaced),
    )
    return ~has_ended.correlate_except(ended)


def _condition(
    warehouse: Warehouse,
    table: FromClause,
    ledger: str,
    condition: Condition,
    period: PeriodBounds,
    load_id: LoadId,
) -> ColumnElement[bool]:
    column = table.c[condition.field]
    if condition.test == "reaches_end":
        return or_(column.is_(None), column >= period.last_on)
    if condition.test == "found_in":
        other = warehouse.tables.ledgers[str(condition.ledger)].alias()
        tests = (
            _condition(warehouse, other, str(condition.ledger), test, period, load_id)
            for test in condition.where
        )
        counts = and_(key_current_at(other, load_id), other.c.is_counted.is_(True), *tests)
        return (
            exists()
            .where(match_by(warehouse, table, ledger, condition, other), counts)
            .correlate_except(other)
        )
    return TEST_FILTERS[condition.test](column, condition.value)


def match_by(
    warehouse: Warehouse, table: FromClause, ledger: str, condition: Condition, other: FromClause
) -> ColumnElement[bool]:
    """Join condition of a `found_in`; both columns are indexed."""
    column = table.c[warehouse.ledgers[ledger].compared_by(condition.field)]
    return look_up(warehouse, str(condition.ledger), str(condition.matching), other) == column


def look_up(warehouse: Warehouse, name: str, field: str, rows: FromClause) -> ColumnElement[Any]:
    """Return the indexed column to look a field up by: row_key if the field alone always is the key.

    Keys longer than an index allows match nothing; no document number is that long.
    """
    ledger = warehouse.ledgers[name]
    is_always_key = ledger.natural_key == (((field,),),) and not ledger.field(field).is_number
    return rows.c.row_key if is_always_key else rows.c[ledger.compared_by(field)]


def sum_query(
    warehouse: Warehouse, part: Part, rows: ColumnElement[bool], by: Sequence[ColumnElement[Any]] = ()
) -> Select[Any]:
    """Build the query of a part's sum over `rows`: the columns `by`, then the sum.

    Distinct values are compared in normalised form, several fields as one value; nulls do not count.
    """
    table = warehouse.tables.ledgers[part.ledger]
    if part.aggregate == "sum":
        return select(*by, func.coalesce(func.sum(table.c[str(part.field)]), 0)).where(rows).group_by(*by)
    if part.aggregate == "count":
        return select(*by, func.count()).select_from(table).where(rows).group_by(*by)
    columns = distinct_columns(warehouse, part)
    filled = or_(*(column.is_not(None) for column in columns))
    value_columns = [column.label(f"value_{index}") for index, column in enumerate(columns)]
    groups = [column.label(f"by_{index}") for index, column in enumerate(by)]
    values = select(*groups, *value_columns).where(rows, filled).distinct().subquery()
    group_columns = [values.c[group.name] for group in groups]
    return select(*group_columns, func.count()).select_from(values).group_by(*group_columns)


def bulk_sum_query(
    warehouse: Warehouse,
    parts: Sequence[tuple[Part, Sequence[ColumnElement[bool]]]],
    units: Units,
    months: Any,
    load_id: LoadId,
) -> Select[Any]:
    """Build one query for parts over one ledger and one date: month, unit, and a sum per part.

    `parts` holds each part with its extra filters.
    """
    first = parts[0][0]
    table = warehouse.tables.ledgers[first.ledger]
    rows = and_(
        row_current_at(table, load_id),
        is_of_units_and_period(warehouse, first, units, months, load_id),
        counts_once(warehouse, first),
    )
    by = (months.period, table.c.unit_code)
    sums = []
    for part, extra_filters in parts:
        value = table.c[str(part.field)] if part.aggregate == "sum" else literal(1)
        filters = [*conditions(warehouse, part, months, load_id), *extra_filters]
        if part.aggregate == "count_distinct":
            filters.append(or_(*(column.is_not(None) for column in distinct_columns(warehouse, part))))
        sums.append(func.coalesce(func.sum(case((and_(true(), *filters), value), else_=0)), 0))
    return select(*by, *sums).where(rows).group_by(*by)


def needs_distinct_scan(warehouse: Warehouse, part: Part) -> bool:
    """Return True if a part counts distinct values that rows may share.

    Values that are the ledger's own natural key are unique already: one row per key counts.
    """
    if part.aggregate != "count_distinct":
        return False
    return part.stock or not _counts_keys(warehouse, part)


def _counts_keys(warehouse: Warehouse, part: Part) -> bool:
    """Return True if the values that a measure counts are the ledger's own natural key."""
    keys = warehouse.ledgers[part.ledger].natural_key
    fields = {tuple(alternatives.split("|")) for alternatives in part.fields}
    return len(keys) == 1 and set(keys[0]) == fields


def distinct_columns(
    warehouse: Warehouse, part: Part, table: FromClause | None = None
) -> list[ColumnElement[Any]]:
    """Return the columns that a distinct count compares; a row with all of them null has no value.

    The ledger's own natural key is compared as `row_key`: a number that identifies nothing is completed
    there, so that two matters with one serial are two.
    """
    rows = warehouse.tables.ledgers[part.ledger] if table is None else table
    if _counts_keys(warehouse, part) and not part.stock:
        return [rows.c.row_key]
    compared_by = warehouse.ledgers[part.ledger].compared_by
    column_groups = [
        [rows.c[compared_by(name)] for name in alternatives.split("|")] for alternatives in part.fields
    ]
    return [func.coalesce(*columns) if len(columns) > 1 else columns[0] for columns in column_groups]
