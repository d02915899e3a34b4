"""Publications may be of figures from before this system existed, which rest on no load."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Integer, false

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("publications") as publications:
        publications.alter_column("load_id", existing_type=Integer(), nullable=True)
        publications.add_column(Column("is_imported", Boolean, nullable=False, server_default=false()))


def downgrade() -> None:
    with op.batch_alter_table("publications") as publications:
        publications.drop_column("is_imported")
        publications.alter_column("load_id", existing_type=Integer(), nullable=False)
