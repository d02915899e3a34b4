"""Readers during nightly runs: no error, and the state of one load or the next, never a mix."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import Any

from sqlalchemy import text

from flows.workspace import Workspace
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.views import NOW, night, snapshot_of
from warehouse.engine import Engine, open_warehouse, reading

READERS, NIGHTS, FEWEST_ROUNDS = 4, 3, 30
PAUSE_SECONDS = 0.05  # after enough rounds, a reader need not keep a core busy
#: one after the other, within one transaction
QUESTIONS = {
    "indicators": "SELECT max(load_id), min(load_id) FROM mart_indicators",
    "findings": "SELECT max(load_id), min(load_id) FROM mart_findings",
    "coverage": "SELECT max(load_id), min(load_id) FROM mart_coverage",
    "submissions": "SELECT max(load_id), max(recorded_load) FROM mart_submissions",
    "fines": "SELECT max(load_id), sum(fine_fen) FROM mart_penalties",
    "figure": "SELECT load_id, value * 100 FROM mart_indicators WHERE indicator_id = 'fine_imposed_amount' "
    "AND region_code = '990100' AND period = '2023'",
}
Ask = Callable[[], Mapping[str, Any]]


def ask_warehouse(_workspace: Workspace, engine: Engine) -> Ask:
    def ask() -> Mapping[str, Any]:
        with reading(engine) as connection:
            return {
                name: tuple(connection.execute(text(question)).one())
                for name, question in QUESTIONS.items()
            }

    return ask


def ask_snapshot(workspace: Workspace, _engine: Engine) -> Ask:
    def ask() -> Mapping[str, Any]:
        with closing(sqlite3.connect(f"file:{snapshot_of(workspace)}?mode=ro", uri=True)) as connection:
            return {name: connection.execute(question).fetchone() for name, question in QUESTIONS.items()}

    return ask


def read_on(ask: Ask, is_over: Event) -> tuple[int, set[int]]:
    """Read until the nightly runs are over; return the number of rounds, and the loads that were read."""
    rounds, load_ids = 0, set()
    while rounds < FEWEST_ROUNDS or not is_over.wait(PAUSE_SECONDS):
        answer = ask()
        (load_id,) = {first for first, _ in answer.values()}
        for name in ("indicators", "findings", "coverage", "submissions"):
            assert set(answer[name]) == {load_id}, name
        assert int(answer["fines"][1]) == round(answer["figure"][1])
        rounds, load_ids = rounds + 1, load_ids | {load_id}
    return rounds, load_ids


def send(workspace: Workspace, number: int) -> None:
    """Send another fine each night, and a row that is quarantined."""
    for unit in ("990102", "990181"):
        rows = [
            {"fine_fen": number + 0.5, "penalty_text": "罚款", "decision_no": f"某环罚〔2023〕{index}号"}
            for index in range(9)
        ]
        rows.append({"decided_on": "不知道"})
        put(
            workspace.home.inbox,
            f"2023-06/{unit}/a.xlsx",
            ledger_bytes("penalties", *rows),
            f"2023-07-0{number}T10:00",
        )


@on_each_database
def test_readers_see_one_load_or_the_next(workspace: Workspace) -> None:
    is_sqlite = workspace.engine.dialect.name == "sqlite"
    send(workspace, 1)
    night(workspace)
    kinds = [ask_warehouse, ask_snapshot] if is_sqlite else [ask_warehouse]
    is_over, engine = Event(), open_warehouse(workspace.home.warehouse_url)
    with ThreadPoolExecutor(READERS) as pool:
        readers: list[Future[tuple[int, set[int]]]] = [
            pool.submit(read_on, kinds[index % len(kinds)](workspace, engine), is_over)
            for index in range(READERS)
        ]
        try:
            for number in range(2, NIGHTS + 1):
                send(workspace, number)
                night(workspace, NOW)
        finally:
            is_over.set()
        results = [reader.result() for reader in readers]
    engine.dispose()
    assert sum(rounds for rounds, _ in results) * len(QUESTIONS) >= 700
    assert len(set().union(*(load_ids for _, load_ids in results))) >= 2


def test_a_reader_of_the_old_snapshot_can_go_on_reading_it(workspace: Workspace) -> None:
    send(workspace, 1)
    night(workspace)
    with closing(sqlite3.connect(f"file:{snapshot_of(workspace)}?mode=ro", uri=True)) as old:
        before = old.execute("SELECT * FROM mart_penalties").fetchall()
        send(workspace, 2)
        night(workspace)
        assert old.execute("SELECT * FROM mart_penalties").fetchall() == before
        assert ask_snapshot(workspace, workspace.engine)()["indicators"] == (2, 2)
