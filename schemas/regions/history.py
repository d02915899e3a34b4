"""What became of the regions in time: who followed whom, and in which months each unit reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property

from schemas.periods import month_after
from schemas.regions.region import ALWAYS, MonthSpan, Region


class History:
    """The successions of a region table; the table was checked when it was parsed."""

    def __init__(self, regions: Mapping[str, Region]) -> None:
        self.regions = regions

    @cached_property
    def predecessors(self) -> dict[str, list[Region]]:
        """By code, the regions that it took over from, wholly or in part."""
        predecessors: dict[str, list[Region]] = {code: [] for code in self.regions}
        for region in self.regions.values():
            for successor in region.successors:
                predecessors[successor].append(region)
        return predecessors

    def find_absorbed(self, code: str) -> list[Region]:
        """Return the regions that a region took over from as a whole."""
        return [region for region in self.predecessors[code] if region.successors == (code,)]

    @cached_property
    def lines(self) -> dict[str, tuple[str, ...]]:
        """By code: the region and those that followed it one after the other, each alone."""
        lines = {}
        for code in self.regions:
            line = [code]
            while len(successors := self.regions[line[-1]].successors) == 1:
                line.append(successors[0])
            lines[code] = tuple(line)
        return lines

    def are_one_line(self, code: str, other: str) -> bool:
        """True if one of two regions is the other under a later code or name, or merged into it."""
        return code == other or code in self.lines.get(other, ()) or other in self.lines.get(code, ())

    @cached_property
    def origins(self) -> dict[str, str]:
        """By code of a region that continues a recoded one: the first code of its chain.

        Natural keys with a unit contain that code.
        """
        origins: dict[str, str] = {}
        for region in self.regions.values():
            if self._is_recoded(region):
                origins[region.successors[0]] = region.code
        for code in origins:
            while origins[code] in origins:
                origins[code] = origins[origins[code]]
        return origins

    @cached_property
    def months(self) -> dict[str, MonthSpan]:
        """By code, the months for which a region reports: those in which it existed.

        The month in which a unit was recoded is its successor's, as it is reported once and after its end.
        In the month of a merger or a division both sides report.
        """
        return {code: self._months_of(region) for code, region in self.regions.items()}

    def _months_of(self, region: Region) -> MonthSpan:
        first = f"{region.valid_from:%Y-%m}" if region.valid_from else ALWAYS.first
        if region.valid_to is None:
            return MonthSpan(first, ALWAYS.last)
        last = f"{region.valid_to:%Y-%m}"
        is_passed_on = region.ends_within_a_month and self._is_recoded(region)
        return MonthSpan(first, month_after(last, -1) if is_passed_on else last)

    def _is_recoded(self, region: Region) -> bool:
        """True if a region goes on under another code.

        It has exactly one successor, which begins the next day and has no other predecessor.
        """
        if len(region.successors) != 1 or region.valid_to is None:
            return False
        successor = self.regions[region.successors[0]]
        begins = region.valid_to + timedelta(days=1)
        return successor.valid_from == begins and self.predecessors[successor.code] == [region]
