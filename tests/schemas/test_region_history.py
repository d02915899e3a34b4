"""Region tables with a tree and a history: which units make up a
figure, and which unit reports for a month.
"""

from __future__ import annotations

from datetime import date

import pytest

from schemas.regions import ALWAYS, NEVER, MonthSpan, RegionTableError, parse_regions

HEADER = "code,name,level,parent,document_mark,note,valid_from,valid_to,successor\n"
TOP = "990100,某市,city,,某环,,,,\n9901X0,某市本级,bureau,990100,某环,,,,\n"
RECODED = "990121,长岭县,unit,990100,岭,,,2023-03-31,990182\n990182,长岭市,unit,990100,岭,,2023-04-01,,\n"
MERGED = (
    "990131,东区,unit,990100,东,,,2023-06-30,990133\n"
    "990132,西区,unit,990100,西,,,2023-06-30,990133\n"
    "990133,东西区,unit,990100,,,2023-07-01,,\n"
)
SPLIT = (
    "990141,大河县,unit,990100,,,,2023-09-30,990142;990143\n"
    "990142,上河县,unit,990100,,,2023-10-01,,\n"
    "990143,下河县,unit,990100,,,2023-10-01,,\n"
)
DISSOLVED = "990151,旧新区,unit,990100,,,2020-01-01,2023-02-28,\n"
TABLE = parse_regions(HEADER + TOP + RECODED + MERGED + SPLIT + DISSOLVED)

PROVINCE = parse_regions(
    HEADER
    + "990000,某省,province,,,,,,\n9900X0,某省本级,bureau,990000,,,,,\n"
    + "990100,甲市,city,990000,甲环,,,,\n9901X0,甲市本级,bureau,990100,,,,,\n990102,星河区,unit,990100,星,,,,\n"
    + "990200,乙市,city,990000,乙环,,,,\n9902X0,乙市本级,bureau,990200,,,,,\n990202,月湖区,unit,990200,月,,,,\n"
    + "990203,大湖县,unit,990200,,,,,\n9902030,大湖东所,unit,990203,,,,,\n9902031,大湖西所,unit,990203,,,,,\n"
)


@pytest.mark.parametrize(
    ("region", "units"),
    [
        ("990000", ["9900X0", "9901X0", "990102", "9902X0", "990202", "990203", "9902030", "9902031"]),
        ("990100", ["9901X0", "990102"]),
        ("990200", ["9902X0", "990202", "990203", "9902030", "9902031"]),
        ("990203", ["990203", "9902030", "9902031"]),
        ("990202", ["990202"]),
    ],
)
def test_a_region_adds_up_the_units_below_it(region: str, units: list[str]) -> None:
    assert PROVINCE.units_below(region) == units


def test_a_unit_with_units_below_it_owes_no_report_of_its_own() -> None:
    assert PROVINCE.reporting_months == {"990203": NEVER}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("甲市本级", "9901X0"),
        ("乙市生态环境局2023年6月", "9902X0"),
        ("某省乙市生态环境局月湖分局", "990202"),
        ("某省生态环境厅", "9900X0"),
        ("省厅", "9900X0"),
        ("市局", None),
        ("市本级", None),
        ("甲市", None),
    ],
)
def test_an_authority_is_found_by_its_own_name(text: str, unit: str | None) -> None:
    assert PROVINCE.find_unit(text) == unit


def test_a_label_may_name_an_authority_by_its_place() -> None:
    assert [PROVINCE.find_bureau(text) for text in ("甲市", "某省乙市", "某省", "丙市")] == [
        "9901X0", "9902X0", "9900X0", None,
    ]  # fmt: skip


def test_a_short_name_that_two_units_share_names_neither() -> None:
    zones = "9901X1,甲市经济技术开发区,unit,990100,,,,,\n9901X2,乙市经济技术开发区,unit,990100,,,,,\n"
    table = parse_regions(HEADER + TOP + zones)
    assert [table.find_unit(text) for text in ("经开区", "甲市经开区", "乙市经济技术开发区")] == [
        None, "9901X1", "9901X2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("region", "units"),
    [
        ("990182", ["990121", "990182"]),  # recoded: one unit under two codes
        ("990121", ["990121"]),
        ("990133", ["990131", "990132", "990133"]),  # merged: both parts
        ("990142", ["990142"]),  # split: nobody knows which part of the past is whose
        ("990151", ["990151"]),
        ("990100", TABLE.unit_codes()),
    ],
)
def test_a_successor_has_the_past_of_what_it_took_over_as_a_whole(region: str, units: list[str]) -> None:
    assert TABLE.units_below(region) == units


def test_past_figures_stay_in_the_city_that_counted_them() -> None:
    table = parse_regions(
        HEADER
        + "990000,某省,province,,,,,,\n990100,甲市,city,990000,,,,,\n990200,乙市,city,990000,,,,,\n"
        + "990121,长岭县,unit,990100,,,,2023-03-31,990221\n990221,长岭县,unit,990200,,,2023-04-01,,\n"
    )
    assert table.units_below("990100") == ["990121"]
    assert table.units_below("990200") == ["990221"]
    assert table.units_below("990221") == ["990121", "990221"]
    assert table.units_below("990000") == ["990121", "990221"]


def test_a_recoded_city_has_the_past_of_its_former_code() -> None:
    table = parse_regions(
        HEADER
        + "990000,某省,province,,,,,,\n990100,甲市,city,990000,,,,2022-12-31,990300\n990300,新甲市,city,990000,,,2023-01-01,,\n"
        + "990101,东县,unit,990100,,,,2022-12-31,990301\n990301,东县,unit,990300,,,2023-01-01,,\n"
    )
    assert table.units_below("990300") == ["990101", "990301"]


@pytest.mark.parametrize(
    ("named", "month", "units", "is_certain"),
    [
        ("990121", "2023-03", ("990121",), True),
        ("990121", "2023-04", ("990182",), True),
        ("990182", "2023-03", ("990121",), True),
        ("990131", "2023-07", ("990133",), True),
        ("990133", "2023-06", ("990131", "990132"), False),
        ("990141", "2023-10", ("990142", "990143"), False),
        ("990142", "2023-09", ("990141",), False),
        ("990151", "2023-03", (), False),
        ("990151", "2019-12", (), False),
    ],
)
def test_who_reports_for_a_month(named: str, month: str, units: tuple[str, ...], is_certain: bool) -> None:
    reporters = TABLE.reporters(named, month)
    assert (reporters.codes, reporters.is_certain) == (units, is_certain)


def test_a_name_used_again_is_the_unit_of_its_time() -> None:
    table = parse_regions(
        HEADER + TOP + "990121,城区,unit,990100,,,,2020-12-31,\n990122,城区,unit,990100,,,2023-01-01,,\n"
    )
    assert table.find_unit("城区") == "990121"
    assert table.report_unit("990121", "2023-05") == "990122"


def test_a_line_of_successors_is_followed_to_the_unit_of_the_month() -> None:
    table = parse_regions(
        HEADER
        + TOP
        + "990121,甲县,unit,990100,甲,,,2021-12-31,990122\n990122,乙县,unit,990100,甲,,2022-01-01,2022-12-31,990123\n"
        + "990123,丙县,unit,990100,甲,,2023-01-01,,\n"
    )
    assert [table.report_unit("990121", month) for month in ("2021-06", "2022-06", "2023-06")] == [
        "990121", "990122", "990123",
    ]  # fmt: skip
    assert table.report_unit("990123", "2021-06") == "990121"
    assert table.units_below("990123") == ["990121", "990122", "990123"]
    assert table.find_by_mark("甲") == "990123"
    assert table.history.are_one_line("990121", "990123")
    assert not table.history.are_one_line("990121", "9901X0")


def test_parts_of_a_merger_are_each_one_line_with_it_but_not_with_each_other() -> None:
    history = TABLE.history
    assert history.are_one_line("990131", "990133")
    assert not history.are_one_line("990131", "990132")
    assert not history.are_one_line("990141", "990142")


@pytest.mark.parametrize(
    ("lines", "months"),
    [
        (RECODED, {"990121": MonthSpan("", "2023-03"), "990182": MonthSpan("2023-04", "9999-12")}),
        # recoded within a month: the month is reported once, by the successor
        (
            "990121,甲县,unit,990100,,,,2023-03-14,990122\n990122,乙县,unit,990100,,,2023-03-15,,\n",
            {"990121": MonthSpan("", "2023-02"), "990122": MonthSpan("2023-03", "9999-12")},
        ),
        # merged into another within a month: both report
        (
            "990121,甲县,unit,990100,,,,2023-03-14,990122\n990122,乙县,unit,990100,,,,,\n",
            {"990121": MonthSpan("", "2023-03")},
        ),
        (DISSOLVED, {"990151": MonthSpan("2020-01", "2023-02")}),
    ],
)
def test_reporting_months(lines: str, months: dict[str, MonthSpan]) -> None:
    table = parse_regions(HEADER + TOP + lines)
    assert table.reporting_months == months
    assert table.history.months["9901X0"] == ALWAYS


def test_a_day_may_be_written_as_a_spreadsheet_program_saves_it() -> None:
    table = parse_regions(HEADER + TOP + "990121,长岭县,unit,990100,,,2020/1/1,2023/3/31,\n")
    region = table.regions["990121"]
    assert (region.valid_from, region.valid_to) == (date(2020, 1, 1), date(2023, 3, 31))


def test_in_a_table_of_one_city_parents_may_be_left_out() -> None:
    table = parse_regions("code,name,level,parent\n990100,某市,city,990000\n990121,长岭县,unit,\n")
    assert table.top.code == "990100"
    assert table.units_below("990100") == ["990121"]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("990121,长岭县,unit,990100,,,2023-13-01,,\n", "line 4: valid_from: '2023-13-01' is no day"),
        ("990121,长岭县,unit,990100,,,,三月,\n", "line 4: valid_to: '三月' is no day; write it as 2023-03-31"),
        (
            "990121,长岭县,unit,990100,,,2023-04-01,2023-03-31,\n",
            "line 4: 990121 ends on 2023-03-31, before it begins on 2023-04-01",
        ),
        ("990121,长岭县,unit,990100,,,,,990122\n", "line 4: 990121 has a successor, so it needs the last day"),
        (
            "990121,长岭县,unit,990100,,,,2023-03-31,990122\n",
            "line 4: 990121 has the successor 990122, which is not in the table",
        ),
        (
            "990121,长岭县,unit,990100,,,,2023-03-31,990122\n990122,长岭市,unit,990100,,,2023-05-01,,\n",
            "line 4: 990121 ends on 2023-03-31, but 990122 is not valid on 2023-04-01",
        ),
        (
            "990121,长岭县,unit,990100,,,,2023-03-31,990122\n990122,长岭市,unit,990100,,,,2023-01-31,\n",
            "line 4: 990121 ends on 2023-03-31, but 990122 is not valid on 2023-04-01",
        ),
        ("990121,长岭县,unit,990100,,,,2023-03-31,990121\n", "line 4: 990121 ends on 2023-03-31, but 990121"),
        (
            "990121,长岭县,unit,990100,,,,2023-03-31,990100\n",
            r"line 4: 990121 \(unit\) cannot be followed by 990100 \(city\)",
        ),
        ("990121,长岭县,unit,990199,,,,,\n", "line 4: 990121 has the parent 990199, which is not in the table"),
        (
            "990121,甲县,unit,990122,,,,,\n990122,乙县,unit,990121,,,,,\n",
            "line 4: 990121 is its own parent: 990121 < 990122 < 990121",
        ),
        (
            "990121,长岭县,unit,990100,,,,2023-04-30,\n990122,长岭县,unit,990100,,,2023-04-30,,\n",
            "line 5: 990122 needs a name of its own, it has '长岭县' at the same time as 990121",
        ),
        ("990200,乙市,city,,,,,,\n", "line 4: 990200 is a second top beside 990100"),
        ("990200,乙市,city,990100,,,,,\n990221,丙县,unit,,,,,,\n", "line 5: 990221 needs the code of its parent"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_together_is_rejected_with_its_line(lines: str, complaint: str) -> None:
    with pytest.raises(RegionTableError, match=complaint):
        parse_regions(HEADER + TOP + lines)


def test_a_unit_may_keep_its_name_under_another_code() -> None:
    table = parse_regions(
        HEADER
        + TOP
        + "990121,长岭县,unit,990100,,,,2023-03-31,990122\n990122,长岭县,unit,990100,,,2023-04-01,,\n"
    )
    assert [table.report_unit("990121", month) for month in ("2023-03", "2023-04")] == ["990121", "990122"]
