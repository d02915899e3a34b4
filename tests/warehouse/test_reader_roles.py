"""A reader role of a PostgreSQL warehouse: what it may read, and what it must not be able to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from flows.cli import main
from flows.run_lock import RunLockedError, hold_run_lock
from flows.workspace import Workspace
from tests.conftest import on_postgresql
from tests.support.counties import ledger_bytes, put
from tests.support.views import night, views_of
from warehouse.advisory_lock import LOCK_KEY
from warehouse.marts.grants import grants_on_views
from warehouse.marts.reader_roles import _revoke_public_rights

pytestmark = on_postgresql
ROLE = "报表 reader"
#: each must fail, whatever the reader sets in his session
ATTACKS = {
    "a base table": "SELECT * FROM penalties",
    "a column of a base table": "SELECT id_no FROM penalties",
    "counting a base table": "SELECT count(*) FROM cases",
    "what is kept beside": "SELECT * FROM shown_sources",
    "the findings' values": "SELECT value FROM findings",
    "inserting": "INSERT INTO cases (row_key) VALUES ('x')",
    "writing through a view": "UPDATE mart_coverage SET state = 'on_time'",
    "deleting through a view": "DELETE FROM mart_dictionary",
    "truncating": "TRUNCATE findings",
    "a table": "CREATE TABLE public.mine (one int)",
    "a table that passes": "CREATE TEMPORARY TABLE mine (one int)",
    "a function": "CREATE FUNCTION public.leak(text) RETURNS bool LANGUAGE sql AS 'SELECT true'",
    "a function that passes": "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE sql AS 'SELECT true'",
    "a view of his own": "CREATE VIEW public.mine AS SELECT * FROM mart_cases",
    "an operator": "CREATE OPERATOR public.<<< (leftarg = text, rightarg = text, function = texteq)",
    "a schema": "CREATE SCHEMA mine",
    "a database": "CREATE DATABASE mine",
    "a role": "CREATE ROLE mine",
    "an extension": "CREATE EXTENSION dblink",
    "a view taken away": "DROP VIEW mart_cases",
    "a view without barrier": "ALTER VIEW mart_cases RESET (security_barrier)",
    "code": "DO $$ BEGIN EXECUTE 'SELECT 1 FROM penalties'; END $$",
    "a server's file": "SELECT pg_read_file('/etc/passwd')",
    "a server's file, as bytes": "SELECT pg_read_binary_file('PG_VERSION')",
    "a server's folder": "SELECT pg_ls_dir('.')",
    "a file copied in": "COPY mart_cases FROM '/etc/passwd'",
    "a file copied out": "COPY (SELECT 1) TO '/tmp/huizong-mine'",
    "a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "a large object of a file": "SELECT lo_import('/etc/passwd')",
    "a large object": "SELECT lo_create(0)",
    "a large object of bytes": "SELECT lo_from_bytea(0, 'x')",
    "another server": "SELECT dblink('dbname=postgres', 'SELECT 1')",
    "another role": "SET ROLE {owner}",
    "another session": "SET SESSION AUTHORIZATION {owner}",
    "a setting of the server": "ALTER SYSTEM SET statement_timeout = 0",
    "ending the night": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
    "statistics' table": "SELECT * FROM pg_statistic",
    "roles' secrets": "SELECT * FROM pg_authid",
    "a lock on a base table": "LOCK TABLE penalties IN ACCESS SHARE MODE",
    "a lock on a view": "LOCK TABLE mart_penalties IN ACCESS EXCLUSIVE MODE",
    "a rule": "CREATE RULE mine AS ON SELECT TO mart_cases DO INSTEAD SELECT 1",
    "a query of a base table as xml": "SELECT query_to_xml('SELECT * FROM penalties', true, true, '')",
    "a base table as xml": "SELECT table_to_xml('penalties', true, true, '')",
}
#: queries that would reveal an excluded row by an error
LEAKS = [
    "SELECT count(*) FROM mart_cases WHERE 1 / (CASE WHEN unit_code = '990121' THEN 0 ELSE 1 END) = 1",
    "SELECT count(*) FROM mart_penalties WHERE CAST(CASE WHEN party_name LIKE '欧阳锦%' THEN 'x' ELSE '1' END AS int) = 1",
]


@pytest.fixture
def reader(workspace: Workspace) -> Iterator[Engine]:
    """A reader role of a warehouse with rows that it must not see."""
    for unit in ("990102", "990181"):
        put(workspace.home.inbox, f"2023-06/{unit}/a.xlsx", ledger_bytes("cases", {}))
    put(
        workspace.home.inbox,
        "2023-06/990121/a.xlsx",
        ledger_bytes("cases", {"case_no": "某环立〔2023〕77号"}),
    )
    secret = {"party_name": "欧阳锦鳞", "id_no": "430102199003077778", "legal_representative": "欧阳锦鳞"}
    put(workspace.home.inbox, "2023-06/990102/b.xlsx", ledger_bytes("penalties", secret))
    night(workspace)
    result = grant(workspace, ROLE)
    assert result.exit_code == 0, result.output
    assert f"role {ROLE} made, without a password" in result.output
    engine = create_engine(
        make_url(str(workspace.home.warehouse_url)).set(username=ROLE), isolation_level="AUTOCOMMIT"
    )
    yield engine
    engine.dispose()
    with workspace.engine.begin() as connection:
        connection.execute(text(f'DROP OWNED BY "{ROLE}"'))
        connection.execute(text(f'DROP ROLE "{ROLE}"'))


def grant(workspace: Workspace, role: str) -> Any:
    return CliRunner().invoke(main, ["--home", str(workspace.home.folder), "grant-reader", role])


def ask(engine: Engine, *statements: str) -> list[Any]:
    """Run each statement as is, without the driver parsing it; return the rows of the last."""
    with engine.connect() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        return list(result) if result.returns_rows else []


def owner_of(workspace: Workspace) -> str:
    with workspace.engine.connect() as connection:
        return str(connection.exec_driver_sql("SELECT current_user").scalar_one())


def test_a_reader_reads_the_views_and_nothing_else(workspace: Workspace, reader: Engine) -> None:
    for view in views_of(workspace):
        ask(reader, f"SELECT * FROM {view}")  # noqa: S608
    assert ask(reader, "SELECT party_name FROM mart_penalties") == [("欧*",)]
    owner = owner_of(workspace)
    passed = []
    for name, attack in ATTACKS.items():
        try:
            rows = ask(reader, "SET default_transaction_read_only = off", attack.format(owner=owner))
        except DBAPIError:
            continue
        if rows or not attack.startswith("SELECT pg_terminate"):
            passed.append(name)
    assert passed == []
    # PostgreSQL warns here and does nothing, which is no error
    ask(reader, "SET default_transaction_read_only = off", "GRANT SELECT ON mart_cases TO PUBLIC")
    with workspace.engine.connect() as connection:
        assert {grant_.role for grant_ in grants_on_views(connection)} == {ROLE}


def test_a_reader_learns_nothing_of_hidden_rows_by_errors_or_statistics(
    workspace: Workspace, reader: Engine
) -> None:
    with workspace.engine.begin() as connection:  # the row of a unit that the view's join leaves out
        connection.exec_driver_sql("DELETE FROM units WHERE unit_code = '990121'")
    for leak in LEAKS:
        assert ask(reader, leak) == [(1,)]
    with workspace.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    assert ask(reader, "SELECT * FROM pg_stats WHERE schemaname = 'public'") == []
    assert ask(reader, "SELECT * FROM pg_stats_ext") == []


def test_a_reader_cannot_stay_too_long_and_still_reads_recreated_views(
    workspace: Workspace, reader: Engine
) -> None:
    settings = dict(
        ask(
            reader,
            "SELECT name, setting FROM pg_settings WHERE name LIKE '%timeout' OR name LIKE '%read_only'",
        )
    )
    assert (settings["default_transaction_read_only"], settings["statement_timeout"]) == ("on", "60000")
    with pytest.raises(DBAPIError, match="statement timeout"):
        ask(reader, "SET statement_timeout = '100ms'", "SELECT pg_sleep(5)")
    with workspace.engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW mart_cases")
    workspace.prepare()
    ask(reader, "RESET statement_timeout")  # the connection is used again, and a view may take longer
    for view in views_of(workspace):
        ask(reader, f"SELECT * FROM {view}")  # noqa: S608
    assert grant(workspace, ROLE).exit_code == 0, "granting again does no harm"


def test_a_role_that_may_do_more_is_no_reader(workspace: Workspace) -> None:
    owner = owner_of(workspace)
    rejected = grant(workspace, owner)
    assert rejected.exit_code == 2
    assert "may do more than read" in rejected.output


def test_what_only_the_administrator_can_revoke_is_named(workspace: Workspace) -> None:
    """The owner of a database who rules nothing else, in the administrator's schema as up to version 14."""
    with workspace.engine.connect() as connection, connection.begin() as transaction:
        database = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql("GRANT CREATE ON SCHEMA public TO PUBLIC")
        connection.exec_driver_sql("CREATE ROLE plain_owner")
        connection.exec_driver_sql(f'ALTER DATABASE "{database}" OWNER TO plain_owner')
        connection.exec_driver_sql("ALTER SCHEMA public OWNER TO CURRENT_USER")
        connection.exec_driver_sql("SET LOCAL ROLE plain_owner")
        messages = list(_revoke_public_rights(connection, "public", str(database)))
        assert messages[0] == (
            'not allowed here, ask the administrator: REVOKE CREATE ON SCHEMA "public" FROM PUBLIC;'
        )
        assert any("FUNCTION lo_creat(integer)" in message for message in messages)
        assert not any("TEMPORARY" in message for message in messages)  # the database is his own
        connection.exec_driver_sql("RESET ROLE")
        assert list(_revoke_public_rights(connection, "public", str(database))) == []
        transaction.rollback()


def test_sqlite_has_no_roles(home_folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.home import Home

    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
    workspace = Workspace(Home(home_folder))
    workspace.prepare()
    rejected = grant(workspace, ROLE)
    assert (rejected.exit_code, "marts.sqlite" in rejected.output) == (2, True)


def test_a_reader_that_holds_the_lock_of_runs_is_named(workspace: Workspace, reader: Engine) -> None:
    with reader.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK_KEY})")
        with (
            pytest.raises(RunLockedError, match=rf"the role {ROLE} \(session \d+"),
            hold_run_lock(workspace),
        ):
            pass
    reader.dispose()
    with hold_run_lock(workspace):
        pass
