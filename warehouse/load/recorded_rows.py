"""How many rows a load recorded in each ledger: rows are retired by later loads, but never deleted."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, literal, select, union_all, update

from warehouse.schema.tables import Tables


def store_row_counts(connection: Connection, tables: Tables, load_id: int) -> None:
    """Store with a load how many rows it recorded, by ledger; call it when all are recorded."""
    counts = union_all(
        *(
            select(literal(name), func.count()).select_from(table).where(table.c.recorded_load == load_id)
            for name, table in tables.ledgers.items()
        )
    )
    recorded = {name: count for name, count in connection.execute(counts) if count}
    loads = tables.loads
    connection.execute(update(loads).where(loads.c.load_id == load_id).values(recorded_rows=recorded))


def find_missing_rows(connection: Connection, tables: Tables) -> Iterator[tuple[str, int, int, int]]:
    """Return ledger and load where another number of rows is there than the load recorded, and both numbers.

    Loads of earlier versions stored none and are not compared.
    """
    loads = tables.loads
    stored = {
        row.load_id: row.recorded_rows
        for row in connection.execute(select(loads.c.load_id, loads.c.recorded_rows))
        if row.recorded_rows is not None
    }
    for name, table in tables.ledgers.items():
        query = select(table.c.recorded_load, func.count()).group_by(table.c.recorded_load)
        there = {row[0]: row[1] for row in connection.execute(query)}
        for load_id, recorded in stored.items():
            if recorded.get(name, 0) != there.get(load_id, 0):
                yield name, load_id, recorded.get(name, 0), there.get(load_id, 0)
