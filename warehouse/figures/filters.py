"""A part of an indicator as SQL: one filter serves the sum now, the sum as of an earlier load, and the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from schemas.ledgers.compiled import LedgerDefinition
from schemas.states import STANDING_STATES
from warehouse.schema.tables import Tables

TESTS: dict[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "is": lambda column, value: column == value,
    "is_not": lambda column, value: column.is_distinct_from(value),
    "in": lambda column, value: column.in_(value),
    "has": lambda column, value: ("、" + column + "、").like(f"%、{value}、%"),
    "is_true": lambda column, _: column.is_(True),
    "is_false": lambda column, _: column.is_(False),
    "is_filled": lambda column, _: column.is_not(None),
    "is_empty": lambda column, _: column.is_(None),
}


#: a load by its number, or for each row another: the one that recorded it, say
AtLoad = int | ColumnElement[int]
Units = Sequence[str] | BindParameter[Any] | Select[Any]

#: units as a parameter, so that a query is made and compiled once for all regions
ASKED_UNITS = bindparam("units", type_=Text, expanding=True)


class LoadSpan(Protocol):
    """What bounds a period: a `Period`, or columns that hold several, for one query to ask of all of them."""

    @property
    def start_on(self) -> Any: ...

    @property
    def end_on(self) -> Any: ...

    @property
    def last_on(self) -> Any: ...

    @property
    def end_month(self) -> Any: ...


@dataclass(frozen=True)
class Warehouse:
    """The tables and the definitions that they were made from."""

    tables: Tables
    ledgers: Mapping[str, LedgerDefinition]


def row_current_at(table: FromClause, load_id: AtLoad) -> ColumnElement[bool]:
    """Versions that stood when a load had committed."""
    return and_(
        table.c.recorded_load <= load_id,
        or_(table.c.retired_load.is_(None), table.c.retired_load > load_id),
    )


def key_current_at(table: FromClause, load_id: AtLoad) -> ColumnElement[bool]:
    """The same, for the few versions of one key: asked so that SQLite looks for the key, not for all that was retired since."""
    return and_(
        table.c.recorded_load <= load_id, func.coalesce(table.c.retired_load, load_id + 1) > load_id
    )


def report_current_at(reports: FromClause, load_id: AtLoad) -> ColumnElement[bool]:
    """Submissions that spoke for their report when a load had committed."""
    return and_(
        reports.c.state.in_(STANDING_STATES),
        reports.c.load_id <= load_id,
        or_(reports.c.superseded_load.is_(None), reports.c.superseded_load > load_id),
    )


def measure_filter(
    warehouse: Warehouse, part: Part, units: Units, period: LoadSpan, load_id: AtLoad
) -> ColumnElement[bool]:
    """The rows that a part of an indicator sums over."""
    return and_(
        row_current_at(warehouse.tables.ledgers[part.ledger], load_id),
        in_scope(warehouse, part, units, period, load_id),
        counts_once(warehouse, part),
        *conditions(warehouse, part, period, load_id),
    )


def in_scope(
    warehouse: Warehouse, part: Part, units: Units, period: LoadSpan, load_id: AtLoad
) -> ColumnElement[bool]:
    """Rows of these units and this period: by a date of their own or, of a stock, in the last report up to its end."""
    table = warehouse.tables.ledgers[part.ledger]
    if part.stock:
        last = _last_report(warehouse, part, period, load_id)
        return and_(
            table.c.unit_code.in_(units), table.c.period <= period.end_month, table.c.period == last
        )
    return and_(table.c.unit_code.in_(units), is_dated_in(warehouse, part, period))


def is_dated_in(warehouse: Warehouse, part: Part, period: LoadSpan) -> ColumnElement[bool]:
    """Whether any date by which the part counts lies in the period."""
    dates = [warehouse.tables.ledgers[part.ledger].c[name] for name in part.dated_by]
    return or_(*(and_(day >= period.start_on, day < period.end_on) for day in dates))


def counts_once(warehouse: Warehouse, part: Part) -> ColumnElement[bool]:
    """Whether of several rows with one key it is this that counts; in a stock each unit's report stands for itself."""
    return true() if part.stock else warehouse.tables.ledgers[part.ledger].c.is_counted.is_(True)


def conditions(
    warehouse: Warehouse, part: Part, period: LoadSpan, load_id: AtLoad
) -> list[ColumnElement[bool]]:
    """What `where` asks of a row, in its order."""
    table = warehouse.tables.ledgers[part.ledger]
    return [_condition(warehouse, table, part.ledger, one, period, load_id) for one in part.where]


def _last_report(warehouse: Warehouse, part: Part, period: LoadSpan, load_id: AtLoad) -> ColumnElement[Any]:
    """The last month up to the period's end for which a row's unit had a report standing."""
    rows, reports = warehouse.tables.ledgers[part.ledger], warehouse.tables.submissions
    standing = report_current_at(reports, load_id)
    up_to_end = reports.c.period <= period.end_month
    same = and_(reports.c.ledger == part.ledger, reports.c.unit_code == rows.c.unit_code)
    return (
        select(func.max(reports.c.period))
        .where(standing, up_to_end, same)
        .correlate_except(reports)
        .scalar_subquery()
    )


def _condition(
    warehouse: Warehouse,
    table: FromClause,
    ledger: str,
    condition: Condition,
    period: LoadSpan,
    load_id: AtLoad,
) -> ColumnElement[bool]:
    column = table.c[condition.field]
    if condition.test == "reaches_end":
        return or_(column.is_(None), column >= period.last_on)
    if condition.test == "found_in":
        found = warehouse.tables.ledgers[str(condition.ledger)].alias()
        further = (
            _condition(warehouse, found, str(condition.ledger), one, period, load_id)
            for one in condition.where
        )
        counts = and_(key_current_at(found, load_id), found.c.is_counted.is_(True), *further)
        return (
            exists()
            .where(match_by(warehouse, table, ledger, condition, found), counts)
            .correlate_except(found)
        )
    return TESTS[condition.test](column, condition.value)


def match_by(
    warehouse: Warehouse, table: FromClause, ledger: str, condition: Condition, found: FromClause
) -> ColumnElement[bool]:
    """Whether a row of the other ledger is one that a `found_in` looks for; both columns have an index."""
    ours = table.c[warehouse.ledgers[ledger].compared_by(condition.field)]
    return look_up(warehouse, str(condition.ledger), str(condition.matching), found) == ours


def look_up(warehouse: Warehouse, name: str, field: str, rows: FromClause) -> ColumnElement[Any]:
    """The column by which rows are found that have a value in a field: where it alone is the ledger's key, that of the row.

    It has an index; a key longer than an index takes is found by nothing, and no number of a document is so long.
    """
    ledger = warehouse.ledgers[name]
    return rows.c.row_key if ledger.natural_key == (((field,),),) else rows.c[ledger.compared_by(field)]


def sum_query(
    warehouse: Warehouse, part: Part, rows: ColumnElement[bool], by: Sequence[ColumnElement[Any]] = ()
) -> Select[Any]:
    """The sum over `rows`, last in each line; a line for each value of `by`.

    Distinct values are counted by their compared form, several fields as one value, nulls never.
    """
    table = warehouse.tables.ledgers[part.ledger]
    if part.aggregate == "sum":
        return select(*by, func.coalesce(func.sum(table.c[str(part.field)]), 0)).where(rows).group_by(*by)
    if part.aggregate == "count":
        return select(*by, func.count()).select_from(table).where(rows).group_by(*by)
    columns = distinct_columns(warehouse, part)
    filled = or_(*(column.is_not(None) for column in columns))
    named = [column.label(f"value_{at}") for at, column in enumerate(columns)]
    groups = [column.label(f"by_{at}") for at, column in enumerate(by)]
    values = select(*groups, *named).where(rows, filled).distinct().subquery()
    kept = [values.c[group.name] for group in groups]
    return select(*kept, func.count()).select_from(values).group_by(*kept)


def bulk_sum_query(
    warehouse: Warehouse,
    parts: Sequence[tuple[Part, Sequence[ColumnElement[bool]]]],
    units: Units,
    months: Any,
    load_id: AtLoad,
) -> Select[Any]:
    """The sums of parts that count rows of one ledger by one date, in one pass: month, unit, and a sum a part.

    With each part what further is asked of its rows.
    """
    first = parts[0][0]
    table = warehouse.tables.ledgers[first.ledger]
    rows = and_(
        row_current_at(table, load_id),
        in_scope(warehouse, first, units, months, load_id),
        counts_once(warehouse, first),
    )
    by = (months.period, table.c.unit_code)
    sums = []
    for part, further in parts:
        value = table.c[str(part.field)] if part.aggregate == "sum" else literal(1)
        which = [*conditions(warehouse, part, months, load_id), *further]
        if part.aggregate == "count_distinct":
            which.append(or_(*(column.is_not(None) for column in distinct_columns(warehouse, part))))
        sums.append(func.coalesce(func.sum(case((and_(true(), *which), value), else_=0)), 0))
    return select(*by, *sums).where(rows).group_by(*by)


def needs_distinct_scan(warehouse: Warehouse, part: Part) -> bool:
    """Whether a part counts values of which rows may have the same: not where they are the ledger's own key, since of several
    rows with one key one counts."""
    if part.aggregate != "count_distinct":
        return False
    keys = warehouse.ledgers[part.ledger].natural_key
    is_its_key = len(keys) == 1 and set(keys[0]) == {tuple(several.split("|")) for several in part.fields}
    return part.stock or not is_its_key


def distinct_columns(
    warehouse: Warehouse, part: Part, table: FromClause | None = None
) -> list[ColumnElement[Any]]:
    """What a distinct count tells values apart by; a row where all of them are null has none."""
    rows = warehouse.tables.ledgers[part.ledger] if table is None else table
    compared_by = warehouse.ledgers[part.ledger].compared_by
    named = [[rows.c[compared_by(name)] for name in several.split("|")] for several in part.fields]
    return [func.coalesce(*columns) if len(columns) > 1 else columns[0] for columns in named]
