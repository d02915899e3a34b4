"""The record of runs and of notifications: the last run of a kind, an occasion that is stored once."""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas.states import RunOutcome
from tests.conftest import on_each_database
from tests.support.history_warehouse import Warehouse
from warehouse.engine import writing
from warehouse.ops.notifications import Notification, store_notification
from warehouse.ops.runs import EndOfRun, NewRun, begin_run, end_run, last_complete_scan, last_ended

FIRST = datetime(2024, 1, 1, 2)


@on_each_database
def test_the_last_run_of_a_kind_is_none_of_another_and_none_that_failed(
    history_warehouse: Warehouse,
) -> None:
    history_warehouse.clear()
    tables = history_warehouse.tables
    runs = [
        ("nightly", RunOutcome.LOADED, True), ("backfill", RunOutcome.LOADED_WITH_REJECTIONS, False),
        ("nightly", RunOutcome.NOTHING_NEW, False), ("nightly", RunOutcome.FAILED, False),
    ]  # fmt: skip
    with writing(history_warehouse.engine) as connection:
        for day, (kind, outcome, is_complete) in enumerate(runs):
            begun = FIRST + timedelta(days=day)
            number = begin_run(connection, tables, NewRun(kind, "", "host", 1, begun))
            end_run(connection, tables, number, EndOfRun(outcome, None, is_complete, begun))
        last = {kind: last_ended(connection, tables, kind) for kind in ("nightly", "backfill", "rerun")}
        assert last == {
            "nightly": FIRST + timedelta(days=2),
            "backfill": FIRST + timedelta(days=1),
            "rerun": None,
        }
        assert last_complete_scan(connection, tables) == FIRST


@on_each_database
def test_an_occasion_is_stored_once(history_warehouse: Warehouse) -> None:
    history_warehouse.clear()
    with writing(history_warehouse.engine) as connection:
        stored = [
            store_notification(
                connection,
                history_warehouse.tables,
                Notification("load", occasion, "标题", "正文", {}),
                FIRST,
            )
            for occasion in ("load 1", "load 1", "load 2")
        ]
    assert stored == [True, False, True]
