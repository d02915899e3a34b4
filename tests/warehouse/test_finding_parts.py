"""Revision 0007 takes the sentences of existing findings apart, and back again."""

from __future__ import annotations

from datetime import datetime
from itertools import cycle, islice
from typing import Any

import pytest
from sqlalchemy import Integer, Text, column, inspect, table, text

from flows.workspace import Workspace
from schemas.ledgers.finding import MASKED, compose_message
from tests.conftest import on_each_database
from warehouse.engine import reading, writing
from warehouse.migrations.upgrade import downgrade
from warehouse.migrations.versions.r0007_finding_parts import ROWS_AT_ONCE, Parts

FILE = "2023-06/990181/报表.csv"
ON_CELL = {"sheet": "立案", "row": 3, "column": "日期", "cell": "B3", "value": "x"}
ON_ROW = {"sheet": "立案", "row": 3}
ON_SHEET: dict[str, Any] = {"sheet": "立案"}
ON_FILE: dict[str, Any] = {"sheet": ""}

#: rule, where, the sentence of 0.1.0, its parts
SENTENCES: list[tuple[str, dict[str, Any], str, Parts]] = [
    ("cases.filed_on.not_a_date", ON_CELL, "第 3 行“日期”（B3）：填的是“x”，不是日期。应为日期，如 1。请写成年-月-日。",
     Parts("不是日期", "日期，如 1", "请写成年-月-日")),
    ("cases.filed_on.required", {**ON_CELL, "cell": "", "value": ""}, "第 3 行“日期”：没有填写。请补填。",
     Parts("没有填写", "", "请补填")),
    ("cases.party_uscc.letters_repaired", ON_CELL, "第 3 行“日期”（B3）：填的是“x”，字母 O、I 已按数字 0、1 读取。",
     Parts("字母 O、I 已按数字 0、1 读取", "", "")),
    ("penalties.party_id_no.allowed", {**ON_CELL, "value": MASKED},
     f"第 3 行“日期”（B3）：填的是“{MASKED}”，不是规定的选项。请核对。",
     Parts("不是规定的选项", "", "请核对")),
    ("row.waived", ON_CELL, "第 3 行“日期”（B3）：填的是“x”，没有填写；市局已准予收下（理由：原件遗失。请见说明。；批准：甲）。",
     Parts("没有填写；市局已准予收下（理由：原件遗失。请见说明。；批准：甲）", "", "")),
    ("row.duplicate_key", ON_ROW,
     "工作表“立案”第 3 行：与第 2 行是同一条（1 号。附），但内容不同。应为每条只填一行。请核对后只保留正确的一行。",
     Parts("与第 2 行是同一条（1 号。附），但内容不同", "每条只填一行", "请核对后只保留正确的一行")),
    ("row.repeated", ON_ROW, "工作表“立案”第 3 行：与第 2 行完全相同，只计一次。", Parts("与第 2 行完全相同，只计一次", "", "")),
    ("sheet.unknown_column", ON_SHEET, "工作表“立案”：“C 列 备注。请填”不是本台账的栏目，没有读取。",
     Parts("“C 列 备注。请填”不是本台账的栏目，没有读取", "", "")),
    ("sheet.missing_columns", ON_SHEET, "工作表“立案”：缺少必填的栏目：案由。请补上这些栏目后重报。",
     Parts("缺少必填的栏目：案由", "", "请补上这些栏目后重报")),
    ("file.broken_csv", {**ON_FILE, "row": 3},
     "文件“报表.csv”第 3 行：引号或分隔符有误，从这里起无法读取。请用 Excel 打开检查，另存为 xlsx 后重报。",
     Parts("引号或分隔符有误，从这里起无法读取", "", "请用 Excel 打开检查，另存为 xlsx 后重报")),
    ("file.macros", ON_FILE, "文件“报表.csv”：文件里有宏，没有运行，只读取了单元格。",
     Parts("文件里有宏，没有运行，只读取了单元格", "", "")),
]  # fmt: skip


#: the table as it was in revision 0006
OLDER_FINDINGS = table(
    "findings",
    *(column(name, Integer) for name in ("load_id", "row")),
    *(column(name, Text) for name in ("rule_id", "severity", "file", "sheet", "column", "cell", "value")),
    *(column(name, Text) for name in ("expected", "message")),
)


def insert_sentences(workspace: Workspace, count: int = len(SENTENCES)) -> None:
    """Insert these findings again and again; those without an
    expectation have an empty text or null, by turns.
    """
    missing = dict.fromkeys(OLDER_FINDINGS.columns.keys())
    rows = [
        {**missing, "load_id": 1, "severity": "error", "file": FILE, **where, "rule_id": rule_id,
         "expected": parts.expected or (None if index % 2 else ""), "message": sentence}
        for index, (rule_id, where, sentence, parts) in enumerate(islice(cycle(SENTENCES), count))
    ]  # fmt: skip
    with writing(workspace.engine) as connection:
        connection.execute(OLDER_FINDINGS.insert(), rows)


@pytest.fixture
def older(workspace: Workspace) -> Workspace:
    """A warehouse of revision 0006 with a load."""
    downgrade(workspace.engine, "0006")
    load = {
        "load_id": 1,
        "kind": "nightly",
        "recorded_at": datetime(2023, 7, 5),
        "ruleset": "0",
        "log_entry": "",
    }
    with writing(workspace.engine) as connection:
        connection.execute(workspace.tables.loads.insert(), [load])
    return workspace


def stored_findings(workspace: Workspace) -> list[dict[str, Any]]:
    findings = workspace.tables.findings
    with reading(workspace.engine) as connection:
        rows = connection.execute(findings.select().order_by(findings.c.finding_id))
        return [dict(row._mapping) for row in rows]


@on_each_database
def test_existing_sentences_become_columns(older: Workspace) -> None:
    insert_sentences(older)
    older.prepare()
    findings = stored_findings(older)
    assert [Parts(finding["problem"], finding["expected"], finding["remedy"]) for finding in findings] == [
        parts for *_, parts in SENTENCES
    ]
    assert [compose_message(finding) for finding in findings] == [
        sentence for _, _, sentence, _ in SENTENCES
    ]


def test_more_findings_than_fit_in_a_page_are_all_filled(older: Workspace) -> None:
    insert_sentences(older, ROWS_AT_ONCE + 1)
    older.prepare()
    findings = stored_findings(older)
    assert len(findings) == ROWS_AT_ONCE + 1
    assert findings[-1]["problem"] == SENTENCES[ROWS_AT_ONCE % len(SENTENCES)][3].problem


@on_each_database
def test_the_sentences_come_back_with_the_older_revision(older: Workspace) -> None:
    insert_sentences(older)
    older.prepare()
    downgrade(older.engine, "0006")
    with reading(older.engine) as connection:
        sentences = connection.execute(text("SELECT message FROM findings ORDER BY finding_id")).scalars()
        assert list(sentences) == [sentence for _, _, sentence, _ in SENTENCES]


@on_each_database
def test_the_partial_index_stays_partial(older: Workspace) -> None:
    insert_sentences(older)
    older.prepare()
    (index,) = [
        item
        for item in inspect(older.engine).get_indexes("findings")
        if item["name"] == "findings_of_reports"
    ]
    assert "row" in " ".join(map(str, index["dialect_options"].values()))
