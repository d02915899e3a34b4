"""Submissions that wait for confirmation: what their form says, when their file first came, and the keys of their rows."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, Text

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("submissions") as submissions:
        submissions.add_column(Column("delivery", Text))
        submissions.add_column(Column("arrived_load", Integer))
    op.create_table(
        "awaiting_rows",
        Column("submission_id", Integer, ForeignKey("submissions.submission_id"), primary_key=True),
        Column("row_key", Text, primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("awaiting_rows")
    with op.batch_alter_table("submissions") as submissions:
        submissions.drop_column("arrived_load")
        submissions.drop_column("delivery")
