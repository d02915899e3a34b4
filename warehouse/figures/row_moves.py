"""What two loads and those between them moved: submissions that came to stand, rows that began or ceased to count.

A row's move is read with the very filter of the figure (`part_filter`), once as of the load that moved it and once as of the
load before. Where only the row's own versions can move it, that load is the one that recorded or retired it. Where others can
(the last report of its unit, `found_in`), it is also each load that touched those. Either way all loads are read at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
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

from schemas.figures.figure_changes import Mover, RowMove
from schemas.figures.indicator import Condition, Part
from schemas.periods import Period
from schemas.states import STANDING_STATES
from warehouse.figures.filters import (
    Warehouse,
    distinct_columns,
    in_scope,
    key_current_at,
    match_by,
    measure_filter,
)
from warehouse.schema.tables import Tables

#: values that a query names; of more it reads all there are, in one pass
MOST_NAMED = 5_000


def current_movers(connection: Connection, tables: Tables, since: int, until: int) -> dict[int, Mover]:
    """The submissions of the loads after `since` up to `until` that stood, by id, in order."""
    taken, replaced, loads = tables.submissions, tables.submissions.alias("replaced"), tables.loads
    rulesets = {
        row.load_id: row.ruleset for row in connection.execute(select(loads.c.load_id, loads.c.ruleset))
    }
    before = and_(replaced.c.superseded_by == taken.c.submission_id, replaced.c.state.in_(STANDING_STATES))
    query = (
        select(taken, replaced.c.load_id.label("replaced_load"))
        .outerjoin_from(taken, replaced, before)
        .where(taken.c.load_id > since, taken.c.load_id <= until, taken.c.state.in_(STANDING_STATES))
        .order_by(taken.c.submission_id)
    )
    decided = _decided(connection, tables, since, until)
    movers = {}
    for row in connection.execute(query):
        is_same = row.replaced_load is None or rulesets[row.load_id] == rulesets[row.replaced_load]
        is_decided = (row.load_id, row.unit_code, row.ledger, row.period) in decided
        movers[row.submission_id] = Mover(
            row.submission_id, row.load_id, row.unit_code, row.ledger, row.period, row.source_file, row.source_sheet,
            is_resubmission=row.replaced_load is not None, is_judged_again=row.is_judged_again,
            is_under_other_rules=not is_same and not is_decided,
        )  # fmt: skip
    return movers


def _decided(connection: Connection, tables: Tables, since: int, until: int) -> set[tuple[Any, ...]]:
    """(load, unit, ledger, month) of reports of which a load was judged by other corrections or waivers than before."""
    table = tables.adjustments
    report = table.c.unit_code, table.c.ledger, table.c.period
    return {
        tuple(row) for at in (table.c.recorded_load, table.c.retired_load)
        for row in connection.execute(select(at, *report).where(at > since, at <= until))
    }  # fmt: skip


def part_moves(
    connection: Connection,
    warehouse: Warehouse,
    part: Part,
    units: Sequence[str],
    period: Period,
    movers: Sequence[Mover],
) -> list[RowMove]:
    """The rows of these units that moved into or out of a part of an indicator with the loads of the movers."""
    loads = [mover.load_id for mover in movers if mover.ledger in part.ledgers()]
    if not loads:
        return []
    queries = move_queries(warehouse, part, units, period, (min(loads), max(loads)))
    return [
        RowMove(row[0], row[1], bool(row[2]), row[3], tuple(row[7:]), int(row[4]), row[5], row[6])
        for query in queries for row in connection.execute(query)
    ]  # fmt: skip


def move_queries(
    warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, loads: tuple[int, int]
) -> list[Select[Any]]:
    """Queries of rows that these loads, from one to another, moved."""
    if part.stock or any(condition.test == "found_in" for condition in part.where):
        return _moved_by_any(warehouse, part, units, period, loads)
    return _moved(warehouse, part, units, period, loads)


def _moved(
    warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, loads: tuple[int, int]
) -> list[Select[Any]]:
    """Rows that these loads recorded or retired."""
    table = warehouse.tables.ledgers[part.ledger]
    came, went = table.c.recorded_load, table.c.retired_load
    began = and_(came.between(*loads), measure_filter(warehouse, part, units, period, came))
    ceased = and_(went.between(*loads), measure_filter(warehouse, part, units, period, went - 1))
    return [
        _grouped(warehouse, part, began, came, table.c.recorded_by, literal(1)),
        _grouped(warehouse, part, ceased, went, table.c.retired_by, literal(-1)),
    ]


def _moved_by_any(
    warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, loads: tuple[int, int]
) -> list[Select[Any]]:
    """Rows that these loads moved, whatever moved them; each is looked at only for loads that can have moved it."""
    table = warehouse.tables.ledgers[part.ledger]
    scope = (
        table.c.unit_code.in_(units) if part.stock else in_scope(warehouse, part, units, period, loads[0])
    )
    ways = _touched(warehouse, part.ledger, table, part.where, loads, scope)
    if part.stock:
        ways.append(_reported_anew(warehouse, part, units, loads))
    touched = union(*ways).subquery()
    at = touched.c.load_id
    stood, stands = (
        _as_number(measure_filter(warehouse, part, units, period, load_id)) for load_id in (at - 1, at)
    )
    own = (
        (table.c.recorded_load == at, table.c.recorded_by),
        (and_(stands == 0, table.c.retired_load == at), table.c.retired_by),
    )
    by = case(*own, else_=_blamed(warehouse, part, at))
    rows = and_(table.c.version_id == touched.c.version_id, stood != stands)
    return [_grouped(warehouse, part, rows, at, by, stands - stood)]


def _as_number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """1 for a condition that holds, 0 for one that is false or unknown."""
    return case((condition, 1), else_=0)


def _touched(
    warehouse: Warehouse, ledger: str, table: FromClause, where: Sequence[Condition], loads: tuple[int, int],
    scope: ColumnElement[bool],
) -> list[Select[Any]]:  # fmt: skip
    """Versions and the loads that recorded or retired them, or did so to a row that they are found in."""
    own = (table.c.recorded_load, table.c.retired_load)
    ways = [select(table.c.version_id, at.label("load_id")).where(at.between(*loads), scope) for at in own]
    for condition in (one for one in where if one.test == "found_in"):
        found = warehouse.tables.ledgers[str(condition.ledger)].alias()
        others = union(
            *_touched(warehouse, str(condition.ledger), found, condition.where, loads, true())
        ).subquery()
        same = and_(
            found.c.version_id == others.c.version_id, match_by(warehouse, table, ledger, condition, found)
        )
        ways.append(select(table.c.version_id, others.c.load_id).where(same, scope))
    return ways


def _reported_anew(
    warehouse: Warehouse, part: Part, units: Sequence[str], loads: tuple[int, int]
) -> Select[Any]:
    """Versions of a stock that stood at a load, or just before it, with which their unit sent any report of the ledger."""
    table, reports = warehouse.tables.ledgers[part.ledger], warehouse.tables.submissions
    at = reports.c.load_id
    came = and_(
        at.between(*loads), _stands(reports, [part.ledger]), reports.c.unit_code == table.c.unit_code
    )
    stood = and_(
        table.c.recorded_load <= at, or_(table.c.retired_load.is_(None), table.c.retired_load >= at)
    )
    return select(table.c.version_id, at).where(table.c.unit_code.in_(units), came, stood)


def _stands(reports: FromClause, ledgers: Collection[str]) -> ColumnElement[bool]:
    return and_(reports.c.state.in_(STANDING_STATES), reports.c.ledger.in_(sorted(ledgers)))


def _blamed(warehouse: Warehouse, part: Part, at: ColumnElement[int]) -> ColumnElement[Any]:
    """Of a row that moved without a version of its own: the submission of the load that moved it.

    That is its unit's latest report where it left or joined with that; the one that touched what it is found in; or, failing
    both, the last of the load in any of the ledgers concerned.
    """
    table, reports = warehouse.tables.ledgers[part.ledger], warehouse.tables.submissions.alias()
    ways = []
    if part.stock:
        own = and_(
            reports.c.load_id == at,
            _stands(reports, [part.ledger]),
            reports.c.unit_code == table.c.unit_code,
        )
        ways.append(
            select(reports.c.submission_id)
            .where(own)
            .order_by(reports.c.period.desc(), reports.c.submission_id)
            .limit(1)
        )
    for condition in (one for one in part.where if one.test == "found_in"):
        found = warehouse.tables.ledgers[str(condition.ledger)].alias()
        touched_by = case((found.c.recorded_load == at, found.c.recorded_by), else_=found.c.retired_by)
        touched = or_(found.c.recorded_load == at, found.c.retired_load == at)
        same = match_by(warehouse, table, part.ledger, condition, found)
        ways.append(select(func.max(touched_by)).where(touched, same))
    any_of_load = and_(reports.c.load_id == at, _stands(reports, part.ledgers()))
    ways.append(select(func.max(reports.c.submission_id)).where(any_of_load))
    found_by_way = [way.correlate(table, at.table).scalar_subquery() for way in ways]
    return func.coalesce(*found_by_way, null())


def _grouped(
    warehouse: Warehouse,
    part: Part,
    rows: ColumnElement[bool],
    at: ColumnElement[Any],
    by: ColumnElement[Any],
    sign: ColumnElement[int],
) -> Select[Any]:
    """Rows that moved, in the columns of RowMove, the value's own last; a distinct count's rows without any value are none."""
    table = warehouse.tables.ledgers[part.ledger]
    values = distinct_columns(warehouse, part)
    amounts = [table.c[part.field].label("amount")] if part.field else []
    place = [table.c[name] for name in ("unit_code", "period", "row_key")]
    moved = select(
        at.label("load_id"), by.label("moved_by"), sign.label("sign"), table.c.submission_id, *place, *amounts,
        *(value.label(f"value_{number}") for number, value in enumerate(values)),
    ).where(rows, or_(*(value.is_not(None) for value in values)) if values else true()).subquery()  # fmt: skip
    amount = (
        func.coalesce(func.sum(moved.c.amount * moved.c.sign), 0)
        if part.aggregate == "sum"
        else func.sum(moved.c.sign)
    )
    is_withdrawn = _is_withdrawn(warehouse.tables, table, moved).label("is_withdrawn")
    keys = [moved.c.load_id, moved.c.moved_by, is_withdrawn, moved.c.unit_code]
    distinct = [moved.c[f"value_{number}"] for number in range(len(values))]
    counts = [func.sum(case((moved.c.sign == one, 1), else_=0)) for one in (1, -1)]
    grouped = [
        moved.c.load_id,
        moved.c.moved_by,
        literal_column("is_withdrawn"),
        moved.c.unit_code,
        *distinct,
    ]
    return select(*keys, amount, *counts, *distinct).group_by(*grouped)


def _is_withdrawn(tables: Tables, table: Table, moved: FromClause) -> ColumnElement[int]:
    """1 for a row whose key the submission that moved it no longer held in its own report when its load had committed."""
    taken, held = tables.submissions.alias(), table.alias()
    is_mover = taken.c.submission_id == moved.c.moved_by
    in_its_report = and_(
        is_mover, held.c.row_key == moved.c.row_key, held.c.unit_code == taken.c.unit_code,
        held.c.period == taken.c.period, key_current_at(held, moved.c.load_id),
    )  # fmt: skip
    is_held = exists().where(in_its_report).correlate(moved)
    same_ledger = exists().where(is_mover, taken.c.ledger == table.name).correlate(moved)
    return case((moved.c.submission_id == moved.c.moved_by, 0), (and_(same_ledger, ~is_held), 1), else_=0)


def held_values(
    connection: Connection, warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, load_id: int,
    values: Sequence[tuple[Any, ...]],
) -> dict[str, dict[tuple[Any, ...], int]]:  # fmt: skip
    """By unit, how many rows of a distinct count held at least these values as of a load."""
    table, columns = warehouse.tables.ledgers[part.ledger], distinct_columns(warehouse, part)
    rows, first = (
        measure_filter(warehouse, part, units, period, load_id),
        func.coalesce(cast(columns[0], Text), ""),
    )
    starts = sorted({"" if value[0] is None else str(value[0]) for value in values})
    wanted = first.in_(starts) if len(starts) <= MOST_NAMED else true()
    query = (
        select(table.c.unit_code, func.count(), *columns)
        .where(rows, wanted)
        .group_by(table.c.unit_code, *columns)
    )
    held: dict[str, dict[tuple[Any, ...], int]] = {}
    for unit, count, *value in connection.execute(query):
        held.setdefault(unit, {})[tuple(value)] = count
    return held
