"""Upgrade of a warehouse's tables, in one transaction, so that a killed upgrade changes nothing.

Revisions (`warehouse.migrations.versions`) make the changes that cannot be deduced; then whatever the
definitions add is created, and masks are computed where the policies changed. The caller holds the run lock.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from schemas.sentences import Sentence
from warehouse.load.stored_masks import refresh_masks
from warehouse.marts.create_views import drop_views, ensure_views
from warehouse.marts.grants import grants_on_views, restore_grants
from warehouse.migrations.fingerprint import (
    MIGRATIONS,
    SchemaStatus,
    UpgradeError,
    revision_of,
    store_fingerprint,
)
from warehouse.migrations.schema_diff import MigrationRequiredError, follow_definitions
from warehouse.schema.tables import Warehouse

#: a warehouse without a revision number that has these is at the first revision or later
FIRST_REVISION = "0001"
FIRST_TABLES = {
    "units", "loads", "inbox_files", "submissions", "findings", "adjustments", "publications", "published_figures",
}  # fmt: skip
#: PostgreSQL: a table being read cannot be changed, and while we wait for its lock nobody else can read it
LOCK_SECONDS, TRIES, PAUSE_SECONDS = 5.0, 6, 5.0
LOCK_NOT_AVAILABLE, DEPENDENTS_EXIST = "55P03", "2BP01"


def upgrade(engine: Engine, warehouse: Warehouse, status: SchemaStatus) -> None:
    """Create or upgrade the tables and views, retrying while others hold locks. Raises UpgradeError."""
    for tries_left in reversed(range(TRIES)):
        try:
            with _open_ddl_transaction(engine) as connection:
                return _upgrade(connection, warehouse, status)
        except DBAPIError as error:
            code = getattr(error.orig, "sqlstate", None)
            if code == DEPENDENTS_EXIST:
                raise UpgradeError(_dependent_views_message(error)) from error
            if code != LOCK_NOT_AVAILABLE:
                raise
            if not tries_left:
                raise UpgradeError(_locked_message(engine)) from error
        time.sleep(PAUSE_SECONDS)


def _upgrade(connection: Connection, warehouse: Warehouse, status: SchemaStatus) -> None:
    if status is SchemaStatus.NEWER:
        raise UpgradeError(
            Sentence(
                "the warehouse was made by a newer version of huizong (revision {revision}); "
                "install that version",
                revision=revision_of(connection),
            )
        )
    grants = grants_on_views(connection)
    if status is SchemaStatus.ABSENT:
        warehouse.tables.metadata.create_all(connection)
        command.stamp(_config(connection), "head")
    else:
        drop_views(connection)
        _stamp_first(connection)
        command.upgrade(_config(connection), "head")
        try:
            follow_definitions(connection, warehouse)
        except MigrationRequiredError as error:
            raise UpgradeError(
                Sentence(
                    "the warehouse cannot follow the definitions by itself: {error}. Either a newer "
                    "version of huizong made it: then install that one. Or a definition was changed: "
                    "then a revision must say what becomes of the data, see docs/extending.md, 'A "
                    "change that needs a revision'. Nothing was changed",
                    error=error,
                )
            ) from error
    refresh_masks(connection, warehouse)
    ensure_views(connection, warehouse)
    restore_grants(connection, grants)
    store_fingerprint(connection, warehouse)


def _stamp_first(connection: Connection) -> None:
    """Stamp a warehouse older than revisions with the first number."""
    if revision_of(connection) is not None:
        return
    if missing := sorted(FIRST_TABLES - set(inspect(connection).get_table_names())):
        raise UpgradeError(
            Sentence(
                "the warehouse is older than can be upgraded (it has no table '{missing}'); make "
                "it again from the archive with `huizong rebuild --replace`",
                missing=missing[0],
            )
        )
    command.stamp(_config(connection), FIRST_REVISION)


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def downgrade(engine: Engine, revision: str) -> None:
    """Take the fixed tables back to a revision, for tests; the next upgrade creates the views."""
    with _open_ddl_transaction(engine) as connection:
        drop_views(connection)
        command.downgrade(_config(connection), revision)


@contextmanager
def _open_ddl_transaction(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that may change tables.

    SQLite recreates a table that it cannot alter, which foreign keys would forbid: they are checked at the
    end.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(is_writer=True) as connection:
        driver: Any = connection.connection.driver_connection
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")  # has no effect within a transaction
        try:
            with connection.begin():
                if not is_sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = {round(LOCK_SECONDS * 1000)}"))
                yield connection
                if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise UpgradeError(
                        Sentence(
                            "a row of '{table}' would refer to none of '{target}'. Nothing was changed",
                            table=broken[0],
                            target=broken[2],
                        )
                    )
        finally:
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def _dependent_views_message(error: DBAPIError) -> str:
    detail = str(getattr(getattr(error.orig, "diag", None), "message_detail", "") or error.orig).replace(
        "\n", "; "
    )
    return Sentence(
        "others' views rest on ours, which have to be made again: {detail}. Drop those, "
        "run again, create them after",
        detail=detail,
    )


def _locked_message(engine: Engine) -> str:
    """Name the sessions that hold locks in this database, longest first, and what to do about them."""
    query = text(
        "SELECT DISTINCT a.pid, a.usename, coalesce(a.application_name, '') AS program, a.xact_start FROM pg_locks l "
        "JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation "
        "WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND l.granted AND c.relkind IN ('r', 'v') "
        "AND c.relnamespace = 'public'::regnamespace ORDER BY a.xact_start"
    )
    with engine.connect() as connection:
        holders = [
            f"{row.pid} ({row.usename} {row.program}".strip() + ")" for row in connection.execute(query)
        ]
    who = (
        Sentence("session {numbers}", numbers=", ".join(holders))
        if holders
        else Sentence("a session that has ended meanwhile")
    )
    return Sentence(
        "the warehouse cannot be upgraded while it is read: {who} kept it through {tries} "
        "tries. Close that program, or end it with SELECT pg_terminate_backend(number), "
        "and run again. Nothing was changed",
        who=who,
        tries=TRIES,
    )
