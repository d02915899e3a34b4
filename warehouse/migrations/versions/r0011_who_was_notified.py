"""A notification remembers whom it reached, so that one dead address does not make the others hear it again."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Column

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("notices", Column("reached", JSON))


def downgrade() -> None:
    op.drop_column("notices", "reached")
