"""The grammar of numbers: what is written is what is read, and what is no figure is guarded."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.proofread.compare import agrees
from transforms.proofread.numerals import Numeral, find_numerals, parse_number
from transforms.proofread.text import clean_block

WRITTEN = {
    "248件": ("248", "件"), "２４８件": ("248", "件"), "3,948家次": ("3948", "家次"), "3，948家次": ("3948", "家次"),
    "3446.52万余元": ("34465200", "元"), "3446.52余万元": ("34465200", "元"), "1.2亿元": ("120000000", "元"),
    "1亿2000万元": ("120000000", "元"), "5500元": ("5500", "元"), "五千五百元": ("5500", "元"),
    "三千四百四十六点五二万元": ("34465200", "元"), "贰拾壹万元": ("210000", "元"), "两万三千人": ("23000", "人"),
    "3千5百件": ("3500", "件"), "十二起": ("12", "起"), "二〇〇件": ("200", "件"), "十五万六元": ("156000", "元"),
    "98.5%": ("0.985", "%"), "98.5％": ("0.985", "%"), "百分之九十八点五": ("0.985", "%"), "百分之百": ("1", "%"),
    "5‰": ("0.005", "%"), "2场次": ("2", "场次"), "0.5个百分点": ("0.5", "个百分点"), "4家（次）": ("4", "家（次）"),
    "1 234件": None, "两次": ("2", "次"),
}  # fmt: skip


def only_numeral(text: str) -> Numeral:
    (numeral,) = find_numerals(clean_block(text, 0).text)
    return numeral


@pytest.mark.parametrize(("text", "expected"), [item for item in WRITTEN.items() if item[1]], ids=str)
def test_a_number_is_read_in_every_way_of_writing(text: str, expected: tuple[str, str]) -> None:
    numeral = only_numeral(f"共{text}。")
    assert (numeral.value, numeral.unit, numeral.guard) == (Decimal(expected[0]), expected[1], "")


@given(st.integers(1, 10**12))
def test_a_whole_number_in_words_is_read_back(number: int) -> None:
    for style in ("low", "up"):
        parsed = parse_number(cn2an.an2cn(number, style))
        assert parsed is not None
        assert parsed[0] == number


@given(st.decimals(0, 99_999, places=2), st.sampled_from([("", 0), ("万", 4), ("亿", 8)]), st.booleans())
def test_digits_with_a_multiple_are_read_back(
    number: Decimal, scale: tuple[str, int], has_commas: bool
) -> None:
    written = f"{number:,}" if has_commas else f"{number}"
    numeral = only_numeral(f"罚款{written}{scale[0]}元，")
    assert numeral.value == number * 10 ** scale[1]
    assert numeral.step == Decimal("0.01") * 10 ** scale[1]
    assert agrees(numeral, number * 10 ** scale[1])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2023年", "date"), ("2023年3月15日", "date"), ("3月15日", "date"), ("2023-03-15", "date"), ("一季度", "date"),
        ("2021—2025年", "date"), ("二〇二三年十二月", "date"), ("1—6月", "date"), ("第十二条", "ordinal"),
        ("第3次", "ordinal"), ("（三）", "ordinal"), ("某环罚〔2023〕5号", "document_no"), ("GB3838-2002", "document_no"),
        ("PM2.5", "document_no"), ("0738-8312369", "telephone"), ("13800138000", "telephone"), ("12369", "telephone"),
        ("十四五规划", "plan"), ("八五普法", "plan"), ("10个工作日", "duration"), ("60日", "duration"), ("三分之一", "fraction"),
        ("《关于办理3件案件的通知》", "title"), ("“三个一”", "quoted"), ("911234567890123456", "identifier"),
    ],
)  # fmt: skip
def test_what_is_no_figure_is_guarded(text: str, kind: str) -> None:
    numerals = find_numerals(f"根据{text}的要求")
    assert [numeral.guard for numeral in numerals] == [kind]


@pytest.mark.parametrize(
    "text", ["一件事", "一起来", "三四件", "几十人", "数百家", "千家万户", "万余", "一次办好", "第一名", "两高", "三同时"]
)  # fmt: skip
def test_words_with_numerals_are_no_numbers(text: str) -> None:
    assert not [numeral for numeral in find_numerals(f"推进{text}落实") if not numeral.guard]


@pytest.mark.parametrize(
    ("written", "true", "is_right"),
    [
        ("248件", "248", True), ("249件", "248", False), ("3446.52万余元", "34465278.50", True),
        ("3446.53万余元", "34465278.50", False), ("3446.52万元", "34465278.50", True), ("3446.53万元", "34465278.50", False),
        ("3446万元", "34465278.50", True), ("3400余万元", "34465278.50", True), ("3500余万元", "34465278.50", False),
        ("200余件", "248", True), ("240多件", "248", True), ("250余件", "248", False), ("近250件", "248", True),
        ("近248件", "250", False), ("约250件", "248", True), ("约280件", "248", False), ("250件左右", "248", True),
        ("超200件", "248", True), ("超250件", "248", False), ("不足250件", "248", True), ("不足240件", "248", False),
        ("不超过5%", "0.04", True), ("不超过5%", "0.06", False),
        ("200件以上", "248", True), ("至少250件", "248", False), ("不少于100件", "248", False),
        ("3至5件", "4", True), ("3至5件", "6", False), ("3-5万元", "40000", True), ("98.1%", "0.9817", True),
        ("98.2%", "0.9817", False), ("近100%", "0.995", True), ("超九成五", "0.96", None),
    ],
)  # fmt: skip
def test_a_number_is_compared_by_what_is_written(written: str, true: str, is_right: bool | None) -> None:
    if is_right is not None:
        assert agrees(only_numeral(f"共{written}。"), Decimal(true)) is is_right


#: how words bound a number, and whether 247, 248 and 249 are so bounded by 248
BOUNDS = {
    "不足": (True, False, False), "不到": (True, False, False), "未达": (True, False, False), "未达到": (True, False, False),
    "低于": (True, False, False), "少于": (True, False, False), "小于": (True, False, False), "未突破": (True, False, False),
    "不满": (True, False, False), "没有达到": (True, False, False),
    "近": (True, True, False), "接近": (True, True, False), "将近": (True, True, False),
    "不超过": (True, True, False), "未超过": (True, True, False), "不超": (True, True, False), "不高于": (True, True, False),
    "超": (False, False, True), "超过": (False, False, True), "超过了": (False, False, True), "逾": (False, False, True),
    "多于": (False, False, True), "高于": (False, False, True), "大于": (False, False, True),
    "突破": (False, True, True), "突破了": (False, True, True), "达到": (False, True, False),
    "不少于": (False, True, True), "不低于": (False, True, True), "至少": (False, True, True), "约": (True, True, True),
}  # fmt: skip
BOUNDS_BEHIND = {
    "以上": (False, True, True), "以下": (True, True, False), "以内": (True, True, False), "左右": (True, True, True),
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "is_so"),
    [(f"{word}248件", is_so) for word, is_so in BOUNDS.items()]
    + [(f"248件{word}", is_so) for word, is_so in BOUNDS_BEHIND.items()],
)
def test_a_word_bounds_a_number(written: str, is_so: tuple[bool, ...]) -> None:
    numeral = only_numeral(f"立案{written}。")
    assert tuple(agrees(numeral, Decimal(true)) for true in (247, 248, 249)) == is_so
    assert not agrees(numeral, Decimal(20))
    assert not agrees(numeral, Decimal(2000))


def test_an_amount_may_leave_out_its_unit() -> None:
    assert [(each.value, each.unit) for each in find_numerals("处罚金额2710万，检查2万")] == [
        (Decimal(27_100_000), "元"),
        (Decimal(20_000), ""),
    ]


def test_a_figure_torn_by_a_line_end_or_blanks_is_whole() -> None:
    block = clean_block("收缴罚款 2435.46\n万 余 元，共 12 起", 100)
    amount, count = find_numerals(block.text)
    assert (amount.value, count.value) == (Decimal(24_354_600), 12)
    assert block.offsets[amount.start] == 105
