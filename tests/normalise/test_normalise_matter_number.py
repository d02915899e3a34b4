"""Numbers of free form: the spellings of one number have one key, and some numbers identify nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from transforms.normalise import clean_text, number_key, weak_numbers


def keys(*texts: str) -> list[str]:
    return list(number_key(clean_text(pd.Series(list(texts), dtype="str"))))


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        (
            "某环立(星)(2023)5号",
            ["某环立(星)〔2023〕5号", "某环立（星）字[2023]第005号", "某环立(星)2023-5"],
        ),
        ("(2023)某01行初12号", ["(2023)某01行初12号", "（2023）某01行初第012号", "〔2023〕某01行初 12 号"]),
        ("000000001251", ["000000001251", "No.000000001251", "№ 000000001251", "NO：000000001251"]),
        ("SSJ-2023-0012", ["SSJ-2023-0012", "ssj—2023—0012"]),
    ],
)
def test_spellings_of_one_number_have_one_key(key: str, spellings: list[str]) -> None:
    assert set(keys(*spellings)) == {key}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("某环立〔2023〕5号", "某环立(星)〔2023〕5号"),
        ("P-1", "P-2"),
        ("000012345678", "12345678"),
        ("Z-6", "Z-06"),
    ],
)
def test_what_may_be_another_number_has_another_key(first: str, second: str) -> None:
    assert len(set(keys(first, second))) == 2


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("serial_only", ["1", "001", "第3号", "立案5号", "第1次", "000000", "No.12"]),
        ("word_only", ["电子缴款", "见附件", "无票据", "P"]),
        ("digits_lost", ["2.02306000000001E+16", "2.02306E+16", "4e17"]),
        (
            "",
            [
                "某环立〔2023〕5号",
                "000012345678",
                "P-1",
                "XF-2023-0108",
                "2023年第1次",
                "(2023)某01行初12号",
            ],
        ),
    ],
)
def test_a_number_that_identifies_nothing_is_known(code: str, texts: list[str]) -> None:
    assert weak_numbers(pd.Series(keys(*texts), dtype="str")).fillna("").tolist() == [code] * len(texts)
