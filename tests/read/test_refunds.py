"""Payments that a remark calls a refund though their amount is positive."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.counties import csv_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.validation import CITY, INDEX, PATH, list_findings, read_one, validate_all
from transforms.read.bulk.read_in_bulk import read_in_bulk


def validate_remark(remark: str, **changes: Any) -> list[list[tuple[str, Any]]]:
    header, *rows = sheet_cells("payments", rows_of("payments", {"receipt_no": "P-0"}, changes))
    cells = [[*header, "备注"], [*rows[0], "转账"], [*rows[1], remark]]
    data = csv_bytes(cells)
    files = [
        read_one(workbook_bytes({"罚款缴纳台账": cells})),
        *read_in_bulk([(PATH, data)], CITY, INDEX)[0].submissions,
    ]
    findings = [list_findings(validate_all([file])) for file in files]
    return [[entry for entry in entries if entry[0] != "sheet.unknown_column"] for entries in findings]


@pytest.mark.parametrize(
    "remark", ["退款", "退回当事人", "返还多缴部分", "红冲", "冲销6月3日一笔", "已退还"]
)
def test_a_refund_with_a_positive_amount_is_doubted(remark: str) -> None:
    for findings in validate_remark(remark):
        assert findings == [("row.refund", 3)]


@pytest.mark.parametrize(
    ("remark", "changes"),
    [("无退款", {}), ("未退还", {}), ("银行转账", {}), ("退款", {"kind": "退款", "amount_fen": -1000})],
)
def test_no_refund_and_a_negative_one_are_no_doubt(remark: str, changes: dict[str, Any]) -> None:
    for findings in validate_remark(remark, **changes):
        assert findings == []
