"""What two loads and those between them moved: submissions that came to stand, rows that began or ceased to count.

A row's move is read with the very filter of the figure (`part_filter`), once as of the load that moved it and once as of the
load before. Where only the row's own versions can move it, that load is the one that recorded or retired it, and one query
reads all loads. Where it can move by itself (the last report of its unit, `found_in`), each load is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from schemas.indicator import Part
from schemas.movement import Mover, RowMove
from schemas.periods import Period
from schemas.states import STANDING_STATES
from warehouse.parts import AtLoad, Warehouse, distinct_columns, part_filter
from warehouse.tables import Tables


def standing_movers(connection: Connection, tables: Tables, since: int, until: int) -> dict[int, Mover]:
    """The submissions of the loads after `since` up to `until` that stood, by id, in order."""
    taken, replaced, loads = tables.submissions, tables.submissions.alias("replaced"), tables.loads
    rulesets = {row.load_id: row.ruleset for row in connection.execute(select(loads.c.load_id, loads.c.ruleset))}
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
    connection: Connection, warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, movers: Sequence[Mover]
) -> list[RowMove]:
    """The rows of these units that moved into or out of a part of an indicator with the loads of the movers."""
    if part.stock or any(condition.test == "found_in" for condition in part.where):
        concerned = [one for one in movers if one.ledger in part.ledgers()]
        queries = [
            query for load_id in sorted({one.load_id for one in concerned})
            for query in _moved_at(warehouse, part, units, period, [one for one in concerned if one.load_id == load_id])
        ]  # fmt: skip
    else:
        queries = _moved(warehouse, part, units, period, sorted({one.load_id for one in movers if one.ledger == part.ledger}))
    return [
        RowMove(row[0], row[1], bool(row[2]), row[3], tuple(row[7:]), int(row[4]), row[5], row[6])
        for query in queries for row in connection.execute(query)
    ]  # fmt: skip


def _moved(warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, loads: Sequence[int]) -> list[Select[Any]]:
    """Queries of rows that these loads recorded or retired."""
    table = warehouse.tables.ledgers[part.ledger]
    if not loads:
        return []
    came, went = table.c.recorded_load, table.c.retired_load
    # by their ids: SQLite would else go through every row of the period by its date
    recorded, retired = (table.c.version_id.in_(select(table.c.version_id).where(at.between(loads[0], loads[-1])).correlate())
                         for at in (came, went))  # fmt: skip
    began = and_(recorded, part_filter(warehouse, part, units, period, came))
    ceased = and_(retired, part_filter(warehouse, part, units, period, went - 1))
    return [
        _grouped(warehouse, part, began, came, table.c.recorded_by, 1),
        _grouped(warehouse, part, ceased, went, table.c.retired_by, -1),
    ]


def _moved_at(
    warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, movers: Sequence[Mover]
) -> list[Select[Any]]:
    """Queries of rows that one load moved, whatever moved them; only rows that it can have moved are looked at."""
    table, load_id = warehouse.tables.ledgers[part.ledger], movers[0].load_id
    before, after = (part_filter(warehouse, part, units, period, at) for at in (load_id - 1, load_id))
    nearby = [table.c.recorded_load == load_id, table.c.retired_load == load_id]
    if part.stock:
        nearby.append(table.c.unit_code.in_(sorted({one.unit_code for one in movers if one.ledger == part.ledger})))
    nearby += [key.in_(keys) for key, keys, _ in _found_keys(warehouse, part, load_id)]
    if any(condition.test == "found_in" for one in part.where for condition in one.where):
        nearby = [true()]  # what is found can itself move by what is found elsewhere
    blamed = _blamed(warehouse, part, movers)
    came_by = case((table.c.recorded_load == load_id, table.c.recorded_by), else_=blamed)
    went_by = case((table.c.retired_load == load_id, table.c.retired_by), else_=blamed)
    at = literal(load_id)
    return [
        _grouped(warehouse, part, and_(or_(*nearby), after, _does_not_hold(before)), at, came_by, 1),
        _grouped(warehouse, part, and_(or_(*nearby), before, _does_not_hold(after)), at, went_by, -1),
    ]


def _does_not_hold(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a condition is false or unknown."""
    return case((condition, 0), else_=1) == 1


def _found_keys(
    warehouse: Warehouse, part: Part, load_id: int
) -> list[tuple[ColumnElement[Any], Select[Any], ColumnElement[Any]]]:
    """For each `found_in` of a part: what it compares, the values whose rows a load touched, and the last that touched them."""
    table = warehouse.tables.ledgers[part.ledger]
    found_keys: list[tuple[ColumnElement[Any], Select[Any], ColumnElement[Any]]] = []
    for condition in (one for one in part.where if one.test == "found_in"):
        other = str(condition.ledger)
        found = warehouse.tables.ledgers[other].alias()
        theirs = found.c[warehouse.ledgers[other].compared_by(str(condition.matching))]
        ours = table.c[warehouse.ledgers[part.ledger].compared_by(condition.field)]
        touched = or_(found.c.recorded_load == load_id, found.c.retired_load == load_id)
        touched_by = case((found.c.recorded_load == load_id, found.c.recorded_by), else_=found.c.retired_by)
        last = select(func.max(touched_by)).where(touched, theirs == ours).correlate(table).scalar_subquery()
        found_keys.append((ours, select(theirs).where(touched), last))
    return found_keys


def _blamed(warehouse: Warehouse, part: Part, movers: Sequence[Mover]) -> ColumnElement[Any]:
    """Of a row that moved without a version of its own: the submission of the load that moved it.

    That is its unit's latest report where it left or joined with that; the one that touched what it is found in; or, failing
    both, the last of the load in any of the ledgers concerned.
    """
    table = warehouse.tables.ledgers[part.ledger]
    last_reports: dict[str, Mover] = {}
    for one in sorted(movers, key=lambda one: (one.period, -one.submission_id)):
        if part.stock and one.ledger == part.ledger:
            last_reports[one.unit_code] = one
    found = [last for _, _, last in _found_keys(warehouse, part, movers[0].load_id)]
    any_of_load = literal(max(one.submission_id for one in movers))
    of_unit = [(table.c.unit_code == unit, literal(one.submission_id)) for unit, one in last_reports.items()]
    return func.coalesce(*([case(*of_unit)] if of_unit else []), *found, any_of_load, any_of_load)


def _grouped(
    warehouse: Warehouse, part: Part, rows: ColumnElement[bool], at: ColumnElement[Any], by: ColumnElement[Any], sign: int
) -> Select[Any]:
    """Rows that moved, in the columns of RowMove, the value's own last; a distinct count's rows without any value are none."""
    table = warehouse.tables.ledgers[part.ledger]
    values = distinct_columns(warehouse, part)
    inner = select(
        at.label("load_id"), by.label("submission_id"), _is_withdrawn(warehouse.tables, table, at, by).label("is_withdrawn"),
        table.c.unit_code, *(table.c[name] for name in ([part.field] if part.field else [])),
        *(value.label(f"value_{place}") for place, value in enumerate(values)),
    ).where(rows, or_(*(value.is_not(None) for value in values)) if values else true())  # fmt: skip
    moved = inner.subquery()
    amount = func.coalesce(func.sum(moved.c[str(part.field)]), 0) if part.aggregate == "sum" else func.count()
    keys = [moved.c.load_id, moved.c.submission_id, moved.c.is_withdrawn, moved.c.unit_code]
    distinct = [moved.c[f"value_{place}"] for place in range(len(values))]
    counts = (func.count(), literal(0)) if sign > 0 else (literal(0), func.count())
    return select(*keys, amount * sign, *counts, *distinct).group_by(*keys, *distinct)


def _is_withdrawn(tables: Tables, table: Table, at: AtLoad, by: ColumnElement[Any]) -> ColumnElement[int]:
    """1 for a row whose key the submission that moved it no longer held in its own report when its load had committed."""
    taken, held = tables.submissions.alias(), table.alias()
    in_its_report = and_(
        taken.c.submission_id == by, held.c.unit_code == taken.c.unit_code, held.c.period == taken.c.period,
        held.c.row_key == table.c.row_key, held.c.recorded_load <= at,
    )  # fmt: skip
    still = (held.c.retired_load.is_(None), held.c.retired_load > at)  # asked one by one: an index answers each, none both
    is_held = or_(*(exists().where(in_its_report, one).correlate(table) for one in still))
    same_ledger = exists().where(taken.c.submission_id == by, taken.c.ledger == table.name).correlate(table)
    return case((table.c.submission_id == by, 0), (and_(same_ledger, ~is_held), 1), else_=0)


def held_values(
    connection: Connection, warehouse: Warehouse, part: Part, units: Sequence[str], period: Period, load_id: int,
    values: Sequence[tuple[Any, ...]],
) -> dict[str, dict[tuple[Any, ...], int]]:  # fmt: skip
    """By unit, how many rows of a distinct count held these values as of a load (and others whose first field is the same)."""
    table, columns = warehouse.tables.ledgers[part.ledger], distinct_columns(warehouse, part)
    rows, first = part_filter(warehouse, part, units, period, load_id), func.coalesce(cast(columns[0], Text), "")
    starts = sorted({"" if value[0] is None else str(value[0]) for value in values})
    held: dict[str, dict[tuple[Any, ...], int]] = {}
    for place in range(0, len(starts), 5000):
        wanted = first.in_(starts[place : place + 5000])
        query = select(table.c.unit_code, func.count(), *columns).where(rows, wanted).group_by(table.c.unit_code, *columns)
        for unit, count, *value in connection.execute(query):
            held.setdefault(unit, {})[tuple(value)] = count
    return held
