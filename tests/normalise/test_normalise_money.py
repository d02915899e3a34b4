"""Amounts in every spelling as exact integer 分, and each way in which a cell can fail to be an amount."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import Parsed, parse_money

DIGITS = "零壹贰叁肆伍陆柒捌玖"


def parse(text: str | None, unit: str | None = "元") -> Parsed:
    return parse_money(pd.Series([text], dtype="str"), pd.Series([unit], dtype="str"))


def in_capitals(fen: int) -> str:
    """Spell an amount as on a cheque; this does not share code with the parser, so the two can disagree."""
    yuan, jiao, fen_digit = fen // 100, fen // 10 % 10, fen % 10
    text, has_gap = "", False
    for power, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group = yuan // power % 10**4
        if group:
            text += (
                ("零" if text and (has_gap or group < 1000) else "") + thousands_in_capitals(group) + name
            )
        has_gap = not group
    text = f"{text or '零'}元"
    if not jiao and not fen_digit:
        return text + "整"
    return (
        text + (f"{DIGITS[jiao]}角" if jiao else "零") + (f"{DIGITS[fen_digit]}分" if fen_digit else "整")
    )


def thousands_in_capitals(group: int) -> str:
    text, has_gap = "", False
    for power, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = group // power % 10
        if digit:
            text += ("零" if has_gap and text else "") + DIGITS[digit] + name
        has_gap = not digit
    return text


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("35000", "元", 3_500_000),
        ("3.5", "万元", 3_500_000),
        ("0.07", "万元", 70_000),
        ("3446.52785", "万元", 3_446_527_850),
        ("0.000001", "万元", 1),
        ("0.0700000000", "万元", 70_000),
        ("0", "万元", 0),
        ("-0.00", "元", 0),
        (".5", "元", 50),
        ("007", "元", 700),
        ("+3", "元", 300),
        ("1,234,567.89", "元", 123_456_789),
        ("¥ 1,234.5", "元", 123_450),
        ("人民币35000", "元", 3_500_000),
        ("35000元整", "元", 3_500_000),
        ("3.5 万元", "万元", 3_500_000),
        ("3.5万", "万元", 3_500_000),
        ("2千元", "千元", 200_000),
        ("1.2e5", "元", 12_000_000),
        ("2.1E-05", "万元", 21),
        ("贰拾壹万元整", "元", 21_000_000),
        ("人民币贰拾壹万圆整", "元", 21_000_000),
        ("壹拾万零柒仟元伍角叁分", "元", 10_700_053),
        ("壹拾万柒仟元零叁分", "元", 10_700_003),
        ("伍角", "元", 50),
        ("三万五千元", "元", 3_500_000),
        ("两万元", "元", 2_000_000),
        ("贰拾壹", "万元", 21_000_000),
        ("零", "元", 0),
        ("10000000000000", "元", 10**15),
        ("1000000000", "万元", 10**15),
    ],
)
def test_reads_amount(text: str, unit: str, fen: int) -> None:
    parsed = parse(text, unit)
    assert parsed.values.tolist() == [fen]
    assert parsed.faults.isna().all()
    assert parsed.notices.isna().all()


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("3.5万", "元", 3_500_000),
        ("35000元", "万元", 3_500_000),
        ("贰拾壹万元整", "万元", 21_000_000),
        ("1亿", "万元", 10**10),
    ],
)
def test_the_unit_of_the_cell_wins_over_the_column_with_a_finding(text: str, unit: str, fen: int) -> None:
    parsed = parse(text, unit)
    assert parsed.values.tolist() == [fen]
    assert parsed.notices.tolist() == ["cell_unit"]


@pytest.mark.parametrize(
    ("text", "fen"), [("3.5万", 3_500_000), ("35000元", 3_500_000), ("贰拾壹万", 21_000_000)]
)
def test_the_unit_of_the_cell_is_enough(text: str, fen: int) -> None:
    parsed = parse(text, None)
    assert parsed.values.tolist() == [fen]
    assert parsed.notices.isna().all()


@pytest.mark.parametrize(
    ("fault", "text", "unit"),
    [
        *(
            ("not_an_amount", text, "元")
            for text in [
                "见决定书",
                "3.5.1",
                "12,34",
                "约3万",
                "¥",
                "元",
                ".",
                "1 234",
                "3万5",
                "3.5万5千元",
                "1万12千元",
                "3.5万美元",
            ]
        ),
        *(
            ("not_an_amount", text, "元")
            for text in ["nan", "inf", "1e", "廿零", "壹万壹元", "壹佰贰", "一二三", "万", "三万余元"]
        ),
        *(("not_an_amount", text, None) for text in ["见决定书", "#REF!"]),
        *(("not_an_amount", text, "元") for text in ["35000①", "35000²", "35000₁", "3.5¹", "3½", "3500⒈"]),
        *(("several_amounts", text, "元") for text in ["10000+20000", "1万元、2万元", "5000元;6000元"]),
        *(
            ("negative", text, "元")
            for text in ["-3", "-¥3", "¥-3", "(3,000)", "负贰拾元", "-3.5万", "-1e3"]
        ),
        *(("no_unit", text, None) for text in ["35000", "3.5", "¥35000", "贰拾壹", "0", "1e5"]),
        *(("below_one_fen", text, "元") for text in ["0.001", "3.555", "1e-3"]),
        *(("below_one_fen", text, "万元") for text in ["0.00000001", "3446.5278501"]),
        *(("too_large", text, "元") for text in ["10000000000000.01", "10000000000001", "9" * 40, "1e99"]),
        *(("too_large", text, "万元") for text in ["1000000000.000001", "9999999999999999"]),
    ],
)
def test_finds_fault(fault: str, text: str, unit: str | None) -> None:
    parsed = parse(text, unit)
    assert parsed.faults.tolist() == [fault]
    assert parsed.values.isna().all()
    assert parsed.notices.isna().all()


@pytest.mark.parametrize(
    ("unit", "example"), [("元", "35000"), ("万元", "3.5"), (None, "35000元 或 3.5万元")]
)
def test_the_example_of_an_amount_is_in_the_unit_of_the_column(unit: str | None, example: str) -> None:
    details = parse("见决定书", unit).details
    assert details is not None
    assert details.tolist() == [example]
    assert parse("3500", unit).details is None


def test_one_cell_that_is_no_amount_is_enough_for_the_example() -> None:
    text, unit = pd.Series(["3500", "见决定书"], dtype="str"), pd.Series(["元", "元"], dtype="str")
    details = parse_money(text, unit).details
    assert details is not None
    assert details[1] == "35000"


def test_units_differ_by_row() -> None:
    text, unit = pd.Series(["3", "3", "3"], dtype="str"), pd.Series(["元", "万元", None], dtype="str")
    parsed = parse_money(text, unit)
    assert parsed.values.dtype == "Int64"
    assert parsed.values.fillna(-1).tolist() == [300, 3_000_000, -1]
    assert parsed.faults.fillna("").tolist() == ["", "", "no_unit"]


def test_an_unknown_unit_raises() -> None:
    with pytest.raises(ValueError, match=r"美元.*valid are"):
        parse("3", "美元")


def test_units_of_other_rows_raise() -> None:
    with pytest.raises(ValueError, match="index"):
        parse_money(pd.Series(["3"], dtype="str"), pd.Series(["元"], index=[1], dtype="str"))


AMOUNTS = st.integers(0, 10**15)


@given(AMOUNTS)
def test_round_trip_in_yuan(fen: int) -> None:
    assert parse(f"{fen // 100}.{fen % 100:02}").values[0] == fen


@given(AMOUNTS)
def test_round_trip_in_ten_thousand_yuan(fen: int) -> None:
    plain = f"{Decimal(fen) / 10**6:f}"
    assert parse(plain, "万元").values[0] == fen
    assert parse(f"{plain}万元", None).values[0] == fen


@given(AMOUNTS)
def test_round_trip_with_separators_and_sign(fen: int) -> None:
    assert parse(f"¥{fen // 100:,}.{fen % 100:02}").values[0] == fen


@given(AMOUNTS)
def test_round_trip_in_scientific_notation(fen: int) -> None:
    assert parse(f"{Decimal(fen) / 100:E}").values[0] == fen


@given(st.integers(0, 10**14 - 1) | st.integers(0, 9999).map(lambda tens: tens * 10**6))
def test_round_trip_in_capitals(fen: int) -> None:
    assert parse(in_capitals(fen)).values[0] == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("3万5千元", 3_500_000),
        ("3万5千", 3_500_000),
        ("3.5W", 3_500_000),
        ("3.5w元", 3_500_000),
        ("35K", 3_500_000),
        ("3.5(万元)", 3_500_000),
        ("3.5万元人民币", 3_500_000),
        ("1亿2000万元", 12_000_000_000),
        ("200元5角", 20_050),
        ("5万200元", 5_020_000),
        ("3.5百万元", 350_000_000),
        ("2百元", 20_000),
    ],
)
def test_reads_amounts_that_a_person_reads(text: str, fen: int) -> None:
    parsed = parse_money(pd.Series([text], dtype="str"), pd.Series(["万元"], dtype="str"))
    assert parsed.values.tolist() == [fen]
