"""Values from a closed list, one or several in a cell."""

import pandas as pd
import pytest

from transforms.normalise import clean_text, parse_categories, parse_category

PARTY_TYPES = ("法人及非法人组织", "个体工商户", "自然人")
RATINGS = ("5", "4", "满意")
PENALTY_KINDS = ("警告", "罚款", "没收违法所得", "没收非法财物", "责令停产停业", "其他")


def column(text: str) -> "pd.Series[str]":
    return clean_text(pd.Series([text], dtype="str"))


@pytest.mark.parametrize(
    ("text", "allowed", "value"),
    [
        ("自然人", PARTY_TYPES, "自然人"),
        (" 法人及 非法人组织", PARTY_TYPES, "法人及非法人组织"),
        ("5.0", RATINGS, "5"),
        ("５", RATINGS, "5"),
        ("ab(甲)", ("AB〔甲〕",), "AB〔甲〕"),
    ],
)
def test_takes_the_lists_spelling(text: str, allowed: tuple[str, ...], value: str) -> None:
    assert parse_category(column(text), allowed).values.tolist() == [value]


@pytest.mark.parametrize("text", ["公司", "自然人、个体工商户", "6.0", "自 然"])
def test_leaves_unknown_values_to_validation(text: str) -> None:
    parsed = parse_category(column(text), PARTY_TYPES)
    assert parsed.values.tolist() == [text]
    assert parsed.faults.isna().all()


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("罚款", "罚款"),
        ("罚款，责令停产停业", "罚款、责令停产停业"),
        ("没收违法所得、没收非法财物", "没收违法所得、没收非法财物"),
        ("没收非法财物;没收违法所得；警告", "警告、没收违法所得、没收非法财物"),
        ("罚款/警告,罚款", "警告、罚款"),
        ("罚款\n警告", "警告、罚款"),
        ("罚款、", "罚款"),
        ("训诫、罚款、具结悔过、训诫", "罚款、训诫、具结悔过"),
        ("、", "、"),
    ],
)
def test_splits_and_sorts_several(text: str, joined: str) -> None:
    parsed = parse_categories(column(text), PENALTY_KINDS)
    assert parsed.values.tolist() == [joined]
    assert parsed.faults.isna().all()


def test_does_not_cut_an_allowed_value_that_holds_a_separator() -> None:
    allowed = ("罚款", "没收违法所得、没收非法财物", "没收违法所得")
    parsed = parse_categories(column("没收违法所得、没收非法财物，罚款"), allowed)
    assert parsed.values.tolist() == ["罚款、没收违法所得、没收非法财物"]


def test_null_stays_null() -> None:
    text = pd.Series([None], dtype="str")
    assert parse_category(text, PARTY_TYPES).values.isna().all()
    assert parse_categories(text, PENALTY_KINDS).values.isna().all()
