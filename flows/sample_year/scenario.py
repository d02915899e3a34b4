"""The scenario behind every ledger's rows: year, offices, targets and seeded random numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from flows.sample_year.case_lifecycle import CaseRecord, make_case_records
from flows.sample_year.offices import Office, build_offices
from flows.sample_year.parties import PartyBook
from flows.sample_year.published import Targets
from schemas.regions import RegionTable

_SEED = "huizong"

Values = Mapping[str, Any]


@dataclass(frozen=True)
class ExpectedRow:
    """A row as a unit first reports it in `month`, and its values in
    `later_month`, when the matter has ended.

    Offices that carry rows over report it again then; with `is_reported_again` every office does. Values are
    typed: dates, integer 分, booleans, tuples of categories; missing is None.
    """

    unit: str
    month: int
    values: Values
    later_month: int | None = None
    later_values: Values | None = None
    is_reported_again: bool = False


Truth = dict[str, list[ExpectedRow]]


@dataclass(frozen=True)
class Scenario:
    """One year of one city."""

    year: int
    regions: RegionTable
    targets: Targets

    def rng(self, purpose: str) -> Random:
        """Return a generator seeded per purpose, so that a new ledger does not change the others."""
        return Random(f"{_SEED}/{self.year}/{purpose}")

    @property
    def bureau(self) -> str | None:
        """The unit that is the city bureau itself, if the table has one."""
        return self.regions.bureau.code if self.regions.bureau else None

    @cached_property
    def counties(self) -> list[str]:
        return [code for code in self.offices if code != self.bureau]

    def new_book(self, unit: str) -> PartyBook:
        """Return an empty book of a unit's parties. The same name in two books is the same party."""
        return PartyBook(self.offices[unit].place_name, unit, self.regions.top.code)

    @cached_property
    def offices(self) -> dict[str, Office]:
        return build_offices(self.regions)

    @cached_property
    def case_records(self) -> list[CaseRecord]:
        filed = self.targets.count("case_filed_count")
        return make_case_records(self.rng("affairs"), self.year, self.offices, self.regions.top.code, filed)
