"""Whether a warehouse has the tables of this program: asked by every command, so told by one fingerprint.

The last upgrade wrote it down. Only where it is another one are the tables themselves looked at (`warehouse.upgrade`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, column, delete, insert, inspect, select, table

from warehouse.engine import reading
from warehouse.figures.filters import Warehouse

MIGRATIONS = resources.files("warehouse.migrations")
#: where Alembic keeps the number of the last revision
REVISION_TABLE = table("alembic_version", column("version_num"))


class SchemaStatus(Enum):
    """What the tables of a warehouse are to this program; the value says so of one that it cannot read yet."""

    CURRENT = ""
    ABSENT = "there is no warehouse in {home} yet; run `huizong nightly` first"
    OLDER = "the warehouse of {home} was made by other definitions or an earlier version; run `huizong nightly` to upgrade it"
    NEWER = (
        "the warehouse of {home} was made by a newer version of huizong than this one; install that version"
    )


class UpgradeError(Exception):
    """The warehouse cannot be made to fit this program; the message says why and what to do. Nothing was changed."""


def schema_status(engine: Engine, warehouse: Warehouse) -> SchemaStatus:
    """What the warehouse is to this program, without a look at its tables' columns."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return SchemaStatus.ABSENT  # asking would make the file
    with reading(engine) as connection:
        there = set(inspect(connection).get_table_names())
        if not there & set(warehouse.tables.metadata.tables):
            return SchemaStatus.ABSENT
        kept = warehouse.tables.schema_form
        if kept.name in there and connection.scalar(select(kept.c.fingerprint)) == fingerprint(warehouse):
            return SchemaStatus.CURRENT
        return (
            SchemaStatus.OLDER
            if revision_of(connection) in {None, *known_revisions()}
            else SchemaStatus.NEWER
        )


def revision_of(connection: Connection) -> str | None:
    """The last revision that the warehouse went through; None where it was made before revisions were counted."""
    if not inspect(connection).has_table(REVISION_TABLE.name):
        return None
    found: str | None = connection.scalar(select(REVISION_TABLE.c.version_num))
    return found


def known_revisions() -> list[str]:
    """The numbers of the revisions, in order, by the names of their files (`r0002_….py`): to import Alembic takes a while."""
    files = (MIGRATIONS / "versions").iterdir()
    return sorted(
        file.name[1:5] for file in files if file.name.startswith("r") and file.name.endswith(".py")
    )


def store_fingerprint(connection: Connection, warehouse: Warehouse) -> None:
    """Write down that the tables fit these definitions."""
    kept = warehouse.tables.schema_form
    connection.execute(delete(kept))
    connection.execute(insert(kept).values(fingerprint=fingerprint(warehouse)))


def fingerprint(warehouse: Warehouse) -> str:
    """Another one as soon as a revision, a table or what a view may show of it is another."""
    told: dict[str, Any] = dict(_all_described(warehouse.tables.metadata))
    told["private"] = {
        name: [field.name for field in ledger.fields if field.private]
        for name, ledger in warehouse.ledgers.items()
    }
    told["revisions"] = known_revisions()
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=4)
def _all_described(tables: MetaData) -> dict[str, Any]:
    """Each command asks at least twice, and tables that were defined stay as they are."""
    return {name: list(_described(one)) for name, one in tables.tables.items()}


def _described(one: Table) -> Iterator[tuple[Any, ...]]:
    for each in one.columns:
        refers_to = [key.target_fullname for key in each.foreign_keys]
        yield (
            each.name,
            each.type.__visit_name__,
            each.nullable,
            each.primary_key,
            each.comment or "",
            refers_to,
        )
    for index in sorted(one.indexes, key=lambda index: index.name or ""):
        where = str(index.dialect_options["sqlite"]["where"])
        yield index.name, [each.name for each in index.columns], bool(index.unique), where
