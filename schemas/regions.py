"""The reporting units of one city, from a CSV table of codes and names.

Another city supplies another table.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

from schemas.errors import DefinitionError

LEVELS = ("city", "bureau", "unit")
COLUMNS = ("code", "name", "level", "parent", "document_mark", "note")
_WORD = re.compile(r"[0-9A-Z]+")  # a code is a whole word: 9901210 is not 990121
_SUFFIX = re.compile(r"(?:自治县|新区|经济技术开发区|高新技术产业开发区|开发区|市|县|区)$")


class RegionTableError(DefinitionError):
    """The region table is invalid; the message says which line and why."""


@dataclass(frozen=True)
class Region:
    """A city or unit. `document_mark` is its mark in document numbers: 某环 for a city, 冷 for a county."""

    code: str
    name: str
    level: str
    parent: str
    document_mark: str

    @property
    def is_bureau(self) -> bool:
        """True for the city bureau itself, which reports as a unit like the counties."""
        return self.level == "bureau" or self.name.endswith("本级")


class RegionTable:
    """One city (level `city`) and its reporting units."""

    def __init__(self, regions: list[Region]) -> None:
        self.regions = {region.code: region for region in regions}
        tops = [region for region in regions if region.level == "city"]
        if len(tops) != 1:
            raise RegionTableError(
                f"the region table must hold one row of level 'city', it holds {len(tops)}"
            )
        self.city = tops[0]
        self.units = [region for region in regions if region is not self.city]
        if not self.units:
            raise RegionTableError("the region table holds no reporting unit below its city")

    @cached_property
    def bureau(self) -> Region | None:
        return next((unit for unit in self.units if unit.is_bureau), None)

    def unit_codes(self) -> list[str]:
        return [unit.code for unit in self.units]

    def name_of(self, code: str) -> str:
        """Return the name of a region, or the code if it is no longer in the table."""
        return self.regions[code].name if code in self.regions else code

    def units_below(self, code: str) -> list[str]:
        """Return the units whose rows make up a region's figures: all units for the city.

        Raises KeyError.
        """
        if code not in self.regions:
            raise KeyError(f"no region {code}; the table has {', '.join(self.regions)}")
        return self.unit_codes() if code == self.city.code else [code]

    def valid_units(self) -> str:
        return "、".join(f"{unit.name}（{unit.code}）" for unit in self.units)

    def spellings(self) -> list[str]:
        """List all spellings of the city and its units, and their codes."""
        names = [name for unit in self.regions.values() for name in (unit.code, unit.name)]
        return [*names, *_bureau_spellings(self.city), *(spelling for spelling, _ in self._spellings)]

    @cached_property
    def _spellings(self) -> list[tuple[str, str]]:
        """(spelling, unit code), longest first, so that a county is found before the city in its full title."""
        pairs = [(spelling, unit.code) for unit in self.units for spelling in _spellings(unit, self.city)]
        return sorted(pairs, key=lambda pair: -len(pair[0]))

    @cached_property
    def _by_code(self) -> dict[str, int]:
        """Map unit code to position in `units`."""
        return {unit.code: position for position, unit in enumerate(self.units)}

    @cached_property
    def _by_spelling(self) -> dict[int, dict[str, int]]:
        """By length, longest first: map spelling to the position of the first unit with that spelling."""
        positions: dict[int, dict[str, int]] = {}
        for spelling, code in self._spellings:
            positions.setdefault(len(spelling), {}).setdefault(spelling, self._by_code[code])
        return positions

    def find_unit(self, text: str) -> str | None:
        """Return the code of the unit named in a text (by code, name or short name), or None."""
        compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
        codes = [self._by_code[word] for word in _WORD.findall(compact) if word in self._by_code]
        if codes:
            return self.units[min(codes)].code
        for length, positions in self._by_spelling.items():
            parts = (compact[start : start + length] for start in range(len(compact) - length + 1))
            if matches := [positions[part] for part in parts if part in positions]:
                return self.units[min(matches)].code
        names_the_bureau = self.bureau and any(name in compact for name in _bureau_spellings(self.city))
        return self.bureau.code if self.bureau and names_the_bureau else None

    def find_by_mark(self, mark: str) -> str | None:
        """Return the only unit whose document numbers have this county mark, or None."""
        matches = [unit.code for unit in self.units if mark and unit.document_mark == mark]
        return matches[0] if len(matches) == 1 else None


def _stem(name: str) -> str:
    stem = _SUFFIX.sub("", name)
    return stem if len(stem) >= 2 else name


def _spellings(unit: Region, city: Region) -> set[str]:
    if unit.is_bureau:
        return {unit.name}
    spellings = {unit.name, _stem(unit.name)}
    if unit.name.endswith("经济技术开发区"):
        spellings |= {f"{_stem(unit.name)}经开区", "经开区"}
    return spellings - {_stem(city.name), city.name}


def _bureau_spellings(city: Region) -> tuple[str, ...]:
    return f"{city.name}本级", "市本级", f"{city.name}生态环境局", "市生态环境局", "市局"


def parse_regions(text: str) -> RegionTable:
    """Parse a region table (CSV with the columns of `COLUMNS`). Raises RegionTableError with the line."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    missing = [name for name in COLUMNS[:4] if name not in (rows.fieldnames or ())]
    if missing:
        raise RegionTableError(
            f"the region table needs the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}"
        )
    regions: dict[str, Region] = {}
    names: set[str] = set()
    for row in rows:
        line = rows.line_num
        code = (row["code"] or "").strip()
        if not re.fullmatch(r"[0-9A-Z]{6,12}", code):
            raise RegionTableError(
                f"region table line {line}: '{code}' is no code of 6 to 12 digits and capitals"
            )
        if code in regions:
            raise RegionTableError(f"region table line {line}: {code} stands twice")
        values = {name: (row.get(name) or "").strip() for name in COLUMNS[1:5]}
        if not values["name"] or values["name"] in names:
            raise RegionTableError(
                f"region table line {line}: {code} needs a name of its own, it has '{values['name']}'"
            )
        if values["level"] not in LEVELS:
            raise RegionTableError(
                f"region table line {line}: '{values['level']}' is no level; valid are {', '.join(LEVELS)}"
            )
        regions[code] = Region(code=code, **values)
        names.add(values["name"])
    return RegionTable(list(regions.values()))


def default_regions_text() -> str:
    """Read the built-in region table as text."""
    return resources.files("schemas").joinpath("regions.csv").read_text("utf-8")
