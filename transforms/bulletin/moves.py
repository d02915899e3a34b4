"""Why a figure moved since it was published, in words: by cause and unit, without naming files or rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from schemas.figures.figure_changes import (
    CORRECTED,
    DEFINITION,
    FIRST_SUBMISSION,
    HEADERS,
    REGIONS,
    RESUBMITTED,
    RETIRED,
    RULE,
    Mover,
)
from schemas.figures.indicator import Indicator
from transforms.report.attribution import Share

CAUSE_WORDS = {
    FIRST_SUBMISSION: "补报",
    RESUBMITTED: "重报",
    RETIRED: "重报后撤下",
    CORRECTED: "市局更正或决定",
    RULE: "审核规则更新后重审",
    HEADERS: "表头对照改动后重读",
    REGIONS: "单位名录改动",
    DEFINITION: "口径调整",
}


def describe_causes(
    indicator: Indicator, shares: Sequence[tuple[Share, Mover | None, Decimal]], names: Mapping[str, str]
) -> str:
    """Describe the shares of a change, those of one cause and unit together: 星河区补报+2件；…."""
    sums: dict[tuple[str, str], Decimal] = {}
    for share, mover, delta in shares:
        key = (names.get(mover.unit_code, mover.unit_code) if mover else "", CAUSE_WORDS[share.cause])
        sums[key] = sums.get(key, Decimal(0)) + delta
    parts = [
        f"{unit}{cause}{_format_delta(indicator, delta)}" for (unit, cause), delta in sums.items() if delta
    ]
    return "；".join(parts) or "相互抵消"


def _format_delta(indicator: Indicator, delta: Decimal) -> str:
    if indicator.is_rate:
        return f"{delta * 100:+.2f}个百分点"
    return f"{delta.normalize():+f}{indicator.unit}"
