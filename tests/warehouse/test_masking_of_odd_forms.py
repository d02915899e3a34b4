"""Masks of personal data that clerks write in other forms: digits in groups, other scripts, homes, papers."""

from __future__ import annotations

import pytest

from schemas.sources import MaskedSources
from tests.warehouse.test_masking import HIDDEN, masked
from warehouse.load.text_search import FEW_TEXTS

#: with a part of the text that may stand nowhere
PERSONAL_NUMBERS = (
    "P-7 138-0738-0739", "P-8 138 0738 0739", "P-8 1 3 8 0 7 3 8 0 7 3 9", "P-9 138.0738.0739", "138　0738　0739",
    "P-9 1380738 0739", "+86 138-0738-0739", "8613807380739", "R-1 0731-88881234", "R-1 0731-8888 1234",
    "(0731)88881234", "（010）65551234", "073188881234", "400-820-1234", "2023-1 430102 19900307 7779",
    "430102-19900307-777X", "4301 0219 9003 0777 79", "EA1234567", "2023-1 E12345678", "检1 湘K12345", "湘K·D12345",
)  # fmt: skip
NAMES_BESIDE_NUMBERS = (
    "某环立(星)〔2023〕7号 John Smith", "某环立(星)〔2023〕7号SMITH", "2023-1 Nguyễn Văn", "2023-1 Иван", "2023-1 ئەلى",
    "2023-1 བཀྲ་ཤིས", "2023-1 ᠪᠠᠲᠤ", "2023-1 김철수", "2023-1 smith", "John Smith 2023-1", "2023-1 LI NA", "2023-1 𠮷",
)  # fmt: skip
HOMES = (
    "清溪小区5栋2单元301室", "清溪小区301室", "清溪小区五栋二单元1室", "幸福路7号", "清溪锦绣花园", "清溪苑小区",
    "张伟13807380739店", "张伟138-0738-0739店", "张伟湘K12345 店",
)  # fmt: skip
ORDINARY_NUMBERS = (
    "RY01", "ry01", "P-000123", "HN2023-001", "(2023)湘13行初1号", "LDXZ-2023-15", "星环罚字〔2023〕1号", "No.2023-1",
    "430102-20230615-0001", "P20230615", "2023-15-0000001", "RY-15-2023-00123", "202306150000001", "0101-20230615",
    "2023.06.15-1", "ZZ-2023-AB", "4300000123",
)  # fmt: skip
ORGANISATIONS = ("星河水泥有限公司", "星环执法一室", "某县青山村", "青山村3组养殖场", "人民路88号烟酒店")
KINDS = ("VOCs超标排放", "PM2.5超标", "3层以上建筑", "违反第38条第1款")


def test_numbers_of_persons_and_names_beside_numbers_are_hidden() -> None:
    texts = (*PERSONAL_NUMBERS, *NAMES_BESIDE_NUMBERS, *(f"2023-1 {home}" for home in HOMES))
    shown = masked("payments", "receipt_no", [{"receipt_no": text} for text in texts])
    assert [text for text, mask in zip(texts, shown, strict=True) if mask != HIDDEN] == []


def test_few_texts_and_many_are_masked_alike() -> None:
    texts = (*PERSONAL_NUMBERS, *NAMES_BESIDE_NUMBERS, *HOMES, *ORDINARY_NUMBERS, *KINDS, "P-1\n", "")
    few = [masked("penalties", "case_no", [{"case_no": text}])[0] for text in texts]
    repeats = FEW_TEXTS // len(texts) + 1
    many = masked("penalties", "case_no", [{"case_no": text} for text in texts * repeats])
    assert many == few * repeats


def test_names_of_rows_are_found_alike_in_few_rows_and_many() -> None:
    """Also where few texts or names are distinct, and where a name was replaced before."""
    names = ("张伟", "罚2", "1", "2023", "*", "某*", "环罚某", *(f"某{number}" for number in range(40)))
    numbers = (
        "某环罚2023-1",
        "张伟罚2023-12",
        "某环罚〔2023〕12号",
        "罚*2",
        *(f"某环罚2023-{number}" for number in range(40)),
    )
    reasons = ("超标排放12倍", "与张伟纠纷", "某1污染", "1、2号口超标")
    few_names = [(number, name) for name in names[:9] for number in numbers]
    few_texts = [(text, name) for name in names for text in reasons * 20]
    for field, pairs in (
        ("case_no", few_names),
        ("case_no", few_names[::-1]),
        ("violation_type", few_texts),
    ):
        rows = [
            {field: text, "legal_representative": name, "party_name": f"第{name}化工有限公司"}
            for text, name in pairs
        ]
        starts = range(0, len(rows), FEW_TEXTS)
        few = [
            mask for start in starts for mask in masked("penalties", field, rows[start : start + FEW_TEXTS])
        ]
        assert len(rows) > FEW_TEXTS
        assert masked("penalties", field, rows) == few
    assert masked("penalties", "violation_type", rows[1:2]) == [HIDDEN]


def test_ordinary_numbers_stay() -> None:
    shown = masked("payments", "receipt_no", [{"receipt_no": text} for text in ORDINARY_NUMBERS])
    assert shown == list(ORDINARY_NUMBERS)


def test_a_home_is_no_organisation() -> None:
    rows = [{"party_name": text} for text in (*HOMES, *ORGANISATIONS)]
    shown = masked("inspections", "party_name", rows)
    assert shown == [*(f"{home[0]}*" for home in HOMES), *ORGANISATIONS]


def test_kinds_with_a_foreign_name_a_plate_or_a_home_are_hidden() -> None:
    personal = (
        "Nguyễn Văn",
        "John Smith",
        "驾驶湘K12345排污",
        "EA1234567",
        "清溪小区5栋2单元301室",
        "138-0738-0739",
    )
    shown = masked(
        "penalties", "violation_type", [{"violation_type": text} for text in (*personal, *KINDS)]
    )
    assert shown == [*(HIDDEN for _ in personal), *KINDS]


@pytest.mark.parametrize("text", [*PERSONAL_NUMBERS, *NAMES_BESIDE_NUMBERS, *HOMES, "Nguyễn Văn", "SMITH"])
def test_sentences_and_sheets_show_none_of_them(text: str) -> None:
    shown = MaskedSources(["长岭县"], ["立案台账"])
    assert text not in shown.sentence(f"2 行这次没有（A-1、{text}）。")
    assert text not in shown.sentence(f"工作表“立案台账 {text}”没有读入。")
    assert shown.sheet(f"立案台账 {text}") == "（另名）"


def test_what_is_hidden_within_brackets_has_no_second_ones() -> None:
    shown = MaskedSources(["长岭县"], ["立案台账"])
    assert shown.sentence("2 行这次没有（张伟、李娜）；待确认") == "2 行这次没有（不显示）；待确认"
    assert shown.sentence("2 行这次没有（A-1、李娜）。") == "2 行这次没有（A-1、（不显示））。"
    assert shown.sentence("已不再计入：张伟、李娜。") == "已不再计入：（不显示）。"
    assert shown.sentence("电话（13807380739）") == "电话（不显示）"


@pytest.mark.parametrize("text", PERSONAL_NUMBERS)
def test_a_number_of_a_person_within_a_sentence_is_replaced(text: str) -> None:
    sentence = MaskedSources([], []).sentence(f"读到 {text}，应为数字。")
    assert not any(part in sentence for part in ("0739", "1234", "7779", "777X", "12345"))
