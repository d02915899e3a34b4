"""The tree of a region table, and which unit reports for a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from schemas.periods import Period
from schemas.regions.history import History
from schemas.regions.names import NameIndex
from schemas.regions.region import ALWAYS, NEVER, MonthSpan, Region


@dataclass(frozen=True)
class Reporters:
    """The units that a report for a month can be of, and whether their names alone settle it.

    They do not for the month of a unit that was divided, or for one before a merger.
    """

    codes: tuple[str, ...]
    is_certain: bool


class RegionTable:
    """A tree of authorities (`province`, `city`) with reporting units (`unit`, `bureau`) below them."""

    def __init__(self, regions: Sequence[Region]) -> None:
        self.regions = {region.code: region for region in regions}
        self.top = next(region for region in regions if not region.parent)
        self.units = [region for region in regions if region.is_unit]
        self.history = History(self.regions)
        self.names = NameIndex(self.regions, self.history)

    @cached_property
    def bureau(self) -> Region | None:
        """The first unit that is an authority itself; of a table with one city its bureau."""
        return next((unit for unit in self.units if unit.is_bureau), None)

    @cached_property
    def bureaus(self) -> set[str]:
        """The units that are an authority itself."""
        return {unit.code for unit in self.units if unit.is_bureau}

    def unit_codes(self) -> list[str]:
        """List the codes of the units that report, in the order of the table."""
        return [unit.code for unit in self.units]

    def name_of(self, code: str) -> str:
        """Return the name of a region, or the code if it is no longer in the table."""
        return self.regions[code].name if code in self.regions else code

    def names_of(self, codes: Sequence[str]) -> str:
        """Return names and codes of units as one text."""
        return "、".join(f"{self.name_of(code)}（{code}）" for code in codes)

    def valid_units(self) -> str:
        """List the units of the table that have not ended, as text."""
        return self.names_of([unit.code for unit in self.units if unit.valid_to is None])

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {code: [] for code in self.regions}
        for region in self.regions.values():
            if region.parent:
                children[region.parent].append(region.code)
        return children

    def units_below(self, code: str) -> list[str]:
        """Return the units whose rows make up a region's figures, ended ones included, in the table's order.

        These are all units below it, itself if it is one, and those of the regions
        that it took over as a whole. Raises KeyError.
        """
        if code not in self.regions:
            raise KeyError(f"no region {code}; the table has {', '.join(self.regions)}")
        return list(self._units_below[code])

    @cached_property
    def _units_below(self) -> dict[str, tuple[str, ...]]:
        position = {code: index for index, code in enumerate(self.unit_codes())}
        return {
            code: tuple(sorted(self._find_units_below(code), key=position.__getitem__))
            for code in self.regions
        }

    def _find_units_below(self, code: str) -> set[str]:
        units = self._units_of_tree(code)
        for predecessor in self.history.find_absorbed(code):
            units |= self._find_units_below(predecessor.code)
        return units

    def _units_of_tree(self, code: str) -> set[str]:
        """Return the units at and below a region, without what it took over."""
        units, waiting = set[str](), [code]
        while waiting:
            current = waiting.pop()
            if self.regions[current].is_unit:
                units.add(current)
            waiting += self._children[current]
        return units

    def parts_of(self, code: str, period: Period) -> dict[str, list[str]]:
        """Return the parts of a region, each with its units: each unit, or each region directly below.

        Those that had ended before the period are left out.
        """
        if self.regions[code].is_unit:
            parts = {unit: [unit] for unit in self.units_below(code)}
        else:
            under_any_code = [each for each, line in self.history.lines.items() if code in line]
            children = [child for authority in under_any_code for child in self._children[authority]]
            parts = {child: sorted(self._units_of_tree(child)) for child in children}
        return {
            part: units
            for part, units in parts.items()
            if (self.regions[part].valid_to or date.max) >= period.start_on
        }

    def of_period(self, period: Period) -> list[str]:
        """Return the regions that existed on any day of a period, the top first."""
        existing = [
            code
            for code, region in self.regions.items()
            if (region.valid_from or date.min) <= period.last_on
            and (region.valid_to or date.max) >= period.start_on
        ]
        return [self.top.code, *(code for code in existing if code != self.top.code)]

    @cached_property
    def sums(self) -> dict[str, tuple[str, ...]]:
        """By code, the units of each region whose figures are not just its own rows'."""
        return {code: units for code, units in self._units_below.items() if units != (code,)}

    @cached_property
    def containing(self) -> dict[str, tuple[str, ...]]:
        """By unit, the regions in whose figures its rows count, in the table's order."""
        return {
            unit: tuple(code for code, units in self._units_below.items() if unit in units)
            for unit in self.unit_codes()
        }

    @cached_property
    def reporting_months(self) -> dict[str, MonthSpan]:
        """By unit, the months for which it owes reports, of those that do not always owe them.

        A unit with units below it is their sum and owes none itself.
        """
        months = {
            unit.code: NEVER if self._children[unit.code] else self.history.months[unit.code]
            for unit in self.units
        }
        return {unit: span for unit, span in months.items() if span != ALWAYS}

    def reporters(self, code: str, month: str) -> Reporters:
        """Return who reports for a month where a report names this unit:
        itself, or who stood in its place then.
        """
        if month in self.history.months[code]:
            return Reporters((code,), True)
        name = self.regions[code].name
        namesakes = [
            unit.code
            for unit in self.units
            if unit.name == name and month in self.history.months[unit.code]
        ]
        if namesakes:
            return Reporters(tuple(namesakes), len(namesakes) == 1)
        is_later = month > self.history.months[code].last
        codes, is_certain = self._follow(code, month, is_later=is_later)
        return Reporters(tuple(dict.fromkeys(codes)), is_certain and bool(codes))

    def _follow(self, code: str, month: str, *, is_later: bool) -> tuple[list[str], bool]:
        """Follow successors, or predecessors, to those that existed in a month."""
        if month in self.history.months[code]:
            return [code], True
        if is_later:
            steps = list(self.regions[code].successors)
            is_certain = len(steps) == 1
        else:
            predecessors = self.history.predecessors[code]
            steps = [region.code for region in predecessors]
            is_certain = len(steps) == 1 and predecessors[0].successors == (code,)
        followed = [self._follow(step, month, is_later=is_later) for step in steps]
        units = [unit for codes, _ in followed for unit in codes]
        return units, is_certain and all(is_certain_on for _, is_certain_on in followed)

    def report_unit(self, code: str, month: str) -> str:
        """Return the unit whose report for a month is meant by a unit's
        code: itself where that is not certain.
        """
        reporters = self.reporters(code, month)
        return reporters.codes[0] if reporters.is_certain else code

    def is_of_other_unit(self, code: str, month: str) -> bool:
        """Return whether another unit certainly stood in a unit's place in a month."""
        return code in self.regions and self.report_unit(code, month) != code

    def spellings(self) -> list[str]:
        """List all spellings of the regions, and their codes."""
        return self.names.spellings()

    def find_unit(self, text: str) -> str | None:
        """Return the code of the unit named in a text (by code, name or short name), or None."""
        return self.names.find_unit(text)

    def find_units(self, text: str) -> list[str]:
        """Return the codes of all units that a text names, in the order of the table."""
        return self.names.find_units(text)

    def find_authority(self, text: str) -> str | None:
        """Return the unit that is an authority which a text names as its branches do too: 某市生态环境局."""
        return self.names.find_authority(text)

    def is_branch(self, unit: str, bureau: str) -> bool:
        """Return whether a unit is below the authority that a bureau is, or is the bureau itself."""
        return unit in self._units_below[self.regions[bureau].parent]

    def find_bureau(self, text: str) -> str | None:
        """Return the unit that is itself the authority whose name a text holds, or None."""
        return self.names.find_bureau(text)

    def find_by_mark(self, mark: str) -> str | None:
        """Return the only unit whose document numbers have this county mark, or None.

        Where units of one line share it, it is the last of them.
        """
        matches = [unit.code for unit in self.units if mark and unit.document_mark == mark]
        last = {self.history.lines[code][-1] for code in matches}
        if len(last) != 1:
            return None
        return matches[0] if len(matches) == 1 else last.pop()
