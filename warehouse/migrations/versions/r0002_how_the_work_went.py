"""Coverage, the record of runs and notices came; and the warehouse knows which form its tables have.

Some of them may be there: warehouses were made between the first revision and the day on which they got a number.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, DateTime, Integer, Text

revision = "0002"
down_revision = "0001"

SERIAL = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "coverage",
        Column("place", Integer, primary_key=True, autoincrement=False),
        *(Column(name, Text, nullable=False) for name in ("unit_code", "unit_name", "ledger", "period", "state")),
        Column("due_on", Date), Column("received_at", Text), Column("days_late", Integer), Column("submission_id", Integer),
        Column("rows", Integer), Column("held_back", Integer),
        Column("load_id", Integer, nullable=False), Column("made_at", DateTime, nullable=False),
        if_not_exists=True,
    )  # fmt: skip
    op.create_table(
        "runs",
        Column("run_id", SERIAL, primary_key=True, autoincrement=True),
        Column("kind", Text, nullable=False), Column("subject", Text, nullable=False),
        Column("host", Text, nullable=False), Column("process_id", Integer, nullable=False),
        Column("started_at", DateTime, nullable=False), Column("ended_at", DateTime), Column("outcome", Text),
        Column("load_id", Integer), Column("is_whole_look", Boolean),
        if_not_exists=True,
    )  # fmt: skip
    op.create_table(
        "notices",
        Column("occasion", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("event", "title", "body")),
        Column("counts", JSON, nullable=False), Column("noticed_at", DateTime, nullable=False), Column("sent_at", DateTime),
        if_not_exists=True,
    )  # fmt: skip
    op.create_table("schema_form", Column("fingerprint", Text, primary_key=True), if_not_exists=True)


def downgrade() -> None:
    for name in ("schema_form", "notices", "runs", "coverage"):
        op.drop_table(name)
