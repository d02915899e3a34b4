"""What is kept for report tools came: figures, sources as they may be shown, the rules' sentences and the dictionary."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "kept",
        Column("name", Text, primary_key=True), Column("fingerprint", Text, nullable=False),
        Column("load_id", Integer, nullable=False), Column("as_of", Text),
    )  # fmt: skip
    op.create_table(
        "figures",
        *(Column(name, Text, primary_key=True) for name in ("indicator_id", "region_code", "period")),
        *(Column(name, Text, nullable=False) for name in ("title", "unit", "region_name", "display")),
        Column("value", Double), Column("numerator", Double), Column("denominator", BigInteger),
        Column("units_expected", Integer, nullable=False), Column("units_reported", Integer, nullable=False),
        Column("is_provisional", Boolean, nullable=False),
    )  # fmt: skip
    op.create_index("figures_by_period", "figures", ["period", "indicator_id"])
    op.create_table(
        "shown_sources",
        Column("submission_id", Integer, primary_key=True, autoincrement=False),
        Column("source_file", Text, nullable=False), Column("source_sheet", Text, nullable=False),
    )  # fmt: skip
    op.create_table(
        "rule_texts",
        Column("rule_id", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("field", "field_kind", "header", "expected", "message")),
    )  # fmt: skip
    told = ("view_title", "column_name", "title", "meaning", "unit", "type", "source")
    op.create_table(
        "dictionary",
        Column("view_name", Text, primary_key=True), Column("place", Integer, primary_key=True, autoincrement=False),
        *(Column(name, Text, nullable=False) for name in told),
    )  # fmt: skip


def downgrade() -> None:
    for name in ("dictionary", "rule_texts", "shown_sources", "figures", "kept"):
        op.drop_table(name)
