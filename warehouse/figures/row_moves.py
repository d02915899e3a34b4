"""What a range of loads changed: submissions that became current, rows that began or ceased to count.

A row's move is read with the figure's own filter (`part_filter`), as of the load that moved it and as of the
load before (`warehouse.figures.row_move_queries`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, cast, func, or_, select, true

from schemas.figures.figure_changes import CORRECTED, HEADERS, REGIONS, RULE, Mover, RowMove
from schemas.figures.indicator import Part
from schemas.periods import Period
from schemas.states import CURRENT_STATES
from warehouse.figures.filters import distinct_columns, part_filter
from warehouse.figures.row_move_queries import move_queries
from warehouse.schema.as_of import AsOf

#: values listed in a query; above this it reads all values instead
MAX_LISTED_VALUES = 5_000


def current_movers(as_of: AsOf, since: int) -> dict[int, Mover]:
    """Read the submissions that can have moved figures, by id, in order.

    Of the loads after `since` up to that of `as_of` these are the accepted ones, and those decided on again,
    which may have taken away their rows.
    """
    connection, tables = as_of.connection, as_of.tables
    submissions, replaced, loads = tables.submissions, tables.submissions.alias("replaced"), tables.loads
    definitions = connection.execute(select(loads.c.load_id, loads.c.ruleset, loads.c.headers))
    rules = {load_id: (ruleset, headers) for load_id, ruleset, headers in definitions}
    is_replaced = and_(
        replaced.c.superseded_by == submissions.c.submission_id, replaced.c.state.in_(CURRENT_STATES)
    )
    query = (
        select(
            submissions, replaced.c.load_id.label("replaced_load"), replaced.c.submission_id.label("replaced_id"),
            replaced.c.unit_code.label("replaced_unit"), replaced.c.period.label("replaced_period"),
        )
        .outerjoin_from(submissions, replaced, is_replaced)
        .where(
            submissions.c.load_id > since,
            submissions.c.load_id <= as_of.load_id,
            or_(submissions.c.state.in_(CURRENT_STATES), _is_decided_again(submissions)),
        )
        .order_by(submissions.c.submission_id)
    )  # fmt: skip
    adjusted_reports = _adjusted_reports(as_of, since)
    movers: dict[int, Mover] = {}
    for row in connection.execute(query):
        taken_over = movers[row.submission_id].taken_over if row.submission_id in movers else ()
        if row.replaced_load and (row.replaced_unit, row.replaced_period) != (row.unit_code, row.period):
            taken_over = (*taken_over, (row.replaced_unit, row.replaced_period))
        is_adjusted = (row.load_id, row.unit_code, row.ledger, row.period) in adjusted_reports
        made_by = [rules[load] for load in (row.load_id, row.replaced_load) if load is not None]
        movers[row.submission_id] = Mover(
            row.submission_id, row.load_id, row.unit_code, row.ledger, row.period, row.source_file, row.source_sheet,
            is_resubmission=_is_resubmission(row, movers),
            revalidated_for=_reason(made_by, is_adjusted=is_adjusted) if row.is_revalidated else None,
            is_counted=row.state in CURRENT_STATES, taken_over=taken_over,
        )  # fmt: skip
    return movers


def _is_resubmission(row: Any, movers: Mapping[int, Mover]) -> bool:
    """Whether a submission replaced one that counted before its load; one of the same load never did."""
    if row.replaced_load != row.load_id or row.replaced_id not in movers:
        return row.replaced_load is not None and row.replaced_load != row.load_id
    return movers[row.replaced_id].is_resubmission


def _reason(made_by: Sequence[tuple[str, str | None]], *, is_adjusted: bool) -> str:
    """Return why a submission was revalidated; `made_by` are its rule set and headers and the earlier ones.

    Without a change of these or of an adjustment, it was the region table that changed.
    """
    if is_adjusted:
        return CORRECTED
    (ruleset, headers), (ruleset_before, headers_before) = made_by[0], made_by[-1]
    if ruleset != ruleset_before:
        return RULE
    return HEADERS if headers != headers_before else REGIONS


def _is_decided_again(submissions: FromClause) -> ColumnElement[bool]:
    """Filter for submissions of a known report that were validated again, whatever became of them."""
    columns = submissions.c
    is_known = (columns[name].is_not(None) for name in ("unit_code", "ledger", "period"))
    return and_(columns.is_revalidated, *is_known)


def _adjusted_reports(as_of: AsOf, since: int) -> set[tuple[Any, ...]]:
    """Read (load, unit, ledger, month) of reports whose adjustments changed with the load."""
    table = as_of.tables.adjustments
    report_key = table.c.unit_code, table.c.ledger, table.c.period
    return {
        tuple(row)
        for load_column in (table.c.recorded_load, table.c.retired_load)
        for row in as_of.connection.execute(
            select(load_column, *report_key).where(load_column > since, load_column <= as_of.load_id)
        )
    }


def read_row_moves(
    as_of: AsOf, part: Part, units: Sequence[str], period: Period, movers: Sequence[Mover]
) -> list[RowMove]:
    """Read the rows of these units that moved into or out of a part with the loads of the movers."""
    loads = [mover.load_id for mover in movers if mover.ledger in part.ledgers()]
    if not loads:
        return []
    queries = move_queries(as_of.warehouse, part, units, period, (min(loads), max(loads)))
    return [
        RowMove(
            load_id=row[0],
            submission_id=row[1],
            is_retired=bool(row[2]),
            unit_code=row[3],
            amount=int(row[4]),
            entered=row[5],
            left=row[6],
            value=tuple(row[7:]),
        )
        for query in queries
        for row in as_of.connection.execute(query)
    ]


def count_values(
    as_of: AsOf, part: Part, units: Sequence[str], period: Period, values: Sequence[tuple[Any, ...]]
) -> dict[str, dict[tuple[Any, ...], int]]:
    """Count, by unit and value, the rows of a distinct count; at least for these values."""
    table, columns = as_of.ledger(part.ledger), distinct_columns(as_of.warehouse, part)
    rows = part_filter(as_of.warehouse, part, units, period, as_of.load_id)
    first = func.coalesce(cast(columns[0], Text), "")
    starts = sorted({"" if value[0] is None else str(value[0]) for value in values})
    is_listed = first.in_(starts) if len(starts) <= MAX_LISTED_VALUES else true()
    query = (
        select(table.c.unit_code, func.count(), *columns)
        .where(rows, is_listed)
        .group_by(table.c.unit_code, *columns)
    )
    counts: dict[str, dict[tuple[Any, ...], int]] = {}
    for unit, count, *value in as_of.connection.execute(query):
        counts.setdefault(unit, {})[tuple(value)] = count
    return counts
