"""What is kept for readers can be made anew in parts: coverage is known by its report, and figures keep their sums."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Double, Integer, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _forget()
    op.create_table(
        "coverage",
        *(Column(name, Text, primary_key=True) for name in ("period", "unit_code", "ledger")),
        *(Column(name, Text, nullable=False) for name in ("unit_name", "state")),
        *_of_a_report(),
    )
    sums = (Column(name, BigInteger, nullable=False) for name in ("numerator_sum", "denominator_sum"))
    _create_figures(*sums, Column("units_heard", Integer, nullable=False))


def downgrade() -> None:
    _forget()
    op.create_table(
        "coverage",
        Column("place", Integer, primary_key=True, autoincrement=False),
        *(Column(name, Text, nullable=False) for name in ("unit_code", "unit_name", "ledger", "period", "state")),
        *_of_a_report(),
        Column("load_id", Integer, nullable=False), Column("made_at", DateTime(timezone=False), nullable=False),
    )  # fmt: skip
    _create_figures()


def _forget() -> None:
    """Both follow from the rest and are made anew by the next run."""
    op.drop_table("coverage")
    op.drop_table("figures")
    op.execute("DELETE FROM kept WHERE name IN ('coverage', 'figures')")


def _of_a_report() -> tuple[Column[Any], ...]:
    numbers = ("days_late", "submission_id", "rows", "held_back")
    return Column("due_on", Date), Column("received_at", Text), *(Column(name, Integer) for name in numbers)


def _create_figures(*further: Column[Any]) -> None:
    op.create_table(
        "figures",
        *(Column(name, Text, primary_key=True) for name in ("indicator_id", "region_code", "period")),
        *(Column(name, Text, nullable=False) for name in ("title", "unit", "region_name", "display")),
        Column("value", Double), Column("numerator", Double), Column("denominator", BigInteger),
        Column("units_expected", Integer, nullable=False), Column("units_reported", Integer, nullable=False),
        Column("is_provisional", Boolean, nullable=False), *further,
    )  # fmt: skip
    op.create_index("figures_by_period", "figures", ["period", "indicator_id"])
