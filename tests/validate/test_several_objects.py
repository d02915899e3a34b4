"""Names of several objects in one row, and words in place of a name."""

from __future__ import annotations

import pytest

from tests.support.validation import list_findings, validate_rows

OBJECTS_FINDING = ("inspections.party_name.several_objects", 2)
NO_NAME = ("inspections.party_name.no_name", 2)


def findings_of(name: str) -> list[tuple[str, int]]:
    good = {"party_name": "某甲厂", "party_uscc": None}
    return list_findings(validate_rows("inspections", good | {"party_name": name}, good))


@pytest.mark.parametrize(
    "name",
    [
        "甲厂、乙厂、丙厂",
        "花山街道餐饮店等5家",
        "辖区加油站12家",
        "某县经开区企业（12家）",
        "砖厂等十余家",
        "甲公司(东区)；乙公司",
    ],
)
def test_several_objects_in_a_row_are_asked_about(name: str) -> None:
    assert findings_of(name) == [OBJECTS_FINDING]


@pytest.mark.parametrize(
    "name",
    [
        "某某化工有限公司",
        "一家人超市",
        "老五家饭店",
        "水泥、建材有限公司",
        "某公司第2分公司",
        "天上人间酒店",
        "第3家",
        "同上海公司",
    ],
)
def test_one_object_is_not(name: str) -> None:
    assert findings_of(name) == []


@pytest.mark.parametrize("name", ["同上", "〃", "上述企业", "未检查", "本月未开展", "未开展检查"])
def test_what_is_no_name_is_held(name: str) -> None:
    assert findings_of(name) == [NO_NAME]


def test_words_for_another_row_are_no_repetition() -> None:
    row = {"party_name": "同上", "party_uscc": None}
    findings = list_findings(validate_rows("inspections", row, row, row | {"party_name": "某甲厂"}))
    assert findings == [NO_NAME, (NO_NAME[0], 3)]
