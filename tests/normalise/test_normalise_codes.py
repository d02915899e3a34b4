"""Check characters of credit codes and resident numbers, and what Excel does to them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import parse_identity_no, parse_uscc, uscc_check_character

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
VALID = "91350100M000100Y43"  # the specimen number of GB 32100-2015


def column(*texts: str | None) -> "pd.Series[str]":
    return pd.Series(list(texts), dtype="str")


def with_check(first17: str) -> str:
    return first17 + uscc_check_character(first17)


USCCS = st.text(ALPHABET, min_size=17, max_size=17).map(with_check)


@pytest.mark.parametrize("text", [VALID, VALID.lower(), "91350100 M000100Y 43"])
def test_reads_uscc(text: str) -> None:
    parsed = parse_uscc(column(text))
    assert parsed.values.tolist() == [VALID]
    assert parsed.faults.isna().all()
    assert parsed.notices.isna().all()


@pytest.mark.parametrize("text", ["9135O1OOMOOO1OOY43", "9I350I00M000I00Y43", "9i35o100M000100Y43"])
def test_repairs_letters_where_the_checksum_then_holds(text: str) -> None:
    parsed = parse_uscc(column(text))
    assert parsed.values.tolist() == [VALID]
    assert parsed.notices.tolist() == ["letters_repaired"]


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("destroyed_by_excel", "4.3E+17"),
        ("destroyed_by_excel", "9.1431302e+17"),
        ("destroyed_by_excel", "914313020000000000.0"),
        ("destroyed_by_excel", "914313021234567000"),
        ("wrong_length", "91350100M000100Y4"),
        ("wrong_length", "91350100M000100Y433"),
        ("wrong_length", "430100000012345"),
        ("bad_characters", "91350100M000100S43"),
        ("bad_characters", "9135010OM000100Y44"),
        ("bad_characters", "91350100-000100Y43"),
        ("bad_checksum", "91350100M000100Y44"),
        ("bad_checksum", "91350100M000100Y34"),
    ],
)
def test_finds_fault_of_uscc(fault: str, text: str) -> None:
    parsed = parse_uscc(column(text))
    assert parsed.faults.tolist() == [fault]
    assert parsed.values.isna().all()
    assert parsed.notices.isna().all()


def test_ends_in_zeros_and_is_right() -> None:
    rounded_looking = next(
        code
        for code in (with_check(f"91430000{middle:07}00") for middle in range(1000))
        if code.endswith("000")
    )
    assert parse_uscc(column(rounded_looking)).faults.isna().all()


@given(USCCS)
def test_a_right_code_passes(code: str) -> None:
    assert parse_uscc(column(code)).values.tolist() == [code]


@given(USCCS, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_changed_character_fails(code: str, index: int, new_sign: str) -> None:
    changed = code[:index] + new_sign + code[index + 1 :]
    assert parse_uscc(column(changed)).faults.isna().all() == (changed == code)


@pytest.mark.parametrize("first17", ["", "91350100M000100Y", "91350100M000100YO", "91350100m000100Y4"])
def test_no_check_character_for_what_is_no_code(first17: str) -> None:
    with pytest.raises(ValueError, match="17 characters"):
        uscc_check_character(first17)


@pytest.mark.parametrize(
    "text", ["11010519491231002X", "11010519491231002x", "110105 19491231 002X", "440524188001010014"]
)
def test_reads_resident_id(text: str) -> None:
    parsed = parse_identity_no(column(text))
    assert parsed.values.tolist() == [text.replace(" ", "").upper()]
    assert parsed.faults.isna().all()


@given(st.integers(10**16, 10**17 - 1))
def test_one_check_character_fits_a_resident_id(first17: int) -> None:
    parsed = parse_identity_no(column(*(f"{first17}{check}" for check in "0123456789X")))
    # ISO 7064, MOD 11-2, which GB 11643 cites: the whole number weighted by powers of two leaves 1.
    weighted = sum(int(digit) * 2**index for index, digit in enumerate(reversed(str(first17)), start=1))
    fitting = (1 - weighted) % 11
    is_reported = parsed.notices.notna() | parsed.faults.notna()
    assert is_reported.tolist() == [check != fitting for check in range(11)]


@pytest.mark.parametrize("text", ["110105194912310021", "11010519491231002 1"])
def test_a_resident_id_with_a_wrong_check_is_stored_with_a_finding(text: str) -> None:
    parsed = parse_identity_no(column(text))
    assert parsed.values.tolist() == ["110105194912310021"]
    assert (parsed.notices.tolist(), parsed.faults.isna().all()) == (["checksum_differs"], True)


@pytest.mark.parametrize(
    "text",
    [
        "110105491231002",
        "E12345678",
        "g 123-45",
        "5E12",
        "1101**********002X",
        "H1234567890",
        "军字第 12 号",
        "123",
    ],
)
def test_other_certificates_stay_as_they_are(text: str) -> None:
    parsed = parse_identity_no(column(text))
    assert parsed.values.tolist() == [text]
    assert parsed.faults.isna().all()
    assert parsed.notices.isna().all()


@pytest.mark.parametrize(
    "text",
    ["1.10105194912310E+17", "4.3E+17", "4.3e17", "4E+17", "110105194912310000", "110105194912310020.0"],
)
def test_finds_an_identity_number_that_excel_destroyed(text: str) -> None:
    parsed = parse_identity_no(column(text))
    assert parsed.faults.tolist() == ["destroyed_by_excel"]
    assert parsed.values.isna().all()
