"""The usual amounts of a unit: of enough counted ones, without those at the ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from schemas.ledgers.amount_bounds import FEWEST_FOR_A_RANGE
from tests.conftest import on_each_database
from tests.support.histories import BUREAU, RIVER, STAR, UNITS, SentReport, make_payments
from tests.support.history_warehouse import Warehouse
from warehouse.engine import reading
from warehouse.ops.amount_ranges import amount_ranges


def payments_of(unit: str, *amounts: int) -> SentReport:
    """Return a report with a row for each amount."""
    keys = [f"{unit}-{number}" for number in range(len(amounts))]
    report = make_payments(unit, "2023-05", *keys)
    rows = {
        key: replace(report.rows[key], amount=amount) for key, amount in zip(keys, amounts, strict=True)
    }
    return replace(report, rows=rows)


def ranges_of(warehouse: Warehouse, *reports: SentReport) -> dict[str, tuple[int, int]]:
    warehouse.clear()
    warehouse.load(reports, datetime(2024, 1, 1))
    with reading(warehouse.engine) as connection:
        ranges = amount_ranges(connection, warehouse.tables, {"payments": ["amount_fen"]}, UNITS)
    return {unit: bounds for (_, _, unit), bounds in ranges.items()}


@on_each_database
def test_the_ends_and_what_is_not_above_zero_are_left_out(history_warehouse: Warehouse) -> None:
    few = [10 * number for number in range(1, FEWEST_FOR_A_RANGE)]
    enough = [*few, 70]
    assert ranges_of(history_warehouse, payments_of(STAR, *few), payments_of(RIVER, 0, *enough)) == {
        RIVER: (20, 40)
    }
    many = range(1, 101)
    assert ranges_of(history_warehouse, payments_of(STAR, *many)) == {STAR: (4, 97)}


@on_each_database
def test_the_median_of_three_units_stands_for_all(history_warehouse: Warehouse) -> None:
    reports = [
        payments_of(unit, *(scale * number for number in range(1, 6)))
        for unit, scale in ((STAR, 1), (RIVER, 10), (BUREAU, 1000))
    ]
    ranges = ranges_of(history_warehouse, *reports)
    assert ranges == {STAR: (2, 4), RIVER: (20, 40), BUREAU: (2000, 4000), "": (20, 40)}
    assert "" not in ranges_of(history_warehouse, *reports[:2])
