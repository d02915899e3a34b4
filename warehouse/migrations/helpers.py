"""What a revision asks of the warehouse that it changes."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect


def has_object(table: str, column: str | None = None) -> bool:
    """Whether the warehouse has this table (with this column): a ledger may be younger than the warehouse that is upgraded."""
    inspector = inspect(op.get_bind())
    if not inspector.has_table(table):
        return False
    return column is None or column in {get_column["name"] for get_column in inspector.get_columns(table)}
