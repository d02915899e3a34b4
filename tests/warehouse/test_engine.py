"""Errors of a database: those worth a retry are distinguished by class."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from schemas.errors import TransientError
from warehouse import engine as warehouse_engine
from warehouse.engine import open_warehouse, reading, writing
from warehouse.errors import DatabaseError, TransientDatabaseError


def test_a_locked_file_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse_engine, "BUSY_SECONDS", 0)
    first, second = (open_warehouse(f"sqlite:///{tmp_path}/warehouse.sqlite") for _ in range(2))
    with ExitStack() as stack:
        stack.enter_context(writing(first))
        with pytest.raises(TransientDatabaseError, match="locked") as caught:
            stack.enter_context(writing(second))
    assert isinstance(caught.value, TransientError)
    assert isinstance(caught.value, DatabaseError)
    with writing(second) as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    first.dispose()
    second.dispose()


@pytest.mark.parametrize("fixture", ["postgresql_url"])  # its name leads to the worker with the server
def test_a_lost_connection_is_transient(fixture: str, request: pytest.FixtureRequest) -> None:
    engine = open_warehouse(request.getfixturevalue(fixture))

    def lose_connection() -> None:
        with reading(engine) as connection, reading(engine) as second_connection:
            process_id = connection.scalar(text("SELECT pg_backend_pid()"))
            second_connection.execute(text("SELECT pg_terminate_backend(:id)"), {"id": process_id})
            connection.execute(text("SELECT 1"))

    with pytest.raises(TransientDatabaseError):
        lose_connection()
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "postgresql"])
def test_a_wrong_statement_is_not(url: str, request: pytest.FixtureRequest) -> None:
    engine = open_warehouse(request.getfixturevalue("postgresql_url") if url == "postgresql" else url)
    with pytest.raises(DatabaseError) as caught, reading(engine) as connection:
        connection.execute(text("SELECT 1 FROM not_there"))
    assert not isinstance(caught.value, TransientError)
    engine.dispose()
