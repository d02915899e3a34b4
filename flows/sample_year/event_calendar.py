"""How a year's count falls to days and offices, and how the entries of a register are numbered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from random import Random

from flows.sample_year.days import day_of_year
from flows.sample_year.scenario import World


def occasions(
    world: World, rng: Random, count: int, units: Sequence[str] | None = None
) -> list[tuple[date, str]]:
    """So many working days of the year in order, each with the unit it falls to; busy units have more. None without units."""
    codes = list(world.offices if units is None else units)
    if not codes:
        return []
    shares = [rng.uniform(0.6, 1.5) for _ in codes]
    days = sorted(day_of_year(rng, world.year) for _ in range(count))
    return list(zip(days, rng.choices(codes, shares, k=count), strict=True))


def shared_out(rng: Random, total: int, matters: int) -> list[int]:
    """A total over so many matters: one each where it comes out even, some with two and some with none."""
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
    """The running numbers of one register of each office."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._order = {code: index for index, code in enumerate(world.offices, start=1)}
        self._last: Counter[tuple[str, str]] = Counter()

    def document_no(self, unit: str, kind: str) -> str:
        """The next number of a document of a kind, 某环移(冷)〔2023〕1号."""
        return self._world.offices[unit].document_no(kind, self._world.year, self.number(unit, kind))

    def entry_no(self, unit: str, prefix: str, year: int | None = None) -> str:
        """The next number of an entry, unlike those of other offices: XF2023020017."""
        year = year or self._world.year
        return f"{prefix}{year}{self._order[unit]:02}{self.number(unit, f'{prefix}{year}'):04}"

    def number(self, unit: str, series: str) -> int:
        """The next number of an office's series."""
        self._last[unit, series] += 1
        return self._last[unit, series]
