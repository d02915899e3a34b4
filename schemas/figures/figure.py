"""A figure: its sums, how many of its units have reported, and the rule when there is no figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from schemas.figures.indicator import Indicator

#: the key of a figure
FIGURE = ["indicator_id", "period", "region_code"]
#: the numbers of a figure: sums (分, or counts), and the number of units expected, fully reported, heard from
SUMS = ["numerator_sum", "denominator_sum"]
UNIT_COUNTS = ["units_expected", "units_reported", "units_heard"]
FIGURE_PARTS = [*SUMS, *UNIT_COUNTS]


@dataclass(frozen=True)
class Figure:
    """One indicator of one region for one period; sums of money in 分.

    `numerator` is None where there is no figure. The sums are those of the rows that were sent, whether
    there is a figure or not.
    """

    indicator_id: str
    region_code: str
    period: str
    numerator: int | None
    denominator: int | None
    units_expected: int
    units_reported: int
    numerator_sum: int
    denominator_sum: int

    @property
    def is_provisional(self) -> bool:
        """Whether a unit that should have reported has not."""
        return self.units_reported < self.units_expected


def no_figure(indicator_id: str, region_code: str, period: str) -> Figure:
    """Return the figure of a region that has no units."""
    return Figure(indicator_id, region_code, period, None, None, 0, 0, 0, 0)


def has_numerator(numerator_sum: Any, is_heard: Any, is_complete: Any, is_any_zero_known: Any) -> Any:
    """Return whether a sum is a figure, for single values as well as for columns.

    It is no figure if nobody reported. A zero that needs every unit is no figure while a unit is missing.
    """
    return is_heard & (is_complete | is_any_zero_known | (numerator_sum != 0))


def apply_null_rules(indicators: Sequence[Indicator], components: pd.DataFrame) -> pd.DataFrame:
    """Add `numerator` and `denominator` (Int64) to FIGURE_PARTS, null where there is no figure."""
    is_heard = components["units_heard"] > 0
    is_complete = components["units_reported"] >= components["units_expected"]
    is_any_zero_known = ~_is_among(
        components, {indicator.indicator_id for indicator in indicators if indicator.zero_needs_every_unit}
    )
    is_rate = _is_among(
        components, {indicator.indicator_id for indicator in indicators if indicator.is_rate}
    )
    is_known = has_numerator(components["numerator_sum"], is_heard, is_complete, is_any_zero_known)
    return components.assign(
        numerator=components["numerator_sum"].astype("Int64").where(is_known),
        denominator=components["denominator_sum"].astype("Int64").where(is_heard & is_rate),
    )


def _is_among(figures: pd.DataFrame, indicator_ids: set[str]) -> pd.Series:
    return figures["indicator_id"].isin(sorted(indicator_ids))
