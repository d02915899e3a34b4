"""What is true of every parser: pure, the same index, null in and null out, and no text makes it raise."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import normalise
from transforms.normalise import Parsed

PENALTY_KINDS = ("警告", "罚款", "没收违法所得")


def parse_money_in(unit: str | None, text: "pd.Series[str]") -> Parsed:
    return normalise.parse_money(text, pd.Series(unit, index=text.index, dtype="str"))


PARSERS: dict[str, tuple[Callable[["pd.Series[str]"], Parsed], str]] = {
    "dates": (normalise.parse_dates, "datetime64[s]"),
    "money": (partial(parse_money_in, "万元"), "Int64"),
    "money without unit": (partial(parse_money_in, None), "Int64"),
    "integers": (normalise.parse_integers, "Int64"),
    "numbers": (normalise.parse_numbers, "Float64"),
    "booleans": (normalise.parse_booleans, "boolean"),
    "uscc": (normalise.parse_uscc, "str"),
    "identity_no": (normalise.parse_identity_no, "str"),
    "document_no": (normalise.parse_document_no, "str"),
    "category": (partial(normalise.parse_category, allowed=PENALTY_KINDS), "str"),
    "categories": (partial(normalise.parse_categories, allowed=PENALTY_KINDS), "str"),
}
SAMPLES = [
    *(
        "2023.5.6",
        "45052",
        "2023年5月",
        "3.5万",
        "贰拾壹万元整",
        "1e5",
        "-3",
        "是",
        "不详",
        None,
        "罚款、警告",
    ),
    *("91350100M000100Y43", "9135O1OOMOOO1OOY43", "娄环罚(冷)〔2026〕2号"),
]

# Texts made of what the parsers look for reach more branches than arbitrary texts.
LIKELY = st.text("0123456789.,-+eE/ ¥()〔〕年月日元万亿角分整负零壹贰拾佰仟廿两点罚告环字号第查扣OIXT①\n")
TEXTS = st.lists(st.one_of(st.none(), st.text(), LIKELY), max_size=8)

every_parser = pytest.mark.parametrize("name", PARSERS)


@every_parser
@given(texts=TEXTS)
def test_no_text_makes_a_parser_raise(name: str, texts: list[str | None]) -> None:
    parse, _ = PARSERS[name]
    raw = pd.Series(texts, dtype="str")
    for text in (raw, normalise.clean_text(raw)):
        assert_well_formed(parse(text), text)


@every_parser
def test_index_name_and_dtype(name: str) -> None:
    parse, dtype = PARSERS[name]
    text = pd.Series(SAMPLES, index=range(100, 100 - len(SAMPLES), -1), dtype="str", name="field")
    parsed = parse(text)
    assert_well_formed(parsed, text)
    assert parsed.values.dtype == dtype
    assert parsed.values.name == "field"


@every_parser
def test_input_is_not_mutated(name: str) -> None:
    parse, _ = PARSERS[name]
    text = pd.Series(SAMPLES, dtype="str")
    before = text.copy(deep=True)
    parse(text)
    pd.testing.assert_series_equal(text, before)


@every_parser
@pytest.mark.parametrize("texts", [[], [None], [None, None]], ids=len)
def test_null_in_null_out(name: str, texts: list[None]) -> None:
    parse, dtype = PARSERS[name]
    parsed = parse(pd.Series(texts, dtype="str"))
    assert parsed.values.dtype == dtype
    assert parsed.values.isna().all()
    assert parsed.faults.isna().all()


@every_parser
def test_rows_do_not_see_each_other(name: str) -> None:
    parse, _ = PARSERS[name]
    text = pd.Series(SAMPLES, dtype="str")
    whole = parse(text)
    for row in range(len(text)):
        alone = parse(text.iloc[row : row + 1])
        pd.testing.assert_series_equal(alone.values, whole.values.iloc[row : row + 1])
        pd.testing.assert_series_equal(alone.faults, whole.faults.iloc[row : row + 1])


def test_pieces_parse_as_the_whole_does() -> None:
    pieces = pd.concat([pd.Series(SAMPLES, dtype="str")] * 2, ignore_index=True)
    parsed = normalise.parse_dates(pieces)
    assert parsed.values.iloc[: len(SAMPLES)].tolist() == parsed.values.iloc[len(SAMPLES) :].tolist()


@given(TEXTS)
def test_cleaning_never_raises(texts: list[str | None]) -> None:
    raw = pd.Series(texts, dtype="str")
    before = raw.copy(deep=True)
    normalise.fold_key(normalise.clean_text(raw))
    normalise.county_mark(raw)
    pd.testing.assert_series_equal(raw, before)


def assert_well_formed(parsed: Parsed, text: "pd.Series[str]") -> None:
    for series in (parsed.values, parsed.faults, parsed.notices):
        assert series.index.equals(text.index)
    assert parsed.faults.dtype == parsed.notices.dtype == "str"
    is_null = parsed.values.isna()
    assert (is_null == (text.isna() | parsed.faults.notna())).all()
    assert not (is_null & parsed.notices.notna()).any()
