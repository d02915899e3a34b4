"""What every ledger's truth is drawn from: the year, the offices, the targets, and luck that repeats itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from flows.sample_year.case_lifecycle import Affair, make_affairs
from flows.sample_year.offices import Office, offices_of
from flows.sample_year.parties import PartyBook
from flows.sample_year.published import Targets
from schemas.regions import RegionTable

_SEED = "huizong"

Values = Mapping[str, Any]


@dataclass(frozen=True)
class TrueRow:
    """A row as a unit first reports it in `month`, and as it stands in `later_month`, when the matter has ended.

    Offices that carry over report it again then; where `is_told_again` every office does. Values are typed: dates, integer
    分, booleans, tuples for several categories; missing is None.
    """

    unit: str
    month: int
    values: Values
    later_month: int | None = None
    later_values: Values | None = None
    is_told_again: bool = False


Truth = dict[str, list[TrueRow]]


@dataclass(frozen=True)
class World:
    """One year of one city."""

    year: int
    regions: RegionTable
    targets: Targets

    def rng(self, purpose: str) -> Random:
        """Luck of its own for each purpose, so that a new ledger changes nothing in the others."""
        return Random(f"{_SEED}/{self.year}/{purpose}")

    @property
    def bureau(self) -> str | None:
        """The unit that is the city bureau itself, if the table has one."""
        return self.regions.bureau.code if self.regions.bureau else None

    @cached_property
    def counties(self) -> list[str]:
        return [code for code in self.offices if code != self.bureau]

    def new_book(self, unit: str) -> PartyBook:
        """An empty book of a unit's parties. The same name in two books is the same party."""
        return PartyBook(self.offices[unit].place, unit, self.regions.city.code)

    @cached_property
    def offices(self) -> dict[str, Office]:
        return offices_of(self.regions)

    @cached_property
    def affairs(self) -> list[Affair]:
        filed = self.targets.count("case_filed_count")
        return make_affairs(self.rng("affairs"), self.year, self.offices, self.regions.city.code, filed)
