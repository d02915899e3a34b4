"""Rows that a load brings, new or unchanged, and where they stand in its files.

An unchanged row keeps its version, and with it the place where it stood first. What is said about such a row
has to be said to those who sent it again, at the place where it stands now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Table,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
)

from warehouse.load.temporary_tables import create_empty, define_temporary

#: the versions of a ledger that a load recorded or holds unchanged; `is_new`: it recorded them
SENT = define_temporary(
    "sent",
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("submission_id", Integer),
    Column("source_row", Integer),
    Column("is_new", Boolean),
)
#: unique among current rows
ROW_IDENTITY = ("row_key", "unit_code", "period")


def fill_sent(connection: Connection, ledger: Table, staged: Sequence[Table], load_id: int) -> None:
    """Fill SENT with the current versions of a ledger that the load recorded or that staged rows, merged in
    this order, hold unchanged.
    """
    create_empty(connection, SENT)
    names, is_current = SENT.columns.keys(), ledger.c.retired_load.is_(None)
    columns = [ledger.c[name] for name in names[:-1]]
    new = select(*columns, literal(value=True)).where(is_current, ledger.c.recorded_load == load_id)
    connection.execute(insert(SENT).from_select(names, new))
    for rows in staged:
        if not _holds_unchanged(connection, rows):
            continue
        is_same = and_(*(rows.c[name] == ledger.c[name] for name in ROW_IDENTITY))
        held = (
            select(
                ledger.c.version_id,
                rows.c.submission_id,
                rows.c.source_row,
                ledger.c.recorded_load == load_id,
            )
            .join_from(rows, ledger, is_same)
            .where(is_current, ledger.c.submission_id != rows.c.submission_id)
        )
        moved = held.with_only_columns(ledger.c.version_id, maintain_column_froms=True)
        connection.execute(delete(SENT).where(SENT.c.version_id.in_(moved)))
        connection.execute(insert(SENT).from_select(names, held))


def _holds_unchanged(connection: Connection, rows: Table) -> bool:
    """Whether any staged submission has rows that the load did not record; mostly none has."""
    staged, new = (
        select(table.c.submission_id, func.count().label("rows")).group_by(table.c.submission_id).subquery()
        for table in (rows, SENT)
    )
    query = (
        select(staged.c.submission_id)
        .outerjoin(new, new.c.submission_id == staged.c.submission_id)
        .where(staged.c.rows > func.coalesce(new.c.rows, 0))
    )
    return connection.execute(query.limit(1)).first() is not None


def is_sent(rows: FromClause) -> ColumnElement[bool]:
    """Return the filter for versions in SENT."""
    return rows.c.version_id.in_(select(SENT.c.version_id))


def position(rows: FromClause, name: str) -> ColumnElement[int]:
    """Return the `submission_id` or `source_row` of a version, as it was sent last."""
    return func.coalesce(_of_sent(rows, name), rows.c[name])


def is_new(rows: FromClause) -> ColumnElement[bool]:
    """Return whether the load recorded a version, null if it does not hold it at all."""
    return _of_sent(rows, "is_new")


def _of_sent(rows: FromClause, name: str) -> ColumnElement[Any]:
    return select(SENT.c[name]).where(SENT.c.version_id == rows.c.version_id).scalar_subquery()
