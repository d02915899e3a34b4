"""What a warehouse's tables lack of the definitions: what only adds follows by itself, the rest needs a revision.

Alembic compares. It does not see primary keys, and of an index not its condition: whoever changes that names the index anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops
from sqlalchemy import Connection, Inspector, Table, inspect

from warehouse.figures.filters import Warehouse

#: by these a table is known as a ledger's, whatever it is called
LEDGER_COLUMNS = {"version_id", "row_key", "claimed_load", "recorded_load", "retired_load"}
ADDITIONS = (
    ops.CreateTableOp,
    ops.CreateIndexOp,
    ops.DropIndexOp,
    ops.CreateTableCommentOp,
    ops.DropTableCommentOp,
)


class MigrationRequiredError(Exception):
    """The definitions ask for what cannot be deduced: each of `problems` names a table and a column."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems))


def follow_definitions(connection: Connection, warehouse: Warehouse) -> int:
    """Add what the definitions have and the warehouse lacks; how many operations. Raises NotAddition before the first."""
    context, steps = compare_schemas(connection, warehouse)
    problems = [*_strange_ledgers(connection, warehouse), *_other_keys(connection, warehouse)]
    problems += [told for step in steps if (told := _problem(step))]
    if problems:
        raise MigrationRequiredError(problems)
    operations = Operations(context)
    for step in steps:
        operations.invoke(step)
    return len(steps)


def compare_schemas(
    connection: Connection, warehouse: Warehouse
) -> tuple[MigrationContext, list[ops.MigrateOperation]]:
    """What would make the warehouse's tables those of the definitions, and the context in which to do it."""
    context = _context(connection, warehouse)
    found = produce_migrations(context, warehouse.tables.metadata).upgrade_ops
    return context, list(_steps(found.ops if found else ()))


def _context(connection: Connection, warehouse: Warehouse) -> MigrationContext:
    """Alembic's comparison, limited to our tables: others may lie in the same database."""
    ours = warehouse.tables.metadata.tables

    def is_name_ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or name in ours

    def is_ours(one: Any, name: str | None, kind: str, is_reflected: bool, counterpart: Any) -> bool:
        is_strange_index = kind == "index" and is_reflected and counterpart is None
        return not is_strange_index or str(name).startswith((f"{one.table.name}_", f"ix_{one.table.name}_"))

    options = {"compare_type": True, "include_name": is_name_ours, "include_object": is_ours}
    return MigrationContext.configure(connection, opts=options)


def _steps(found: Iterable[ops.MigrateOperation]) -> Iterator[ops.MigrateOperation]:
    """Single operations; Alembic hands those of a table over together."""
    for one in found:
        yield from _steps(one.ops) if isinstance(one, ops.OpContainer) else [one]


def _problem(step: ops.MigrateOperation) -> str | None:
    """Why an operation does not merely add; None where it does."""
    if isinstance(step, ADDITIONS):
        return None
    if isinstance(step, ops.AddColumnOp):
        told = f"'{step.table_name}' lacks the column '{step.column.name}', which must not be empty"
        return None if step.column.nullable else told
    if isinstance(step, ops.DropColumnOp):
        return f"'{step.table_name}' has a column '{step.column_name}' that no definition has"
    if isinstance(step, ops.AlterColumnOp):
        return _problem_of_column(step)
    name = getattr(step, "table_name", None) or getattr(step, "source_table", "")
    return f"'{name}' has other constraints than by definition ({type(step).__name__})"


def _problem_of_column(step: ops.AlterColumnOp) -> str | None:
    where = f"the column '{step.column_name}' of '{step.table_name}'"
    if step.modify_type is not None:
        return f"{where} is {step.existing_type} and by definition {step.modify_type}"
    if step.modify_nullable is not None:
        return f"{where} {'must not' if step.existing_nullable is False else 'may'} be empty, unlike by definition"
    return None  # a comment


def _strange_ledgers(connection: Connection, warehouse: Warehouse) -> Iterator[str]:
    for (_, name), columns in inspect(connection).get_multi_columns().items():
        if (
            name not in warehouse.tables.metadata.tables
            and {column["name"] for column in columns} >= LEDGER_COLUMNS
        ):
            yield f"'{name}' is the table of a ledger that no definition has"


def _other_keys(connection: Connection, warehouse: Warehouse) -> Iterator[str]:
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    for table in warehouse.tables.metadata.sorted_tables:
        if table.name in there and (told := _other_key(inspector, table)):
            yield told


def _other_key(inspector: Inspector, table: Table) -> str | None:
    kept, defined = (
        inspector.get_pk_constraint(table.name)["constrained_columns"],
        [one.name for one in table.primary_key],
    )
    return (
        f"the key of '{table.name}' is {', '.join(kept)} and by definition {', '.join(defined)}"
        if kept != defined
        else None
    )
