"""A checksum over what a warehouse holds: equal for two warehouses of the same content, on whatever database they lie."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from warehouse.schema.tables import Tables

#: numbers that a database gives by itself
GIVEN_NUMBERS = {"version_id", "finding_id"}
ROWS_AT_ONCE = 10_000


def checksums(connection: Connection, tables: Tables) -> dict[str, str]:
    """By table of content, a digest of its rows in any order."""
    content = [table for table in tables.metadata.sorted_tables if table.info.get("is_content", True)]
    return {table.name: _checksum(connection, table) for table in content}


def _checksum(connection: Connection, table: Any) -> str:
    columns = [column for column in table.columns if column.name not in GIVEN_NUMBERS]
    total, count = 0, 0
    for rows in connection.execute(select(*columns).execution_options(yield_per=ROWS_AT_ONCE)).partitions():
        for row in rows:
            told = json.dumps(list(row), ensure_ascii=False, sort_keys=True, default=_plain)
            total += int.from_bytes(hashlib.sha256(told.encode()).digest(), "big")
        count += len(rows)
    return hashlib.sha256(f"{count} {total % (1 << 256)}".encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a checksum")
