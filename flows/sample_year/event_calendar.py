"""The distribution of a year's count over days and offices, and the numbering of register entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from random import Random

from flows.sample_year.days import day_of_year
from flows.sample_year.scenario import Scenario


def draw_event_days(
    scenario: Scenario, rng: Random, count: int, units: Sequence[str] | None = None
) -> list[tuple[date, str]]:
    """Draw `count` weekdays of the year in order, each with a unit; busy units have more."""
    codes = list(scenario.offices if units is None else units)
    if not codes:
        return []
    shares = [rng.uniform(0.6, 1.5) for _ in codes]
    days = sorted(day_of_year(rng, scenario.year) for _ in range(count))
    return list(zip(days, rng.choices(codes, shares, k=count), strict=True))


def distribute(rng: Random, total: int, matters: int) -> list[int]:
    """Distribute a total over a number of matters, not quite evenly: some get one more, some one less."""
    if not matters:
        return []
    shares = [total // matters] * matters
    for index in rng.sample(range(matters), total - sum(shares)):
        shares[index] += 1
    for _ in range(matters // 6):
        giver, taker = rng.randrange(matters), rng.randrange(matters)
        if shares[giver] and giver != taker:
            shares[giver] -= 1
            shares[taker] += 1
    return shares


class Register:
    """The running numbers of each office's registers."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._order = {code: index for index, code in enumerate(scenario.offices, start=1)}
        self._last: Counter[tuple[str, str]] = Counter()

    def document_no(self, unit: str, kind: str) -> str:
        """Return the next number of a document of a kind, 某环移(冷)〔2023〕1号."""
        return self._scenario.offices[unit].document_no(kind, self._scenario.year, self.number(unit, kind))

    def entry_no(self, unit: str, prefix: str, year: int | None = None) -> str:
        """Return the next number of an entry, unique across offices: XF2023020017."""
        year = year or self._scenario.year
        return f"{prefix}{year}{self._order[unit]:02}{self.number(unit, f'{prefix}{year}'):04}"

    def number(self, unit: str, series: str) -> int:
        """Return the next number of an office's series."""
        self._last[unit, series] += 1
        return self._last[unit, series]
