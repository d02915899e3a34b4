"""Which corrections and waivers a load was judged by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select, update

from schemas.adjustments import Adjustment
from warehouse.schema.tables import Tables

COLUMNS = ["adjustment_id", "unit_code", "ledger", "period", "entry", "rows"]


def current_adjustments(connection: Connection, tables: Tables) -> list[dict[str, Any]]:
    """The entries that the last load was judged by: COLUMNS."""
    table = tables.adjustments
    query = (
        select(*(table.c[name] for name in COLUMNS))
        .where(table.c.retired_load.is_(None))
        .order_by(table.c.adjustment_id)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def record_adjustments(
    connection: Connection,
    tables: Tables,
    adjustments: Sequence[Adjustment],
    adjusted: pd.DataFrame,
    load_id: int,
) -> None:
    """Let these entries stand from a load on, and no others; `adjusted` says in how many rows each took effect."""
    table = tables.adjustments
    standing = {adjustment["adjustment_id"] for adjustment in current_adjustments(connection, tables)}
    given = {adjustment.adjustment_id: adjustment for adjustment in adjustments}
    if gone := sorted(standing - given.keys()):
        is_gone = table.c.adjustment_id.in_(gone) & table.c.retired_load.is_(None)
        connection.execute(update(table).where(is_gone).values(retired_load=load_id))
    if new := [given[name] for name in given if name not in standing]:
        connection.execute(insert(table), [
            {"adjustment_id": one.adjustment_id, "recorded_load": load_id, "unit_code": one.unit, "ledger": one.ledger,
             "period": one.period, "entry": one.model_dump(mode="json")} for one in new
        ])  # fmt: skip
    for one in adjusted.drop_duplicates("adjustment_id", keep="last").to_dict("records"):
        is_it = (table.c.adjustment_id == one["adjustment_id"]) & table.c.retired_load.is_(None)
        connection.execute(update(table).where(is_it).values(rows=int(one["rows"])))
