"""The names of the units of a region table, and how they are found in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property

from schemas.regions.history import History
from schemas.regions.region import Region

_WORD = re.compile(r"[0-9A-Z]+")  # a code is a whole word: 9901210 is not 990121
_SUFFIX = re.compile(r"(?:自治县|新区|经济技术开发区|高新技术产业开发区|开发区|市|县|区)$")
#: how an authority is written without its name, where only one of its level is in the table, and behind its
#: name. These are words of ecology and environment bureaus; another administration has others
_SPELLINGS_WITHOUT_NAME = {
    "city": ("市本级", "市生态环境局", "市局"),
    "province": ("省本级", "省生态环境厅", "省厅"),
}
_BEHIND_NAME = {"city": ("本级", "生态环境局"), "province": ("本级", "生态环境厅")}


class NameIndex:
    """An index of all spellings of the units of a table."""

    def __init__(self, regions: Mapping[str, Region], history: History) -> None:
        self.regions, self.history = regions, history
        self.units = [region for region in regions.values() if region.is_unit]
        self.parents = [region for region in regions.values() if not region.is_unit]

    def spellings(self) -> list[str]:
        """List all spellings of the regions, and their codes."""
        names = [name for region in self.regions.values() for name in (region.code, region.name)]
        of_parents = [
            spelling
            for parent in self.parents
            for spelling in (*_authority_spellings(parent), *_SPELLINGS_WITHOUT_NAME[parent.level])
        ]
        return [*names, *of_parents, *(spelling for spelling, _ in self.unit_spellings)]

    @cached_property
    def unit_spellings(self) -> list[tuple[str, str]]:
        """(spelling, unit code), longest first, so that a county is found before the city in its full title.

        A short name that several units share names none of them, unless one of them became the other.
        """
        of_parents = {name for parent in self.parents for name in (parent.name, _stem(parent.name))}
        units_by_spelling: dict[str, list[Region]] = {}
        for unit in self.units:
            for spelling in sorted((_unit_spellings(unit) - of_parents) | {unit.name}):
                units_by_spelling.setdefault(spelling, []).append(unit)
        pairs = [
            (spelling, unit.code)
            for spelling, units in units_by_spelling.items()
            for unit in units
            if unit.name == spelling or len({self.history.lines[each.code][-1] for each in units}) == 1
        ]
        return sorted(pairs, key=lambda pair: (-len(pair[0]), self._by_code[pair[1]]))

    @cached_property
    def _by_code(self) -> dict[str, int]:
        """Map unit code to position in `units`."""
        return {unit.code: position for position, unit in enumerate(self.units)}

    @cached_property
    def _by_spelling(self) -> dict[int, dict[str, int]]:
        """By length, longest first: map spelling to the position of the first unit with that spelling."""
        positions: dict[int, dict[str, int]] = {}
        for spelling, code in self.unit_spellings:
            positions.setdefault(len(spelling), {}).setdefault(spelling, self._by_code[code])
        return positions

    def find_unit(self, text: str) -> str | None:
        """Return the code of the unit named in a text (by code, name or short name), or None.

        长岭分局 is 长岭县. Where no county is named, 某市本级 and 某市生态环境局 are the bureau.
        """
        compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
        codes = [self._by_code[word] for word in _WORD.findall(compact) if word in self._by_code]
        if codes:
            return self.units[min(codes)].code
        for length, positions in self._by_spelling.items():
            parts = (compact[start : start + length] for start in range(len(compact) - length + 1))
            if matches := [positions[part] for part in parts if part in positions]:
                return self.units[min(matches)].code
        return next((code for spelling, code in self._bureaus if spelling in compact), None)

    def find_units(self, text: str) -> list[str]:
        """Return the codes of all units that a text names, in the order of the table.

        A name within a longer one is not counted, nor are a unit above another one, an earlier code of it,
        and an authority named in the way that its branches name it too.
        """
        compact, positions = self._blank_out_units(text)
        codes = [self.units[position].code for position in sorted(positions)]
        own = [
            code for spelling, code in self._bureaus if _excludes_branches(spelling) and spelling in compact
        ]
        return self._distinct(codes or own[:1])

    def without_units(self, text: str) -> str:
        """Return a text without the units that it names, and without blanks."""
        return self._blank_out_units(text)[0].replace(" ", "")

    def _blank_out_units(self, text: str) -> tuple[str, set[int]]:
        """Return a text with blanks in place of names and codes, and the positions of the units named."""
        compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
        named = {self._by_code[word] for word in _WORD.findall(compact) if word in self._by_code}
        for length, positions in self._by_spelling.items():
            for start in range(len(compact) - length + 1):
                part = compact[start : start + length]
                if part in positions:
                    named.add(positions[part])
                    compact = f"{compact[:start]}{' ' * length}{compact[start + length :]}"
        return compact, named

    def _distinct(self, codes: list[str]) -> list[str]:
        """Leave out units above others, and earlier codes of others."""
        above = {self.regions[code].parent for code in codes}
        lines = self.history.lines
        return [
            code
            for code in codes
            if code not in above and not any(other in lines[code][1:] for other in codes)
        ]

    def find_authority(self, text: str) -> str | None:
        """Return the bureau that a text names as its branches name it too, or None.

        某市生态环境局 may be the bureau, or stand before a branch: for 某市生态环境局长岭分局 `find_unit`
        returns 长岭县. 某市本级 has no branches: None.
        """
        compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
        named = (
            code
            for spelling, code in self._bureaus
            if not _excludes_branches(spelling) and spelling in compact
        )
        return next(named, None)

    def find_bureau(self, text: str) -> str | None:
        """Return the bureau of the city or province whose bare name a text holds, or None.

        For 某市行政处罚台账, in which `find_unit` finds none.
        """
        named = [self.regions[code] for code in self._bureau_by_parent if self.regions[code].name in text]
        lowest_first = sorted(named, key=lambda parent: (parent.level == "province", -len(parent.name)))
        return self._bureau_by_parent[lowest_first[0].code] if lowest_first else None

    @cached_property
    def _bureau_by_parent(self) -> dict[str, str]:
        """By authority, the unit that it is itself."""
        by_parent: dict[str, str] = {}
        for unit in self.units:
            if unit.is_bureau and not self.regions[unit.parent].is_unit:
                by_parent.setdefault(unit.parent, unit.code)
        return by_parent

    @cached_property
    def _bureaus(self) -> list[tuple[str, str]]:
        """(spelling of an authority, unit that it is itself), longest
        first; last the spellings without a name.
        """
        by_parent = self._bureau_by_parent
        named = [
            (spelling, bureau)
            for parent, bureau in by_parent.items()
            for spelling in _authority_spellings(self.regions[parent])
        ]
        alone = []
        for level, spellings in _SPELLINGS_WITHOUT_NAME.items():
            bureaus = {bureau for code, bureau in by_parent.items() if self.regions[code].level == level}
            if len(bureaus) == 1:
                alone += [(spelling, bureau) for bureau in bureaus for spelling in spellings]
        return [*sorted(named, key=lambda pair: -len(pair[0])), *alone]


def _excludes_branches(spelling: str) -> bool:
    """Return whether this spelling of an authority names it alone (某市本级), not its branches too."""
    return spelling.endswith("本级")


def _stem(name: str) -> str:
    stem = _SUFFIX.sub("", name)
    return stem if len(stem) >= 2 else name


def _unit_spellings(unit: Region) -> set[str]:
    if unit.is_bureau:
        return {unit.name}
    spellings = {unit.name, _stem(unit.name)}
    if unit.name.endswith("经济技术开发区"):
        spellings |= {f"{_stem(unit.name)}经开区", "经开区"}
    return spellings


def _authority_spellings(parent: Region) -> tuple[str, ...]:
    return tuple(f"{parent.name}{end}" for end in _BEHIND_NAME[parent.level])
