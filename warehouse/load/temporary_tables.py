"""Temporary tables of a load's connection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from warehouse.written_once import write_once


def define_temporary(name: str, *columns: Column[Any]) -> Table:
    """Define a temporary table, without creating it."""
    return Table(f"stage_{name}", MetaData(), *columns, prefixes=["TEMPORARY"])


def create_empty(connection: Connection, table: Table) -> None:
    """Create a temporary table, replacing an existing one; the connection drops it at the latest."""
    drop_table(connection, table)
    connection.exec_driver_sql(write_once(connection.dialect, CreateTable, table))


def drop_table(connection: Connection, table: Table) -> None:
    """Drop a temporary table, if it is there."""
    connection.exec_driver_sql(write_once(connection.dialect, _drop, table))


def create_indexes(connection: Connection, table: Table) -> None:
    """Create the indexes of a temporary table, once it is filled."""
    for index in table.indexes:
        connection.exec_driver_sql(write_once(connection.dialect, CreateIndex, index))


def _drop(table: Table) -> DropTable:
    return DropTable(table, if_exists=True)
