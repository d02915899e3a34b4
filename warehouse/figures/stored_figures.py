"""The materialised figures: the table that report tools read, and what else is computed from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
from sqlalchemy import and_, bindparam, delete, select

from schemas.figures.display import format_figures
from schemas.figures.figure import FIGURE, FIGURE_PARTS, apply_null_rules
from schemas.figures.indicator import Indicator
from schemas.regions import RegionTable
from warehouse.frames import frame_records, insert_frame, read_frame, values_list
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import FIGURES, refresh_state


def is_materialized(as_of: AsOf) -> bool:
    """Return True if the materialised figures reflect this load."""
    state = refresh_state(as_of.connection, as_of.tables, FIGURES)
    return state is not None and state.load_id == as_of.load_id


def stored_periods(as_of: AsOf) -> set[str]:
    """Read the periods with materialised figures."""
    return set(as_of.connection.scalars(select(as_of.tables.marts.figures.c.period).distinct()))


def provisional_periods(as_of: AsOf, region_code: str) -> set[str]:
    """Read the periods of which a stored figure of a region lacks a unit."""
    c = as_of.tables.marts.figures.c
    query = select(c.period).where(c.region_code == region_code, c.units_reported < c.units_expected)
    return set(as_of.connection.scalars(query.distinct()))


def forget_periods(as_of: AsOf, periods: Collection[str]) -> None:
    """Delete the figures of periods for which no report is current any more."""
    if periods:
        figures = as_of.tables.marts.figures
        as_of.connection.execute(delete(figures).where(figures.c.period.in_(sorted(periods))))


def stored_sums(
    as_of: AsOf,
    indicators: Sequence[Indicator],
    periods: Sequence[str],
    regions: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read FIGURE and FIGURE_PARTS of these indicators, of all regions or of `regions`."""
    c, names = as_of.tables.marts.figures.c, [*FIGURE, *FIGURE_PARTS]
    is_selected = and_(
        c.indicator_id.in_([indicator.indicator_id for indicator in indicators]), c.period.in_(periods)
    )
    if regions is not None:
        is_selected = and_(is_selected, c.region_code.in_(values_list(regions)))
    return read_frame(as_of.connection, select(*(c[name] for name in names)).where(is_selected), names)


def store_figures(
    as_of: AsOf, regions: RegionTable, indicators: Sequence[Indicator], computed: pd.DataFrame
) -> None:
    """Store those of the computed figures (FIGURE and FIGURE_PARTS) that differ from the stored ones.

    So `made_load` says with which load a figure got its value.
    """
    codes = computed["region_code"].unique().tolist()
    is_all = len(codes) == len(regions.regions)
    periods = computed["period"].unique().tolist()
    before = stored_sums(as_of, indicators, periods, None if is_all else codes).set_index(FIGURE)
    now = computed.set_index(FIGURE)
    if not before.empty:
        now = now[now[FIGURE_PARTS].ne(before.reindex(now.index)[FIGURE_PARTS]).any(axis=1)]
        replaced = now.index.intersection(before.index)
        _record_changes(as_of, regions, indicators, before.loc[replaced], now.loc[replaced])
        _delete(as_of, replaced)
    if not now.empty:
        _insert(as_of, regions, indicators, now.reset_index())


def _record_changes(
    as_of: AsOf,
    regions: RegionTable,
    indicators: Sequence[Indicator],
    before: pd.DataFrame,
    now: pd.DataFrame,
) -> None:
    """Record the figures whose value differs, with what they were before the load."""
    if before.empty:
        return
    old, new = (
        build_figures(regions, indicators, sums.reset_index()).set_index(FIGURE) for sums in (before, now)
    )
    differs = old["value"].fillna(-1) != new["value"].fillna(-1)
    changes = pd.DataFrame(
        {
            "title": new["title"], "unit": new["unit"],
            "value_before": old["value"], "value_after": new["value"],
            "display_before": old["display"], "display_after": new["display"],
        }
    )[differs]  # fmt: skip
    if not changes.empty:
        rows = changes.reset_index().assign(load_id=as_of.load_id)
        insert_frame(as_of.connection, as_of.tables.marts.figure_changes, rows)


def _delete(as_of: AsOf, keys: pd.MultiIndex) -> None:
    if keys.empty:
        return
    figures = as_of.tables.marts.figures
    is_figure = (figures.c[name] == bindparam(f"a_{name}") for name in FIGURE)
    records = keys.to_frame(index=False).rename(columns={name: f"a_{name}" for name in FIGURE})
    as_of.connection.execute(delete(figures).where(*is_figure), frame_records(records))


def _insert(
    as_of: AsOf, regions: RegionTable, indicators: Sequence[Indicator], components: pd.DataFrame
) -> None:
    figures = build_figures(regions, indicators, components).assign(made_load=as_of.load_id)
    insert_frame(as_of.connection, as_of.tables.marts.figures, figures)


def build_figures(
    regions: RegionTable, indicators: Sequence[Indicator], components: pd.DataFrame
) -> pd.DataFrame:
    """Build rows of the table of figures from FIGURE and FIGURE_PARTS, without the load that made them."""
    names = {code: region.name for code, region in regions.regions.items()}
    by_id = {indicator.indicator_id: indicator for indicator in indicators}
    figures = format_figures(indicators, apply_null_rules(indicators, components))
    return figures.assign(
        title=figures["indicator_id"].map({name: indicator.title for name, indicator in by_id.items()}),
        unit=figures["indicator_id"].map({name: indicator.unit for name, indicator in by_id.items()}),
        region_name=figures["region_code"].map(names),
        is_provisional=figures["units_reported"] < figures["units_expected"],
    )
