"""Parse a region table (CSV), and check that it is a tree whose successions fit together."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources

from schemas.errors import DefinitionError
from schemas.regions.region import LEVELS, PARENT_LEVELS, Region
from schemas.regions.table import RegionTable
from schemas.sentences import Sentence

COLUMNS = (
    "code", "name", "level", "parent", "document_mark", "note", "valid_from", "valid_to", "successor",
)  # fmt: skip
REQUIRED_COLUMNS = COLUMNS[:4]
_CODE = re.compile(r"[0-9A-Z]{6,12}")
#: 2023-03-31, and 2023/3/31 as a spreadsheet program saves it
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_BETWEEN_CODES = re.compile(r"[;；]")

Fail = Callable[[str, str], "RegionTableError"]


class RegionTableError(DefinitionError):
    """The region table is invalid; the message says which line and why."""


def default_regions_text() -> str:
    """Read the built-in region table as text."""
    return resources.files("schemas").joinpath("regions.csv").read_text("utf-8")


def parse_regions(text: str) -> RegionTable:
    """Parse a region table (CSV with the columns of `COLUMNS`). Raises RegionTableError with the line."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    if missing := [name for name in REQUIRED_COLUMNS if name not in (rows.fieldnames or ())]:
        raise RegionTableError(
            Sentence(
                "the region table needs the columns {columns}; missing: {missing}",
                columns=", ".join(COLUMNS),
                missing=", ".join(missing),
            )
        )
    regions: dict[str, Region] = {}
    lines: dict[str, int] = {}
    for row in rows:
        region = _parse_region(row, rows.line_num)
        if region.code in regions:
            raise RegionTableError(
                Sentence(
                    "region table line {line_num}: there are two lines for {code}",
                    line_num=rows.line_num,
                    code=region.code,
                )
            )
        regions[region.code], lines[region.code] = region, rows.line_num

    def fail(code: str, reason: str) -> RegionTableError:
        return RegionTableError(
            Sentence("region table line {lines}: {reason}", lines=lines[code], reason=reason)
        )

    _check_names(regions, fail)
    regions = _attach_to_top(regions, fail)
    _check_parents(regions, fail)
    for region in regions.values():
        _check_successors(region, regions, fail)
    if not any(region.is_unit for region in regions.values()):
        raise RegionTableError(Sentence("the region table holds no reporting unit below its city"))
    return RegionTable(list(regions.values()))


def _parse_region(row: Mapping[str, str | None], line: int) -> Region:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    code, level = values["code"], values["level"]
    where = Sentence("region table line {line}", line=line)
    if not _CODE.fullmatch(code):
        raise RegionTableError(
            Sentence("{where}: '{code}' is no code of 6 to 12 digits and capitals", where=where, code=code)
        )
    if level and level not in LEVELS:
        raise RegionTableError(
            Sentence(
                "{where}: '{level}' is no level; valid are {levels}",
                where=where,
                level=level,
                levels=", ".join(LEVELS),
            )
        )
    days = [_parse_day(values[name], f"{where}: {name}") for name in ("valid_from", "valid_to")]
    successors = tuple(filter(None, (part.strip() for part in _BETWEEN_CODES.split(values["successor"]))))
    region = Region(
        code, values["name"], level, values["parent"], values["document_mark"], days[0], days[1], successors
    )
    if not region.name:
        raise RegionTableError(
            Sentence("{where}: {code} needs a name of its own, it has ''", where=where, code=code)
        )
    if not level:
        raise RegionTableError(
            Sentence("{where}: '' is no level; valid are {levels}", where=where, levels=", ".join(LEVELS))
        )
    if region.valid_from and region.valid_to and region.valid_to < region.valid_from:
        raise RegionTableError(
            Sentence(
                "{where}: {code} ends on {valid_to}, before it begins on {valid_from}",
                where=where,
                code=code,
                valid_to=region.valid_to,
                valid_from=region.valid_from,
            )
        )
    if successors and region.valid_to is None:
        raise RegionTableError(
            Sentence(
                "{where}: {code} has a successor, so it needs the last day in valid_to",
                where=where,
                code=code,
            )
        )
    return region


def _parse_day(text: str, where: str) -> date | None:
    if not text:
        return None
    match = _DAY.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        return date(*(int(part) for part in match.groups()))
    except ValueError as error:
        raise RegionTableError(
            Sentence("{where}: '{text}' is no day; write it as 2023-03-31", where=where, text=text)
        ) from error


def _check_names(regions: Mapping[str, Region], fail: Fail) -> None:
    """Two regions may have one name at different times only, as where a unit was recoded."""
    by_name: dict[str, list[Region]] = {}
    for region in regions.values():
        for other in by_name.setdefault(region.name, []):
            if region.overlaps(other):
                raise fail(
                    region.code,
                    f"{region.code} needs a name of its own, it has '{region.name}' at the same time as "
                    f"{other.code}",
                )
        by_name[region.name].append(region)


def _attach_to_top(regions: dict[str, Region], fail: Fail) -> dict[str, Region]:
    """Find the top of the tree: the only line without a parent, or the only one of its level.

    The parents in a table of one city are known without being written.
    """
    level = next(
        (level for level in PARENT_LEVELS if any(r.level == level for r in regions.values())), "city"
    )
    highest = [region for region in regions.values() if region.level == level]
    tops = [region for region in highest if not region.parent] or (highest if len(highest) == 1 else [])
    if not tops:
        raise RegionTableError(
            Sentence(
                "the region table must hold one row of level '{level}' without a parent, it holds 0",
                level=level,
            )
        )
    if len(tops) > 1:
        raise fail(
            tops[1].code, f"{tops[1].code} is a second top beside {tops[0].code}; only one has no parent"
        )
    top = tops[0]
    parents = [region for region in regions.values() if not region.is_unit]
    attached = {}
    for region in regions.values():
        if region is top and region.parent not in regions:
            region = replace(region, parent="")
        elif region is not top and not region.parent:
            if not region.is_unit or len(parents) > 1:
                raise fail(
                    region.code, f"{region.code} needs the code of its parent; the top is {top.code}"
                )
            region = replace(region, parent=top.code)
        attached[region.code] = region
    return attached


def _check_parents(regions: Mapping[str, Region], fail: Fail) -> None:
    for region in regions.values():
        if region.parent and region.parent not in regions:
            raise fail(
                region.code, f"{region.code} has the parent {region.parent}, which is not in the table"
            )
    for region in regions.values():
        above = [region.code]
        while parent := regions[above[-1]].parent:
            if parent in above:
                raise fail(region.code, f"{region.code} is its own parent: {' < '.join([*above, parent])}")
            above.append(parent)


def _check_successors(region: Region, regions: Mapping[str, Region], fail: Fail) -> None:
    """Each successor must exist, be of the same kind, and be valid on
    the day after its predecessor's last.
    """
    for code in region.successors:
        if code not in regions:
            raise fail(region.code, f"{region.code} has the successor {code}, which is not in the table")
        successor = regions[code]
        if successor.is_unit != region.is_unit:
            raise fail(
                region.code,
                f"{region.code} ({region.level}) cannot be followed by {code} ({successor.level})",
            )
        day = (region.valid_to or date.max - timedelta(days=1)) + timedelta(days=1)
        if code == region.code or not successor.is_valid_on(day):
            raise fail(
                region.code, f"{region.code} ends on {region.valid_to}, but {code} is not valid on {day}"
            )
