"""Build the queries of the rows that a range of loads moved into or out of a part of an indicator.

If only the row's own versions can move it, that load recorded or retired one of them. If other rows can (the
last report of its unit, `found_in`), every load that touched those is compared too. All loads are read in one
query.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
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
    union,
)

from schemas.figures.indicator import Condition, Part
from schemas.periods import Period
from schemas.states import CURRENT_STATES, WITHDRAWN
from warehouse.figures.filters import distinct_columns, is_of_units_and_period, match_by, part_filter
from warehouse.schema.as_of import key_current_at
from warehouse.schema.regions import followers_of, line_of
from warehouse.schema.tables import Tables, Warehouse


def move_queries(
    warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, loads: tuple[int, int]
) -> list[Select[Any]]:
    """Build the queries of the rows that the loads from `loads[0]` to `loads[1]` moved."""
    if part.stock or any(condition.test == "found_in" for condition in part.where):
        return _move_queries_by_any_cause(warehouse, part, units, period, loads)
    return _move_queries_by_own_version(warehouse, part, units, period, loads)


def _move_queries_by_own_version(
    warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, loads: tuple[int, int]
) -> list[Select[Any]]:
    """Select rows that these loads recorded or retired."""
    table = warehouse.tables.ledgers[part.ledger]
    recorded, retired = table.c.recorded_load, table.c.retired_load
    began = and_(recorded.between(*loads), part_filter(warehouse, part, units, period, recorded))
    ceased = and_(retired.between(*loads), part_filter(warehouse, part, units, period, retired - 1))
    return [
        _group_moves(warehouse, part, began, recorded, table.c.recorded_by, literal(1)),
        _group_moves(warehouse, part, ceased, retired, table.c.retired_by, literal(-1)),
    ]


def _move_queries_by_any_cause(
    warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, loads: tuple[int, int]
) -> list[Select[Any]]:
    """Select rows that these loads moved by any cause, comparing only loads that can have moved them."""
    table = warehouse.tables.ledgers[part.ledger]
    scope = (
        table.c.unit_code.in_(units)
        if part.stock
        else is_of_units_and_period(warehouse, part, units, period, loads[0])
    )
    queries = _touched_versions(warehouse, part.ledger, table, part.where, loads, scope)
    if part.stock:
        queries += _touched_by_report(warehouse, part, units, loads)
    touched = union(*queries).subquery()
    load_id_column = touched.c.load_id
    before, after = (
        _as_number(part_filter(warehouse, part, units, period, load_id))
        for load_id in (load_id_column - 1, load_id_column)
    )
    own_causes = (
        (table.c.recorded_load == load_id_column, table.c.recorded_by),
        (and_(after == 0, table.c.retired_load == load_id_column), table.c.retired_by),
    )
    moved_by = case(*own_causes, else_=_find_cause(warehouse, part, load_id_column))
    rows = and_(table.c.version_id == touched.c.version_id, before != after)
    return [_group_moves(warehouse, part, rows, load_id_column, moved_by, after - before)]


def _as_number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Turn a condition into 1 if true, 0 if false or NULL."""
    return case((condition, 1), else_=0)


def _touched_versions(
    warehouse: Warehouse, ledger: str, table: FromClause, where: Sequence[Condition], loads: tuple[int, int],
    scope: ColumnElement[bool],
) -> list[Select[Any]]:  # fmt: skip
    """Select versions with the loads that recorded or retired them, or a row that they are found in."""
    own_columns = (table.c.recorded_load, table.c.retired_load)
    queries = [
        select(table.c.version_id, column.label("load_id")).where(column.between(*loads), scope)
        for column in own_columns
    ]
    for condition in where:
        if condition.test != "found_in":
            continue
        other = warehouse.tables.ledgers[str(condition.ledger)].alias()
        touched_others = union(
            *_touched_versions(warehouse, str(condition.ledger), other, condition.where, loads, true())
        ).subquery()
        is_match = and_(
            other.c.version_id == touched_others.c.version_id,
            match_by(warehouse, table, ledger, condition, other),
        )
        queries.append(select(table.c.version_id, touched_others.c.load_id).where(is_match, scope))
    return queries


def _touched_by_report(
    warehouse: Warehouse, part: Part, units: Sequence[str], loads: tuple[int, int]
) -> list[Select[Any]]:
    """Select versions current at or just before a load with which their unit, or one that followed it, sent a
    report of the ledger.
    """
    table, reports = warehouse.tables.ledgers[part.ledger], warehouse.tables.submissions
    load_id = reports.c.load_id
    states = (*CURRENT_STATES, WITHDRAWN)
    is_reported = and_(
        load_id.between(*loads), reports.c.state.in_(states), reports.c.ledger == part.ledger
    )
    was_current = and_(
        table.c.recorded_load <= load_id,
        or_(table.c.retired_load.is_(None), table.c.retired_load >= load_id),
    )
    touched = select(table.c.version_id, load_id).where(
        table.c.unit_code.in_(units), is_reported, was_current
    )
    unit = warehouse.tables.regions.alias("unit")
    follower, follows = followers_of(warehouse.tables.regions, unit)
    return [
        touched.where(reports.c.unit_code == table.c.unit_code),
        touched.where(
            unit.c.region_code == table.c.unit_code, follows, reports.c.unit_code == follower.c.region_code
        ),
    ]


def _is_accepted(reports: FromClause, ledgers: Collection[str]) -> ColumnElement[bool]:
    return and_(reports.c.state.in_(CURRENT_STATES), reports.c.ledger.in_(sorted(ledgers)))


def _find_cause(warehouse: Warehouse, part: Part, load_id: ColumnElement[int]) -> ColumnElement[Any]:
    """Find the submission that moved a row without writing a version of it.

    In this order: the latest report of its unit (point-in-time parts); the one that touched a row it is
    found in; the last submission of the load in any ledger concerned; the last one that was withdrawn.
    """
    table, reports = warehouse.tables.ledgers[part.ledger], warehouse.tables.submissions.alias()
    queries = []
    if part.stock:
        lines = (line_of(warehouse.tables.regions, rows.c.unit_code) for rows in (reports, table))
        is_own_report = and_(
            reports.c.load_id == load_id, _is_accepted(reports, [part.ledger]), operator.eq(*lines)
        )
        queries.append(
            select(reports.c.submission_id)
            .where(is_own_report)
            .order_by(reports.c.period.desc(), reports.c.submission_id)
            .limit(1)
        )
    for condition in part.where:
        if condition.test != "found_in":
            continue
        other = warehouse.tables.ledgers[str(condition.ledger)].alias()
        touched_by = case((other.c.recorded_load == load_id, other.c.recorded_by), else_=other.c.retired_by)
        touched = or_(other.c.recorded_load == load_id, other.c.retired_load == load_id)
        is_match = match_by(warehouse, table, part.ledger, condition, other)
        queries.append(select(func.max(touched_by)).where(touched, is_match))
    any_of_load = and_(reports.c.load_id == load_id, _is_accepted(reports, part.ledgers()))
    queries.append(select(func.max(reports.c.submission_id)).where(any_of_load))
    is_withdrawn = and_(reports.c.state == WITHDRAWN, reports.c.ledger.in_(sorted(part.ledgers())))
    queries.append(
        select(func.max(reports.c.submission_id)).where(reports.c.load_id == load_id, is_withdrawn)
    )
    causes = [query.correlate(table, load_id.table).scalar_subquery() for query in queries]
    return func.coalesce(*causes, null())


def _group_moves(
    warehouse: Warehouse,
    part: Part,
    rows: ColumnElement[bool],
    load_id: ColumnElement[Any],
    moved_by: ColumnElement[Any],
    sign: ColumnElement[int],
) -> Select[Any]:
    """Group moved rows into the columns of RowMove, values last.

    A distinct count skips rows without a value.
    """
    table = warehouse.tables.ledgers[part.ledger]
    values = distinct_columns(warehouse, part)
    amounts = [table.c[part.field].label("amount")] if part.field else []
    row_columns = [table.c[name] for name in ("unit_code", "period", "row_key")]
    moved = select(
        load_id.label("load_id"), moved_by.label("moved_by"), sign.label("sign"), table.c.submission_id, *row_columns, *amounts,
        *(value.label(f"value_{number}") for number, value in enumerate(values)),
    ).where(rows, or_(*(value.is_not(None) for value in values)) if values else true()).subquery()  # fmt: skip
    amount = (
        func.coalesce(func.sum(moved.c.amount * moved.c.sign), 0)
        if part.aggregate == "sum"
        else func.sum(moved.c.sign)
    )
    is_retired = _is_retired(warehouse.tables, table, moved).label("is_retired")
    keys = [moved.c.load_id, moved.c.moved_by, is_retired, moved.c.unit_code]
    distinct = [moved.c[f"value_{number}"] for number in range(len(values))]
    counts = [func.sum(case((moved.c.sign == value, 1), else_=0)) for value in (1, -1)]
    grouped = [
        moved.c.load_id,
        moved.c.moved_by,
        literal_column("is_retired"),
        moved.c.unit_code,
        *distinct,
    ]
    return select(*keys, amount, *counts, *distinct).group_by(*grouped)


def _is_retired(tables: Tables, table: Table, moved: FromClause) -> ColumnElement[int]:
    """1 for a row whose key is no longer in the report of the submission that moved it."""
    mover, current = tables.submissions.alias(), table.alias()
    is_mover = mover.c.submission_id == moved.c.moved_by
    in_its_report = and_(
        is_mover, current.c.row_key == moved.c.row_key, current.c.unit_code == mover.c.unit_code,
        current.c.period == mover.c.period, key_current_at(current, moved.c.load_id),
    )  # fmt: skip
    is_present = exists().where(in_its_report).correlate(moved)
    same_ledger = exists().where(is_mover, mover.c.ledger == table.name).correlate(moved)
    return case(
        (moved.c.submission_id == moved.c.moved_by, 0), (and_(same_ledger, ~is_present), 1), else_=0
    )
