"""The whole without some of its units: there is no such figure, so nothing is claimed of it."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import claims, proofread

#: what is left of the whole, with each number of the sentence that is of it
OF_THE_REST = {
    "除长岭县外，全市立案248件。": 1,
    "全市（不含长岭县）立案188件。": 1,
    "扣除长岭县，全市立案188件。": 1,
    "不包括长岭县，全市立案188件。": 1,
    "剔除长岭县后，全市立案188件。": 1,
    "除长岭县以外，全市立案188件，罚款2845万元。": 2,
    "长岭县除外，全市立案188件。": 1,
    "全市立案248件（不含长岭县）。": 1,
    "全市立案248件，不含长岭县。": 1,
    "全市立案248件（长岭县除外）。": 1,
    "全市立案248件（除长岭县外）。": 1,
    "除长岭县、星河区外，全市立案98件。": 1,
    "除市本级外，全市立案248件。": 1,
    "除长岭县外，其他县市区立案188件，罚款3000万元。": 2,
    "全市（不含行政拘留案件）立案206件。": 1,
}
#: sentences of which some number is a figure all the same
OF_ALL = {
    "除立案外，全市检查3948家次。": [("3948家次", "agrees", "inspection_count")],
    "除此之外，全市立案249件。": [("249件", "differs", "case_filed_count")],
    "除长岭县立案60件外，全市立案188件。": [("60件", "agrees", "case_filed_count")],
    "全市立案248件，扣除长岭县60件。": [
        ("248件", "agrees", "case_filed_count"), ("60件", "agrees", "case_filed_count")
    ],
    "全市立案188件（不含长岭县60件），罚款3446.52万元。": [
        ("60件", "agrees", "case_filed_count"), ("3446.52万元", "agrees", "fine_imposed_amount")
    ],
    "全市立案248件（长岭县除外188件）。": [("248件", "agrees", "case_filed_count")],
    "除长岭县外，星河区立案90件。": [("90件", "agrees", "case_filed_count")],
    "除长岭县外，均已完成任务。全年立案249件。": [("249件", "differs", "case_filed_count")],
    "除长岭县外，全市立案188件；全市罚款3446.52万元。": [("3446.52万元", "agrees", "fine_imposed_amount")],
    "消除长岭县外环境隐患，长岭县立案60件。": [("60件", "agrees", "case_filed_count")],
}  # fmt: skip


@pytest.mark.parametrize(("text", "count"), OF_THE_REST.items(), ids=str)
def test_what_is_left_of_the_whole_is_no_figure(text: str, count: int) -> None:
    assert [finding.reason for finding in proofread(text)] == ["rest"] * count


@pytest.mark.parametrize(("text", "expected"), OF_ALL.items(), ids=lambda value: str(value)[:16])
def test_what_takes_no_unit_out_is_checked(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert claims(text) == expected


@pytest.mark.parametrize(
    "text",
    ["每个季度立案62件。", "平均每月立案20件。", "月均立案20件。", "户均罚款3万元。", "人均立案2件。", "每天立案1件。",
     "每周立案5件，罚款66万元。", "每个县立案20件。"],
)  # fmt: skip
def test_so_much_in_each_is_no_total(text: str) -> None:
    assert claims(text) == []


@pytest.mark.parametrize("text", ["每月调度，全年共立案249件。", "每月立案20件，全市罚款3447万元。"])
def test_behind_an_average_a_total_is_one(text: str) -> None:
    assert [state for _, state, _ in claims(text)] == ["differs"]
