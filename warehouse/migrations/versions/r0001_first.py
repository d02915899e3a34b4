"""The fixed tables as they were before warehouses knew their revision. Ledgers' tables follow from the definitions."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, ForeignKey, Integer, Text

revision = "0001"
down_revision = None

SERIAL = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "units", Column("unit_code", Text, primary_key=True), Column("unit_name", Text, nullable=False)
    )
    op.create_table(
        "loads",
        Column("load_id", Integer, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False), Column("recorded_at", DateTime, nullable=False),
        Column("ruleset", Text, nullable=False), Column("log_entry", Text, nullable=False),
    )  # fmt: skip
    op.create_table(
        "inbox_files",
        Column("path", Text, primary_key=True),
        Column("size_bytes", BigInteger, nullable=False), Column("modified_ns", BigInteger, nullable=False),
        Column("sha256", Text, nullable=False), Column("received_at", DateTime, nullable=False),
        Column("load_id", Integer, ForeignKey("loads.load_id"), nullable=False),
    )  # fmt: skip
    op.create_index("ix_inbox_files_sha256", "inbox_files", ["sha256"])
    _submissions()
    _findings()
    _decisions_and_publications()


def _submissions() -> None:
    op.create_table(
        "submissions",
        Column("submission_id", Integer, primary_key=True, autoincrement=False),
        Column("load_id", Integer, ForeignKey("loads.load_id"), nullable=False),
        Column("unit_code", Text), Column("ledger", Text), Column("period", Text),
        Column("state", Text, nullable=False),
        Column("rows", Integer, nullable=False), Column("held_back", Integer, nullable=False),
        Column("sha256", Text, nullable=False), Column("source_file", Text, nullable=False),
        Column("source_sheet", Text, nullable=False), Column("source_columns", JSON, nullable=False),
        Column("received_at", DateTime, nullable=False), Column("is_judged_again", Boolean, nullable=False),
        Column("superseded_load", Integer, ForeignKey("loads.load_id")),
        Column("superseded_by", Integer, ForeignKey("submissions.submission_id")),
    )  # fmt: skip
    op.create_index("submissions_by_report", "submissions", ["ledger", "period", "unit_code"])
    op.create_index("submissions_by_file", "submissions", ["sha256"])


def _findings() -> None:
    op.create_table(
        "findings",
        Column("finding_id", SERIAL, primary_key=True, autoincrement=True),
        Column("load_id", Integer, ForeignKey("loads.load_id"), nullable=False),
        Column("submission_id", Integer, ForeignKey("submissions.submission_id")),
        Column("rule_id", Text, nullable=False), Column("severity", Text, nullable=False),
        Column("file", Text, nullable=False), Column("sheet", Text), Column("row", Integer), Column("column", Text),
        Column("cell", Text), Column("value", Text), Column("expected", Text), Column("message", Text, nullable=False),
        Column("at_stake_fen", BigInteger),
    )  # fmt: skip
    op.create_index("ix_findings_submission_id", "findings", ["submission_id"])


def _decisions_and_publications() -> None:
    op.create_table(
        "adjustments",
        Column("adjustment_id", Text, primary_key=True),
        Column("recorded_load", Integer, ForeignKey("loads.load_id"), primary_key=True),
        Column("retired_load", Integer, ForeignKey("loads.load_id")),
        *(Column(name, Text, nullable=False) for name in ("unit_code", "ledger", "period")),
        Column("entry", JSON, nullable=False), Column("rows", Integer),
    )  # fmt: skip
    op.create_table(
        "publications",
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("period", Text, nullable=False), Column("note", Text, nullable=False),
        Column("is_provisional", Boolean, nullable=False),
        Column("load_id", Integer, ForeignKey("loads.load_id"), nullable=False), Column("ruleset", Text, nullable=False),
        Column("published_at", DateTime, nullable=False), Column("log_entry", Text, nullable=False),
    )  # fmt: skip
    op.create_table(
        "published_figures",
        Column("number", Integer, ForeignKey("publications.number"), primary_key=True),
        Column("place", Integer, primary_key=True, autoincrement=False),
        Column("region_code", Text, nullable=False), Column("indicator_id", Text, nullable=False),
        Column("figure", JSON, nullable=False),
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first revision")
