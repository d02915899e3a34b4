"""Staging tables: filled batch by batch, visible to the load alone, and dropped with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import adbc_driver_manager as adbc
import pandas as pd
import pytest
from sqlalchemy import Column, Integer, Table, Text, select
from sqlalchemy.schema import CreateIndex

from flows.workspace import Workspace
from tests.conftest import on_each_database
from warehouse.engine import Connection, Engine, open_warehouse
from warehouse.load.staged_tables import define_like
from warehouse.load.staging import HISTORY_COLUMNS
from warehouse.load.staging_backends import SqliteStaging, StageTables, choose_backend
from warehouse.written_once import write_once

BATCH = pd.DataFrame({"row_key": pd.Series(["甲", None], dtype="str"), "source_row": [2, 3]})


def columns() -> list[Column[object]]:
    return [Column("row_key", Text), Column("source_row", Integer)]


@contextmanager
def staged(engine: Engine) -> Iterator[tuple[Connection, StageTables]]:
    with engine.connect() as connection:
        stage = choose_backend(connection)
        yield connection, stage
        connection.rollback()
        stage.drop()


def staging_files(workspace: Workspace) -> list[str]:
    """List the staging files beside a SQLite warehouse."""
    return sorted(file.name for file in workspace.home.folder.glob("warehouse.sqlite-stage*"))


def fill_and_fail(stage: StageTables, table: Table) -> None:
    with stage.filling():
        stage.insert(table, BATCH)
        raise KeyError("in the middle")


@on_each_database
def test_rows_of_all_batches_are_visible_together(workspace: Workspace) -> None:
    with staged(workspace.engine) as (connection, stage):
        with stage.filling():
            table = stage.make(stage.define("staged", *columns()))
            stage.insert(table, BATCH)
        with stage.filling():
            stage.insert(table, BATCH.head(0))
            stage.insert(table, BATCH.head(1))
        stage.finish_filling()
        assert sorted(map(tuple, connection.execute(select(table))), key=str) == [
            ("甲", 2),
            ("甲", 2),
            (None, 3),
        ]


@on_each_database
def test_a_batch_that_fails_leaves_no_rows(workspace: Workspace) -> None:
    with staged(workspace.engine) as (connection, stage):
        with stage.filling():
            table = stage.make(stage.define("staged", *columns()))
        with pytest.raises(KeyError):
            fill_and_fail(stage, table)
        stage.finish_filling()
        assert connection.execute(select(table)).all() == []


@on_each_database
def test_a_load_that_is_tried_again_has_its_staged_rows(workspace: Workspace) -> None:
    """The database was busy when the load was to begin."""
    with staged(workspace.engine) as (connection, stage):
        with stage.filling():
            table = stage.make(stage.define("staged", *columns()))
            stage.insert(table, BATCH)
        for _ in range(2):
            stage.finish_filling()
            assert len(connection.execute(select(table)).all()) == len(BATCH)
            connection.rollback()


def test_a_full_disk_is_reported_as_a_full_disk(workspace: Workspace) -> None:
    """SQLite has rolled back by then, and a second rollback fails."""
    with staged(workspace.engine) as (_, stage):
        assert isinstance(stage, SqliteStaging)
        with stage.filling():
            table = stage.make(stage.define("staged", *columns()))
        stage._execute("PRAGMA max_page_count=4")
        long = BATCH.assign(row_key=pd.Series(["x" * 100_000, None], dtype="str"))
        with pytest.raises(adbc.Error, match="full"), stage.filling():
            stage.insert(table, long)


@on_each_database
def test_the_next_load_has_empty_staging_tables(workspace: Workspace) -> None:
    for _ in range(2):
        with staged(workspace.engine) as (connection, stage):
            with stage.filling():
                table = stage.make(stage.define("staged", *columns()))
                stage.insert(table, BATCH)
            stage.finish_filling()
            assert len(connection.execute(select(table)).all()) == len(BATCH)
    assert staging_files(workspace) == []


def test_files_of_a_killed_load_are_overwritten(workspace: Workspace) -> None:
    for suffix in ("", "-journal"):
        Path(f"{workspace.engine.url.database}-stage{suffix}").write_bytes(b"half a stage")
    with staged(workspace.engine) as (connection, stage):
        with stage.filling():
            table = stage.make(stage.define("staged", *columns()))
            stage.insert(table, BATCH)
        assert staging_files(workspace) != []
        stage.finish_filling()
        assert len(connection.execute(select(table)).all()) == len(BATCH)
    assert staging_files(workspace) == []


def test_a_warehouse_in_memory_has_staging_tables() -> None:
    with staged(open_warehouse("sqlite://")) as (connection, stage):
        with stage.filling():
            table = stage.make(stage.define("staged", *columns()))
            stage.insert(table, BATCH)
        stage.finish_filling()
        assert len(connection.execute(select(table)).all()) == len(BATCH)


def test_statements_about_a_staging_table_are_written_once(workspace: Workspace) -> None:
    ledger = workspace.tables.ledgers["cases"]
    same = [define_like(SqliteStaging, "cases_0", ledger, HISTORY_COLUMNS) for _ in range(2)]
    assert same[0] is same[1]
    assert define_like(SqliteStaging, "cases_1", ledger, HISTORY_COLUMNS) is not same[0]
    [key] = same[0].indexes
    assert write_once(workspace.engine.dialect, CreateIndex, key) is write_once(
        workspace.engine.dialect, CreateIndex, key
    )
