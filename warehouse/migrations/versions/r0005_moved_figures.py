"""A kept figure tells with which load it became what it is, so that copies for readers can follow."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("figures", Column("made_load", Integer, nullable=False, server_default="0"))
    op.create_index("figures_by_load", "figures", ["made_load"])


def downgrade() -> None:
    op.drop_index("figures_by_load", "figures")
    op.drop_column("figures", "made_load")
