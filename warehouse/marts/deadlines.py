"""The materialised table of the time limits: once for each kind of rows, and the rows of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    Text,
    delete,
    func,
    insert,
    literal,
    select,
)

from schemas.deadlines import TimeLimit
from schemas.ledgers.masking import masked_column
from warehouse.frames import insert_frame, read_frame
from warehouse.load.temporary_tables import create_empty, define_temporary
from warehouse.marts.deadline_kinds import Kinds, rank_kinds
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import DEADLINES, refresh_state
from warehouse.schema.tables import Tables

#: the rows that may have limits, by kind
KINDS = define_temporary(
    "kinds", Column("ledger", Text), Column("version_id", BigInteger), Column("kind_number", Integer)
)


def number_kinds(as_of: AsOf, limits: Mapping[str, Sequence[TimeLimit]]) -> dict[str, Kinds]:
    """Number the rows of each ledger by kind, for the caller's transaction."""
    create_empty(as_of.connection, KINDS)
    last_number = 0
    for ledger, of_ledger in limits.items():
        ranked = rank_kinds(as_of, ledger, of_ledger)
        rows = select(literal(ledger), ranked.c.version_id, ranked.c.kind_number + last_number)
        as_of.connection.execute(insert(KINDS).from_select(KINDS.columns.keys(), rows))
        last_number = as_of.connection.scalar(select(func.max(KINDS.c.kind_number))) or 0
    return {ledger: select(KINDS).where(KINDS.c.ledger == ledger).subquery() for ledger in limits}


def replace_deadlines(connection: Connection, tables: Tables, spans: pd.DataFrame) -> None:
    """Replace all limits by kind, and the rows of each, which `number_kinds` numbered."""
    listed, rows = tables.marts.deadlines, tables.marts.deadline_rows
    for table in (listed, rows):
        connection.execute(delete(table))
    insert_frame(connection, listed, spans)
    numbered = select(KINDS).where(KINDS.c.kind_number.in_(select(listed.c.kind_number)))
    connection.execute(insert(rows).from_select(KINDS.columns.keys(), numbered))


def stored_deadlines_are_of(as_of: AsOf, today: date) -> bool:
    """Return whether the stored limits are those of this load and day."""
    state = refresh_state(as_of.connection, as_of.tables, DEADLINES)
    return (
        state is not None and state.load_id == as_of.load_id and (state.as_of or "").startswith(f"{today}")
    )


def read_stored_lapsed(
    as_of: AsOf, limits: Mapping[str, Sequence[TimeLimit]]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each limit with unit, document and last day of the rows whose limit has lapsed, as stored."""
    listed, kinds = as_of.tables.marts.deadlines.c, as_of.tables.marts.deadline_rows
    query = select(listed.kind_number, listed.limit_id, listed.due_on).where(listed.state == "lapsed")
    spans = read_frame(as_of.connection, query, ["kind_number", "limit_id", "due_on"])
    last_days = {
        limit_id: of_limit.set_index("kind_number")["due_on"].astype("datetime64[s]")
        for limit_id, of_limit in spans.groupby("limit_id")
    }
    for ledger, of_ledger in limits.items():
        lapsed = [limit.limit_id for limit in of_ledger if limit.limit_id in last_days]
        if not lapsed:
            continue
        table, definition = as_of.ledger(ledger), as_of.warehouse.ledgers[ledger]
        document = table.c[masked_column(definition.field(of_ledger[0].document))]
        query = (
            select(table.c.unit_code, document, kinds.c.kind_number)
            .join_from(kinds, table, table.c.version_id == kinds.c.version_id)
            .where(kinds.c.ledger == ledger)
        )
        rows = read_frame(
            as_of.connection, query, ["unit_code", "document_no", "kind_number"], dtype=object
        )
        rows = rows.astype({"unit_code": "category", "kind_number": "int64"})
        for limit_id in lapsed:
            of_limit = rows.assign(due_on=rows["kind_number"].map(last_days[limit_id]))
            yield limit_id, of_limit[of_limit["due_on"].notna()]
