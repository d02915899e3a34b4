"""Definitions of staging tables: each is made once, so that the queries of it are written once, too."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Boolean, Column, Index, Table, Text

from warehouse.load.staging_backends import PostgresStaging, SqliteStaging

#: in a process that makes many loads
DEFINITIONS_KEPT = 500


@lru_cache(maxsize=DEFINITIONS_KEPT)
def define_like(
    backend: type[PostgresStaging | SqliteStaging], name: str, table: Table, without: tuple[str, ...]
) -> Table:
    """Define a staging table with the columns of a table."""
    columns = (Column(column.name, column.type) for column in table.columns if column.name not in without)
    return _with_index(backend.define(name, *columns))


@lru_cache(maxsize=DEFINITIONS_KEPT)
def define_quarantine(backend: type[PostgresStaging | SqliteStaging], name: str) -> Table:
    """Define the staging table of quarantined keys."""
    columns = (Column(column, Text) for column in ("row_key", "unit_code", "period"))
    return _with_index(backend.define(name, *columns, Column("is_waiver_revoked", Boolean)))


def _with_index(table: Table) -> Table:
    """Define the index of a table of rows."""
    if "row_key" in table.c:
        Index(f"{table.name}_by_key", table.c.row_key)
    return table
