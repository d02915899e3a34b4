"""Figures for people: read from the warehouse, put into the form that the command line and the reports share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flows.workplace import Workplace
from schemas.catalogue import indicators
from schemas.display import display, figure_value
from schemas.indicator import Indicator
from schemas.periods import Period
from warehouse.engine import Connection
from warehouse.figures import Figure, FigureReader
from warehouse.grouped import GroupedFigures
from warehouse.history import touched_months
from warehouse.load import last_load
from warehouse.moved import Moved
from warehouse.parts import Warehouse


def figure_rows(
    place: Workplace,
    connection: Connection,
    chosen: Sequence[Indicator],
    region_code: str,
    period: Period,
    as_of: datetime | None = None,
) -> list[dict[str, Any]]:
    """The figures as `indicators --json` gives them, as of the last load at or before `as_of` (UTC without a zone)."""
    load_id, recorded_at = last_load(connection, place.tables, as_of)
    reader = figure_reader(place, connection, load_id)
    reader.foresee(chosen)
    at = place.local(recorded_at).isoformat() if recorded_at else None
    return [figure_row(place, one, reader.figure(one, region_code, period), at) for one in chosen]


def figure_reader(place: Workplace, connection: Connection, load_id: int) -> FigureReader:
    """A reader of figures as of a load."""
    return FigureReader(connection, Warehouse(place.tables, place.ledgers), place.regions, load_id, place.obligations)


def figure_row(place: Workplace, indicator: Indicator, figure: Figure, as_of: str | None) -> dict[str, Any]:
    """Sums of money in 元, as the figure itself."""
    value = figure_value(indicator, figure.numerator, figure.denominator)
    return {
        "indicator_id": indicator.indicator_id,
        "title": indicator.title,
        "unit": indicator.unit,
        "region_code": figure.region_code,
        "region_name": place.regions.name_of(figure.region_code),
        "period": figure.period,
        "value": value,
        "numerator": figure.numerator if indicator.is_rate else value,
        "denominator": figure.denominator,
        "display": display(indicator, figure.numerator, figure.denominator),
        "units_expected": figure.units_expected,
        "units_reported": figure.units_reported,
        "is_provisional": figure.is_provisional,
        "as_of": as_of,
    }


def moved_figures(place: Workplace, connection: Connection, load_id: int, *, every_region: bool) -> list[dict[str, Any]]:
    """Figures that a load moved, before and after: the city's years, or every unit and period that it touched."""
    touched = touched_months(connection, place.tables, _counting_dates(), load_id)
    affected = _affected(place, touched, every_region)
    periods = sorted({period for _, period in affected})
    chosen = _can_have_moved(place, connection, load_id, periods)
    before, after = (_all_figures(place, connection, one, chosen, periods, every_region) for one in (load_id - 1, load_id))
    moved = []
    for region_code, period in affected:
        for indicator in chosen:
            old, new = (told[indicator.indicator_id, region_code, str(period)] for told in (before, after))
            if (old.numerator, old.denominator) != (new.numerator, new.denominator):
                shown = [display(indicator, one.numerator, one.denominator) for one in (old, new)]
                name = place.regions.name_of(region_code)
                moved.append({
                    "indicator_id": indicator.indicator_id, "title": indicator.title, "region_code": region_code,
                    "region_name": name, "period": str(period), "before": shown[0], "after": shown[1],
                })  # fmt: skip
    return moved


def _can_have_moved(place: Workplace, connection: Connection, load_id: int, periods: Sequence[Period]) -> list[Indicator]:
    """The indicators that a load can have moved in these periods: most nights bring few ledgers, and each figure costs."""
    every = list(indicators().values())
    moved = Moved.by(connection, place.tables, every, load_id)
    return [one for one in every if moved.periods(one, periods)]


def _all_figures(
    place: Workplace, connection: Connection, load_id: int, chosen: Sequence[Indicator], periods: Sequence[Period],
    every_region: bool,
) -> dict[tuple[str, str, str], Figure]:  # fmt: skip
    """By indicator, region and period, the figures as of a load: the city's, or those of its units too."""
    if not periods or not chosen:
        return {}
    warehouse = Warehouse(place.tables, place.ledgers)
    reader = GroupedFigures(connection, warehouse, place.regions, load_id, periods, place.obligations)
    reader.foresee(chosen)
    return {
        (one.indicator_id, one.region_code, one.period): one
        for indicator in chosen
        for one in reader.figures(indicator, with_units=every_region)
    }


def _counting_dates() -> dict[str, set[str]]:
    """By ledger, the dates by which any figure counts its rows."""
    dates: dict[str, set[str]] = {}
    for part in (part for indicator in indicators().values() for part in indicator.parts()):
        dates.setdefault(part.ledger, set()).update(part.dated_by)
    return dates


def _affected(place: Workplace, touched: Iterable[tuple[str, str]], every_region: bool) -> list[tuple[str, Period]]:
    city = place.regions.city.code
    affected = set()
    for unit, month in touched:
        for period in Period.parse(month).containing():
            if every_region:
                affected |= {(unit, period), (city, period)}
            elif str(period) == str(period.year):
                affected.add((city, period))
    return sorted(
        affected, key=lambda one: (one[0] != city, one[0], one[1].year, -one[1].last_month + one[1].first_month, one[1])
    )
