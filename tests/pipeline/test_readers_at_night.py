"""Readers who ask while nights are loaded: no error, and one night's state or the next, never a mix."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import Any

from sqlalchemy import text

from flows.workspace import Workspace
from tests.support.counties import ledger_bytes, put
from tests.support.views import NOW, night, snapshot_of
from warehouse.engine import Engine, open_warehouse, reading

READERS, NIGHTS, FEWEST_ROUNDS = 5, 4, 40
PAUSE_SECONDS = 0.02  # once it has asked often enough, a reader need not keep a core busy
#: asked one after the other, within one transaction
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


def of_warehouse(_place: Workspace, engine: Engine) -> Ask:
    def ask() -> Mapping[str, Any]:
        with reading(engine) as connection:
            return {
                name: tuple(connection.execute(text(question)).one())
                for name, question in QUESTIONS.items()
            }

    return ask


def of_snapshot(workspace: Workspace, _engine: Engine) -> Ask:
    def ask() -> Mapping[str, Any]:
        with closing(sqlite3.connect(f"file:{snapshot_of(workspace)}?mode=ro", uri=True)) as connection:
            return {name: connection.execute(question).fetchone() for name, question in QUESTIONS.items()}

    return ask


def read_on(ask: Ask, is_over: Event) -> tuple[int, set[int]]:
    """Until the nights are over: how many rounds, and which loads were seen."""
    rounds, seen = 0, set()
    while rounds < FEWEST_ROUNDS or not is_over.wait(PAUSE_SECONDS):
        answer = ask()
        (load_id,) = {first for first, _ in answer.values()}
        for name in ("indicators", "findings", "coverage", "submissions"):
            assert set(answer[name]) == {load_id}, name
        assert int(answer["fines"][1]) == round(answer["figure"][1])
        rounds, seen = rounds + 1, seen | {load_id}
    return rounds, seen


def send(workspace: Workspace, number: int) -> None:
    """Another fine each night, and a row that is held back."""
    for unit in ("990102", "990181"):
        rows = [
            {"fine_fen": number + 0.5, "penalty_text": "罚款", "decision_no": f"某环罚〔2023〕{at}号"}
            for at in range(9)
        ]
        rows.append({"decided_on": "不知道"})
        put(
            workspace.home.inbox,
            f"2023-06/{unit}/a.xlsx",
            ledger_bytes("penalties", *rows),
            f"2023-07-0{number}T10:00",
        )


def test_readers_see_one_night_or_the_next(workspace: Workspace) -> None:
    is_sqlite = workspace.engine.dialect.name == "sqlite"
    send(workspace, 1)
    night(workspace)
    kinds = [of_warehouse, of_snapshot] if is_sqlite else [of_warehouse]
    is_over, engine = Event(), open_warehouse(workspace.home.warehouse_url)
    with ThreadPoolExecutor(READERS) as pool:
        readers: list[Future[tuple[int, set[int]]]] = [
            pool.submit(read_on, kinds[at % len(kinds)](workspace, engine), is_over)
            for at in range(READERS)
        ]
        try:
            for number in range(2, NIGHTS + 1):
                send(workspace, number)
                night(workspace, NOW)
        finally:
            is_over.set()
        done = [reader.result() for reader in readers]
    engine.dispose()
    assert sum(rounds for rounds, _ in done) * len(QUESTIONS) >= 1000
    assert len(set().union(*(seen for _, seen in done))) >= 2


def test_who_has_the_old_snapshot_open_goes_on_reading_it(workspace: Workspace) -> None:
    if workspace.engine.dialect.name != "sqlite":
        return
    send(workspace, 1)
    night(workspace)
    with closing(sqlite3.connect(f"file:{snapshot_of(workspace)}?mode=ro", uri=True)) as old:
        before = old.execute("SELECT * FROM mart_penalties").fetchall()
        send(workspace, 2)
        night(workspace)
        assert old.execute("SELECT * FROM mart_penalties").fetchall() == before
        assert of_snapshot(workspace, workspace.engine)()["indicators"] == (2, 2)
