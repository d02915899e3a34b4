"""Names, titles and notes by which a table is no final report."""

from __future__ import annotations

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import csv_bytes, workbook_bytes
from tests.support.sheets import TITLE, case_cells, rule_ids_of
from tests.support.validation import CITY, INDEX, read_one
from transforms.read.bulk.read_in_bulk import read_in_bulk

FOLDER = "2023-06/临江市"
DRAFT = "submission.draft"


@pytest.mark.parametrize(
    "name",
    [
        "立案台账（草稿）", "作废-立案台账", "立案台账_未审", "立案台账待核", "6月初稿", "立案台账（勿用）", "测试", "样表",
        "立案台账draft", "立案台账 有误",
    ],
)  # fmt: skip
def test_a_file_that_is_called_a_draft_is_doubted(name: str) -> None:
    data = csv_bytes(case_cells())
    for file in (
        read_one(data, f"{FOLDER}/{name}.csv"),
        *read_in_bulk([(f"{FOLDER}/{name}.csv", data)], CITY, INDEX)[0].submissions,
    ):
        assert rule_ids_of(file) == [DRAFT]
        assert "文件名写着“" in compose_message(file.findings[0])


@pytest.mark.parametrize(
    "name",
    [
        "立案台账定稿",
        "立案台账（正式）",
        "初稿已审",
        "立案台账终稿",
        "检测试剂案件",
        "立案台账 - 副本",
        "法律知识测试",
        "未审结案件",
        "latest",
    ],
)
def test_a_final_name_and_other_words_are_no_doubt(name: str) -> None:
    assert DRAFT not in rule_ids_of(
        read_one(workbook_bytes({TITLE: case_cells()}), f"{FOLDER}/{name}.xlsx")
    )


def test_tab_title_and_note_are_named_together() -> None:
    cells = case_cells(above=[["立案台账（初稿）"], ["注：数据未审核，请勿使用。"]])
    submission = read_one(workbook_bytes({"草稿": [*cells, ["注：本表作废"]]}), f"{FOLDER}/a.xlsx")
    (doubt,) = submission.findings
    assert doubt["rule_id"] == DRAFT
    words = compose_message(doubt)
    for text in ("工作表名写着“草稿”", "表头上方写着“初稿”", "表头上方写着“未审”", "第 5 行写着“作废”"):
        assert text in words


@pytest.mark.parametrize("note", ["说明：请勿使用铅笔填写", "注：非草稿", "填表说明：作废票据不填"])
def test_instructions_are_no_doubt(note: str) -> None:
    assert (
        rule_ids_of(read_one(workbook_bytes({TITLE: case_cells(above=[[note]])}), f"{FOLDER}/a.xlsx")) == []
    )
