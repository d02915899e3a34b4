"""A program that outlives a command reads the file that has the name of its database now."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from warehouse.engine import Engine, open_warehouse, reading, writing


def make_database(file: Path, value: int) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE numbers (value INTEGER)")
        connection.execute("INSERT INTO numbers VALUES (?)", (value,))
        connection.commit()


def read_value(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.exec_driver_sql("SELECT value FROM numbers").scalar_one())


def test_a_file_put_in_anothers_place_is_read_by_every_connection(tmp_path: Path) -> None:
    file, other = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    make_database(file, 1)
    make_database(other, 2)
    engine = open_warehouse(f"sqlite:///{file}")
    with reading(engine), reading(engine):
        assert read_value(engine) == 1  # the third connection of the pool
    os.replace(other, file)
    with reading(engine) as first, reading(engine) as second:
        values = [
            connection.exec_driver_sql("SELECT value FROM numbers").scalar_one()
            for connection in (first, second)
        ]
    assert [*values, read_value(engine)] == [2, 2, 2]
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE numbers SET value = 3")
    engine.dispose()
    with closing(sqlite3.connect(file)) as plain:
        assert plain.execute("SELECT value FROM numbers").fetchall() == [(3,)]


def test_a_transaction_ends_on_the_file_on_which_it_began(tmp_path: Path) -> None:
    file, other = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    make_database(file, 1)
    make_database(other, 2)
    engine = open_warehouse(f"sqlite:///{file}")
    with reading(engine) as connection:
        os.replace(other, file)
        assert connection.exec_driver_sql("SELECT value FROM numbers").scalar_one() == 1
    assert read_value(engine) == 2
    engine.dispose()


def test_while_there_is_no_file_none_is_made(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    make_database(file, 1)
    engine = open_warehouse(f"sqlite:///{file}")
    assert read_value(engine) == 1
    file.unlink()
    assert read_value(engine) == 1
    assert not file.exists()
    make_database(file, 2)
    assert read_value(engine) == 2
    engine.dispose()
