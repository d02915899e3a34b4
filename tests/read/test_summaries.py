"""Sheets that only sum up, or list what may be chosen, beside the ledgers of a workbook."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import rows_of, sheet_cells, workbook_bytes
from tests.support.histories import make_regions
from tests.support.sheets import rejection
from tests.support.validation import read, read_one
from transforms.read.layout.submission import FileRead, RowSpan, Submission, reconcile_file

LEDGER = sheet_cells("penalties", rows_of("penalties", {}))

SUMMARIES: dict[str, tuple[str, list[list[Any]]]] = {
    "by unit": ("汇总", [["单位", "立案数", "罚款金额(万元)"], ["临江市", 2, 13.5]]),
    "without a word for it": ("Sheet2", [["单位", "立案数", "罚款金额(万元)"], ["临江市", 2, 13.5], ["合计", 2, 13.5]]),
    "by month, money as text": (
        "Sheet2", [["月份", "罚款金额(万元)", "没收违法所得(元)"], ["5月", "3.5万元", "—"], ["6月", "1,200.50", "0"]],
    ),
    "by kind": ("统计", [["处罚类别", "件数", "罚款金额(万元)"], ["罚款", 2, 13.5], ["警告", 1, 0]]),
    "by party": ("汇总表", [["行政相对人名称", "处罚次数", "罚款金额(万元)"], ["某公司", 2, 13.5], ["某厂", 1, 3]]),
    "by district and town": ("一览", [["县区", "乡镇", "处罚类别", "罚款金额(万元)"], ["临江市", "某镇", 2, 13.5]]),
    "named like the ledger": ("行政处罚决定统计", [["单位", "处罚类别", "罚款金额(万元)"], ["临江市", 2, 13.5]]),
    "word in its title": (
        "Sheet2", [["2023年6月行政处罚情况汇总"], ["处罚机关", "件数", "罚款金额(万元)", "处罚类别"], ["某局", 2, 13.5, 1]],
    ),
    "shares": ("分析", [["单位", "罚款金额(万元)", "违法行为类型", "占比"], ["临江市", 13.5, 2, "50%"]]),
    "choices": ("Sheet3", [["处罚类别", "行政相对人类别"], ["罚款", "自然人"], ["警告", "法人及非法人组织"]]),
    "choices with codes": ("代码", [["处罚类别", "行政相对人类别", "备注"], ["罚款", "自然人", "甲"], ["罚款", "自然人", "甲"]]),
    "instructions": ("填表说明", [["处罚类别", "违法行为类型", "处罚依据"], ["必填", "必填", "写明条款"]]),
}  # fmt: skip

DETAILS: dict[str, tuple[str, list[list[Any]]]] = {
    "a list of matters called 汇总 that lacks columns": (
        "2023年案件汇总表", [["行政处罚决定书文号", "行政相对人名称", "罚款金额(万元)"], ["某环罚〔2023〕1号", "某公司", 3.5]],
    ),
    "payments that lack columns": (
        "Sheet2", [["缴款日期", "缴款金额(元)", "缴款类别"], ["2023-06-01", 35000, "罚款"]],
    ),
    "parties and fines": ("Sheet2", [["行政相对人名称", "罚款金额(万元)", "没收违法所得(元)"], ["某公司", 3.5, 0]]),
    "numbers of matters that are only serials": (
        "汇总", [["信访编号", "涉及金额", "处罚类别", "罚款金额(万元)"], [1, 2, 3, 4], [2, 2, 3, 4]],
    ),
    "a header of which much is unknown": (
        "汇总", [["文书", "名称", "处罚类别", "罚款金额(万元)", "事由"], ["某1", "某公司", "罚款", 3.5, "超标"]],
    ),
}  # fmt: skip


def read_book(name: str, cells: list[list[Any]], ledger: str = "明细") -> FileRead:
    return read(workbook_bytes({ledger: LEDGER, name: cells}))


@pytest.mark.parametrize("kind", SUMMARIES)
def test_a_summary_beside_a_ledger_is_passed_over_with_a_notice(kind: str) -> None:
    name, cells = SUMMARIES[kind]
    file_read = read_book(name, cells)
    assert [submission.is_rejected for submission in file_read.submissions] == [False]
    (notice,) = file_read.findings
    assert (notice["rule_id"], notice["sheet"], notice["severity"]) == ("sheet.summary", name, "notice")


@pytest.mark.parametrize("kind", DETAILS)
def test_details_that_cannot_be_read_are_no_summary(kind: str) -> None:
    _, refused = read_book(*DETAILS[kind]).submissions
    assert refused.is_rejected
    assert rejection(refused)["rule_id"] in ("sheet.missing_columns", "submission.ledger_unknown")


@pytest.mark.parametrize("name", ["汇总", "2023年案件汇总表", "统计", "一览"])
def test_a_sheet_called_summary_that_holds_the_ledger_is_read(name: str) -> None:
    submission = read_one(workbook_bytes({name: LEDGER}))
    assert (submission.is_rejected, submission.ledger) == (False, "penalties")


@pytest.mark.parametrize("kind", SUMMARIES)
def test_a_file_with_nothing_but_a_summary_is_refused_with_what_is_expected(kind: str) -> None:
    name, cells = SUMMARIES[kind]
    finding = rejection(read_one(workbook_bytes({name: cells})))
    assert finding["rule_id"] == "sheet.only_summary"
    assert "每件一行" in compose_message(finding)


def test_a_summary_beside_a_ledger_that_is_refused_is_no_second_refusal() -> None:
    broken = [LEDGER[0][1:], *(row[1:] for row in LEDGER[1:])]
    name, cells = SUMMARIES["by unit"]
    file_read = read(workbook_bytes({"明细": broken, name: cells}))
    assert [rejection(submission)["rule_id"] for submission in file_read.submissions] == [
        "sheet.missing_columns"
    ]
    assert [finding["rule_id"] for finding in file_read.findings] == ["sheet.summary"]


def test_a_summary_in_the_sheet_of_a_ledger_is_named_by_its_row() -> None:
    ledger = Submission("a.xlsx", "立案", "cases", span=RowSpan(pa.table({}), 0, 0), header_row=1)
    summary = Submission("a.xlsx", "立案", header_row=5, is_summary=True)
    file_read = reconcile_file([ledger, summary], [], make_regions())
    assert file_read.submissions == [ledger]
    assert "第 5 行起只有汇总数" in compose_message(file_read.findings[0])
