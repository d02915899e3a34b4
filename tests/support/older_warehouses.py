"""Warehouses as earlier or other programs left them, and descriptions of their schemas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, inspect, text

from flows.workspace import Workspace
from schemas.catalogue import ledgers
from schemas.ledgers.compiled import LedgerDefinition
from warehouse.engine import writing
from warehouse.migrations import upgrade
from warehouse.schema.tables import build_tables


def make_first_revision(workspace: Workspace) -> None:
    """Change a warehouse to the form before revisions had numbers: fewer tables, other indexes."""
    upgrade.downgrade(workspace.engine, "0001")
    with writing(workspace.engine) as connection:
        for name, table in workspace.tables.ledgers.items():
            for index in [index_ for index_ in table.indexes if "_by_" in str(index_.name)]:
                index.drop(connection)
            dated_by = workspace.ledgers[name].dated_by
            old_indexes = {
                "date": f"unit_code, {dated_by}",
                "report": "unit_code, period, retired_load",
                "key": "row_key",
            }
            for purpose, columns in old_indexes.items():
                connection.execute(text(f"CREATE INDEX {name}_by_{purpose} ON {name} ({columns})"))
        connection.execute(text("DROP TABLE alembic_version"))


def describe_schema(engine: Engine) -> dict[str, Any]:
    """Describe tables with columns, keys and indexes, and the views, sorted, as the database reports them."""
    inspector = inspect(engine)
    description: dict[str, Any] = {"views": sorted(inspector.get_view_names())}
    indexes, keys = inspector.get_multi_indexes(), inspector.get_multi_foreign_keys()
    primary = inspector.get_multi_pk_constraint()
    for table, columns in inspector.get_multi_columns().items():
        description[table[1]] = [
            sorted(
                (column["name"], str(column["type"]), column["nullable"], str(column.get("comment")))
                for column in columns
            ),
            sorted(
                (str(item["name"]), item["column_names"], bool(item["unique"]))
                for item in indexes.get(table, [])
            ),
            sorted((item["constrained_columns"], item["referred_table"]) for item in keys.get(table, [])),
            primary[table]["constrained_columns"],
        ]
    return description


def open_with_ledgers(workspace: Workspace, changed: dict[str, LedgerDefinition]) -> Workspace:
    """Open the same home by a program that has these ledgers."""
    reopened = Workspace(workspace.home, workspace.engine)
    reopened.ledgers, reopened.tables = changed, build_tables(changed)
    return reopened


def change_payments(**fields: Any) -> dict[str, LedgerDefinition]:
    """Return the ledgers with changed fields of the payments: another
    type, a new field, or None to remove it.
    """
    payments = ledgers()["payments"]
    fields_left = [field for field in payments.fields if fields.get(field.name, field) is not None]
    fields_left = [
        replace(field, type=fields[field.name]) if field.name in fields else field for field in fields_left
    ]
    added_fields = [
        replace(payments.field("kind"), name=name) for name in fields if name not in payments.field_names()
    ]
    return {**ledgers(), "payments": replace(payments, fields=(*fields_left, *added_fields))}
