"""What becomes of the values of rows that an incoming submission has too: emptied, or all by one factor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, case, func, select

from schemas.ledgers.compiled import LedgerField
from schemas.reporting.replacement import ValueChange
from warehouse.load.sent_rows import ROW_IDENTITY
from warehouse.load.staging import StagedLedger

#: digits of a factor between two amounts that are compared
FACTOR_DIGITS = 6


def read_value_changes(
    connection: Connection, staged: StagedLedger, ledger: Table, incoming: FromClause, is_current: Any
) -> dict[int, list[ValueChange]]:
    """Read by submission, for each field, how many values of current rows it has no more."""
    fields = [field for field in staged.definition.fields if field.name in ledger.c]
    rows = staged.rows
    is_same = and_(*(ledger.c[name] == rows.c[name] for name in ROW_IDENTITY))
    source = incoming.join(ledger, is_current).join(
        rows, and_(is_same, rows.c.submission_id == incoming.c.submission_id)
    )
    counts = [column for field in fields for column in _count_values(field, ledger, rows)]
    query = select(incoming.c.submission_id, *counts).select_from(source).group_by(incoming.c.submission_id)
    factors = _read_factors(connection, fields, ledger, rows, source, incoming)
    columns = staged.reports.set_index("submission_id")["source_columns"]
    changes = {}
    for number, *numbers in connection.execute(query):
        present = columns[number]
        changes[int(number)] = [
            ValueChange(field.name, filled, emptied, *factors.get((number, field.name), (1.0, 0, 0)))
            for field, filled, emptied in zip(fields, numbers[::2], numbers[1::2], strict=True)
            if not _is_filled_by_default(field, present)
        ]
    return changes


def _count_values(field: LedgerField, ledger: Table, rows: Table) -> list[ColumnElement[int]]:
    """Count the values of current rows, and those that the staged rows lack; a default is no value."""
    before, after = ledger.c[field.name], rows.c[field.name]
    if field.default is None:
        is_filled, is_empty = before.is_not(None), after.is_(None)
    else:
        is_filled, is_empty = before != field.default, after == field.default
    return [
        func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
        for condition in (is_filled, and_(is_filled, is_empty))
    ]


def _is_filled_by_default(field: LedgerField, present: Mapping[str, str] | Any) -> bool:
    """Whether the default may stand in the cells: only a missing column shows that it does not."""
    return field.default is not None and isinstance(present, Mapping) and field.name in present


def _read_factors(
    connection: Connection,
    fields: Collection[LedgerField],
    ledger: Table,
    rows: Table,
    source: FromClause,
    incoming: FromClause,
) -> dict[tuple[int, str], tuple[float, int, int]]:
    """Read by submission and amount the commonest factor, its rows, and all rows with both amounts."""
    factors: dict[tuple[int, str], tuple[float, int, int]] = {}
    for field in fields:
        if field.type.kind != "money":
            continue
        before, after = ledger.c[field.name], rows.c[field.name]
        query = (
            select(incoming.c.submission_id, before.label("before"), after.label("after"))
            .select_from(source)
            .where(before.is_not(None), after.is_not(None), before != 0, after != 0)
        )
        amounts = pd.DataFrame(
            [tuple(row) for row in connection.execute(query)], columns=["submission_id", "before", "after"]
        )
        ratios = (amounts["after"].astype(float) / amounts["before"].astype(float)).round(FACTOR_DIGITS)
        for number, group in ratios.groupby(amounts["submission_id"]):
            counts = group.value_counts()
            factors[int(number), field.name] = float(counts.index[0]), int(counts.iloc[0]), len(group)
    return factors
