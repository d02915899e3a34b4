"""Who has reported what is known by its report, not by its place in a list, so that single months can be made anew."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Date, DateTime, Integer, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_table("coverage")  # it follows from the rest and is made anew by the next run
    op.create_table(
        "coverage",
        *(Column(name, Text, primary_key=True) for name in ("period", "unit_code", "ledger")),
        *(Column(name, Text, nullable=False) for name in ("unit_name", "state")),
        Column("due_on", Date), Column("received_at", Text),
        *(Column(name, Integer) for name in ("days_late", "submission_id", "rows", "held_back")),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("coverage")
    op.create_table(
        "coverage",
        Column("place", Integer, primary_key=True, autoincrement=False),
        *(Column(name, Text, nullable=False) for name in ("unit_code", "unit_name", "ledger", "period", "state")),
        Column("due_on", Date), Column("received_at", Text),
        *(Column(name, Integer) for name in ("days_late", "submission_id", "rows", "held_back")),
        Column("load_id", Integer, nullable=False), Column("made_at", DateTime(timezone=False), nullable=False),
    )  # fmt: skip
    op.execute("DELETE FROM kept WHERE name = 'coverage'")
