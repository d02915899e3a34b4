"""A load touches the months of its own rows and reports, whatever loads came before and after."""

from __future__ import annotations

from datetime import datetime

from tests.support.histories import RIVER, STAR, make_payments
from tests.support.history_warehouse import Warehouse


def test_a_load_touches_what_it_records_and_what_it_retires(history_warehouse: Warehouse) -> None:
    """The rows are of May; a report of another month is touched as well."""
    history_warehouse.clear()
    nights = [
        [make_payments(STAR, "2023-05", "k1"), make_payments(RIVER, "2023-05", "k2")],
        [make_payments(STAR, "2023-06", "k3")],
        [make_payments(RIVER, "2023-05")],
        [make_payments(STAR, "2023-07")],
    ]
    for day, night in enumerate(nights, start=1):
        history_warehouse.load(night, datetime(2024, 1, day))
    assert [history_warehouse.touched(load_id) for load_id in range(1, 5)] == [
        {(STAR, "2023-05"), (RIVER, "2023-05")},
        {(STAR, "2023-05"), (STAR, "2023-06")},
        {(RIVER, "2023-05")},
        {(STAR, "2023-07")},
    ]
