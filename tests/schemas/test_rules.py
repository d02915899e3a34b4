"""Every rule of every ledger, with a cell that breaks it and one that does not.

The rules that follow from a field's type have their failing cells in one table by kind of field, so the
fields of a new ledger are tested as soon as it exists. A rule without a failing case fails here by name.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from schemas.catalogue import ledgers
from schemas.ledgers.compiled import LedgerField
from schemas.ledgers.finding import MASKED, compose_message
from schemas.ledgers.types import WEAK_NUMBER_FAULTS
from schemas.money_units import EXAMPLES
from tests.support.check_each import check_each
from tests.support.counties import GOOD_ROWS
from tests.support.rule_cases import BAD_CELLS, GOOD_CELLS, MILDER, REASONS, ROW_CASES
from tests.support.validation import list_findings, submit, validate_all, validate_rows
from transforms.read.containers.grid import NO_RESULT
from transforms.read.layout.header_text import split_money_unit
from transforms.validate.pipeline import ValidationResult

RULE_IDS = [rule_id for ledger in ledgers().values() for rule_id in ledger.rules()]
each_rule = check_each({name: list(ledger.rules()) for name, ledger in ledgers().items()})


def split_rule_id(rule_id: str) -> tuple[str, LedgerField, str]:
    ledger, field, code = rule_id.split(".")
    return ledger, ledgers()[ledger].field(field), code


def bad_cell(field: LedgerField, code: str) -> Any:
    """Return a cell that breaks one of the rules which follow from a field's type and options."""
    if code == "required":
        return None
    if code == "allowed":
        return "不在名单上"
    if code == "cell_unit":
        return "35000元" if split_money_unit(field.header)[1] == "万元" else "3.5万元"
    if code == "out_of_range" and field.minimum is not None:
        return (field.minimum - 1) / (100 if field.type.kind == "money" else 1)
    if code == "out_of_range":
        return field.maximum + 1
    return NO_RESULT if code == "no_result" else BAD_CELLS[field.type.kind, code]


def good_cell(field: LedgerField) -> Any:
    if field.has_number_form:
        return "甲-2023-7"
    return field.allowed[-1] if field.allowed else GOOD_CELLS[field.type.kind]


def case(rule_id: str, *, is_bad: bool) -> dict[str, Any]:
    """Return a row that breaks a rule, or a similar row that does not."""
    ledger, field, code = split_rule_id(rule_id)
    if rule_id in ROW_CASES:
        return GOOD_ROWS[ledger] | (ROW_CASES[rule_id].bad if is_bad else ROW_CASES[rule_id].good)
    return GOOD_ROWS[ledger] | {field.name: bad_cell(field, code) if is_bad else good_cell(field)}


@cache
def validate_cases(ledger: str, *, is_bad: bool) -> ValidationResult:
    """Validate the cases of all rules of a ledger in one batch, a file each, in the order of the rules."""
    submissions = []
    for index, rule_id in enumerate(ledgers()[ledger].rules()):
        _, field, code = split_rule_id(rule_id)
        headers = {field.name: split_money_unit(field.header)[0]} if code == "no_unit" and is_bad else {}
        submissions.append(
            submit(
                ledger, case(rule_id, is_bad=is_bad), path=f"2023-06/临江市/{index}.xlsx", headers=headers
            )
        )
    assert not any(submission.is_rejected for submission in submissions)
    return validate_all(submissions)


@cache
def findings_by_rule(ledger: str, *, is_bad: bool) -> dict[str, list[Any]]:
    """Return the findings on the row of each rule's case."""
    findings: dict[str, list[Any]] = {rule_id: [] for rule_id in ledgers()[ledger].rules()}
    rule_ids = list(findings)
    for finding in validate_cases(ledger, is_bad=is_bad).findings.itertuples():
        if pd.notna(finding.row):
            findings[rule_ids[finding.submission]].append(finding)
    return findings


def findings_of(rule_id: str, *, is_bad: bool) -> list[Any]:
    """Return the findings on the row of a rule's case."""
    return findings_by_rule(rule_id.split(".", maxsplit=1)[0], is_bad=is_bad)[rule_id]


@each_rule
def test_every_rule_has_a_failing_case(rule_id: str) -> None:
    ledger, field, code = split_rule_id(rule_id)
    assert (
        rule_id in ROW_CASES
        or code in {"required", "allowed", "cell_unit", "out_of_range", "no_result"}
        or ((field.type.kind, code) in BAD_CELLS)
    ), (
        f"add a failing case of {rule_id}: a row rule to ROW_CASES, a fault of the type to BAD_CELLS (ledger {ledger})"
    )


def test_every_case_has_a_rule() -> None:
    assert set(ROW_CASES) <= set(RULE_IDS)


@each_rule
def test_failing_cell_has_a_finding(rule_id: str) -> None:
    ledger, field, code = split_rule_id(rule_id)
    row = case(rule_id, is_bad=True)
    (finding,) = (match for match in findings_of(rule_id, is_bad=True) if match.rule_id == rule_id)
    expected = ROW_CASES[rule_id].severity if rule_id in ROW_CASES else MILDER.get(code, "error")
    assert (finding.severity, finding.row) == (expected, 2)
    written = [column.name for column in ledgers()[ledger].fields if column.required or column.name in row]
    is_written = field.name in written
    assert finding.cell == (xl_rowcol_to_cell(1, written.index(field.name)) if is_written else "")
    assert finding.column == (split_money_unit(field.header)[0] if code == "no_unit" else field.header)
    printed = (
        ""
        if row.get(field.name) in (None, NO_RESULT)
        else MASKED
        if field.private or code == "personal_number"
        else str(row[field.name]).removesuffix(".0")
    )
    assert finding.value == printed
    start = f"第 2 行“{finding.column}”" + (f"（{finding.cell}）" if is_written else "") + "："
    message = compose_message(finding._asdict())
    assert message.startswith(start + (f"填的是“{printed}”，" if printed else ""))
    example = EXAMPLES[split_money_unit(field.header)[1] or "元"] if code == "not_an_amount" else ""
    detail = example or REASONS.get(rule_id, 1 if code in WEAK_NUMBER_FAULTS else 2)
    rule = ledgers()[ledger].rules()[rule_id].fill(detail=detail)
    assert (finding.problem, finding.expected, finding.remedy) == (rule.problem, rule.expected, rule.remedy)
    if expected in ("error", "warning"):
        assert message.endswith(f"{rule.remedy}。")
        assert rule.remedy
    assert "。。" not in message
    assert not finding.expected or f"应为{finding.expected}。" in message


@each_rule
def test_failing_cell_has_no_second_finding(rule_id: str) -> None:
    _, field, _ = split_rule_id(rule_id)
    reported = [finding.rule_id for finding in findings_of(rule_id, is_bad=True)]
    assert [reported_id for reported_id in reported if f".{field.name}." in reported_id] == [rule_id]


@each_rule
def test_passing_cell_has_no_finding(rule_id: str) -> None:
    assert rule_id not in [finding.rule_id for finding in findings_of(rule_id, is_bad=False)]


@each_rule
def test_only_an_error_quarantines_its_row(rule_id: str) -> None:
    ledger = rule_id.split(".", maxsplit=1)[0]
    result = validate_cases(ledger, is_bad=True)
    index = list(ledgers()[ledger].rules()).index(rule_id)
    has_error = any(finding.severity == "error" for finding in findings_of(rule_id, is_bad=True))
    outcome = result.submissions.loc[index]
    assert (outcome["rows"], outcome["held_back"]) == ((0, 1) if has_error else (1, 0))
    assert index in (result.quarantined if has_error else result.rows)[ledger]["submission"].tolist()


def test_one_wrong_value_among_right_ones_is_enough() -> None:
    assert ("penalties.penalty_kinds.allowed", 2) in list_findings(
        validate_rows("penalties", {"penalty_kinds": "罚款、罚金"})
    )
