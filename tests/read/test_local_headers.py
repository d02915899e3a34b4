"""`headers.toml`: a city's own headers, and constants for columns that a county's system lacks."""

from __future__ import annotations

import pytest

from schemas.catalogue import ledgers
from schemas.ledgers.local_headers import LocalHeaders, LocalHeadersError, parse_local_headers
from tests.support.counties import csv_bytes, rows_of, sheet_cells
from tests.support.validation import CITY, validate_all
from transforms.read import HeaderIndex, Submission
from transforms.read.layout.read_file import read_file
from transforms.read.read_files import read_files

TEXT = """
[penalties]
fine_fen = ["罚款数额（万元）"]
decision_no = ["处罚文书编号"]

[penalties.constants]
authority = "某某市生态环境局"

[penalties.constants.990181]
authority = "临江市生态环境局"
procedure = "普通"
"""


def parse(text: str) -> LocalHeaders:
    return parse_local_headers("headers.toml", text, ledgers(), CITY.unit_codes())


INDEX = HeaderIndex(ledgers(), parse(TEXT))


def cells_without(*fields: str) -> list[list[object]]:
    """Return a sheet of penalties with the city's headers, without the columns of these fields."""
    headers = {"fine_fen": "罚款数额(万元)", "decision_no": "处罚文书编号*"}
    cells = sheet_cells("penalties", rows_of("penalties", {}), headers=headers)
    left_out = {ledgers()["penalties"].field(field).header for field in fields}
    kept = [position for position, header in enumerate(cells[0]) if header not in left_out]
    return [[row[position] for position in kept] for row in cells]


def read(cells: list[list[object]], unit: str, index: HeaderIndex = INDEX) -> Submission:
    path = f"2023-06/{unit}/行政处罚决定台账.csv"
    (submission,) = read_file(path, csv_bytes(cells), CITY, index).submissions
    return submission


def test_headers_of_the_city_are_read() -> None:
    submission = read(cells_without(), "临江市")
    assert not submission.is_rejected
    assert submission.columns["fine_fen"].money_units == ("万元",)
    assert validate_all([submission]).rows["penalties"]["fine_fen"].tolist() == [3_500_000]
    assert read(cells_without(), "临江市", HeaderIndex(ledgers())).is_rejected


@pytest.mark.parametrize("header", ["罚没金额(万元)", "罚没款（元）", "罚没金额"])
def test_fine_and_confiscation_in_one_column_are_not_taken_for_the_fine(header: str) -> None:
    cells = sheet_cells("penalties", rows_of("penalties", {}), headers={"fine_fen": header})
    submission = read(cells, "临江市", HeaderIndex(ledgers()))
    assert "fine_fen" not in submission.columns
    (notice,) = submission.findings
    assert notice["rule_id"] == "sheet.unknown_column"
    assert header in notice["problem"]
    findings = validate_all([submission]).findings
    assert "penalties.fine_fen.required" in findings["rule_id"].tolist()


@pytest.mark.parametrize(
    ("unit", "authority"), [("临江市", "临江市生态环境局"), ("长岭县", "某某市生态环境局")]
)
def test_a_constant_stands_for_a_column_that_is_not_there(unit: str, authority: str) -> None:
    submission = read(cells_without("authority"), unit)
    rows = validate_all([submission]).rows["penalties"]
    assert rows["authority"].tolist() == [authority]
    problems = [
        finding["problem"] for finding in submission.findings if finding["rule_id"] == "sheet.constant"
    ]
    assert any(authority in problem and "“处罚机关”" in problem for problem in problems)


def test_a_column_that_is_there_is_read_and_a_missing_one_without_constant_is_refused() -> None:
    assert not [
        finding
        for finding in read(cells_without(), "长岭县").findings
        if finding["rule_id"] == "sheet.constant"
    ]
    only_one_unit = parse('[penalties.constants.990181]\nauthority = "临江市生态环境局"')
    index = HeaderIndex(ledgers(), only_one_unit)
    headers = {"fine_fen": "罚款金额(万元)"}
    cells = sheet_cells("penalties", rows_of("penalties", {}), headers=headers)
    position = cells[0].index("处罚机关")
    cells = [[*row[:position], *row[position + 1 :]] for row in cells]
    assert not read(cells, "临江市", index).is_rejected
    refused = read(cells, "长岭县", index)
    assert [finding["rule_id"] for finding in refused.findings] == ["sheet.missing_columns"]
    assert "处罚机关" in refused.findings[0]["problem"]


def test_files_read_in_bulk_have_the_same_constants() -> None:
    data = csv_bytes(cells_without("authority"), "utf-8")
    paths = ["2023-06/临江市/行政处罚决定台账.csv", "2023-06/长岭县/行政处罚决定台账.csv"]
    results = read_files([(path, data) for path in paths], CITY, INDEX)
    rows = [result.submissions[0].rows["authority"].tolist() for result in results]
    assert rows == [["临江市生态环境局"], ["某某市生态环境局"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[penalty]\nfine_fen = []", "no ledger 'penalty'"),
        ('[penalties]\nfine = ["罚没款"]', "has no field 'fine'"),
        ('[penalties]\nfine_fen = "罚没款"', "write a list of headers"),
        ("[penalties.constants]\nauthority = 5", "as text in quotes"),
        ('[penalties.constants]\ndecision_no = "某环罚〔2023〕1号"', "identifies a row"),
        ('[penalties.constants.999999]\nauthority = "某局"', "no unit '999999'"),
        ("[penalties\n", "headers.toml"),
        (
            '[cases]\nfiled_on = ["立案日子"]\nclosed_on = ["立案 日子（必填）"]',
            "cases: '立案 日子（必填）' stands under filed_on and under closed_on",
        ),
        (
            '[penalties]\nfine_fen = ["数额（万元）"]\nconfiscated_fen = ["数额（元）"]',
            "stands under fine_fen and under confiscated_fen",
        ),
    ],
)
def test_a_mistake_is_named(text: str, words: str) -> None:
    with pytest.raises(LocalHeadersError, match=r"headers\.toml") as raised:
        parse(text)
    assert words in str(raised.value)


def test_headers_of_two_fields_of_an_earlier_load_are_read_as_they_were() -> None:
    text = '[cases]\nfiled_on = ["立案日子", "立案日子*"]\nclosed_on = ["立案日子"]'
    headers = parse_local_headers("headers.toml", text, ledgers()).headers["cases"]
    assert headers["closed_on"] == ("立案日子",)
    assert parse('[cases]\nfiled_on = ["立案日子", "立案日子*"]').headers["cases"]
