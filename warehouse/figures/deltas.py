"""City figures before and after a load.

"After" comes from the materialised table, "before" by subtracting the change of the affected units.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from schemas.figures.figure import COMPONENTS, FIGURE, SUMS, apply_null_rules
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.obligations import Obligations
from warehouse.figures.affected import AffectedScope
from warehouse.figures.change_in_city import change_in_city
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.materialize import stored_sums
from warehouse.schema.as_of import AsOf


def city_before_and_after(
    as_of: AsOf,
    regions: RegionTable,
    obligations: Obligations,
    chosen: Sequence[Indicator],
    periods: Sequence[Period],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the city's figures as of the previous load and as of this one, which must be materialised."""
    scope, city = AffectedScope.of_load(as_of, chosen), regions.top.code
    indicators_by_units: dict[tuple[str, ...], list[Indicator]] = {}
    for indicator in chosen:
        indicators_by_units.setdefault(tuple(scope.units_of(indicator, regions.unit_codes())), []).append(
            indicator
        )
    current = stored_sums(as_of, chosen, [str(period) for period in periods], [city]).set_index(FIGURE)
    previous = []
    for units, indicators in indicators_by_units.items():
        before, after = (
            FigureReader(as_of.with_load(load_id), regions, periods, obligations, units)
            for load_id in (as_of.load_id - 1, as_of.load_id)
        )
        for reader in (before, after):
            reader.prefetch(indicators)
        if before.is_whole:
            previous.append(before.of_city(indicators, before.of_units(indicators)).set_index(FIGURE))
        else:
            change = (
                _compute_change(indicators, before, after)
                .assign(region_code=city)
                .set_index("region_code", append=True)
            )
            previous.append(current.reindex(change.index).sub(change).dropna().astype("int64"))
    return apply_null_rules(chosen, pd.concat(previous).reset_index()), apply_null_rules(
        chosen, current.reset_index()
    )


def _compute_change(
    indicators: Sequence[Indicator], before: FigureReader, after: FigureReader
) -> pd.DataFrame:
    """Compute the load's change of the city's COMPONENTS, by indicator and period."""
    current, previous = (
        reader.of_units(indicators).groupby(FIGURE[:2])[COMPONENTS].sum() for reader in (after, before)
    )
    change = current - previous
    for indicator in filter(after.is_non_additive, indicators):
        change.loc[[indicator.indicator_id], SUMS] = change_in_city(
            after, indicator, change.loc[indicator.indicator_id].index
        ).to_numpy()
    return change
