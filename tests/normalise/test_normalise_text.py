"""Cleaning cells, and the form in which natural keys are compared."""

import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import clean_text, fold_key


def column(*texts: str | None) -> "pd.Series[str]":
    return pd.Series(list(texts), dtype="str")


def cleaned(raw: str) -> str:
    return clean_text(column(raw))[0]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("娄底市", "娄底市"),
        ("　 娄底市\t", "娄底市"),
        ("罚款金额（万元）", "罚款金额(万元)"),
        ("１２３．５", "123.5"),
        ("ＡＢ公司", "AB公司"),
        ("甲\u200b公\ufeff司\u00ad", "甲公司"),
        ("甲\x00公司\x07", "甲公司"),
        ("甲\u200b \u200b公司", "甲 公司"),
        ("第一行\r\n第二行", "第一行 第二行"),
        ("a\u0085b\u2028c\x0bd", "a b c d"),
        ("a\u00a0\u3000  b", "a b"),
        ("①号车间", "①号车间"),
        ("⑳㉑㊱㊿⓪", "⑳㉑㊱㊿⓪"),
        ("（①）号１", "(①)号1"),
        ("３5000²", "35000²"),
        ("COD₁ x⁻¹ 5⒈", "COD₁ x⁻¹ 5⒈"),
        ("〔2024〕—【1】", "〔2024〕—【1】"),
    ],
)
def test_reads_text(raw: str, text: str) -> None:
    assert cleaned(raw) == text


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            " ",
            "\u3000\n",
            "\u200b",
            "-",
            "－",
            "--",
            "---",
            "—",
            "——",
            "— —",
            "–",
            "−",
            "/",
            "／",
            "*",
        ),
        *("无", " 无 ", "空", "暂无", "N/A", "n/a", "NA", "null", "NULL", "None", "none"),
    ],
)
def test_reads_nothing(raw: str) -> None:
    assert pd.isna(cleaned(raw))


@pytest.mark.parametrize("raw", ["无锡", "无证排污", "0", "1/2", "**", "空压机", "-1", "NAN", "Nonesuch"])
def test_keeps_what_only_resembles_nothing(raw: str) -> None:
    assert cleaned(raw) == raw


def test_leaves_the_word_none_in_answers_of_yes_or_no() -> None:
    cleaned = clean_text(column("无", " 无", "/", ""), keep_none=True)
    assert cleaned.fillna("NULL").tolist() == ["无", "无", "NULL", "NULL"]


def test_keeps_dtype_index_and_name() -> None:
    raw = pd.Series(["一 ", None], index=[7, 3], dtype="str", name="party_name")
    text = clean_text(raw)
    assert (text.dtype, text.index.tolist(), text.name) == (raw.dtype, [7, 3], "party_name")


@given(st.lists(st.text()))
def test_cleaning_twice_changes_nothing(raw: list[str]) -> None:
    once = clean_text(pd.Series(raw, dtype="str"))
    pd.testing.assert_series_equal(clean_text(once), once)


@given(st.text())
def test_leaves_nothing_invisible(raw: str) -> None:
    text = cleaned(raw)
    if isinstance(text, str):
        assert not [sign for sign in text if unicodedata.category(sign) in ("Cf", "Cc")]
        assert text == text.strip()
        assert "  " not in text


@pytest.mark.parametrize(
    "spelling",
    ["某厂(东)ab", "某厂（东）ＡＢ", "某厂【东】 aB", "某 厂〔东〕AB", "某厂[东〉AB", "某厂〈东)AB"],
)
def test_folds_spellings_of_one_key(spelling: str) -> None:
    assert fold_key(column(spelling))[0] == "某厂(东)AB"


@pytest.mark.parametrize(
    ("first", "second"), [("①号", "1号"), ("5¹号", "51号"), ("某厂(东)", "某厂东"), ("《条例》", "(条例)")]
)
def test_keeps_different_keys_apart(first: str, second: str) -> None:
    assert fold_key(column(first))[0] != fold_key(column(second))[0]


def test_folds_null_to_null() -> None:
    assert fold_key(column(None, "a")).isna().tolist() == [True, False]
