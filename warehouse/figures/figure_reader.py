"""Figures as of a load: the sums of indicators and the coverage of their units, for many periods at once.

Each unit's share is computed once; a region's figure is the sum of the shares of its units.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from schemas.figures.figure import FIGURE, FIGURE_PARTS, SUMS, Figure, apply_null_rules
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.coverage import units_of_figure
from schemas.reporting.coverage_bulk import CoverageTable
from schemas.reporting.obligations import DEFAULT_OBLIGATIONS, Obligations
from warehouse.figures.current_reports import read_coverage
from warehouse.figures.filters import needs_distinct_scan
from warehouse.figures.part_sums import PartSums
from warehouse.schema.as_of import AsOf

#: figures per frame: enough to outweigh its cost, few enough for memory
FIGURES_PER_BATCH = 100_000


class FigureReader:
    """Reader of the figures of these periods, for all units or for `units` and the regions of these."""

    def __init__(
        self,
        as_of: AsOf,
        regions: RegionTable,
        periods: Sequence[Period],
        obligations: Obligations = DEFAULT_OBLIGATIONS,
        units: Sequence[str] | None = None,
    ) -> None:
        self.as_of, self.regions = as_of, regions
        self.periods, self.names = list(periods), [str(period) for period in periods]
        self.units = regions.unit_codes() if units is None else list(units)
        self.unit_set = set(self.units)
        self.covers_all_units = len(self.units) == len(regions.units)
        self.coverage: CoverageTable = read_coverage(as_of, self.units, periods, obligations)
        self.part_sums = PartSums(as_of, periods, self.units, covers_all_units=self.covers_all_units)

    def prefetch(self, indicators: Iterable[Indicator]) -> None:
        """Announce the indicators to read: their sums are then computed in one pass over each ledger."""
        self.part_sums.prefetch(part for indicator in indicators for part in indicator.parts())

    def batches(self, indicators: Sequence[Indicator]) -> Iterator[Sequence[Indicator]]:
        """Split the indicators so that a batch makes at most FIGURES_PER_BATCH figures."""
        size = max(1, FIGURES_PER_BATCH // (len(self.periods) * (len(self.units) + len(self.regions.sums))))
        return (indicators[start : start + size] for start in range(0, len(indicators), size))

    def figures(
        self, indicators: Sequence[Indicator], regions: Collection[str] | None = None
    ) -> Iterator[Figure]:
        """Yield the figures of all regions, or of `regions`; the reader's units must include theirs."""
        of_regions = self.of_regions(indicators, self.of_units(indicators), regions)
        for row in apply_null_rules(indicators, of_regions).itertuples():
            numerator, denominator = (
                int(value) if pd.notna(value) else None for value in (row.numerator, row.denominator)
            )
            units_expected, units_reported, *sums = (
                int(getattr(row, name)) for name in ("units_expected", "units_reported", *SUMS)
            )
            yield Figure(
                str(row.indicator_id), str(row.region_code), str(row.period), numerator, denominator,
                units_expected, units_reported, sums[0], sums[1],
            )  # fmt: skip

    def of_units(self, indicators: Sequence[Indicator]) -> pd.DataFrame:
        """Compute FIGURE and FIGURE_PARTS of each indicator for each unit, from its own rows and reports.

        A unit outside the scope has zeros.
        """
        components = np.array(
            [self._compute_components(indicator) for indicator in indicators], dtype="int64"
        )
        levels = [[indicator.indicator_id for indicator in indicators], self.names, self.units]
        index = pd.MultiIndex.from_product(levels, names=FIGURE)
        return pd.DataFrame(
            components.transpose(0, 2, 3, 1).reshape(-1, len(FIGURE_PARTS)),
            index=index,
            columns=FIGURE_PARTS,
        ).reset_index()

    def of_regions(
        self,
        indicators: Sequence[Indicator],
        of_units: pd.DataFrame,
        regions: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """Compute FIGURE and FIGURE_PARTS of all regions, or of `regions`, from those of all their units."""
        chosen = [code for code in self.regions.regions if regions is None or code in regions]
        sums = [self._of_sum(indicators, of_units, code) for code in chosen if code in self.regions.sums]
        alone = of_units[
            of_units["region_code"].isin([code for code in chosen if code not in self.regions.sums])
        ]
        return pd.concat([*sums, alone], ignore_index=True)

    def _of_sum(self, indicators: Sequence[Indicator], of_units: pd.DataFrame, region: str) -> pd.DataFrame:
        """Compute FIGURE and FIGURE_PARTS of a region of several units.

        Units do not add up where a value that two of them report counts once.
        """
        of_region = of_units[of_units["region_code"].isin(self.regions.sums[region])]
        sums = of_region.groupby(FIGURE[:2], as_index=False, sort=False)[FIGURE_PARTS].sum()
        for indicator in indicators:
            if not self.is_non_additive(indicator, region):
                continue
            is_indicator = sums["indicator_id"].eq(indicator.indicator_id)
            scope = self.scope(indicator, region)
            for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
                sums.loc[is_indicator, name] = (
                    sum(self.part_sums.together(part, scope) for part in parts) if parts else 0
                )
        return sums.assign(region_code=region)[[*FIGURE, *FIGURE_PARTS]]

    def is_non_additive(self, indicator: Indicator, region: str) -> bool:
        """Return True if a region's figure is not the sum of its units' figures."""
        return len(self.scope(indicator, region)) > 1 and any(
            needs_distinct_scan(self.as_of.warehouse, part) for part in indicator.parts()
        )

    def scope(self, indicator: Indicator, region: str) -> set[str]:
        """Return the units whose rows make up the indicator's figure of a region."""
        return set(units_of_figure(indicator, self.regions, region))

    def _compute_components(self, indicator: Indicator) -> list[Any]:
        """Compute FIGURE_PARTS, each an array by period and unit."""
        scope = self.scope(indicator, self.regions.top.code)
        flags = self.coverage.answers(indicator)
        in_scope = np.array([unit in scope for unit in self.units], dtype=bool)
        shape = (len(self.periods), len(self.units))
        numerator, denominator = (
            sum((self.part_sums.by_unit(part, scope) for part in parts), np.zeros(shape, dtype="int64"))
            for parts in (indicator.numerator, indicator.denominator)
        )
        # rows show that they were reported; without a report, that there are none is not known
        is_heard = flags.has_any & (flags.may_be_zero | (numerator != 0))
        return [
            numerator,
            denominator,
            *(flag & in_scope for flag in (flags.is_expected, flags.has_all, is_heard)),
        ]
