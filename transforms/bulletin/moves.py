"""Why a figure moved since it was published, in words: by cause and unit, without naming files or rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from schemas.figures.display import format_delta
from schemas.figures.figure_changes import CAUSE_WORDS, Mover
from schemas.figures.indicator import Indicator
from transforms.report.attribution import Share


def describe_causes(
    indicator: Indicator, shares: Sequence[tuple[Share, Mover | None, Decimal]], names: Mapping[str, str]
) -> str:
    """Describe the shares of a change, those of one cause and unit together: 星河区首次报送+2件；…."""
    sums: dict[tuple[str, str], Decimal] = {}
    for share, mover, delta in shares:
        key = (names.get(mover.unit_code, mover.unit_code) if mover else "", str(CAUSE_WORDS[share.cause]))
        sums[key] = sums.get(key, Decimal(0)) + delta
    parts = [
        f"{unit}{cause}{format_delta(indicator, delta)}" for (unit, cause), delta in sums.items() if delta
    ]
    return "；".join(parts) or "相互抵消"
