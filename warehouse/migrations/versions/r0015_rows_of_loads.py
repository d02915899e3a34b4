"""Loads say how many rows they recorded, so that rows deleted since are found."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Column

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("loads", Column("recorded_rows", JSON))


def downgrade() -> None:
    op.drop_column("loads", "recorded_rows")
