"""The time limits that run, lapsed or were met late have a table."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Date, Integer, Text

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "deadlines",
        Column("submission_id", Integer, primary_key=True, autoincrement=False),
        Column("source_row", Integer, primary_key=True, autoincrement=False),
        Column("limit_id", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("unit_code", "unit_name", "ledger", "title", "source", "state")),
        Column("document_no", Text), Column("started_on", Date, nullable=False), Column("due_on", Date), Column("met_on", Date),
        Column("days_left", Integer), Column("amount_fen", BigInteger),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("deadlines")
