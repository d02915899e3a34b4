"""The usual amounts of each unit, with which new ones are compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from statistics import median
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from schemas.ledgers.amount_bounds import FEWEST_FOR_A_RANGE, FEWEST_UNITS, LEFT_OUT_ONE_IN
from warehouse.frames import values_list
from warehouse.schema.tables import Tables


def amount_ranges(
    connection: Connection, tables: Tables, fields: Mapping[str, Collection[str]], units: Collection[str]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Read the least and greatest usual amount above zero, by ledger, field and unit.

    Usual are the counted amounts except for a few at each end, so that a wrong one does not widen the range.
    Only units of `units` with at least FEWEST_FOR_A_RANGE amounts. The unit `""` has the medians of all
    their ranges, where there are FEWEST_UNITS.
    """
    ranges: dict[tuple[str, str, str], tuple[int, int]] = {}
    for name, columns in fields.items():
        table = tables.ledgers[name]
        for column in columns:
            query = _usual_amounts(table, column, units)
            ranges_of_units = {
                (name, column, unit): (least, most) for unit, least, most in connection.execute(query)
            }
            ranges |= ranges_of_units
            if len(ranges_of_units) >= FEWEST_UNITS:
                least, most = (
                    round(median(bounds)) for bounds in zip(*ranges_of_units.values(), strict=True)
                )
                ranges[name, column, ""] = (least, most)
    return ranges


def _usual_amounts(table: Table, column: str, units: Collection[str]) -> Select[Any]:
    """Select the usual range of each unit: its amounts in order, without those at the ends."""
    unit, amount = table.c.unit_code, table.c[column]
    ordered = (
        select(
            unit,
            amount.label("amount"),
            func.row_number().over(partition_by=unit, order_by=amount).label("position"),
            func.count().over(partition_by=unit).label("amounts"),
        )
        .where(
            unit.in_(values_list(sorted(units))),
            table.c.retired_load.is_(None),
            table.c.is_counted.is_(True),
            amount > 0,
        )
        .subquery()
    ).c
    left_out = 1 + ordered.amounts // LEFT_OUT_ONE_IN
    return (
        select(ordered.unit_code, func.min(ordered.amount), func.max(ordered.amount))
        .where(
            ordered.amounts >= FEWEST_FOR_A_RANGE,
            ordered.position > left_out,
            ordered.position <= ordered.amounts - left_out,
        )
        .group_by(ordered.unit_code)
    )
