"""Making a warehouse's tables fit this program: all of it in one transaction, so that a killed upgrade leaves what was.

Revisions (`warehouse.migrations`) bring what cannot be deduced; after them the definitions themselves say what is to be added.
The caller holds the run's lock.
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

from warehouse.figures.filters import Warehouse
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

#: a warehouse without a number that has these is as the first revision left it, or younger
FIRST_REVISION = "0001"
FIRST_TABLES = {
    "units", "loads", "inbox_files", "submissions", "findings", "adjustments", "publications", "published_figures",
}  # fmt: skip
#: PostgreSQL: a table that somebody reads cannot be changed, and while we wait for it nobody else can read it
LOCK_SECONDS, TRIES, PAUSE_SECONDS = 5.0, 6, 5.0
LOCK_NOT_AVAILABLE, OTHERS_DEPEND = "55P03", "2BP01"


def upgrade(engine: Engine, warehouse: Warehouse, form: SchemaStatus) -> None:
    """Make the tables and views, or bring them to what this program needs. Raises UpgradeRefused."""
    for left in reversed(range(TRIES)):
        try:
            with _changing(engine) as connection:
                return _upgrade(connection, warehouse, form)
        except DBAPIError as error:
            code = getattr(error.orig, "sqlstate", None)
            if code == OTHERS_DEPEND:
                raise UpgradeError(_others_depend(error)) from error
            if code != LOCK_NOT_AVAILABLE:
                raise
            if not left:
                raise UpgradeError(_is_held(engine)) from error
        time.sleep(PAUSE_SECONDS)


def _upgrade(connection: Connection, warehouse: Warehouse, form: SchemaStatus) -> None:
    if form is SchemaStatus.NEWER:
        raise UpgradeError(
            f"the warehouse was made by a newer version of huizong (revision {revision_of(connection)}); install that version"
        )
    granted = grants_on_views(connection)
    if form is SchemaStatus.ABSENT:
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
                f"the warehouse cannot follow the definitions by itself: {error}. Either a newer version of huizong made it: "
                "then install that one. Or a definition was changed: then a revision must say what becomes of the data, see "
                "docs/extending.md, 'A change that needs a revision'. Nothing was changed"
            ) from error
    ensure_views(connection, warehouse)
    restore_grants(connection, granted)
    store_fingerprint(connection, warehouse)


def _stamp_first(connection: Connection) -> None:
    """Give a warehouse from before revisions were counted its number."""
    if revision_of(connection) is not None:
        return
    if missing := sorted(FIRST_TABLES - set(inspect(connection).get_table_names())):
        raise UpgradeError(
            f"the warehouse is older than can be upgraded (it has no table '{missing[0]}'); make it anew from the archive with "
            "`huizong rebuild --replace`"
        )
    command.stamp(_config(connection), FIRST_REVISION)


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def downgrade(engine: Engine, revision: str) -> None:
    """Take the fixed tables back to a revision; the views are made by the next upgrade. For tests of revisions."""
    with _changing(engine) as connection:
        drop_views(connection)
        command.downgrade(_config(connection), revision)


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may change tables, of all it or nothing.

    SQLite makes a table that it cannot alter anew, which foreign keys would forbid: they are looked at once, at the end.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(is_writer=True) as connection:
        driver: Any = connection.connection.driver_connection
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")  # within a transaction it would do nothing
        try:
            with connection.begin():
                if not is_sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = {round(LOCK_SECONDS * 1000)}"))
                yield connection
                if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise UpgradeError(
                        f"a row of '{broken[0]}' would refer to none of '{broken[2]}'. Nothing was changed"
                    )
        finally:
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def _others_depend(error: DBAPIError) -> str:
    detail = str(getattr(getattr(error.orig, "diag", None), "message_detail", "") or error.orig).replace(
        "\n", "; "
    )
    return f"others' views rest on ours, which have to be made anew: {detail}. Drop those, run again, and make them anew after"


def _is_held(engine: Engine) -> str:
    """Whom to ask to let go: the sessions that hold something in this database, the one that waited longest first."""
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
    who = f"session {', '.join(holders)}" if holders else "a session that has ended meanwhile"
    return (
        f"the warehouse cannot be upgraded while it is read: {who} kept it through {TRIES} tries. Close that program, or end "
        "it with SELECT pg_terminate_backend(number), and run again. Nothing was changed"
    )
