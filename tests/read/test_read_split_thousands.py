"""Amounts that the commas of the thousands split over several cells of a CSV."""

from __future__ import annotations

import pytest

from tests.support.validation import CITY, INDEX, read_one, validate_all
from transforms.read import Submission
from transforms.read.read_files import read_files

PATH = "2023-06/临江市/罚款缴纳台账.csv"
FIRST = "某环罚〔2023〕1号,2023-06-20"


def read_lines(*lines: str) -> Submission:
    return read_one("\n".join(lines).encode(), PATH)


def amounts(submission: Submission) -> list[int]:
    return list(validate_all([submission]).rows["payments"]["amount_fen"])


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("35,000", 3_500_000),
        ("1,234,500", 123_450_000),
        ("35,000.50", 3_500_050),
        ("¥35,000", 3_500_000),
    ],
)
def test_an_amount_is_joined_where_the_row_is_longer_by_its_commas(written: str, fen: int) -> None:
    submission = read_lines(
        "行政处罚决定书文号,缴款日期,缴款金额(元),缴款类别,票据号",
        f"{FIRST},{written},罚款,00001",
        "某环罚〔2023〕2号,2023-06-20,500,罚款,00002",
    )
    assert amounts(submission) == [fen, 50_000]
    assert [finding["rule_id"] for finding in submission.findings] == ["sheet.thousands_joined"]
    assert "第 2 行" in submission.findings[0]["problem"]


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("行政处罚决定书文号,缴款日期,缴款类别,缴款金额(元),备注", f"{FIRST},罚款,35,000"),
        ("行政处罚决定书文号,缴款日期,缴款类别,缴款金额(元),,", f"{FIRST},罚款,35,000,"),
        ("行政处罚决定书文号,缴款日期,缴款类别,缴款金额(元),票据号", f"{FIRST},罚款,35,000"),
        ("行政处罚决定书文号,缴款日期,缴款金额(元),缴款类别,票据号", f"{FIRST},35,000,罚款"),
    ],
)
def test_it_is_held_where_the_cell_behind_may_be_one_of_its_own(header: str, line: str) -> None:
    submission = read_lines(header, line)
    held = [finding for finding in submission.findings if finding["severity"] == "error"]
    assert [(finding["rule_id"], finding["row"], finding["value"]) for finding in held] == [
        ("row.split_thousands", 2, "35")
    ]
    assert "“000”" in held[0]["problem"]
    result = validate_all([submission])
    assert result.rows["payments"].empty
    rule_ids = [rule_id for rule_id in result.findings["rule_id"] if not rule_id.startswith("sheet.")]
    assert rule_ids == ["row.split_thousands", "submission.all_rows_held"]


@pytest.mark.parametrize(
    "line", [f'{FIRST},"35,000",罚款,001', f"{FIRST},35000,罚款,001", f"{FIRST},500,罚款,123"]
)
def test_other_amounts_are_left_alone(line: str) -> None:
    submission = read_lines("行政处罚决定书文号,缴款日期,缴款金额(元),缴款类别,票据号", line)
    assert submission.findings == ()
    assert len(amounts(submission)) == 1


def test_a_receipt_of_three_digits_beside_a_small_amount_is_a_receipt() -> None:
    submission = read_lines(
        "行政处罚决定书文号,缴款日期,缴款类别,缴款金额(元),票据号", f"{FIRST},罚款,500,123"
    )
    assert amounts(submission) == [50_000]


def test_files_read_in_bulk_are_looked_at_too() -> None:
    header = "行政处罚决定书文号,缴款日期,缴款类别,缴款金额(元),备注"
    data = f"{header}\n{FIRST},罚款,35,000\n".encode()
    (file_read,) = read_files([(PATH, data)], CITY, INDEX)
    assert "row.split_thousands" in [finding["rule_id"] for finding in file_read.submissions[0].findings]
