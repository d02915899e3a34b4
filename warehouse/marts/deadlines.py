"""The materialised table of the time limits: once for each kind of rows, and the rows of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    cast,
    collate,
    delete,
    func,
    insert,
    literal,
    select,
)

from schemas.deadlines import TimeLimit
from schemas.ledgers.masking import masked_column
from warehouse.frames import insert_frame, read_frame
from warehouse.marts.deadline_kinds import Kinds, rank_kinds
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import DEADLINES, refresh_state
from warehouse.schema.tables import Tables


def number_kinds(as_of: AsOf, limits: Mapping[str, Sequence[TimeLimit]]) -> dict[str, Kinds]:
    """Replace the rows that may have limits, numbered by kind."""
    rows = as_of.tables.marts.deadline_rows
    as_of.connection.execute(delete(rows))
    last_number = 0
    for ledger, of_ledger in limits.items():
        ranked = rank_kinds(as_of, ledger, of_ledger)
        query = select(literal(ledger), ranked.c.version_id, ranked.c.kind_number + last_number)
        as_of.connection.execute(insert(rows).from_select(["ledger", "version_id", "kind_number"], query))
        last_number = as_of.connection.scalar(select(func.max(rows.c.kind_number))) or 0
    return {ledger: select(rows).where(rows.c.ledger == ledger).subquery() for ledger in limits}


def replace_deadlines(connection: Connection, tables: Tables, spans: pd.DataFrame) -> None:
    """Replace all limits by kind, and leave of the rows that `number_kinds` numbered those that have one."""
    listed, rows = tables.marts.deadlines, tables.marts.deadline_rows
    connection.execute(delete(listed))
    insert_frame(connection, listed, spans)
    connection.execute(delete(rows).where(rows.c.kind_number.not_in(select(listed.c.kind_number))))


def stored_deadlines_are_of(as_of: AsOf, today: date) -> bool:
    """Return whether the stored limits are those of this load and day."""
    state = refresh_state(as_of.connection, as_of.tables, DEADLINES)
    return (
        state is not None and state.load_id == as_of.load_id and (state.as_of or "").startswith(f"{today}")
    )


def read_stored_lapsed(
    as_of: AsOf, limits: Mapping[str, Sequence[TimeLimit]]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each limit with unit and last day of the rows whose limit has lapsed, as stored: how many they
    are (`count`), and the first of their documents.
    """
    for ledger, of_ledger in limits.items():
        rows = _read_lapsed(as_of, ledger, of_ledger[0].document)
        last_days = {
            together: dict(limit.split(" ") for limit in together.split(","))
            for together in rows["lapsed"].unique()
        }
        for limit in of_ledger:
            days = {together: of_limits.get(limit.limit_id) for together, of_limits in last_days.items()}
            due_on = rows["lapsed"].map(days).astype("datetime64[s]")
            if due_on.notna().any():
                yield limit.limit_id, rows.assign(due_on=due_on)[due_on.notna()]


def _read_lapsed(as_of: AsOf, ledger: str, document: str) -> pd.DataFrame:
    """Read how many rows each unit has on which the same limits have lapsed on the same days, and the first
    document among them. `lapsed` lists the limits, each with its day.
    """
    listed, kinds = as_of.tables.marts.deadlines.c, as_of.tables.marts.deadline_rows
    table = as_of.ledger(ledger)
    number: ColumnElement[str] = table.c[masked_column(as_of.warehouse.ledgers[ledger].field(document))]
    day: ColumnElement[str] = cast(listed.due_on, Text)
    if as_of.connection.dialect.name == "postgresql":  # whose settings say how a day is written
        day = func.to_char(listed.due_on, "YYYY-MM-DD")
        number = collate(number, "C")
    of_kinds = (
        select(listed.kind_number, func.aggregate_strings(listed.limit_id + " " + day, ",").label("lapsed"))
        .where(listed.state == "lapsed")
        .group_by(listed.kind_number)
        .cte("of_kinds")
    )
    query = (
        select(table.c.unit_code, func.min(number), of_kinds.c.lapsed, func.count())
        .join_from(kinds, of_kinds, of_kinds.c.kind_number == kinds.c.kind_number)
        .join(table, table.c.version_id == kinds.c.version_id)
        .where(kinds.c.ledger == ledger)
        .group_by(table.c.unit_code, of_kinds.c.lapsed)
    )
    columns = ["unit_code", "document_no", "lapsed", "count"]
    return read_frame(as_of.connection, query, columns, dtype=object).astype({"count": "int64"})
