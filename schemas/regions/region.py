"""One line of the region table: an authority with units below it, or a unit that reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

#: levels of the lines that add up what is below them, and of those that report
PARENT_LEVELS, UNIT_LEVELS = ("province", "city"), ("bureau", "unit")
LEVELS = (*PARENT_LEVELS, *UNIT_LEVELS)


@dataclass(frozen=True)
class MonthSpan:
    """The months from `first` to `last`, both included; no month if `last` is earlier."""

    first: str
    last: str

    def __contains__(self, month: str) -> bool:
        return self.first <= month <= self.last


ALWAYS, NEVER = MonthSpan("", "9999-12"), MonthSpan("9999-12", "")


@dataclass(frozen=True)
class Region:
    """A province, city or unit, and the days on which it existed; a day that is missing is without limit.

    `document_mark` is its mark in document numbers: 某环 for a city, 冷 for a county.
    `successors` are the codes that took over when it ended: one where it was renamed,
    recoded or merged, several where it was split.
    """

    code: str
    name: str
    level: str
    parent: str
    document_mark: str
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    @property
    def is_unit(self) -> bool:
        """True for what reports; false for what only adds up the reports below it."""
        return self.level in UNIT_LEVELS

    @property
    def is_bureau(self) -> bool:
        """True for the authority itself, which reports as a unit beside those below it."""
        return self.level == "bureau" or (self.is_unit and self.name.endswith("本级"))

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def overlaps(self, other: Region) -> bool:
        """True if there is a day on which both exist."""
        return max(self.valid_from or date.min, other.valid_from or date.min) <= min(
            self.valid_to or date.max, other.valid_to or date.max
        )

    @property
    def ends_within_a_month(self) -> bool:
        """True if it ended on another day than a month's last."""
        return self.valid_to is not None and (self.valid_to + timedelta(days=1)).day != 1
