"""The change of a city's sums by one load, where they are not the sums of its units."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from schemas.figures.figure import SUMS
from schemas.figures.indicator import Indicator
from warehouse.figures.distinct_counts import changed_in_load
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.filters import needs_distinct_scan


def change_in_city(reader: FigureReader, indicator: Indicator, periods: Sequence[str]) -> pd.DataFrame:
    """Compute the change of the city's SUMS by the load of the reader.

    The sums over the rows that it touched, as of this load minus as of the load before.
    """
    scope, load_id, warehouse = reader.scope(indicator), reader.as_of.load_id, reader.as_of.warehouse
    changes = pd.DataFrame(0, index=pd.Index(reader.names, name="period"), columns=SUMS)
    for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
        for part in parts:
            extra_filters, units = [], scope & set(reader.units)
            if needs_distinct_scan(warehouse, part):
                extra_filters = [] if part.stock else [changed_in_load(warehouse, part, load_id)]
                units = scope
            after, before = (
                reader.measures.over_units(part, units, extra_filters, as_of_load)
                for as_of_load in (load_id, load_id - 1)
            )
            changes[name] += after - before
    return changes.loc[list(periods)]
