"""The city's figures before and after a load: after, as they are kept; before, less what the units that it touched brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from sqlalchemy import Connection

from schemas.indicator import Indicator
from schemas.obligations import Obligations
from schemas.periods import Period
from schemas.regions import RegionTable
from warehouse.grouped import MADE_OF, SUMS, GroupedFigures, finished
from warehouse.kept_figures import kept_sums
from warehouse.moved import Moved
from warehouse.parts import Warehouse


def city_before_and_after(
    connection: Connection, warehouse: Warehouse, regions: RegionTable, obligations: Obligations, load_id: int,
    chosen: Sequence[Indicator], periods: Sequence[Period],
) -> Iterator[tuple[Indicator, pd.DataFrame, pd.DataFrame]]:  # fmt: skip
    """Of each indicator its figures of these periods (`finished`, by `period`) as of the load before this one and as of it.

    The figures as of this load must be those that are kept.
    """
    moved, city = Moved.by(connection, warehouse.tables, chosen, load_id), regions.city.code
    together: dict[tuple[str, ...], list[Indicator]] = {}
    for one in chosen:
        together.setdefault(tuple(moved.units_of(one, regions.unit_codes())), []).append(one)
    for units, alike in together.items():
        before, after = (
            GroupedFigures(connection, warehouse, regions, load, periods, obligations, units) for load in (load_id - 1, load_id)
        )
        for reader in (before, after):
            reader.foresee(alike)
        for one in alike:
            kept = kept_sums(connection, warehouse.tables, one, before.names, [city]).set_index("period")[MADE_OF]
            if before.is_whole:
                stood = before.of_city(one, before.of_units(one)).set_index("period")[MADE_OF]
            else:
                stood = kept - _change(one, before, after).reindex(kept.index)
            yield one, finished(one, stood), finished(one, kept)


def _change(one: Indicator, before: GroupedFigures, after: GroupedFigures) -> pd.DataFrame:
    """By how much the load moved the city's MADE_OF, by period."""
    sums = (reader.of_units(one).groupby("period")[MADE_OF].sum() for reader in (after, before))
    change = next(sums) - next(sums)
    if after.compares_units(one):
        change[SUMS] = after.moved_in_city(one)
    return change
