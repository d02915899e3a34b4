"""A cell or row that breaks each rule, and one that does not: by kind of field and fault, and by row rule."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.catalogue import ledgers
from schemas.ledgers.common_checks import ORGANISATION
from schemas.ledgers.date_rules import BEFORE_NUMBER, LONG_BEFORE_PERIOD, OTHER_YEAR
from tests.support.counties import GOOD_ROWS
from transforms.normalise import uscc_check_character

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
