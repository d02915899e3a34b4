"""The table of a ledger: every version of its rows, when it was recorded and when it was retired.

Ledger tables are SCD type 2: nothing is overwritten. A version of a row is valid from the load that
recorded it (`recorded_load`) to the load that retired it (`retired_load`, null while current). Loads are
numbered in commit order, so "as of a moment" is "as of the last load before it". Which of several
submissions' rows with one key counts (survivorship: `is_counted`, `claimed_load`) is part of the version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.masking import masked_column, masked_fields
from warehouse.schema.mart_tables import OF_NO_CONTENT

SQL_TYPES: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "category": Text(),
    "categories": Text(),
    "date": Date(),
    "money": BigInteger(),
    "integer": BigInteger(),
    "number": Double(),
    "boolean": Boolean(),
    "uscc": Text(),
    "identity_no": Text(),
    "document_no": Text(),
}

#: auto-increments on both SQLite (rowid) and PostgreSQL (identity)
SERIAL = BigInteger().with_variant(Integer(), "sqlite")


def find_looked_up(ledgers: Mapping[str, LedgerDefinition], ledger: LedgerDefinition) -> list[str]:
    """List the columns by which rows of a ledger are looked up from its own and from other ledgers."""
    referring = {field.refers_to for other in ledgers.values() for field in other.fields}
    return [
        field.compared_by
        for field in ledger.fields
        if field.refers_to or (field.is_number and f"{ledger.name}.{field.name}" in referring)
    ]


def ledger_table(
    metadata: MetaData, name: str, ledger: LedgerDefinition, looked_up: Sequence[str]
) -> Table:
    """Define the table of a ledger: every version of its rows; `looked_up` columns get an index."""
    fields = [Column(column, SQL_TYPES[kind.kind]) for column, kind in ledger.stored_columns().items()]
    is_retired = text("retired_load IS NOT NULL")
    return Table(
        name, metadata,
        Column("version_id", SERIAL, primary_key=True, autoincrement=True),
        Column("row_key", Text, nullable=False),
        Column("unit_code", Text, nullable=False), Column("period", Text, nullable=False),
        *fields,
        *_masked_columns(ledger),
        Column("handling_rank", SmallInteger, nullable=False),
        Column("claimed_load", Integer, nullable=False, comment="since when this unit has reported this key"),
        Column("is_counted", Boolean, nullable=False, comment="false where another submission's row of the key counts"),
        Column("submission_id", ForeignKey("submissions.submission_id"), nullable=False),
        Column("source_row", Integer, nullable=False),
        Column("recorded_load", Integer, nullable=False),
        Column("recorded_by", Integer, nullable=False, comment="the submission that brought it, or turned whether it counts"),
        Column("retired_load", Integer),
        Column("retired_by", Integer, comment="the submission that retired it, or turned whether it counts"),
        *_uniqueness(name),
        # lets a query skip the versions outside a period from the index alone
        Index(f"{name}_by_date", "unit_code", ledger.dated_by, "is_counted", "retired_load", "recorded_load"),
        Index(f"{name}_by_report", "unit_code", "period", "retired_load", ledger.dated_by),
        Index(f"{name}_by_key", "row_key", "unit_code", "period"),
        *(Index(f"{name}_by_{column}", column) for column in looked_up),
        Index(f"{name}_recorded", "recorded_load", "is_counted"),
        # partial: otherwise SQLite underestimates the number of current rows
        Index(f"{name}_ended", "retired_load", "row_key", sqlite_where=is_retired, postgresql_where=is_retired),
    )  # fmt: skip


def _masked_columns(ledger: LedgerDefinition) -> list[Column[Any]]:
    """The texts as views show them, computed by `warehouse.load.masking`.

    They follow from the row and the masking policies, so they are no content: neither a checksum nor the
    comparison of a row with its earlier version reads them.
    """
    return [Column(masked_column(field), Text, info=OF_NO_CONTENT) for field, _ in masked_fields(ledger)]


def _uniqueness(name: str) -> list[Index]:
    """Unique indexes against two current versions of one row, and one key counted twice."""
    is_current, is_counted = text("retired_load IS NULL"), text("retired_load IS NULL AND is_counted")
    key = ("row_key", "unit_code", "period")
    return [
        Index(f"{name}_standing", *key, unique=True, sqlite_where=is_current, postgresql_where=is_current),
        Index(
            f"{name}_counted", "row_key", unique=True, sqlite_where=is_counted, postgresql_where=is_counted
        ),
    ]
