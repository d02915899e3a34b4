"""The adjustments in effect, by load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select, update

from schemas.adjustments import SUBMISSION_KINDS, Adjustment
from warehouse.load.comparison import Decisions
from warehouse.schema.as_of import AsOf, row_current_at
from warehouse.schema.tables import Tables

COLUMNS = ["adjustment_id", "unit_code", "ledger", "period", "entry", "rows"]


def current_adjustments(connection: Connection, tables: Tables) -> list[dict[str, Any]]:
    """Read COLUMNS of the entries in effect since the last load."""
    table = tables.adjustments
    query = (
        select(*(table.c[name] for name in COLUMNS))
        .where(table.c.retired_load.is_(None))
        .order_by(table.c.adjustment_id)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def adjustments_of_load(as_of: AsOf) -> list[dict[str, Any]]:
    """Read COLUMNS of the entries that were in effect as of a load."""
    table = as_of.tables.adjustments
    query = (
        select(*(table.c[name] for name in COLUMNS))
        .where(row_current_at(table, as_of.load_id))
        .order_by(table.c.adjustment_id)
    )
    return [dict(row._mapping) for row in as_of.connection.execute(query)]


def recorded_loads(connection: Connection, tables: Tables) -> dict[str, int]:
    """Read since which load each entry is in effect, by id."""
    table = tables.adjustments
    query = select(table.c.adjustment_id, table.c.recorded_load).where(table.c.retired_load.is_(None))
    return {row.adjustment_id: row.recorded_load for row in connection.execute(query)}


def record_adjustments(
    connection: Connection,
    tables: Tables,
    adjustments: Sequence[Adjustment],
    adjusted: pd.DataFrame,
    load_id: int,
) -> None:
    """Record the entries in effect from a load on, retiring others.

    `adjusted` holds the rows each took effect in.
    """
    table = tables.adjustments
    current_ids = {adjustment["adjustment_id"] for adjustment in current_adjustments(connection, tables)}
    by_id = {adjustment.adjustment_id: adjustment for adjustment in adjustments}
    if removed := sorted(current_ids - by_id.keys()):
        is_removed = table.c.adjustment_id.in_(removed) & table.c.retired_load.is_(None)
        connection.execute(update(table).where(is_removed).values(retired_load=load_id))
    if new := [by_id[name] for name in by_id if name not in current_ids]:
        connection.execute(insert(table), [
            {"adjustment_id": entry.adjustment_id, "recorded_load": load_id, "unit_code": entry.unit, "ledger": entry.ledger,
             "period": entry.period, "entry": entry.as_entry()} for entry in new
        ])  # fmt: skip
    for effect in adjusted.drop_duplicates("adjustment_id", keep="last").to_dict("records"):
        is_entry = (table.c.adjustment_id == effect["adjustment_id"]) & table.c.retired_load.is_(None)
        connection.execute(update(table).where(is_entry).values(rows=int(effect["rows"])))


def count_effects(
    connection: Connection,
    tables: Tables,
    decisions: Iterable[Decisions],
    replayed: Collection[tuple[str, str, str]],
) -> None:
    """Record on how many submissions the bureau's confirmations and withdrawals took effect.

    In a `replayed` report (unit, ledger, month) an entry that took effect on none is not needed.
    """
    table = tables.adjustments
    effects = Counter(
        outcome.adjustment.adjustment_id
        for decided in decisions
        for outcome in decided.outcomes.values()
        if outcome.adjustment
    )
    for entry in current_adjustments(connection, tables):
        is_replayed = (entry["unit_code"], entry["ledger"], entry["period"]) in replayed
        name = entry["adjustment_id"]
        if entry["entry"]["kind"] in SUBMISSION_KINDS and (name in effects or is_replayed):
            is_entry = (table.c.adjustment_id == name) & table.c.retired_load.is_(None)
            connection.execute(update(table).where(is_entry).values(rows=effects[name]))
