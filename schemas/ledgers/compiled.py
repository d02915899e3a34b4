"""Ledger definitions compiled from their pandera models; the rest of the project uses only these."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas.ledgers.date_rules import (
    BEFORE_NUMBER,
    LONG_BEFORE_PERIOD,
    OTHER_YEAR,
    TOO_EARLY,
    date_rules,
)
from schemas.ledgers.limits import Limit
from schemas.ledgers.model import UNIT, Compute, Ledger, Mask
from schemas.ledgers.rules import Rule, Severity
from schemas.ledgers.types import (
    COMMON_FAULTS,
    RAISED_DIGITS,
    RAISED_DIGITS_FAULT,
    SEVERAL_NUMBERS_FAULTS,
    WEAK_NUMBER_FAULTS,
    Categories,
    DocumentNo,
    Fault,
    FieldType,
    Money,
    Text,
)

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
    "differs_from_text", "out_of_range", "implausible",
}  # fmt: skip

#: code of the rule of a document number that is that of another document
OTHER_DOCUMENT = "other_document"
#: code of the rule of a field that names another unit than the reporting one
OTHER_UNIT = "other_unit"

#: optional imports of pandera, half a second each, for features that are not used here
_UNUSED_PANDERA_IMPORTS = ("dask.dataframe", "hypothesis")

#: prefix of the views for report tools
VIEW_PREFIX = "mart_"

#: suffix of the column that holds a text as views show it, beside the text itself
MASKED_SUFFIX = "_masked"

#: column names that no field may have: provenance and history of a row
RESERVED = {
    "submission", "submission_id", "file", "sheet", "source_row", "unit_code", "period", "period_end", "arrived_on", "row_key",
    "handling_rank", "version_id", "claimed_load", "is_counted", "recorded_load", "recorded_by", "retired_load", "retired_by",
    UNIT,
}  # fmt: skip


@dataclass(frozen=True)
class RowRule:
    """A rule over several fields of one row; `breaks` returns True on the rows that break it."""

    rule: Rule
    field: str
    breaks: Mask


@dataclass(frozen=True)
class LedgerField:
    """A field of a ledger, with its options from `column()`."""

    name: str
    type: Any  # a FieldType
    header: str
    aliases: tuple[str, ...]
    required: bool
    private: bool
    allowed: tuple[str, ...]
    default: Any
    may_be_in_future: bool
    may_be_negative: bool
    minimum: float | None
    maximum: float | None
    refers_to: str | None
    stated_in: str | None
    has_usual_range: bool
    same_year_as: str | None
    year_up_to: str | None
    usual_yuan: tuple[float, float] | None
    names_reporter: bool
    other_kinds: tuple[str, ...]
    example: str | float | None
    hint: str
    shown_as: str | None
    is_in_key: bool

    @property
    def headers(self) -> tuple[str, ...]:
        """The template's header and the others that are accepted."""
        return (self.header, *self.aliases)

    @property
    def is_number(self) -> bool:
        """Return True for a number of free form that identifies the rows of its ledger."""
        return self.is_in_key and self.has_number_form

    @property
    def is_one_number(self) -> bool:
        """Return True if a list of numbers in a cell is several rows written as one.

        A number that refers to another ledger may be a list: one hearing of two lawsuits.
        """
        return self.is_number and self.required and self.refers_to is None

    @property
    def has_number_form(self) -> bool:
        """Return True for a text that is the number of a matter, compared by the form of numbers."""
        return isinstance(self.type, Text) and self.shown_as == "number"

    @property
    def yuan_name(self) -> str:
        """Return the column name of an amount in 元."""
        return f"{self.name.removesuffix('_fen')}_yuan"

    @property
    def compared_by(self) -> str:
        """Return the column by which values are compared.

        A document number is compared by its parsed form; text in a natural key, or
        referring to another ledger, by its folded form.
        """
        is_compared_text = isinstance(self.type, Text) and (self.is_in_key or self.refers_to is not None)
        has_form = isinstance(self.type, DocumentNo) or is_compared_text
        return f"{self.name}_key" if has_form else self.name

    @property
    def expected(self) -> str:
        """What a cell should hold, from type, choices and bounds."""
        if not self.allowed:
            return str(self.type.expected)
        suffix = "中的一项或几项，用顿号隔开" if isinstance(self.type, Categories) else "之一"
        return "、".join(self.allowed) + suffix

    @property
    def range(self) -> str:
        """Describe the bounds of a number in words; bounds of money are in 分 and shown in 元."""
        divisor, unit = (100, "元") if isinstance(self.type, Money) else (1, "")
        least = f"不小于 {self.minimum / divisor:g} {unit}" if self.minimum is not None else ""
        most = f"不大于 {self.maximum / divisor:g} {unit}" if self.maximum is not None else ""
        return "、".join(bound.strip() for bound in (least, most) if bound)


@dataclass(frozen=True)
class Matter:
    """The fields of a ledger that say who, when, how much and for what; empty where it has none.

    Of several fields the first that is filled in counts.
    """

    party: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    amount: tuple[str, ...] = ()
    cause: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The fields that say who, when, how much and for what, each with its alternatives."""
        return tuple(part for part in (self.party, self.day, self.amount, self.cause) if part)

    def fields(self) -> list[str]:
        """List all fields that say what a row is about."""
        return [name for part in self.parts for name in part]


@dataclass(frozen=True)
class DerivedField:
    """A column computed from the fields of its row."""

    name: str
    type: FieldType
    title: str
    compute: Compute


@dataclass(frozen=True)
class LedgerDefinition:
    """A ledger: its fields, natural key, rules, derived columns, limits and pandera schema."""

    name: str
    title: str
    row: str
    fields: tuple[LedgerField, ...]
    natural_key: tuple[tuple[tuple[str, ...], ...], ...]
    matter: Matter
    dated_by: str
    handled_by: str | None
    earliest: date
    doubted_after_months: int | None
    late_steps: tuple[str, ...]
    row_rules: tuple[RowRule, ...]
    derived: tuple[DerivedField, ...]
    limits: tuple[Limit, ...]
    schema: pa.DataFrameSchema

    @property
    def view(self) -> str:
        """Return the name of the view in which report tools read the ledger."""
        return f"{VIEW_PREFIX}{self.name}"

    def field(self, name: str) -> LedgerField:
        return next(field for field in self.fields if field.name == name)

    def field_names(self) -> list[str]:
        return [field.name for field in self.fields]

    def number_fields(self) -> list[LedgerField]:
        """Return the fields of the natural key that hold a number of free form, such as 案号 or 票据号."""
        return [field for field in self.fields if field.is_number]

    def naming_fields(self) -> list[str]:
        """List the fields by which a person names a row, the number of its matter first."""
        first_fields = [name for alternative in self.natural_key for name in alternative[0]]
        return list(dict.fromkeys([*(field.name for field in self.number_fields()), *first_fields]))

    def ranged_fields(self) -> list[str]:
        """Return the amounts that are compared with their usual range."""
        return [field.name for field in self.fields if field.has_usual_range]

    def column_kinds(self) -> dict[str, str]:
        """Map the columns that an indicator may use (fields and derived columns) to their kinds."""
        return {field.name: field.type.kind for field in self.fields} | {
            derived.name: derived.type.kind for derived in self.derived
        }

    def allowed(self, name: str) -> tuple[str, ...]:
        """Return the allowed values of a field; empty if unlimited or derived."""
        return next((field.allowed for field in self.fields if field.name == name), ())

    def compared_by(self, name: str) -> str:
        """Return the column by which the values of a field or derived column are compared."""
        return next((field.compared_by for field in self.fields if field.name == name), name)

    def number_columns(self) -> set[str]:
        """Return the columns of the number by which rows are known; none where the key is no number."""
        first = self.natural_key[0]
        if len(first) != 1:
            return set()
        return {column for name in first[0] for column in (name, self.compared_by(name))}

    def stored_columns(self) -> dict[str, FieldType]:
        """Map stored columns to types, in order.

        First the fields, each followed by its key column if any, then the derived columns.
        """
        columns: dict[str, FieldType] = {}
        for field in self.fields:
            columns[field.name] = field.type
            if field.compared_by != field.name:
                columns[field.compared_by] = Text()  # type: ignore[call-arg]
        return columns | {derived.name: derived.type for derived in self.derived}

    def rules(self) -> dict[str, Rule]:
        """Return every rule that a row of this ledger can break, by id."""
        rules = [
            rule
            for field in self.fields
            for rule in (
                *_field_rules(self.name, field, field.name == self.dated_by),
                *(date_rules(self, field) if field.type.kind == "date" else ()),
            )
        ]
        rules += [row_rule.rule for row_rule in self.row_rules]
        return {rule.rule_id: rule for rule in rules}

    def numbers_of(self, date: str) -> tuple[list[LedgerField], list[LedgerField]]:
        """Return the numbers whose year is that of a date, and those whose year is not after it."""
        same = [field for field in self.fields if field.same_year_as == date]
        return same, [field for field in self.fields if field.year_up_to == date]

    def waivable_rules(self) -> list[str]:
        """Return the ids of rules that can be waived: those that question a readable value."""
        row_rule_ids = {row_rule.rule.rule_id for row_rule in self.row_rules}
        return [
            rule_id for rule_id, rule in self.rules().items()
            if rule.severity in (Severity.ERROR, Severity.WARNING)
            and (rule_id in row_rule_ids or rule_id.rsplit(".", 1)[-1] in WAIVABLE_CODES)
        ]  # fmt: skip


#: the ledgers by name
Ledgers = Mapping[str, LedgerDefinition]


def _build_schema(model: type[Ledger]) -> pa.DataFrameSchema:
    """Build the model's schema, hiding the unused optional imports from pandera."""
    modules: dict[str, Any] = sys.modules
    unloaded = [name for name in _UNUSED_PANDERA_IMPORTS if name not in modules]
    modules.update(dict.fromkeys(unloaded))  # None makes the import fail as if not installed
    try:
        schema = model.to_schema()
        schema.register_default_backends(pd.DataFrame)
    finally:
        for name in unloaded:
            del modules[name]
    return schema


def compile_ledger(name: str, model: type[Ledger]) -> LedgerDefinition:
    """Compile a model. Raises ValueError if its key, date or rules name an unknown field."""
    schema = _build_schema(model)
    meta: dict[str, Any] = vars(model.Config)["metadata"]  # pandera leaves it off the schema
    natural_key = _parse_natural_key(meta["natural_key"])
    in_key = {field for alternative in natural_key for part in alternative for field in part}
    fields = tuple(
        _build_field(field_name, column, field_name in in_key)
        for field_name, column in schema.columns.items()
    )
    row_rules = tuple(_row_rules(name, model))
    definition = LedgerDefinition(
        name=name,
        title=meta["title"],
        row=meta["row"],
        fields=fields,
        natural_key=natural_key,
        matter=Matter(*(_parse_part(meta[name]) for name in ("party", "day", "amount", "cause"))),
        dated_by=meta["dated_by"],
        handled_by=meta["handled_by"],
        earliest=meta["earliest"],
        doubted_after_months=meta["doubted_after_months"],
        late_steps=meta["late_steps"],
        row_rules=row_rules,
        derived=tuple(_derived_fields(model)),
        limits=meta["limits"],
        schema=schema,
    )
    _check_fields(definition)
    return definition


def _build_field(name: str, column: pa.Column, is_in_key: bool) -> LedgerField:
    return LedgerField(name=name, type=column.dtype, is_in_key=is_in_key, **column.metadata)


def _parse_natural_key(text: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    alternatives = re.split(r"\s+\|\s+", text.strip())
    return tuple(
        tuple(tuple(part.split("|")) for part in alternative.split("+")) for alternative in alternatives
    )


def _parse_part(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _row_rules(ledger: str, model: type[Ledger]) -> list[RowRule]:
    marked = [function for function in vars(model).values() if hasattr(function, "__row_rule__")]
    rules = []
    for function in marked:
        field_and_code, severity, *texts = function.__row_rule__
        rules.append(
            RowRule(
                Rule(f"{ledger}.{field_and_code}", severity, *texts), field_and_code.split(".")[0], function
            )
        )
    return rules


def _derived_fields(model: type[Ledger]) -> list[DerivedField]:
    marked = [
        (name, function) for name, function in vars(model).items() if hasattr(function, "__derived__")
    ]
    return [
        DerivedField(name, function.__derived__[0](), function.__derived__[1], function)
        for name, function in marked
    ]


def _check_fields(definition: LedgerDefinition) -> None:
    if reserved := sorted(definition.stored_columns().keys() & RESERVED):
        raise ValueError(
            f"ledger {definition.name}: '{reserved[0]}' names where a row comes from and can be no field"
        )
    if masks := [name for name in definition.stored_columns() if name.endswith(MASKED_SUFFIX)]:
        raise ValueError(
            f"ledger {definition.name}: '{masks[0]}' is the name of a mask and can be no field"
        )
    known = {*definition.field_names(), UNIT}
    named = {definition.dated_by, *definition.late_steps, *(rule.field for rule in definition.row_rules)}
    named |= {name for alternative in definition.natural_key for part in alternative for name in part}
    named |= {name for part in definition.matter.parts for name in part}
    dates = [(field.same_year_as, field.year_up_to) for field in definition.fields]
    named |= {name for pair in dates for name in pair if name}
    if unbounded := [
        field.name for field in definition.fields if field.type.kind == "integer" and field.maximum is None
    ]:
        raise ValueError(f"ledger {definition.name}: the count '{unbounded[0]}' needs a maximum")
    if definition.handled_by:
        named.add(definition.handled_by)
    if unknown := sorted(named - known):
        raise ValueError(
            f"ledger {definition.name}: no field {', '.join(unknown)}; it has {', '.join(sorted(known))}"
        )


def _expected(field: LedgerField, fault: Fault) -> str:
    return "" if fault.severity == Severity.NOTICE else fault.expected or field.expected


def _field_rules(ledger: str, field: LedgerField, is_dated_by: bool) -> list[Rule]:
    """Generate the rules of a field from its type and options."""

    def rule(code: str, severity: Severity, problem: str, expected: str, remedy: str) -> Rule:
        return Rule(f"{ledger}.{field.name}.{code}", severity, problem, expected, remedy)

    rules = [
        rule(code, fault.severity, fault.problem, _expected(field, fault), fault.remedy)
        for code, fault in (COMMON_FAULTS | type(field.type).faults).items()
        if not (code == "negative" and field.may_be_negative)
    ]
    if field.is_number:
        number_faults = WEAK_NUMBER_FAULTS | (SEVERAL_NUMBERS_FAULTS if field.is_one_number else {})
        rules += [
            rule(code, fault.severity, fault.problem, fault.expected, fault.remedy)
            for code, fault in number_faults.items()
        ]
    if field.has_number_form:
        fault = RAISED_DIGITS_FAULT
        rules.append(rule(RAISED_DIGITS, fault.severity, fault.problem, fault.expected, fault.remedy))
    if field.required:
        expected = "" if isinstance(field.type, Text) else field.expected
        rules.append(rule("required", Severity.ERROR, "没有填写", expected, "请补填"))
    if field.allowed:
        rules.append(rule("allowed", Severity.ERROR, "不是规定的选项", field.expected, "请从中选择"))
    if field.type.kind == "date" and not field.may_be_in_future:
        rules.append(
            rule(
                "in_future",
                Severity.ERROR,
                "晚于收到文件的日期",
                "不晚于上报当天的日期",
                "请核对年份和月份",
            )
        )
    if is_dated_by:
        rules.append(
            rule(
                "after_period",
                Severity.ERROR,
                "晚于填报期间",
                "填报期间内或之前的日期",
                "请核对日期，或改报到所属月份",
            )
        )
    if field.stated_in or field.has_usual_range:
        problem = "与决定书写明的数额或本单位历来的数额相差约一万倍，可能把元和万元弄混了"
        rules.append(
            rule(
                "unit_mistaken",
                Severity.ERROR,
                problem,
                "",
                "请核对金额与单位；金额确实无误的，请与市局联系",
            )
        )
    if field.has_usual_range or field.usual_yuan:
        rules.append(
            rule(
                "implausible",
                Severity.WARNING,
                "{detail}，可能把元和万元弄混了",
                "",
                "请核对金额与单位；金额确实无误的，请告知市局",
            )
        )
    if field.stated_in:
        rules.append(
            rule(
                "differs_from_text",
                Severity.WARNING,
                "与决定书写明的数额不一致",
                "",
                "请核对金额与处罚内容",
            )
        )
    if field.other_kinds:
        rules.append(
            rule(
                OTHER_DOCUMENT,
                Severity.WARNING,
                f"像是别的文书的文号（含有“{'”“'.join(field.other_kinds)}”之一），这一行仍计入",
                f"{field.header}，如 {field.example}",
                "请核对：不是这种决定的，重报时不要列入；是的，请写决定书上的文号",
            )
        )
    if field.names_reporter:
        rules.append(
            rule(
                OTHER_UNIT,
                Severity.WARNING,
                "不是报送的单位",
                "本单位或其内设机构",
                "请核对这一行该由哪个单位报：该由本单位报的，改正这一格；该由对方报的，请与对方核实",
            )
        )
    if field.minimum is not None or field.maximum is not None:
        rules.append(rule("out_of_range", Severity.ERROR, "超出合理范围", field.range, "请核对"))
    return rules
