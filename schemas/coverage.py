"""Whether a unit has reported what a figure rests on: a figure without any report is none, and never a zero."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from schemas.indicator import Indicator
from schemas.periods import Period

#: by ledger and unit, the months for which a report stands
Reports = Mapping[str, Mapping[str, Collection[str]]]


def has_reported_all(indicator: Indicator, unit: str, period: Period, reports: Reports) -> bool:
    """Whether a unit's reports stand for every month of every ledger that the indicator needs; of a state, for the last."""
    months = period.months()[-1:] if _is_stock(indicator) else period.months()
    return all(set(months) <= set(reports[ledger].get(unit, ())) for ledger in indicator.ledgers())


def has_reported_any(indicator: Indicator, unit: str, period: Period, reports: Reports) -> bool:
    """Whether a unit reported anything that the figure could rest on; a state may rest on an earlier month."""
    first, last = "" if _is_stock(indicator) else period.months()[0], period.months()[-1]
    return any(first <= month <= last for part in indicator.parts() for month in reports[part.ledger].get(unit, ()))


def _is_stock(indicator: Indicator) -> bool:
    return all(part.stock for part in indicator.parts())
