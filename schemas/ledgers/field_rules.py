"""Rules of a field, made from its type and options: readable, required, allowed, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from schemas.ledgers.date_rules import BEFORE_NUMBER, LONG_BEFORE_PERIOD, OTHER_YEAR, TOO_EARLY
from schemas.ledgers.rules import Rule, Severity
from schemas.ledgers.types import (
    COMMON_FAULTS,
    NO_NAME,
    NO_NAME_FAULT,
    RAISED_DIGITS,
    RAISED_DIGITS_FAULT,
    SEVERAL_NUMBERS_FAULTS,
    WEAK_NUMBER_FAULTS,
    Fault,
    Text,
)

if TYPE_CHECKING:
    from schemas.ledgers.compiled import LedgerField

#: pandera check to the code that ends the id of its rule
CHECK_CODES = {
    "not_nullable": "required",
    "isin": "allowed",
    "str_matches": "allowed",
    "greater_than_or_equal_to": "out_of_range",
    "less_than_or_equal_to": "out_of_range",
}

#: codes of generated rules that can be waived: a value could be read but looks wrong
WAIVABLE_CODES = {
    "in_future", "after_period", TOO_EARLY, OTHER_YEAR, BEFORE_NUMBER, LONG_BEFORE_PERIOD, "unit_mistaken",
    "differs_from_text", "out_of_range", "implausible", "daily_without_days",
}  # fmt: skip

#: code of the rule of a document number that is that of another document
OTHER_DOCUMENT = "other_document"
#: code of the rule of a name that is several
SEVERAL_OBJECTS = "several_objects"
#: code of the rule of a field that names another unit than the reporting one
OTHER_UNIT = "other_unit"

#: code of the rule of a fine that equals the one a day, where the text states no number of days
DAILY_ALONE = "daily_without_days"

#: code, severity, problem, expected, remedy of a rule
RuleTexts = tuple[str, Severity, str, str, str]


def field_rules(ledger: str, field: LedgerField, is_dated_by: bool) -> list[Rule]:
    """Generate the rules of a field from its type and options, in the order in which a cell meets them."""
    texts = [
        *_type_rules(field),
        *_presence_rules(field),
        *_day_rules(field, is_dated_by),
        *_amount_rules(field),
        *_other_matter_rules(field),
    ]
    return [
        Rule(f"{ledger}.{field.name}.{code}", severity, problem, expected, remedy)
        for code, severity, problem, expected, remedy in texts
    ]


def _type_rules(field: LedgerField) -> Iterator[RuleTexts]:
    for code, fault in (COMMON_FAULTS | type(field.type).faults).items():
        if not (code == "negative" and field.may_be_negative):
            yield code, fault.severity, fault.problem, _expected(field, fault), fault.remedy
    faults: dict[str, Fault] = {}
    if field.is_number:
        faults |= WEAK_NUMBER_FAULTS | (SEVERAL_NUMBERS_FAULTS if field.is_one_number else {})
    if field.has_number_form:
        faults[RAISED_DIGITS] = RAISED_DIGITS_FAULT
    if field.names_party:
        faults[NO_NAME] = NO_NAME_FAULT
    for code, fault in faults.items():
        yield code, fault.severity, fault.problem, fault.expected, fault.remedy


def _expected(field: LedgerField, fault: Fault) -> str:
    return "" if fault.severity == Severity.NOTICE else fault.expected or field.expected


def _presence_rules(field: LedgerField) -> Iterator[RuleTexts]:
    if field.required:
        expected = "" if isinstance(field.type, Text) else field.expected
        yield "required", Severity.ERROR, "没有填写", expected, "请补填"
    if field.allowed:
        yield "allowed", Severity.ERROR, "不是规定的选项", field.expected, "请从中选择"


def _day_rules(field: LedgerField, is_dated_by: bool) -> Iterator[RuleTexts]:
    if field.type.kind == "date" and not field.may_be_in_future:
        yield "in_future", Severity.ERROR, "晚于收到文件的日期", "不晚于报送当天的日期", "请核对年份和月份"
    if is_dated_by:
        remedy = "请核对日期，或改报到所属月份"
        yield "after_period", Severity.ERROR, "晚于填报期间", "填报期间内或之前的日期", remedy


def _amount_rules(field: LedgerField) -> Iterator[RuleTexts]:
    if field.stated_in or field.has_usual_range:
        problem = "与决定书写明的数额或本单位历来的数额相差约一万倍，可能把元和万元弄混了"
        remedy = "请核对金额与单位；金额确实无误的，请与市局联系"
        yield "unit_mistaken", Severity.ERROR, problem, "", remedy
    if field.has_usual_range or field.usual_yuan:
        problem, remedy = "{detail}，可能把元和万元弄混了", "请核对金额与单位；金额确实无误的，请告知市局"
        yield "implausible", Severity.WARNING, problem, "", remedy
    if field.stated_in:
        problem, remedy = "与决定书写明的数额不一致", "请核对金额与处罚内容"
        yield "differs_from_text", Severity.WARNING, problem, "", remedy
        problem = "处罚内容写的是按日计罚，没有写明天数，罚款金额与其中的数额相同，看不出是一天的还是全部的"
        remedy = "请核对：只是一天的，请改成全部的数额；已是全部的，请在处罚内容里写明天数"
        yield DAILY_ALONE, Severity.WARNING, problem, "按日连续处罚全部天数的罚款", remedy


def _other_matter_rules(field: LedgerField) -> Iterator[RuleTexts]:
    if field.other_kinds:
        problem = f"像是别的文书的文号（含有“{'”“'.join(field.other_kinds)}”之一），这一行仍计入"
        remedy = "请核对：不是这种决定的，重报时不要列入；是的，请写决定书上的文号"
        yield OTHER_DOCUMENT, Severity.WARNING, problem, f"{field.header}，如 {field.example}", remedy
    if field.names_one_object:
        problem, remedy = (
            "像是几个对象写在一行，目前只计一件",
            "请核对：是几个对象的，请一个对象一行，各填各的；是一个的，不用改",
        )
        yield SEVERAL_OBJECTS, Severity.WARNING, problem, "一行一个对象", remedy
    if field.names_reporter:
        remedy = "请核对这一行该由哪个单位报：该由本单位报的，改正这一格；该由对方报的，请与对方核实"
        yield OTHER_UNIT, Severity.WARNING, "不是报送的单位", "本单位或其内设机构", remedy
    if field.minimum is not None or field.maximum is not None:
        yield "out_of_range", Severity.ERROR, "超出合理范围", field.range, "请核对"
