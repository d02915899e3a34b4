"""What views show of the definitions and of the figures that loads moved has tables of its own."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Double, Integer, Text

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "figure_changes",
        Column("load_id", Integer, primary_key=True, autoincrement=False),
        *(Column(name, Text, primary_key=True) for name in ("period", "indicator_id", "region_code")),
        *(Column(name, Text, nullable=False) for name in ("title", "unit", "display_before", "display_after")),
        Column("value_before", Double), Column("value_after", Double),
    )  # fmt: skip
    op.create_table(
        "indicator_texts",
        Column("indicator_id", Text, primary_key=True),
        Column("place", Integer, nullable=False), Column("adds_up", Boolean, nullable=False),
        *(
            Column(name, Text, nullable=False)
            for name in ("theme", "title", "unit", "display", "scope", "definition", "rule", "legal_source", "ledgers", "fields")
        ),
    )  # fmt: skip
    op.create_table(
        "ledger_texts",
        Column("ledger", Text, primary_key=True), Column("field_count", Integer, nullable=False),
        *(Column(name, Text, nullable=False) for name in ("title", "row_is", "natural_key", "dated_by", "view_name")),
    )  # fmt: skip


def downgrade() -> None:
    for name in ("ledger_texts", "indicator_texts", "figure_changes"):
        op.drop_table(name)
