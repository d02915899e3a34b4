"""Checksums of a warehouse's content, equal for equal content on any database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from warehouse.schema.mart_tables import is_content
from warehouse.schema.tables import Tables

#: numbers that the database assigns
ASSIGNED_NUMBERS = {"version_id", "finding_id"}
ROWS_AT_ONCE = 10_000


def checksums(connection: Connection, tables: Tables) -> dict[str, str]:
    """Compute a digest of each content table's rows, whatever their order."""
    content = [table for table in tables.metadata.sorted_tables if is_content(table)]
    return {table.name: _checksum(connection, table) for table in content}


def _checksum(connection: Connection, table: Any) -> str:
    columns = [
        column for column in table.columns if is_content(column) and column.name not in ASSIGNED_NUMBERS
    ]
    pages = connection.execute(select(*columns).execution_options(yield_per=ROWS_AT_ONCE)).partitions()
    return digest_rows(row for page in pages for row in page)


def digest_rows(rows: Iterable[Sequence[Any]]) -> str:
    """Compute a digest of rows, whatever their order."""
    total, count = 0, 0
    for row in rows:
        row_json = json.dumps(list(row), ensure_ascii=False, sort_keys=True, default=_to_json)
        total += int.from_bytes(hashlib.sha256(row_json.encode()).digest(), "big")
        count += 1
    return hashlib.sha256(f"{count} {total % (1 << 256)}".encode()).hexdigest()


def _to_json(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a checksum")
