"""Temporary tables of a load's connection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.schema import CreateTable, DropTable


def define_temporary(name: str, *columns: Column[Any]) -> Table:
    """Define a temporary table, without creating it."""
    return Table(f"stage_{name}", MetaData(), *columns, prefixes=["TEMPORARY"])


def create_empty(connection: Connection, table: Table) -> None:
    """Create a temporary table, replacing an existing one; the connection drops it at the latest."""
    connection.execute(DropTable(table, if_exists=True))
    connection.execute(CreateTable(table))
