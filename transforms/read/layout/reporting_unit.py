"""Settle the unit that a report is of where the unit that it names did not exist in its month.

A county that was recoded sends a past month again under its new code: it is the report of the code that it
had in that month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from schemas.periods import day_words, month_words
from schemas.regions import RegionTable, Reporters
from transforms.read.containers.grid import UnusableFileError
from transforms.read.layout.identity import IdentityHint, weigh_units


def settle_hints(hints: Sequence[IdentityHint], regions: RegionTable) -> list[IdentityHint]:
    """Replace the units that hints name by those that reported in the month that they name.

    A unit stays as it is named where no month or several are named, or where it is not certain whose report
    it is.
    """
    hints = weigh_units(hints, regions)
    months = {hint.period for hint in hints if hint.period}
    named = {hint.unit for hint in hints if hint.unit}
    if len(months) != 1 or not named:
        return hints
    (month,) = months
    reporters = {unit: regions.reporters(unit, month) for unit in named}
    settled = _settle(reporters)
    return [replace(hint, unit=settled[hint.unit]) if hint.unit else hint for hint in hints]


def _settle(reporters: dict[str, Reporters]) -> dict[str, str]:
    """Return the unit meant by each name; where one leaves a choice, another may make it."""
    is_possible = [set(reporter.codes) for reporter in reporters.values()]
    common = set.intersection(*is_possible)
    is_chosen = any(
        reporter.is_certain and set(reporter.codes) == common for reporter in reporters.values()
    )
    if len(common) == 1 and is_chosen:
        return dict.fromkeys(reporters, common.pop())
    return {
        unit: reporter.codes[0] if reporter.is_certain else unit for unit, reporter in reporters.items()
    }


def require_unit_of_month(unit: str, month: str, regions: RegionTable) -> None:
    """Raise UnusableFileError if a unit did not report for a month; the finding says who did."""
    if month in regions.history.months[unit]:
        return
    region, reporters = regions.regions[unit], regions.reporters(unit, month)
    reporting_units = regions.names_of(reporters.codes)
    if month > regions.history.months[unit].last:
        assert region.valid_to is not None
        reason = f"到{day_words(region.valid_to)}为止"
        reason += f"，之后由{reporting_units}分别报送" if reporting_units else "，之后没有接续的单位"
        expected = (
            f"{reporting_units}的报送，或此前的月份"
            if reporting_units
            else f"{month_words(f'{region.valid_to:%Y-%m}')}或此前的月份"
        )
    else:
        assert region.valid_from is not None
        reason = f"自{day_words(region.valid_from)}起才有"
        reason += f"，此前由{reporting_units}报送" if reporting_units else ""
        expected = (
            f"{reporting_units}的报送，或此后的月份"
            if reporting_units
            else f"{month_words(f'{region.valid_from:%Y-%m}')}或此后的月份"
        )
    raise UnusableFileError(
        "submission.unit_not_of_month",
        unit=regions.name_of(unit), month=month, reason=reason, expected=expected,
    )  # fmt: skip


def names_other_unit(hint: IdentityHint, unit: str, period: str, regions: RegionTable) -> bool:
    """Return whether a hint names units of which one did not report as this one in the month."""
    named = [code for code in (hint.unit, *hint.further_units) if code]
    return any(
        not regions.history.are_one_line(code, unit) and unit not in regions.reporters(code, period).codes
        for code in named
    )


def require_unit_of_tab(tab: IdentityHint, unit: str, period: str, regions: RegionTable) -> None:
    """Raise UnusableFileError if the name of a sheet names another unit, and only that."""
    if tab.unit and not tab.further_units and names_other_unit(tab, unit, period, regions):
        raise UnusableFileError(
            "submission.tab_of_other_unit", detail=regions.name_of(tab.unit), unit=regions.name_of(unit)
        )


def settled_unit_placeholders(
    named: Sequence[IdentityHint], unit: str, month: str, regions: RegionTable
) -> dict[str, Any] | None:
    """Return placeholders for the notice that a report is taken as another unit's than it names, or None."""
    units = [hint.unit for hint in named if hint.unit]
    if not units or unit in units:
        return None
    return {"named": regions.names_of(units[:1]), "month": month, "unit": regions.names_of([unit])}
