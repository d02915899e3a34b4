"""What the time limits are computed from, and their materialised table."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection, delete, select

from schemas.deadlines import TimeLimit
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.masking import masked_column
from warehouse.frames import insert_frame, read_frame
from warehouse.schema.as_of import AsOf, row_current_at
from warehouse.schema.tables import Tables

SOURCE = ("unit_code", "submission_id", "source_row")
#: pandas types by kind of field; others are objects
DTYPES = {"date": "datetime64[s]", "money": "Int64", "integer": "Int64"}


def read_limited_rows(as_of: AsOf, limits: Iterable[TimeLimit]) -> dict[str, pd.DataFrame]:
    """Read the counted rows of every ledger that the limits name, with the fields that they need.

    `=field` is a field's value as rows are compared by it, `#field` a number as views show it.
    """
    limits = list(limits)
    fields: dict[str, dict[str, None]] = {}
    for ledger, field in (pair for limit in limits for pair in limit.fields()):
        fields.setdefault(ledger, {})[field] = None
    documents: dict[str, dict[str, None]] = {}
    for limit in limits:
        documents.setdefault(limit.ledger, {})[limit.document] = None
    return {
        name: read_fields(as_of, as_of.warehouse.ledgers[name], list(names), documents.get(name, ()))
        for name, names in fields.items()
    }


def read_fields(
    as_of: AsOf, ledger: LedgerDefinition, names: list[str], documents: Iterable[str]
) -> pd.DataFrame:
    """Read these fields of the counted rows of a ledger, as `read_limited_rows` does."""
    table = as_of.ledger(ledger.name)
    numbers = [name for name in names if f"{name}_key" in table.c]
    columns = {name: table.c[name] for name in (*SOURCE, *names)}
    columns |= {f"={name}": table.c[f"{name}_key"] for name in numbers}
    columns |= {f"#{name}": table.c[masked_column(ledger.field(name))] for name in documents}
    query = select(*(column.label(f"column_{number}") for number, column in enumerate(columns.values())))
    query = query.where(row_current_at(table, as_of.load_id), table.c.is_counted.is_(True))
    frame = read_frame(as_of.connection, query.order_by(table.c.version_id), columns, dtype=object)
    kinds = {name: DTYPES[kind] for name in names if (kind := ledger.field(name).type.kind) in DTYPES}
    return frame.astype(kinds)


def replace_deadlines(connection: Connection, tables: Tables, deadlines: pd.DataFrame) -> None:
    """Replace all rows, within the caller's transaction."""
    table = tables.marts.deadlines
    connection.execute(delete(table))
    insert_frame(connection, table, deadlines)
