"""Helpers for revisions."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect


def has_object(table: str, column: str | None = None) -> bool:
    """Return True if the table (and column) exists.

    A ledger may be newer than the warehouse being upgraded.
    """
    inspector = inspect(op.get_bind())
    if not inspector.has_table(table):
        return False
    return column is None or column in {existing["name"] for existing in inspector.get_columns(table)}
