"""A kept figure tells with which load it became what it is, and figures are found by their period first."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _forget()
    _create("period", "indicator_id", "region_code", further=[Column("made_load", Integer, nullable=False)])
    op.create_index("figures_by_load", "figures", ["made_load"])


def downgrade() -> None:
    _forget()
    _create("indicator_id", "region_code", "period")
    op.create_index("figures_by_period", "figures", ["period", "indicator_id"])


def _forget() -> None:
    """They follow from the rest and are made anew by the next run."""
    op.drop_table("figures")
    op.execute("DELETE FROM kept WHERE name = 'figures'")


def _create(*key: str, further: list[Column[Any]] | None = None) -> None:
    op.create_table(
        "figures",
        *(Column(name, Text, primary_key=True) for name in key),
        *(Column(name, Text, nullable=False) for name in ("title", "unit", "region_name", "display")),
        Column("value", Double), Column("numerator", Double), Column("denominator", BigInteger),
        Column("units_expected", Integer, nullable=False), Column("units_reported", Integer, nullable=False),
        Column("is_provisional", Boolean, nullable=False),
        *(Column(name, BigInteger, nullable=False) for name in ("numerator_sum", "denominator_sum")),
        Column("units_heard", Integer, nullable=False), *(further or []),
    )  # fmt: skip
