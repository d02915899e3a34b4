"""Differences between a warehouse's tables and the definitions.

Additions are applied, and masks of fields that have none any more are dropped; others need a revision.

Alembic compares. It ignores primary keys (checked here) and the condition of an index: to change that,
rename the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops
from sqlalchemy import Connection, Inspector, Table, inspect

from schemas.ledgers.masking import MASKED_SUFFIX
from schemas.sentences import Sentence
from warehouse.errors import WarehouseError
from warehouse.schema.tables import Warehouse

#: the columns that every ledger table has, whatever its name
LEDGER_COLUMNS = {"version_id", "row_key", "claimed_load", "recorded_load", "retired_load"}
ADDITIONS = (
    ops.CreateTableOp,
    ops.CreateIndexOp,
    ops.DropIndexOp,
    ops.CreateTableCommentOp,
    ops.DropTableCommentOp,
)


class MigrationRequiredError(WarehouseError):
    """The definitions need a change that cannot be deduced.

    Each of `problems` names a table and a column.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(Sentence("{problems}", problems=tuple(self.problems)))


def follow_definitions(connection: Connection, warehouse: Warehouse) -> int:
    """Apply the missing additions; return their number.

    Raises MigrationRequiredError before the first change.
    """
    context, steps = compare_schemas(connection, warehouse)
    problems = [*_find_unknown_ledgers(connection, warehouse), *_find_changed_keys(connection, warehouse)]
    problems += [problem for step in steps if (problem := _explain_problem(step))]
    if problems:
        raise MigrationRequiredError(problems)
    operations = Operations(context)
    for step in steps:
        operations.invoke(step)
    return len(steps)


def compare_schemas(
    connection: Connection, warehouse: Warehouse
) -> tuple[MigrationContext, list[ops.MigrateOperation]]:
    """Return the operations that turn the tables into those of the definitions, and their context."""
    context = _context(connection, warehouse)
    script = produce_migrations(context, warehouse.tables.metadata).upgrade_ops
    return context, list(_flatten(script.ops if script else ()))


def _context(connection: Connection, warehouse: Warehouse) -> MigrationContext:
    """Configure Alembic's comparison for this project's tables only: the database may hold others."""
    our_tables = warehouse.tables.metadata.tables

    def is_name_ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or name in our_tables

    def is_ours(item: Any, name: str | None, kind: str, is_reflected: bool, counterpart: Any) -> bool:
        is_foreign_index = kind == "index" and is_reflected and counterpart is None
        return not is_foreign_index or str(name).startswith(
            (f"{item.table.name}_", f"ix_{item.table.name}_")
        )

    options = {"compare_type": True, "include_name": is_name_ours, "include_object": is_ours}
    return MigrationContext.configure(connection, opts=options)


def _flatten(operations: Iterable[ops.MigrateOperation]) -> Iterator[ops.MigrateOperation]:
    """Flatten operations, which Alembic groups by table."""
    for operation in operations:
        yield from _flatten(operation.ops) if isinstance(operation, ops.OpContainer) else [operation]


def _explain_problem(step: ops.MigrateOperation) -> str | None:
    """Explain why an operation is not an addition; None if it is."""
    if isinstance(step, ADDITIONS):
        return None
    if isinstance(step, ops.AddColumnOp):
        problem = Sentence(
            "'{table_name}' lacks the column '{name}', which must not be empty",
            table_name=step.table_name,
            name=step.column.name,
        )
        return None if step.column.nullable else problem
    if isinstance(step, ops.DropColumnOp):
        if step.column_name.endswith(MASKED_SUFFIX):
            return None  # a mask follows from its field: there is nothing to lose
        return Sentence(
            "'{table_name}' has a column '{column_name}' that no definition has",
            table_name=step.table_name,
            column_name=step.column_name,
        )
    if isinstance(step, ops.AlterColumnOp):
        return _explain_column_problem(step)
    name = getattr(step, "table_name", None) or getattr(step, "source_table", "")
    return Sentence(
        "'{name}' has other constraints than by definition ({kind})", name=name, kind=type(step).__name__
    )


def _explain_column_problem(step: ops.AlterColumnOp) -> str | None:
    where = Sentence(
        "the column '{column_name}' of '{table_name}'",
        column_name=step.column_name,
        table_name=step.table_name,
    )
    if step.modify_type is not None:
        return Sentence(
            "{where} is {existing_type} and by definition {modify_type}",
            where=where,
            existing_type=step.existing_type,
            modify_type=step.modify_type,
        )
    if step.modify_nullable is not None:
        if step.existing_nullable is False:
            return Sentence("{where} must not be empty, unlike by definition", where=where)
        return Sentence("{where} may be empty, unlike by definition", where=where)
    return None  # only a comment differs


def _find_unknown_ledgers(connection: Connection, warehouse: Warehouse) -> Iterator[str]:
    for (_, name), columns in inspect(connection).get_multi_columns().items():
        if (
            name not in warehouse.tables.metadata.tables
            and {column["name"] for column in columns} >= LEDGER_COLUMNS
        ):
            yield Sentence("'{name}' is the table of a ledger that no definition has", name=name)


def _find_changed_keys(connection: Connection, warehouse: Warehouse) -> Iterator[str]:
    inspector = inspect(connection)
    existing = set(inspector.get_table_names())
    for table in warehouse.tables.metadata.sorted_tables:
        if table.name in existing and (problem := _explain_key_problem(inspector, table)):
            yield problem


def _explain_key_problem(inspector: Inspector, table: Table) -> str | None:
    actual, defined = (
        inspector.get_pk_constraint(table.name)["constrained_columns"],
        [column.name for column in table.primary_key],
    )
    return (
        Sentence(
            "the key of '{name}' is {actual} and by definition {defined}",
            name=table.name,
            actual=", ".join(actual),
            defined=", ".join(defined),
        )
        if actual != defined
        else None
    )
