"""Every rule of every ledger, with a cell that breaks it and one that does not.

The rules that follow from a field's type have their failing cells in one table by kind of field, so the
fields of a new ledger are tested as soon as it exists. A rule without a failing case fails here by name.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from schemas.catalogue import ledgers
from schemas.ledgers.common_checks import ORGANISATION
from schemas.ledgers.compiled import LedgerField
from schemas.ledgers.date_rules import BEFORE_NUMBER, LONG_BEFORE_PERIOD, OTHER_YEAR
from schemas.ledgers.finding import MASKED, compose_message
from schemas.ledgers.types import WEAK_NUMBER_FAULTS
from schemas.money_units import EXAMPLES
from tests.support.check_each import check_each
from tests.support.counties import GOOD_ROWS
from tests.support.validation import list_findings, submit, validate_all, validate_rows
from transforms.normalise import uscc_check_character
from transforms.read.containers.grid import NO_RESULT
from transforms.read.layout.header_text import split_money_unit
from transforms.validate.pipeline import ValidationResult

_FIRST_17 = "91110000100000001"
USCC = _FIRST_17 + uscc_check_character(_FIRST_17)

GOOD_CELLS: dict[str, Any] = {
    "text": "某某", "date": "2023-06-28", "money": "3.5", "integer": "2", "number": "95.5", "boolean": "是", "uscc": USCC,
    "document_no": "某环罚(星)〔2023〕9号", "identity_no": "11010519491231002X",
}  # fmt: skip

#: kind of field and fault → a cell with that fault and no other
BAD_CELLS = {
    ("text", "excel_error"): "#REF!",
    ("text", "no_name"): "同上",
    ("text", "several_objects"): "甲厂、乙厂",
    ("date", "not_a_date"): "待定",
    ("date", "no_such_day"): "2023-06-31",
    ("date", "day_missing"): "2023年6月",
    ("date", "day_or_month"): "6/1/2023",
    ("date", "other_day_by_zone"): "2023-06-28T16:30:00Z",
    ("date", "weekday_differs"): "2023-06-28 星期四",
    ("date", "too_early"): "1905-07-15",
    ("date", "in_future"): "2023-07-06",
    ("date", "after_period"): "2023-07-01",
    ("money", "not_an_amount"): "见决定书",
    ("money", "several_amounts"): "10000+20000",
    ("money", "no_unit"): "3.5",
    ("money", "negative"): "-3.5",
    ("money", "below_one_fen"): "0.000000001",
    ("money", "too_large"): "99999999999999999",
    ("money", "rounded"): "1.23E+05",
    ("money", "personal_number"): "43250121193359009X",
    ("integer", "not_an_integer"): "1.5",
    ("integer", "negative"): "-1",
    ("integer", "rounded"): "1.23E+05",
    ("integer", "personal_number"): "432501211933590097",
    ("number", "not_a_number"): "优良",
    ("number", "rounded"): "1.23E+05",
    ("number", "personal_number"): "139 0738 1234",
    ("boolean", "not_yes_or_no"): "或许",
    ("uscc", "destroyed_by_excel"): "9.111E+17",
    ("uscc", "wrong_length"): USCC[:-1],
    ("uscc", "bad_characters"): "S" + USCC[1:],
    ("uscc", "bad_checksum"): USCC[:-1] + ("1" if USCC[-1] != "1" else "2"),
    ("uscc", "letters_repaired"): USCC.replace("0", "O", 1),
    ("identity_no", "excel_error"): "#N/A",
    ("identity_no", "destroyed_by_excel"): "4.30000199001011E+17",
    ("identity_no", "checksum_differs"): "110105194912310021",
    ("document_no", "unreadable"): "某环罚字",
    ("text", "several_numbers"): "某环立〔2023〕5、6号",
    ("text", "perhaps_several"): "某环立〔2023〕5-6号",
    ("text", "raised_digits"): "某环立〔2023〕5¹号",
    ("text", "serial_only"): "5",
    ("text", "word_only"): "电子缴款",
    ("text", "digits_lost"): "2.023060000000012E+16",
    ("document_no", "several_numbers"): "某环罚〔2023〕5、6号",
    ("document_no", "perhaps_several"): "某环罚〔2023〕5-6号",
    ("document_no", "prior_notice"): "某环罚告字〔2023〕5号",
}

#: faults that quarantine no row
MILDER = {
    "several_objects": "warning",
    "cell_unit": "notice",
    "letters_repaired": "notice",
    "checksum_differs": "warning",
    "perhaps_several": "warning",
    "serial_only": "warning",
    "word_only": "warning",
    "digits_lost": "warning",
    "weekday_differs": "warning",
}


#: what fills the text of a rule that has several reasons
REASONS = {
    "penalties.fine_fen.implausible": "超过 1,000 万元，很少见",
    "penalties.confiscated_fen.implausible": "超过 1,000 万元，很少见",
    "payments.amount_fen.implausible": "不到 50 元，很少见",
    "measures.amount_fen.implausible": "不到 50 元，很少见",
    "court_enforcements.amount_fen.implausible": "超过 2,000 万元，很少见",
    "rewards.amount_fen.implausible": "不到 5 元，很少见",
}


class RowCase(NamedTuple):
    """Changes to a good row that break a row rule, and similar changes that do not."""

    severity: str
    bad: dict[str, Any]
    good: dict[str, Any]


ORGANISED = {"party_type": ORGANISATION}
DAILY = "按日连续处罚"
ROW_CASES = {
    "cases.party_uscc.required": RowCase("error", ORGANISED, {**ORGANISED, "party_uscc": USCC}),
    "cases.closed_on.before_filing": RowCase(
        "error", {"closed_on": "2023-06-02"}, {"closed_on": "2023-06-03"}
    ),
    "cases.withdrawn_on.before_filing": RowCase(
        "error", {"withdrawn_on": "2023-06-02"}, {"withdrawn_on": "2023-06-03"}
    ),
    "hearings.head_spoke.without_appearing": RowCase(
        "error", {"head_appeared": "否", "head_spoke": "是"}, {"head_appeared": "否", "head_spoke": "否"}
    ),
    "hearings.head_post.required": RowCase(
        "warning", {"head_post": None}, {"head_appeared": "否", "head_spoke": "否"}
    ),
    "lawsuits.closed_on.before_acceptance": RowCase(
        "error", {"closed_on": "2023-06-04"}, {"closed_on": "2023-06-05"}
    ),
    "lawsuits.platform_entered_on.before_acceptance": RowCase(
        "warning", {"platform_entered_on": "2023-06-04"}, {"platform_entered_on": "2023-06-05"}
    ),
    "penalties.party_uscc.required": RowCase("error", ORGANISED, {**ORGANISED, "party_uscc": USCC}),
    "penalties.fine_fen.required": RowCase(
        "error", {"fine_fen": None}, {"fine_fen": None, "penalty_kinds": "警告"}
    ),
    "penalties.fine_fen.zero": RowCase(
        "warning",
        {"fine_fen": 0, "penalty_text": "见决定书"},
        {"fine_fen": 0, "penalty_kinds": "警告", "penalty_text": "警告"},
    ),
    "penalties.confiscated_fen.zero": RowCase(
        "warning",
        {"penalty_kinds": "没收违法所得，罚款", "confiscated_fen": 0},
        {"penalty_kinds": "没收非法财物，罚款", "confiscated_fen": 0},
    ),
    "penalties.fine_fen.implausible": RowCase(
        "warning",
        {"fine_fen": 1001, "penalty_text": "见决定书"},
        {"fine_fen": 1001, "penalty_text": "罚款1001万元"},
    ),
    "penalties.confiscated_fen.implausible": RowCase(
        "warning",
        {"penalty_kinds": "没收违法所得，罚款", "confiscated_fen": 1001},
        {"penalty_kinds": "没收违法所得，罚款", "confiscated_fen": 1000},
    ),
    "payments.amount_fen.implausible": RowCase("warning", {"amount_fen": 49}, {"amount_fen": 50}),
    "payments.amount_fen.out_of_range": RowCase(
        "error", {"amount_fen": -1000}, {"amount_fen": -1000, "kind": "退款"}
    ),
    "payments.amount_fen.refund_not_negative": RowCase(
        "error", {"amount_fen": 1000, "kind": "退款"}, {"amount_fen": 1000, "kind": "罚款"}
    ),
    "measures.amount_fen.implausible": RowCase("warning", {"amount_fen": 0.004}, {"amount_fen": 0.005}),
    "court_enforcements.amount_fen.implausible": RowCase(
        "warning", {"amount_fen": 2001}, {"amount_fen": 2000}
    ),
    "rewards.amount_fen.implausible": RowCase("warning", {"amount_fen": 4}, {"amount_fen": 5}),
    "penalties.fine_fen.not_among_kinds": RowCase(
        "warning", {"penalty_kinds": "警告"}, {"penalty_kinds": "警告", "fine_fen": 0}
    ),
    "penalties.confiscated_fen.required": RowCase(
        "error",
        {"penalty_kinds": "罚款、没收非法财物"},
        {"penalty_kinds": "没收违法所得，罚款", "confiscated_fen": 0.5},
    ),
    "penalties.served_on.before_decision": RowCase(
        "error", {"served_on": "2023-06-07"}, {"served_on": "2023-06-08"}
    ),
    "penalties.published_on.before_decision": RowCase(
        "warning", {"published_on": "2023-06-07"}, {"published_on": "2023-06-08"}
    ),
    "penalties.fine_fen.over_summary_limit": RowCase(
        "warning",
        {"procedure": "简易", "fine_fen": "0.0201", "penalty_text": "罚款201元"},
        {
            "procedure": "简易",
            "fine_fen": "0.3",
            "penalty_text": "罚款3000元",
            **ORGANISED,
            "party_uscc": USCC,
        },
    ),
    "penalties.fine_fen.unit_mistaken": RowCase(
        "error", {"fine_fen": 35000}, {"penalty_text": "罚款叁万伍仟元整"}
    ),
    "penalties.fine_fen.differs_from_text": RowCase(
        "warning", {"fine_fen": 3.6}, {"fine_fen": 3.6, "penalty_text": "警告"}
    ),
    "penalties.fine_fen.daily_without_days": RowCase(
        "warning",
        {"fine_fen": 1, "penalty_text": "每日罚款1万元"},
        {"fine_fen": 5, "penalty_text": "每日罚款1万元，连续5日"},
    ),
    "payments.amount_fen.unit_mistaken": RowCase("error", {"amount_fen": 3.5}, {"amount_fen": 999}),
    "measures.until_on.before_decision": RowCase(
        "error", {"until_on": "2023-06-05"}, {"until_on": "2023-06-06"}
    ),
    "measures.released_on.before_decision": RowCase(
        "error", {"released_on": "2023-06-05"}, {"released_on": "2023-06-06"}
    ),
    "measures.until_on.too_long": RowCase(
        "warning", {"until_on": "2023-08-06"}, {"until_on": "2023-08-05"}
    ),
    "measures.penalty_days.required": RowCase(
        "error", {"kind": DAILY, "amount_fen": 5}, {"kind": DAILY, "amount_fen": 5, "penalty_days": 3}
    ),
    "measures.amount_fen.required": RowCase(
        "error", {"kind": DAILY, "penalty_days": 3}, {"kind": DAILY, "amount_fen": 5, "penalty_days": 3}
    ),
    "transfers.accepted_on.before_transfer": RowCase(
        "error", {"accepted_on": "2023-06-06"}, {"accepted_on": "2023-06-07"}
    ),
    "transfers.persons_detained.not_to_police": RowCase(
        "error", {"kind": "市场监管"}, {"kind": "市场监管", "persons_detained": 0}
    ),
    "transfers.persons_filed.not_a_crime": RowCase(
        "error", {"persons_filed": 1}, {"kind": "涉嫌犯罪", "persons_filed": 1}
    ),
    "file_reviews.score.against_grade": RowCase("warning", {"score": 59}, {"score": 59, "grade": "不合格"}),
    "reconsiderations.closed_on.before_acceptance": RowCase(
        "error", {"closed_on": "2023-06-08"}, {"closed_on": "2023-06-09"}
    ),
    "reconsiderations.closed_on.too_late": RowCase(
        "warning", {"accepted_on": "2023-03-01"}, {"accepted_on": "2023-04-01"}
    ),
    "reconsiderations.outcome.required": RowCase(
        "error", {"outcome": None}, {"outcome": None, "closed_on": None}
    ),
    "court_enforcements.applied_on.before_urging": RowCase(
        "error", {"applied_on": "2023-06-09"}, {"urged_on": None}
    ),
    "court_enforcements.applied_on.too_soon": RowCase(
        "warning", {"applied_on": "2023-06-19"}, {"applied_on": "2023-06-20"}
    ),
    "inspections.officer_count.fewer_than_two": RowCase(
        "warning", {"officer_count": 1}, {"officer_count": None}
    ),
    "petitions.closed_on.before_acceptance": RowCase(
        "error", {"closed_on": "2023-06-01"}, {"closed_on": "2023-06-02"}
    ),
    "petitions.due_on.before_acceptance": RowCase(
        "error", {"due_on": "2023-06-01"}, {"due_on": "2023-06-02"}
    ),
    "rewards.paid_on.before_verification": RowCase(
        "error", {"verified_on": "2023-06-16"}, {"verified_on": "2023-06-15"}
    ),
    "permits.accepted_on.before_application": RowCase(
        "error", {"applied_on": "2023-06-03"}, {"applied_on": "2023-06-02"}
    ),
    "permits.closed_on.before_acceptance": RowCase(
        "error", {"closed_on": "2023-06-01"}, {"closed_on": "2023-06-02"}
    ),
    "permits.result.required": RowCase("error", {"result": None}, {"result": None, "closed_on": None}),
    "exams.took.more_than_expected": RowCase("error", {"took": 21}, {"took": 20, "expected": None}),
    "exams.passed.more_than_took": RowCase("error", {"passed": 21}, {"passed": 20}),
    "officers.valid_until.before_certification": RowCase(
        "error", {"valid_until": "2023-05-31"}, {"valid_until": "2023-06-01"}
    ),
    "complaints.closed_on.before_receipt": RowCase(
        "error", {"closed_on": "2023-06-04"}, {"closed_on": "2023-06-05"}
    ),
    "complaints.is_upheld.required": RowCase(
        "error", {"is_upheld": None}, {"is_upheld": None, "closed_on": None}
    ),
    "activities.attended.more_than_expected": RowCase("error", {"attended": 13}, {"attended": 0}),
}


def doubtful_date_cases() -> dict[str, RowCase]:
    """Make a case of each rule that compares a date with the year of a number, or with the period."""
    cases = {}
    for name, ledger in ledgers().items():
        for number in ledger.fields:
            for date, code, year in (
                (number.same_year_as, OTHER_YEAR, "2022"),
                (number.year_up_to, BEFORE_NUMBER, "2024"),
            ):
                if date:
                    day = {date: GOOD_ROWS[name].get(date) or ledger.field(date).example}
                    written = str(GOOD_ROWS[name].get(number.name))
                    of_year = written if "2023" in written else str(number.example)
                    cases[f"{name}.{date}.{code}"] = RowCase(
                        "warning",
                        day | {number.name: of_year.replace("2023", year)},
                        day | {number.name: of_year},
                    )
        if ledger.doubted_after_months is not None:
            old = {field: str(cell).replace("2023", "2021") for field, cell in GOOD_ROWS[name].items()}
            old |= {ledger.dated_by: old.get(ledger.dated_by) or "2021-06-28"}
            cases[f"{name}.{ledger.dated_by}.{LONG_BEFORE_PERIOD}"] = RowCase("warning", old, {})
    return cases


ROW_CASES |= doubtful_date_cases()
ROW_CASES |= {
    f"{ledger}.{field}.other_unit": RowCase("warning", {field: "长岭县分局"}, {field: "临江市分局"})
    for ledger, field in (
        ("cases", "handling_unit"),
        ("penalties", "authority"),
        ("penalties", "source_unit"),
    )
}
ROW_CASES["penalties.decision_no.other_document"] = RowCase(
    "warning", {"decision_no": "某环催〔2023〕5号"}, {"decision_no": "某环罚〔2023〕5号"}
)
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
