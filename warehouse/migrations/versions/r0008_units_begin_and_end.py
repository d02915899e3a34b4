"""Units begin, end and follow each other, below cities and provinces: the warehouse knows the region table.

The next run fills the table.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Date, Integer, Text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "regions",
        Column("region_code", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("region_name", "level")),
        Column("parent_code", Text),
        *(Column(name, Date) for name in ("valid_from", "valid_to")),
        *(Column(name, Text) for name in ("successor", "last_month")),
        Column("line", Text, nullable=False),
        Column("followers", Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("regions")
