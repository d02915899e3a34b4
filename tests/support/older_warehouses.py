"""Warehouses as earlier or other programs left them, and how they look."""

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


def make_first(workspace: Workspace) -> None:
    """Take a warehouse back to what it was before revisions were counted: no number, fewer tables, other indexes."""
    upgrade.downgrade(workspace.engine, "0001")
    with writing(workspace.engine) as connection:
        for name, table in workspace.tables.ledgers.items():
            for index in [index_ for index_ in table.indexes if "_by_" in str(index_.name)]:
                index.drop(connection)
            dated_by = workspace.ledgers[name].dated_by
            of_old = {
                "date": f"unit_code, {dated_by}",
                "report": "unit_code, period, retired_load",
                "key": "row_key",
            }
            for what, columns in of_old.items():
                connection.execute(text(f"CREATE INDEX {name}_by_{what} ON {name} ({columns})"))
        connection.execute(text("DROP TABLE alembic_version"))


def schema(engine: Engine) -> dict[str, Any]:
    """Tables with columns, keys and indexes, and the views, as the database tells them, in no order."""
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


def of_definitions(workspace: Workspace, changed: dict[str, LedgerDefinition]) -> Workspace:
    """The same home, opened by a program that has these ledgers."""
    other = Workspace(workspace.home, workspace.engine)
    other.ledgers, other.tables = changed, build_tables(changed)
    return other


def changed_payments(**fields: Any) -> dict[str, LedgerDefinition]:
    """The ledgers, the payments' fields changed so: another type, a further field (copied from the kind), None for gone."""
    payments = ledgers()["payments"]
    fields_left = [field for field in payments.fields if fields.get(field.name, field) is not None]
    fields_left = [
        replace(field, type=fields[field.name]) if field.name in fields else field for field in fields_left
    ]
    added_fields = [
        replace(payments.field("kind"), name=name) for name in fields if name not in payments.field_names()
    ]
    return {**ledgers(), "payments": replace(payments, fields=(*fields_left, *added_fields))}
