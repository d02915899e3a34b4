"""Offices: names, document numbers and courts, all derived from the region table."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.regions import Region, RegionTable

#: the first two digits of a GB/T 2260 code, and the word for that province in the numbers of its courts
PROVINCES = {
    "11": "京", "12": "津", "13": "冀", "14": "晋", "15": "内", "21": "辽", "22": "吉", "23": "黑",
    "31": "沪", "32": "苏", "33": "浙", "34": "皖", "35": "闽", "36": "赣", "37": "鲁", "41": "豫",
    "42": "鄂", "43": "湘", "44": "粤", "45": "桂", "46": "琼", "50": "渝", "51": "川", "52": "贵",
    "53": "云", "54": "藏", "61": "陕", "62": "甘", "63": "青", "64": "宁", "65": "新",
}  # fmt: skip


@dataclass(frozen=True)
class Office:
    """A reporting unit: `title` is its official name, `organ` and `mark` occur in its document numbers.

    `seat` is the county or district whose court and police it deals with.
    """

    code: str
    name: str
    title: str
    place_name: str
    seat: str
    organ: str
    mark: str
    court: str
    court_mark: str
    appeal_court: str
    appeal_mark: str

    def document_no(self, kind: str, year: int, serial: int) -> str:
        """Format a document number; `kind` is the word between organ and county: 罚, 立."""
        county = f"({self.mark})" if self.mark else ""
        return f"{self.organ}{kind}{county}〔{year}〕{serial}号"

    def case_no_of_court(self, year: int, serial: int, *, is_appeal: bool) -> str:
        court, stage = (self.appeal_mark, "行终") if is_appeal else (self.court_mark, "行初")
        return f"（{year}）{court}{stage}{serial}号"


def build_offices(regions: RegionTable) -> dict[str, Office]:
    """Build the offices by unit code, in the table's order."""
    marks = _assign_county_marks(regions)
    organ = regions.top.document_mark or f"{regions.top.name[0]}环"
    return {unit.code: _make_office(unit, regions, organ, marks[unit.code]) for unit in regions.units}


def _make_office(unit: Region, regions: RegionTable, organ: str, mark: str) -> Office:
    is_bureau = unit is regions.bureau
    seat = (
        unit
        if unit.code.isdigit()
        else next((region for region in regions.units if region.code.isdigit()), regions.top)
    )
    province = PROVINCES.get(regions.top.code[:2], regions.top.name[0])
    place_name = regions.top.name if is_bureau else _shorten_unit_name(unit, regions)
    bureau_title = f"{regions.top.name}生态环境局"
    title = bureau_title if is_bureau else f"{bureau_title}{place_name}分局"
    return Office(
        code=unit.code,
        name=unit.name,
        title=title if regions.find_unit(title) == unit.code else unit.name,
        place_name=place_name,
        seat=seat.name,
        organ=organ,
        mark=mark,
        court=f"{seat.name}人民法院",
        court_mark=f"{province}{seat.code[2:6]}",
        appeal_court=f"{regions.top.name}中级人民法院",
        appeal_mark=f"{province}{regions.top.code[2:4]}",
    )


def _shorten_unit_name(unit: Region, regions: RegionTable) -> str:
    """Return the shortest prefix of a unit's name that identifies it, 青石 of 青石县."""
    beginnings = (unit.name[:length] for length in range(2, len(unit.name) + 1))
    return next(
        (beginning for beginning in beginnings if regions.find_unit(beginning) == unit.code), unit.name
    )


def _assign_county_marks(regions: RegionTable) -> dict[str, str]:
    """Assign a unique mark to each county; otherwise the decision numbers of two counties would collide."""
    marks = {}
    used_marks = {unit.document_mark for unit in regions.units if unit is not regions.bureau}
    for unit in regions.units:
        if unit is regions.bureau:
            marks[unit.code] = ""
        elif unit.document_mark:
            marks[unit.code] = unit.document_mark
        else:
            own = unit.name.removeprefix(regions.top.name[:2])
            free = [character for character in own + unit.name if character not in used_marks]
            marks[unit.code] = free[0] if free else unit.name
            used_marks.add(marks[unit.code])
    return marks
