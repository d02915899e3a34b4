"""Which unit a text names, and region tables of other cities, good and bad."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.regions import Region, RegionTable, RegionTableError, default_regions_text, parse_regions
from schemas.regions.parse import COLUMNS
from tests.conftest import CITY_TABLE
from tests.support.regions import default_regions

CITY = parse_regions(CITY_TABLE)
BUREAU, STAR, RIDGE, RIVER = "9901X0", "990102", "990121", "990181"
HEADER = "code,name,level,parent,document_mark,note\n"
TOP = "990100,某市,city,,,\n"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("临江市", RIVER),
        ("临江", RIVER),
        ("临江市生态环境局", RIVER),
        ("某市生态环境局临江分局", RIVER),
        ("某市生态环境局临江分局2023年6月立案台账", RIVER),
        ("某市生态环境局星河区分局", STAR),
        ("长 岭 县", RIDGE),
        ("长岭县2023年6月行政处罚决定台账", RIDGE),
        ("990121", RIDGE),
        ("990121-202306", RIDGE),
        ("9901x0", BUREAU),
        ("９９０１２１", RIDGE),
        ("2023-06 立案台账（星河区）", STAR),
        ("某市本级", BUREAU),
        ("市本级", BUREAU),
        ("某市生态环境局", BUREAU),
        ("某市生态环境局2023年6月立案台账", BUREAU),
        ("市局", BUREAU),
        ("某市", None),
        ("990100", None),
        ("9901210", None),
        ("1990121", None),
        ("上海市", None),
        ("立案台账", None),
        ("", None),
    ],
)
def test_find_unit(text: str, unit: str | None) -> None:
    assert CITY.find_unit(text) == unit


def find_unit_by_search(table: RegionTable, text: str) -> str | None:
    """Find a unit as `find_unit` does, but by trying each unit in turn."""
    compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    by_code = (
        unit.code for unit in table.units if re.search(rf"(?<![0-9A-Z]){unit.code}(?![0-9A-Z])", compact)
    )
    by_name = (code for spelling, code in table.names.unit_spellings if spelling in compact)
    return next(by_code, None) or next(by_name, None)


PLACES = [
    "990121",
    "9901X0",
    "990181",
    "临江市",
    "临江",
    "江临县",
    "长岭县",
    "岭",
    "某市",
    "x",
    " ",
    "-",
    "0",
    "区",
]
TWINS = "990182,江临县,unit,990100,,\n990183,临江江县,unit,990100,,\n990184,临江江区,unit,990100,,\n"


@given(st.lists(st.sampled_from(PLACES), max_size=5).map("".join))
def test_the_index_finds_the_same_unit_as_a_search(text: str) -> None:
    table = parse_regions(CITY_TABLE + TWINS)
    assert table.find_unit(text) == find_unit_by_search(table, text)


@pytest.mark.parametrize("region", default_regions().units)
def test_every_unit_of_the_projects_table_is_found_by_code_and_name(region: Region) -> None:
    table = default_regions()
    assert table.find_unit(region.code) == region.code
    assert table.find_unit(region.name) == region.code
    assert table.find_unit(f"{region.name}2023年6月台账") == region.code
    if not region.is_bureau:
        assert table.find_unit(f"{table.top.name}生态环境局{region.name}分局") == region.code


def test_a_development_zone_is_found_by_its_short_names() -> None:
    table = parse_regions(
        HEADER + TOP + "9901X1,某市经济技术开发区,unit,990100,,\n990121,长岭县,unit,990100,,\n"
    )
    assert [table.find_unit(name) for name in ("某市经开区", "经开区", "经济技术开发区")] == [
        "9901X1",
        "9901X1",
        None,
    ]


def test_find_by_mark() -> None:
    assert [CITY.find_by_mark(mark) for mark in ("江", "星", "岭", "")] == [RIVER, STAR, None, None]


def test_a_mark_that_two_units_share_names_none() -> None:
    table = parse_regions(HEADER + TOP + "990121,长岭县,unit,990100,长,\n990122,长河县,unit,990100,长,\n")
    assert table.find_by_mark("长") is None


def test_units_below() -> None:
    assert CITY.units_below("990100") == [BUREAU, STAR, RIDGE, RIVER]
    assert CITY.units_below(RIVER) == [RIVER]
    with pytest.raises(KeyError, match="no region 110000; the table has 990100"):
        CITY.units_below("110000")


def test_the_bureau_is_a_unit_of_its_level_or_name() -> None:
    assert CITY.bureau is not None
    assert CITY.bureau.code == BUREAU
    by_level = parse_regions(HEADER + TOP + "9901X0,某市生态环境局机关,bureau,990100,,\n")
    assert by_level.bureau is not None
    without = parse_regions(HEADER + TOP + "990121,长岭县,unit,990100,,\n")
    assert without.bureau is None
    assert without.find_unit("某市生态环境局") is None


def test_a_table_may_carry_a_byte_order_mark_and_blank_lines() -> None:
    table = parse_regions("\ufeff" + HEADER + TOP + "\n990121,长岭县,unit,990100,,\n")
    assert isinstance(table, RegionTable)
    assert table.unit_codes() == ["990121"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "missing: code, name, level, parent"),
        ("code,name,parent\n990100,某市,\n", "missing: level$"),
        (HEADER, "one row of level 'city' without a parent, it holds 0"),
        (HEADER + TOP, "holds no reporting unit"),
        (HEADER + TOP + "990200,乙市,city,,,\n", "line 3: 990200 is a second top beside 990100"),
        (HEADER + TOP + "12,长岭县,unit,990100,,\n", "line 3: '12' is no code"),
        (HEADER + TOP + "\n99012a,长岭县,unit,990100,,\n", "line 4: '99012a' is no code"),
        (HEADER + TOP + ",长岭县,unit,990100,,\n", "line 3: '' is no code"),
        (HEADER + TOP + "990100,长岭县,unit,990100,,\n", "line 3: there are two lines for 990100"),
        (HEADER + TOP + "990121,,unit,990100,,\n", "line 3: 990121 needs a name of its own, it has ''"),
        (
            HEADER + TOP + "990121,某市,unit,990100,,\n",
            "line 3: 990121 needs a name of its own, it has '某市'",
        ),
        (HEADER + TOP + "990121\n", "line 3: 990121 needs a name"),
        (
            HEADER + TOP + "990121,长岭县,county,990100,,\n",
            "line 3: 'county' is no level; valid are province, city, bureau, unit",
        ),
    ],
)
def test_a_bad_table_is_rejected_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(RegionTableError, match=complaint):
        parse_regions(text)


def test_a_unit_that_left_the_table_is_named_by_its_code() -> None:
    assert CITY.name_of("999999") == "999999"


def test_the_table_of_the_project_shows_every_column_and_a_bureau() -> None:
    text = default_regions_text()
    assert tuple(text.splitlines()[0].split(",")) == COLUMNS
    assert [region.name for region in parse_regions(text).units if region.level == "bureau"] == [
        "娄底市本级"
    ]
