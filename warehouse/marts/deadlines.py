"""What the time limits are computed from, and their materialised table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Text, delete, select, type_coerce

from schemas.deadlines import TimeLimit
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.masking import masked_column
from warehouse.frames import insert_frame, read_frame
from warehouse.schema.as_of import AsOf, row_current_at
from warehouse.schema.refresh_state import DEADLINES, refresh_state
from warehouse.schema.tables import Tables

SOURCE = ("unit_code", "submission_id", "source_row")
#: pandas types by kind of field; others are objects
DTYPES = {"date": "datetime64[s]", "money": "Int64", "integer": "Int64"}


def read_limited_rows(as_of: AsOf, limits: Iterable[TimeLimit]) -> dict[str, pd.DataFrame]:
    """Read the counted rows of every ledger that the limits name, with the fields that they need.

    `=field` is a field's value as rows are compared by it, `#field` a number as views show it.
    """
    fields: dict[str, dict[str, None]] = {}
    numbers: dict[str, dict[str, None]] = {}
    documents: dict[str, dict[str, None]] = {}
    kinds = {"shown": documents, "number": numbers}
    for _key, ledger, field, need in (use for limit in limits for use in limit.uses()):
        kinds.get(need, fields).setdefault(ledger, {})[field] = None
    return {
        name: read_fields(
            as_of,
            as_of.warehouse.ledgers[name],
            list(fields.get(name, ())),
            documents.get(name, ()),
            numbers.get(name, ()),
        )
        for name in dict.fromkeys([*fields, *numbers])
    }


def read_fields(
    as_of: AsOf,
    ledger: LedgerDefinition,
    names: list[str],
    documents: Iterable[str],
    numbers: Iterable[str] = (),
) -> pd.DataFrame:
    """Read these fields of the counted rows of a ledger, as `read_limited_rows` does."""
    table = as_of.ledger(ledger.name)
    kinds = {name: DTYPES[kind] for name in names if (kind := ledger.field(name).type.kind) in DTYPES}
    # pandas parses the text of SQLite's days at once, SQLAlchemy each by itself
    days = [
        name
        for name in names
        if as_of.connection.dialect.name == "sqlite" and ledger.field(name).type.kind == "date"
    ]
    columns: dict[str, Any] = {name: table.c[name] for name in (*SOURCE, *names)}
    columns |= {name: type_coerce(table.c[name], Text) for name in days}
    columns |= {f"={name}": table.c[f"{name}_key"] for name in numbers}
    columns |= {f"#{name}": table.c[masked_column(ledger.field(name))] for name in documents}
    query = select(*(column.label(f"column_{number}") for number, column in enumerate(columns.values())))
    query = query.where(row_current_at(table, as_of.load_id), table.c.is_counted.is_(True))
    frame = read_frame(as_of.connection, query.order_by(table.c.version_id), columns, dtype=object)
    return frame.astype(kinds)


def replace_deadlines(
    connection: Connection, tables: Tables, deadlines: pd.DataFrame, rows: pd.DataFrame
) -> None:
    """Replace all limits by kind, and the rows of each, within the caller's transaction."""
    for table, frame in ((tables.marts.deadlines, deadlines), (tables.marts.deadline_rows, rows)):
        connection.execute(delete(table))
        insert_frame(connection, table, frame)


def stored_deadlines_are_of(as_of: AsOf, today: date) -> bool:
    """Return whether the stored limits are those of this load and day."""
    state = refresh_state(as_of.connection, as_of.tables, DEADLINES)
    return (
        state is not None and state.load_id == as_of.load_id and (state.as_of or "").startswith(f"{today}")
    )


def read_stored_lapsed(as_of: AsOf, limit_ids: Iterable[str]) -> pd.DataFrame:
    """Read unit, document, limit and last day of every row whose limit has lapsed, as stored."""
    limits, rows = as_of.tables.marts.deadlines.c, as_of.tables.marts.deadline_rows.c
    query = select(limits.kind_number, limits.limit_id, limits.due_on).where(
        limits.state == "lapsed", limits.limit_id.in_(list(limit_ids))
    )
    lapsed = read_frame(as_of.connection, query, ["kind_number", "limit_id", "due_on"])
    names = ["unit_code", "document_no", "kind_number"]
    listed = read_frame(as_of.connection, select(*(rows[name] for name in names)), names)
    lapsed = lapsed.astype({"due_on": "datetime64[s]", "kind_number": "int64"})
    return listed.astype({"kind_number": "int64"}).merge(lapsed, on="kind_number", validate="m:m")
