"""Rows with time limits are stored by their version alone, and limits without their texts; the next run fills both."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Date, Integer, Text

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.drop_table("deadline_rows")
    op.drop_table("deadlines")
    op.create_table(
        "deadlines",
        Column("kind_number", Integer, primary_key=True, autoincrement=False),
        Column("limit_id", Text, primary_key=True),
        Column("state", Text, nullable=False),
        Column("started_on", Date, nullable=False), Column("due_on", Date), Column("met_on", Date),
        Column("days_left", Integer), Column("percent", Integer),
    )  # fmt: skip
    op.create_table(
        "deadline_rows",
        Column("ledger", Text, primary_key=True),
        Column("version_id", BigInteger, primary_key=True, autoincrement=False),
        Column("kind_number", Integer, nullable=False),
    )
    op.execute("DELETE FROM kept WHERE name = 'deadlines'")


def downgrade() -> None:
    op.drop_table("deadline_rows")
    op.drop_table("deadlines")
    op.create_table(
        "deadlines",
        Column("kind_number", Integer, primary_key=True, autoincrement=False),
        Column("limit_id", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("title", "source", "state")),
        Column("started_on", Date, nullable=False), Column("due_on", Date), Column("met_on", Date),
        Column("days_left", Integer), Column("percent", Integer),
    )  # fmt: skip
    op.create_table(
        "deadline_rows",
        Column("submission_id", Integer, primary_key=True, autoincrement=False),
        Column("source_row", Integer, primary_key=True, autoincrement=False),
        Column("kind_number", Integer, primary_key=True, autoincrement=False),
        *(Column(name, Text, nullable=False) for name in ("unit_code", "unit_name", "ledger")),
        Column("document_no", Text), Column("owed_fen", BigInteger),
    )  # fmt: skip
    op.execute("DELETE FROM kept WHERE name = 'deadlines'")
