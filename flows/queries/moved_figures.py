"""The figures that a load moved, before and after: every period and every level of the region table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.display import NO_FIGURE, figure_value, format_exactly, format_figure
from schemas.figures.figure import FIGURE, apply_null_rules
from schemas.figures.indicator import Indicator, counting_dates
from schemas.figures.reach import Comparisons, comparisons_of, periods_reached
from schemas.periods import Period, is_period
from schemas.regions import RegionTable
from transforms.report.attribution import exact_value
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.incremental import IncrementalFigures
from warehouse.figures.materialize import reported_periods
from warehouse.figures.stored_figures import is_materialized, stored_periods
from warehouse.ops.loads import submissions_of_load, touched_months
from warehouse.schema.as_of import AsOf

SUMS = ["numerator", "denominator"]


def figures_moved_by_load(workspace: Workspace, as_of: AsOf, *, every_region: bool) -> list[dict[str, Any]]:
    """List the figures that the load moved: those of every region, or of each for which no region above it
    says so.
    """
    return [
        _describe(workspace, indicators()[record["indicator_id"]], record)
        for record in _moved_records(workspace, as_of, every_region=every_region)
    ]


def values_moved_by_load(workspace: Workspace, as_of: AsOf) -> list[dict[str, Any]]:
    """List the figures of every region that the load moved, as values and as they are displayed."""
    return [
        _describe_values(workspace, indicators()[record["indicator_id"]], record)
        for record in _moved_records(workspace, as_of, every_region=True)
    ]


def _moved_records(workspace: Workspace, as_of: AsOf, *, every_region: bool) -> list[dict[Any, Any]]:
    """List FIGURE and SUMS before and after of the figures whose value moved, in the order of printing."""
    frames = list(_moved(workspace, as_of))
    if not frames:
        return []
    moved = pd.concat(frames, ignore_index=True).astype(object)
    records = moved.where(moved.notna(), None).to_dict("records")
    keys = {tuple(record[name] for name in FIGURE) for record in records}
    above = _regions_above(workspace.regions)
    chosen = [
        record
        for record in records
        if every_region or not _is_said_above(record, keys, above[record["region_code"]])
    ]
    catalogue, order = indicators(), {name: index for index, name in enumerate(indicators())}
    chosen.sort(key=lambda record: _position(record, workspace.regions, order))
    return [record for record in chosen if _has_moved(catalogue[record["indicator_id"]], record)]


def comparisons_moved(workspace: Workspace, as_of: AsOf, moved: Sequence[Mapping[str, Any]]) -> Comparisons:
    """Return the periods whose comparisons move with figures that were there before."""
    periods = {Period.parse(figure["period"]) for figure in moved if figure["before"] != NO_FIGURE}
    return comparisons_of(periods, reported_periods(as_of, workspace.obligations))


def _moved(workspace: Workspace, as_of: AsOf) -> Iterator[pd.DataFrame]:
    """Yield FIGURE and SUMS, each `_before` and `_after`, of the figures that differ."""
    for periods, chosen in _by_periods(workspace, as_of).items():
        for before, after in _before_and_after(workspace, as_of, chosen, periods):
            columns = [*FIGURE, *SUMS]
            both = before[columns].merge(
                after[columns], how="outer", on=FIGURE, suffixes=("_before", "_after"), validate="1:1"
            )
            differs = [
                both[f"{name}_before"].fillna(-1).ne(both[f"{name}_after"].fillna(-1)) for name in SUMS
            ]
            yield both[differs[0] | differs[1]]


def _by_periods(workspace: Workspace, as_of: AsOf) -> dict[tuple[Period, ...], list[Indicator]]:
    """Group the indicators by the periods whose figures the load can have moved."""
    catalogue = list(indicators().values())
    submissions = submissions_of_load(as_of.connection, as_of.tables, as_of.load_id)
    ledgers = set(submissions["ledger"].dropna())
    # a typing error such as 2123-08 is no period, and has no figure
    touched = {month for _, month in touched_months(as_of, counting_dates(catalogue)) if is_period(month)}
    months = {earlier for month in touched for earlier in workspace.obligations.months_before(month)}
    existing = set(reported_periods(as_of, workspace.obligations))
    before_load = as_of.with_load(as_of.load_id - 1)
    existing |= set(reported_periods(before_load, workspace.obligations))
    grouped: dict[tuple[Period, ...], list[Indicator]] = {}
    for indicator in catalogue:
        if periods := tuple(periods_reached(indicator, months, ledgers, sorted(existing))):
            grouped.setdefault(periods, []).append(indicator)
    return grouped


def _before_and_after(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], periods: Sequence[Period]
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield the figures before the load and as of it, in batches."""
    if workspace.home.settings.incremental_figures:
        incremental = IncrementalFigures(as_of, workspace.regions, workspace.obligations)
        chosen = incremental.possibly_changed(chosen, periods)
        if is_materialized(as_of):
            stored = stored_periods(as_of)
            yield from incremental.before_and_after(
                chosen, [each for each in periods if str(each) in stored]
            )
            periods = [each for each in periods if str(each) not in stored]
    if chosen and periods:
        yield from _compute(workspace, as_of, chosen, periods)


def _compute(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], periods: Sequence[Period]
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Compute the figures of all regions before the load and as of it from all rows, in batches."""
    readers = [
        FigureReader(load, workspace.regions, periods, workspace.obligations)
        for load in (as_of.with_load(as_of.load_id - 1), as_of)
    ]
    for reader in readers:
        reader.prefetch(chosen)
    for batch in readers[0].batches(chosen):
        before, after = (
            apply_null_rules(batch, reader.of_regions(batch, reader.of_units(batch))) for reader in readers
        )
        yield before, after


def _regions_above(regions: RegionTable) -> dict[str, set[str]]:
    """Return, by region, the regions that contain all its units and more."""
    units = {code: set(regions.units_below(code)) for code in regions.regions}
    return {
        code: {
            other
            for other, theirs in units.items()
            if own < theirs or (own == theirs and other == regions.top.code != code)
        }
        for code, own in units.items()
    }


def _is_said_above(record: Mapping[Any, Any], keys: set[tuple[Any, ...]], above: set[str]) -> bool:
    return any((record["indicator_id"], record["period"], region) in keys for region in above)


def _position(record: Mapping[Any, Any], regions: RegionTable, order: Mapping[str, int]) -> tuple[Any, ...]:
    """Sort by region, the top first, then by year, longer periods first, then by indicator."""
    code, period = record["region_code"], Period.parse(record["period"])
    months = period.last_month - period.first_month
    return code != regions.top.code, code, period.year, -months, period, order[record["indicator_id"]]


def _has_moved(indicator: Indicator, record: Mapping[Any, Any]) -> bool:
    """Whether the value differs: 3 of 3 and then 4 of 4 are both 100 %."""
    before, after = (
        exact_value(indicator, *(_number(record[f"{name}_{when}"]) for name in SUMS))
        for when in ("before", "after")
    )
    return before != after


def _describe(workspace: Workspace, indicator: Indicator, record: Mapping[Any, Any]) -> dict[str, Any]:
    before, after = (
        format_figure(indicator, *(_number(record[f"{name}_{when}"]) for name in SUMS))
        for when in ("before", "after")
    )
    if before == after:  # the difference is below the last digit that is displayed
        before = f"{before}（{_exactly(indicator, record, 'before')}）"
        after = f"{after}（{_exactly(indicator, record, 'after')}）"
    code = record["region_code"]
    return {
        "indicator_id": indicator.indicator_id, "title": indicator.title, "region_code": code,
        "region_name": workspace.regions.name_of(code), "period": record["period"],
        "before": before, "after": after,
    }  # fmt: skip


def _describe_values(
    workspace: Workspace, indicator: Indicator, record: Mapping[Any, Any]
) -> dict[str, Any]:
    described = _describe(workspace, indicator, record)
    before, after = (
        figure_value(indicator, *(_number(record[f"{name}_{when}"]) for name in SUMS))
        for when in ("before", "after")
    )
    names = ("indicator_id", "title", "region_code", "region_name", "period")
    return {name: described[name] for name in names} | {
        "before": float(before) if isinstance(before, Decimal) else before,
        "after": float(after) if isinstance(after, Decimal) else after,
        "display_before": described["before"],
        "display_after": described["after"],
    }


def _exactly(indicator: Indicator, record: Mapping[Any, Any], when: str) -> str:
    numerator, denominator = (_number(record[f"{name}_{when}"]) for name in SUMS)
    value = figure_value(indicator, numerator, denominator)
    if indicator.is_rate or value is None:
        return f"{numerator}/{denominator}"
    return format_exactly(indicator, value)


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
