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


def make_first(place: Workspace) -> None:
    """Take a warehouse back to what it was before revisions were counted: no number, fewer tables, other indexes."""
    upgrade.downgrade(place.engine, "0001")
    with writing(place.engine) as connection:
        for name, table in place.tables.ledgers.items():
            for index in [one for one in table.indexes if "_by_" in str(one.name)]:
                index.drop(connection)
            dated_by = place.ledgers[name].dated_by
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
    told: dict[str, Any] = {"views": sorted(inspector.get_view_names())}
    indexes, keys = inspector.get_multi_indexes(), inspector.get_multi_foreign_keys()
    primary = inspector.get_multi_pk_constraint()
    for table, columns in inspector.get_multi_columns().items():
        told[table[1]] = [
            sorted(
                (column["name"], str(column["type"]), column["nullable"], str(column.get("comment")))
                for column in columns
            ),
            sorted(
                (str(one["name"]), one["column_names"], bool(one["unique"]))
                for one in indexes.get(table, [])
            ),
            sorted((one["constrained_columns"], one["referred_table"]) for one in keys.get(table, [])),
            primary[table]["constrained_columns"],
        ]
    return told


def of_definitions(place: Workspace, changed: dict[str, LedgerDefinition]) -> Workspace:
    """The same home, opened by a program that has these ledgers."""
    other = Workspace(place.home, place.engine)
    other.ledgers, other.tables = changed, build_tables(changed)
    return other


def changed_payments(**fields: Any) -> dict[str, LedgerDefinition]:
    """The ledgers, the payments' fields changed so: another type, a further field (copied from the kind), None for gone."""
    payments = ledgers()["payments"]
    kept = [field for field in payments.fields if fields.get(field.name, field) is not None]
    kept = [replace(field, type=fields[field.name]) if field.name in fields else field for field in kept]
    further = [
        replace(payments.field("kind"), name=name) for name in fields if name not in payments.field_names()
    ]
    return {**ledgers(), "payments": replace(payments, fields=(*kept, *further))}
