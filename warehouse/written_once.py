"""Aliases of tables and statements about them that are written once, however often they are executed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, FromClause, Index, Table, insert
from sqlalchemy.sql.ddl import ExecutableDDLElement

#: aliases of one process that are kept
ALIASES_KEPT = 500


@lru_cache(maxsize=ALIASES_KEPT)
def alias_once(table: Table, name: str) -> FromClause:
    """Return the alias of a table by a name; making its columns takes longer than many a query.

    A query must not have two of one name, one within the other: they would be one.
    """
    return table.alias(name)


def write_once(
    dialect: Dialect, write: Callable[[Any], ExecutableDDLElement], element: Table | Index
) -> str:
    """Return the statement that `write`, a function of a module, makes of a table or index."""
    return _remember(element, (write, dialect.name), lambda: str(write(element).compile(dialect=dialect)))


def write_insert_once(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    """Return the statement that inserts a row with these columns."""
    return _remember(
        table,
        (insert, dialect.name, columns),
        lambda: str(insert(table).compile(dialect=dialect, column_keys=list(columns))),
    )


def _remember(element: Table | Index, key: Hashable, make: Callable[[], str]) -> str:
    """Keep what is written with the table or index itself, so that it goes with it."""
    known = element.info
    if key not in known:
        known[key] = make()
    return str(known[key])
