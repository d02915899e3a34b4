"""The city's figures before and after a load: after, as they are kept; before, less what the units that it touched brought."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection

from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.obligations import Obligations
from warehouse.figures.affected import AffectedScope
from warehouse.figures.bulk import FIGURE, MADE_OF, SUMS, BulkFigures, apply_null_rules
from warehouse.figures.filters import Warehouse
from warehouse.figures.materialize import stored_sums


def city_before_and_after(
    connection: Connection, warehouse: Warehouse, regions: RegionTable, obligations: Obligations, load_id: int,
    chosen: Sequence[Indicator], periods: Sequence[Period],
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """The city's figures of these periods (`finished`) as of the load before this one and as of it, which must be kept."""
    moved, city = AffectedScope.by(connection, warehouse.tables, chosen, load_id), regions.city.code
    together: dict[tuple[str, ...], list[Indicator]] = {}
    for one in chosen:
        together.setdefault(tuple(moved.units_of(one, regions.unit_codes())), []).append(one)
    now = stored_sums(
        connection, warehouse.tables, chosen, [str(period) for period in periods], [city]
    ).set_index(FIGURE)
    stood = []
    for units, alike in together.items():
        before, after = (
            BulkFigures(connection, warehouse, regions, load, periods, obligations, units)
            for load in (load_id - 1, load_id)
        )
        for reader in (before, after):
            reader.foresee(alike)
        if before.is_whole:
            stood.append(before.of_city(alike, before.of_units(alike)).set_index(FIGURE))
        else:
            change = (
                _change(alike, before, after).assign(region_code=city).set_index("region_code", append=True)
            )
            stood.append(now.reindex(change.index).sub(change).dropna().astype("int64"))
    return apply_null_rules(chosen, pd.concat(stood).reset_index()), apply_null_rules(
        chosen, now.reset_index()
    )


def _change(alike: Sequence[Indicator], before: BulkFigures, after: BulkFigures) -> pd.DataFrame:
    """By how much the load moved the city's MADE_OF, by indicator and period."""
    now, stood = (reader.of_units(alike).groupby(FIGURE[:2])[MADE_OF].sum() for reader in (after, before))
    change = now - stood
    for one in filter(after.compares_units, alike):
        change.loc[[one.indicator_id], SUMS] = after.moved_in_city(
            one, change.loc[one.indicator_id].index
        ).to_numpy()
    return change
