"""A quick check, made by every command, that a warehouse has the tables of this program.

The last upgrade stored a fingerprint of the definitions. Only if it differs are the tables themselves
compared (`warehouse.migrations.upgrade`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, column, delete, insert, inspect, select, table

from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.errors import WarehouseError
from warehouse.load.masking import masking_fingerprint
from warehouse.schema.tables import Warehouse

MIGRATIONS = resources.files("warehouse.migrations")
#: Alembic's table with the number of the last revision
REVISION_TABLE = table("alembic_version", column("version_num"))


class SchemaStatus(Enum):
    """Whether a warehouse has this program's tables; the value is the message for one that does not."""

    CURRENT = ""
    ABSENT = Sentence("there is no warehouse in {home} yet; run `huizong nightly` first")
    OLDER = Sentence(
        "the warehouse of {home} was made by other definitions or an earlier version; run `huizong nightly` to upgrade it"
    )
    NEWER = Sentence(
        "the warehouse of {home} was made by a newer version of huizong than this one; install that version"
    )


class UpgradeError(WarehouseError):
    """The warehouse cannot be upgraded; the message says why and what to do. Nothing was changed."""


def schema_status(engine: Engine, warehouse: Warehouse) -> SchemaStatus:
    """Compare the stored fingerprint with this program's, without inspecting columns."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return SchemaStatus.ABSENT  # connecting would create the file
    with reading(engine) as connection:
        existing = set(inspect(connection).get_table_names())
        if not existing & set(warehouse.tables.metadata.tables):
            return SchemaStatus.ABSENT
        stored = warehouse.tables.schema_form
        if stored.name in existing and connection.scalar(select(stored.c.fingerprint)) == fingerprint(
            warehouse
        ):
            return SchemaStatus.CURRENT
        return (
            SchemaStatus.OLDER
            if revision_of(connection) in {None, *known_revisions()}
            else SchemaStatus.NEWER
        )


def revision_of(connection: Connection) -> str | None:
    """Read the last revision applied; None if the warehouse is older than revisions."""
    if not inspect(connection).has_table(REVISION_TABLE.name):
        return None
    revision: str | None = connection.scalar(select(REVISION_TABLE.c.version_num))
    return revision


def known_revisions() -> list[str]:
    """List the revision numbers in order, from file names (`r0002_….py`): importing Alembic is slow."""
    files = (MIGRATIONS / "versions").iterdir()
    return sorted(
        file.name[1:5] for file in files if file.name.startswith("r") and file.name.endswith(".py")
    )


def store_fingerprint(connection: Connection, warehouse: Warehouse) -> None:
    """Record that the tables fit these definitions."""
    stored = warehouse.tables.schema_form
    connection.execute(delete(stored))
    connection.execute(insert(stored).values(fingerprint=fingerprint(warehouse)))


def fingerprint(warehouse: Warehouse) -> str:
    """Hash the revisions, the tables and the masking policies."""
    return _hash(
        warehouse.tables.metadata, masking_fingerprint(warehouse.ledgers), tuple(known_revisions())
    )


@lru_cache(maxsize=4)
def _hash(tables: MetaData, masking: str, revisions: Sequence[str]) -> str:
    """Hash what makes a fingerprint; cached, as each command needs it at least twice."""
    hash_input: dict[str, Any] = {
        name: list(_describe_table(table_)) for name, table_ in tables.tables.items()
    }
    hash_input |= {"masking": masking, "revisions": revisions}
    return hashlib.sha256(json.dumps(hash_input, sort_keys=True).encode()).hexdigest()


def _describe_table(table_: Table) -> Iterator[tuple[Any, ...]]:
    for column_ in table_.columns:
        refers_to = [key.target_fullname for key in column_.foreign_keys]
        yield (
            column_.name,
            column_.type.__visit_name__,
            column_.nullable,
            column_.primary_key,
            column_.comment or "",
            refers_to,
        )
    for index in sorted(table_.indexes, key=lambda index: index.name or ""):
        where = str(index.dialect_options["sqlite"]["where"])
        yield index.name, [column_.name for column_ in index.columns], bool(index.unique), where
