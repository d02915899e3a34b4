"""What a finding says: its position, the cell as the county wrote it, masked values, the money at stake."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from schemas.catalogue import ledgers
from schemas.ledgers.common_checks import ORGANISATION
from schemas.ledgers.finding import (
    BATCH_FINDING_COLUMNS,
    FINDING_COLUMNS,
    MASKED,
    Cell,
    cell_findings,
    compose_message,
    compose_messages,
    findings_frame,
    sort_by_position,
)
from schemas.ledgers.rules import Rule, Severity
from tests.support.counties import GOOD_ROWS, rows_of
from tests.support.rule_cases import BAD_CELLS
from tests.support.validation import list_findings, submit, validate_all, validate_rows


def test_a_finding_on_an_absent_optional_column_has_no_cell() -> None:
    (finding,) = validate_rows(
        "cases", {"party_type": ORGANISATION}, {"case_no": "某环立(星)〔2023〕2号"}
    ).findings.itertuples()
    assert (finding.rule_id, finding.cell, finding.column) == (
        "cases.party_uscc.required",
        "",
        "统一社会信用代码",
    )
    assert compose_message(finding._asdict()).startswith(
        "第 2 行“统一社会信用代码”：当事人是法人或非法人组织，没有填"
    )


def test_an_alias_is_named_as_the_county_wrote_it() -> None:
    row = GOOD_ROWS["cases"] | {"filed_on": "2023-06-31"}
    result = validate_all([submit("cases", row, headers={"filed_on": "立案\n时间"})])
    assert (
        compose_messages(result.findings)
        .iloc[0]
        .startswith("第 2 行“立案时间”（D2）：填的是“2023-06-31”，日历上没有这一天。")
    )


def test_two_wrong_cells_are_two_findings_and_one_quarantined_row() -> None:
    result = validate_rows("payments", {"paid_on": "待定", "kind": "罚金"}, {"receipt_no": "P-2"})
    assert list_findings(result) == [("payments.kind.allowed", 2), ("payments.paid_on.not_a_date", 2)]
    assert result.submissions.loc[0].tolist() == [1, 1, "partial"]
    assert result.quarantined["payments"]["row_key"].tolist() == ["票据号 P-1"]


def test_warnings_and_notices_are_reported_beside_an_error() -> None:
    change = {
        "party_uscc": BAD_CELLS["uscc", "letters_repaired"],
        "published_on": "2023-06-01",
        "served_on": "2023-06-01",
    }
    assert [rule_id for rule_id, row in list_findings(validate_rows("penalties", change)) if row] == [
        "penalties.party_uscc.letters_repaired",
        "penalties.published_on.before_decision",
        "penalties.served_on.before_decision",
    ]


@pytest.mark.parametrize("ledger", ledgers())
def test_a_private_value_never_leaves_in_a_finding(ledger: str) -> None:
    definition = ledgers()[ledger]
    secret = "甲乙丙丁戊"
    row = GOOD_ROWS[ledger] | {field.name: secret for field in definition.fields if not field.required}
    findings = validate_all([submit(ledger, row)]).findings
    public_headers = {field.header for field in definition.fields if not field.private}
    is_shown = findings["column"].isin(public_headers)
    hidden = findings[~is_shown]
    for value, message in zip(hidden["value"], compose_messages(hidden), strict=True):
        assert secret not in f"{value} {message}"


@pytest.mark.parametrize("value", ["430000199001011234", None])
def test_a_private_value_is_masked_in_value_and_message(value: str | None) -> None:
    rule = Rule("penalties.id_no.allowed", Severity.ERROR, "不是规定的选项", remedy="请核对")
    (list_findings,) = cell_findings(rule, [Cell("a", "", 2, "证件号码", "B2", value)], is_private=True)
    finding_values = dict(zip(FINDING_COLUMNS, list_findings, strict=True))
    assert finding_values["value"] == (MASKED if value else "")
    assert "4300" not in compose_message(finding_values)


def test_a_finding_knows_the_money_of_its_row() -> None:
    findings = validate_rows(
        "payments", {"kind": "罚金"}, {"receipt_no": "P-2", "paid_on": "待定", "amount_fen": "不详"}
    ).findings
    known = dict(zip(findings["rule_id"], findings["at_stake_fen"], strict=True))
    assert known["payments.kind.allowed"] == 35_000_00
    assert known["payments.paid_on.not_a_date"] is pd.NA


def test_a_long_cell_is_cut() -> None:
    findings = validate_rows("cases", {"filed_on": "甲" * 1000}).findings
    assert findings["value"].str.len().max() == 200
    assert compose_messages(findings).str.len().max() < 300


@pytest.mark.parametrize("ledger", ledgers())
def test_validation_leaves_its_input_unchanged(ledger: str) -> None:
    submissions = [submit(ledger, *rows_of(ledger, {}, {}, {ledgers()[ledger].dated_by: "待定"}))]
    before = submissions[0].rows.copy(deep=True)
    validate_all(submissions)
    pd.testing.assert_frame_equal(submissions[0].rows, before)


@pytest.mark.parametrize("ledger", ledgers())
def test_every_row_is_accepted_quarantined_or_repeated(ledger: str) -> None:
    definition = ledgers()[ledger]
    changes = [
        {},
        {},
        {definition.dated_by: "待定"},
        {definition.dated_by: "2023-06-29"},
        {definition.dated_by: None},
        {},
    ]
    result = validate_rows(ledger, *changes)
    repeated = result.findings["rule_id"].eq("row.repeated").sum()
    assert len(result.rows[ledger]) + len(result.quarantined[ledger]) + repeated == len(changes)
    assert repeated == 2
    assert result.submissions.loc[0, ["rows", "held_back"]].tolist() == [
        len(result.rows[ledger]),
        len(result.quarantined[ledger]),
    ]


def test_findings_carry_all_their_columns() -> None:
    result = validate_rows("cases", {"filed_on": "待定"}, {"case_no": "某环立(星)〔2023〕2号"})
    assert result.findings.columns.tolist() == BATCH_FINDING_COLUMNS
    assert result.findings.drop(columns="at_stake_fen").loc[0].to_dict() == {
        "submission": 0, "rule_id": "cases.filed_on.not_a_date", "severity": "error", "file": "2023-06/临江市/报表.xlsx",
        "sheet": "立案台账", "row": 2, "column": "立案日期", "cell": "D2", "value": "待定",
        "problem": "不是日期", "expected": "日期，如 2023-05-06", "remedy": "请写成年-月-日",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "第 2 行“立案日期”（D2）：填的是“待定”，不是日期。应为日期。请改。"),
        ({"cell": "", "value": ""}, "第 2 行“立案日期”：不是日期。应为日期。请改。"),
        ({"expected": "", "remedy": ""}, "第 2 行“立案日期”（D2）：填的是“待定”，不是日期。"),
        ({"column": None, "cell": None, "value": None}, "工作表“立案”第 2 行：不是日期。应为日期。请改。"),
        ({"column": None, "value": None, "row": None}, "工作表“立案”：不是日期。应为日期。请改。"),
        ({"column": None, "value": None, "row": 3, "sheet": ""}, "文件“报表.csv”第 3 行：不是日期。应为日期。请改。"),
        ({"column": None, "value": None, "row": None, "sheet": "", "file": ""}, "不是日期。应为日期。请改。"),
    ],
)  # fmt: skip
def test_a_sentence_is_composed_of_what_the_finding_has(change: dict[str, Any], sentence: str) -> None:
    finding = {
        "rule_id": "cases.filed_on.not_a_date", "severity": "error", "file": "2023-06/临江市/报表.csv", "sheet": "立案",
        "row": 2, "column": "立案日期", "cell": "D2", "value": "待定", "problem": "不是日期", "expected": "日期",
        "remedy": "请改",
    } | change  # fmt: skip
    assert compose_message(finding) == sentence
    assert compose_messages(findings_frame([finding])).tolist() == [sentence]


def test_a_rule_without_expectation_or_remedy_leaves_empty_texts() -> None:
    findings = pd.concat([
        validate_rows("cases", {}, {}).findings,
        validate_rows("penalties", {"party_uscc": BAD_CELLS["uscc", "letters_repaired"]}).findings,
    ])  # fmt: skip
    assert set(findings["rule_id"]) == {"row.repeated", "penalties.party_uscc.letters_repaired"}
    assert findings[["expected", "remedy"]].eq("").all(axis=None)


def test_findings_are_sorted_as_a_person_goes_through_the_file() -> None:
    positions = [
        ("乙", 3, "A3"), ("甲", 10, "AA10"), ("甲", 10, "Z10"), ("甲", 10, None), ("甲", None, None),
        ("", None, None), ("丙", 2, "A2"), ("甲", 2, "B2"),
    ]  # fmt: skip
    frame = pd.DataFrame(
        [dict.fromkeys(FINDING_COLUMNS) | {"sheet": s, "row": r, "cell": c} for s, r, c in positions]
    )
    ordered = sort_by_position(frame, ["甲", "乙"])
    assert ordered.index.tolist() == [5, 4, 7, 3, 2, 1, 0, 6]
    assert sort_by_position(frame.iloc[:0], []).empty
