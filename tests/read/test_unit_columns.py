"""Columns beside the ledger's that name the unit of each row."""

from __future__ import annotations

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import csv_bytes, workbook_bytes
from tests.support.sheets import TITLE, case_cells, rule_ids_of
from tests.support.validation import CITY, INDEX, PATH, read
from transforms.read import FileRead
from transforms.read.bulk.read_in_bulk import read_in_bulk

RULE = "sheet.column_of_other_units"


def read_both(header: str, names: list[str], path: str = PATH) -> list[FileRead]:
    """Read a workbook and a CSV whose first column has these names, one by one and in bulk."""
    rows = case_cells(*({"case_no": f"某环立〔2023〕{number}号"} for number in range(len(names))))
    cells = [[first, *row] for first, row in zip([header, *names], rows, strict=True)]
    csv_path = path.replace(".xlsx", ".csv")
    files = [(path, workbook_bytes({TITLE: cells})), (csv_path, csv_bytes(cells))]
    return [read(data, name) for name, data in files] + read_in_bulk(files, CITY, INDEX)


@pytest.mark.parametrize("header", ["县区", "填报单位", "单位", "上报单位", "所属县区", "县（市、区）", ""])
def test_other_units_in_such_a_column_are_doubted_once(header: str) -> None:
    for file in read_both(header, ["临江市", "长岭县", "星河区分局", "长岭县", ""]):
        (submission,) = file.submissions
        (doubt,) = [entry for entry in submission.findings if entry["rule_id"] == RULE]
        assert (doubt["severity"], doubt["cell"], doubt["value"]) == ("warning", "A3", "长岭县")
        assert "第 3–5 行" in compose_message(doubt)
        assert len(submission.rows) == 5


@pytest.mark.parametrize(
    ("header", "name", "path"),
    [
        ("县区", "临江市", PATH),
        ("填报单位", "临江市分局", PATH),
        ("单位名称", "长岭县某某化工有限公司", PATH),
        ("单位", "长岭县人民医院", PATH),
        ("案发地", "长岭县", PATH),
        ("单位", "执法一大队", PATH),
    ],
)
def test_own_units_parties_and_other_columns_are_not(header: str, name: str, path: str) -> None:
    for file in read_both(header, [name, name], path):
        (submission,) = file.submissions
        assert RULE not in rule_ids_of(submission)
