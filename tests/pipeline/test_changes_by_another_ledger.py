"""Changes of a figure that looks rows up in another ledger, and of a point in time: both may move it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flows.queries.changes import changed_figures
from tests.pipeline.test_changes import HEARD_GROUPS, IS_HEARD, LATEST, YEAR, FigureSource, check_changes
from tests.support.histories import SILENT_COUNTY, UNITS, Row, SentReport, indicator, make_payments
from tests.support.history_warehouse import Warehouse
from warehouse.engine import reading


def test_the_rows_are_those_of_a_report_younger_than_the_first_load(history_warehouse: Warehouse) -> None:
    star, heard = UNITS[0], {"h1": Row(date(2023, 6, 3), 1, "a", SILENT_COUNTY)}
    submissions = [
        make_payments(star, "2023-05", "k1"),
        make_payments(star, "2023-05", "k1", "k2"),
        make_payments(star, "2023-06", "k1"),
        SentReport("hearings", star, "2023-06", heard),
    ]
    history_warehouse.clear()
    for day, submission in enumerate(submissions, start=1):
        history_warehouse.load([submission], datetime(2024, 1, day))
    heard_at_the_end = indicator("stock", LATEST.model_copy(update={"where": (IS_HEARD,)}))
    workspace: Any = FigureSource(history_warehouse)
    with reading(history_warehouse.engine) as connection:
        check_changes(history_warehouse, connection, YEAR, 1, 4, [heard_at_the_end])
        loads = [history_warehouse.as_of(connection, load_id) for load_id in (1, 4)]
        [change] = changed_figures(workspace, *loads, [heard_at_the_end], [star], YEAR)
    assert [(part["submission_id"], part["delta"]) for part in change.row()["parts"]] == [(4, 1)]


def test_a_row_is_gone_by_the_report_that_left_it_out(history_warehouse: Warehouse) -> None:
    """Not by another unit's report of the other ledger that came with the same load."""
    star, river, _ = UNITS
    heard, elsewhere = (
        {name: Row(date(2023, 6, 3), 1, group, SILENT_COUNTY)} for name, group in (("h1", "a"), ("h2", "b"))
    )
    nights = [
        [make_payments(star, "2023-05", "k1"), SentReport("hearings", star, "2023-06", heard)],
        [make_payments(star, "2023-05"), SentReport("hearings", river, "2023-06", elsewhere)],
    ]
    history_warehouse.clear()
    for day, submissions in enumerate(nights, start=1):
        history_warehouse.load(submissions, datetime(2024, 1, day))
    workspace: Any = FigureSource(history_warehouse)
    with reading(history_warehouse.engine) as connection:
        loads = [history_warehouse.as_of(connection, load_id) for load_id in (1, 2)]
        [change] = changed_figures(workspace, *loads, [indicator("found", HEARD_GROUPS)], [star], YEAR)
    assert [(part["submission_id"], part["delta"]) for part in change.row()["parts"]] == [(3, -1)]
