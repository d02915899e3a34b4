"""The words for why a figure moved, and by how much."""

from __future__ import annotations

from decimal import Decimal

from flows.language import mark
from schemas.figures.figure_changes import (
    CORRECTED,
    DEFINITION,
    FIRST_SUBMISSION,
    HEADERS,
    REGIONS,
    RESUBMITTED,
    RETIRED,
    RULE,
)
from schemas.figures.indicator import Indicator
from schemas.sentences import Sentence

CAUSES = {
    FIRST_SUBMISSION: mark("首次报送"),
    RESUBMITTED: mark("重报"),
    RETIRED: mark("重报后撤下"),
    CORRECTED: mark("市局更正、准予、确认或撤回"),
    RULE: mark("程序更新后按新的规则重新读取"),
    HEADERS: mark("headers.toml 改动后重新读取"),
    REGIONS: mark("单位名录改动"),
    DEFINITION: mark("应报的单位或月份改动"),
}


def format_delta(indicator: Indicator, delta: Decimal) -> str:
    """Format a difference with its sign: +3件, -1200.00元, +1.2500个百分点."""
    if indicator.is_rate:
        return Sentence("{delta:+.4f}个百分点", delta=delta * 100)
    return f"{delta:+}{indicator.unit}"
