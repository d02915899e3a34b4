"""A ledger compiled from its model: what the rest of the project sees of it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas.ledgers.model import UNIT, Compute, Ledger, Mask
from schemas.ledgers.rules import Rule, Severity
from schemas.ledgers.types import Categories, DocumentNo, Fault, FieldType, Money, Text

#: pandera's checks, by the code that ends the id of the rule they stand for
CHECK_CODES = {
    "not_nullable": "required",
    "isin": "allowed",
    "str_matches": "allowed",
    "greater_than_or_equal_to": "out_of_range",
    "less_than_or_equal_to": "out_of_range",
}


#: codes of generated rules that doubt a value which could be read
DOUBTING_CODES = {"in_future", "after_period", "unit_mistaken", "differs_from_text", "out_of_range"}

#: what pandera imports where it is there, half a second each, for other kinds of frames and to make data up: none is used here
_NOT_LOOKED_FOR = ("dask.dataframe", "hypothesis")

#: how the names of the views for report tools begin
VIEW_PREFIX = "mart_"

#: what travels beside the fields of a row: where it comes from, and its history
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
    """A field as the rest of the project sees it."""

    name: str
    type: Any  # a FieldType
    header: str
    aliases: tuple[str, ...]
    required: bool
    private: bool
    allowed: tuple[str, ...]
    default: Any
    may_lie_ahead: bool
    minimum: float | None
    maximum: float | None
    refers_to: str | None
    stated_in: str | None
    has_usual_range: bool
    example: str | float | None
    hint: str
    shown_as: str | None
    is_in_key: bool

    @property
    def headers(self) -> tuple[str, ...]:
        return (self.header, *self.aliases)

    @property
    def yuan_name(self) -> str:
        """What an amount is called where it stands in 元."""
        return f"{self.name.removesuffix('_fen')}_yuan"

    @property
    def compared_by(self) -> str:
        """The column by which values are compared: a document number by its parsed form; text that is in a key, or refers to
        another ledger's, by its folded one."""
        is_compared_text = isinstance(self.type, Text) and (self.is_in_key or self.refers_to is not None)
        has_form = isinstance(self.type, DocumentNo) or is_compared_text
        return f"{self.name}_key" if has_form else self.name

    @property
    def expected(self) -> str:
        if not self.allowed:
            return str(self.type.expected)
        several = "中的一项或几项，用顿号隔开" if isinstance(self.type, Categories) else "之一"
        return "、".join(self.allowed) + several

    @property
    def range(self) -> str:
        """The bounds of a number in words; those of money are in 分 and told in 元."""
        divisor, unit = (100, "元") if isinstance(self.type, Money) else (1, "")
        least = f"不小于 {self.minimum / divisor:g} {unit}" if self.minimum is not None else ""
        most = f"不大于 {self.maximum / divisor:g} {unit}" if self.maximum is not None else ""
        return "、".join(bound.strip() for bound in (least, most) if bound)


@dataclass(frozen=True)
class DerivedField:
    """A column that follows from the fields of its row."""

    name: str
    type: FieldType
    title: str
    compute: Compute


@dataclass(frozen=True)
class LedgerDefinition:
    """A ledger compiled from its model."""

    name: str
    title: str
    row: str
    fields: tuple[LedgerField, ...]
    natural_key: tuple[tuple[tuple[str, ...], ...], ...]
    dated_by: str
    handled_by: str | None
    row_rules: tuple[RowRule, ...]
    derived: tuple[DerivedField, ...]
    schema: pa.DataFrameSchema

    @property
    def view(self) -> str:
        """The view in which report tools read the ledger."""
        return f"{VIEW_PREFIX}{self.name}"

    def field(self, name: str) -> LedgerField:
        return next(field for field in self.fields if field.name == name)

    def field_names(self) -> list[str]:
        return [field.name for field in self.fields]

    def column_kinds(self) -> dict[str, str]:
        """What an indicator may speak of, with its kind: the fields and the derived columns."""
        return {field.name: field.type.kind for field in self.fields} | {
            one.name: one.type.kind for one in self.derived
        }

    def allowed(self, name: str) -> tuple[str, ...]:
        """The values that a field is limited to; none where it is not, or is derived."""
        return next((field.allowed for field in self.fields if field.name == name), ())

    def compared_by(self, name: str) -> str:
        """The column by which the values of a field or derived column are compared."""
        return next((field.compared_by for field in self.fields if field.name == name), name)

    def stored_columns(self) -> dict[str, FieldType]:
        """Column name to type, in order: every field, each followed by its compared form where it has one; the derived."""
        columns: dict[str, FieldType] = {}
        for field in self.fields:
            columns[field.name] = field.type
            if field.compared_by != field.name:
                columns[field.compared_by] = Text()  # type: ignore[call-arg]
        return columns | {one.name: one.type for one in self.derived}

    def rules(self) -> dict[str, Rule]:
        """Every rule that a row of this ledger can break, by id."""
        found = [
            rule
            for field in self.fields
            for rule in _field_rules(self.name, field, field.name == self.dated_by)
        ]
        found += [row_rule.rule for row_rule in self.row_rules]
        return {rule.rule_id: rule for rule in found}

    def waivable_rules(self) -> list[str]:
        """The rules in spite of which a row can go in: those that doubt a value, not those that say there is none."""
        own = {row_rule.rule.rule_id for row_rule in self.row_rules}
        return [
            rule_id for rule_id, rule in self.rules().items()
            if rule.severity in (Severity.ERROR, Severity.WARNING)
            and (rule_id in own or rule_id.rsplit(".", 1)[-1] in DOUBTING_CODES)
        ]  # fmt: skip


def _schema_of(model: type[Ledger]) -> pa.DataFrameSchema:
    """The model's schema, ready to validate; what of `_NOT_LOOKED_FOR` is not loaded yet is not found on the way."""
    modules: dict[str, Any] = sys.modules
    unloaded = [name for name in _NOT_LOOKED_FOR if name not in modules]
    modules.update(dict.fromkeys(unloaded))  # None: an import says that it is not installed
    try:
        schema = model.to_schema()
        schema.register_default_backends(pd.DataFrame)
    finally:
        for name in unloaded:
            del modules[name]
    return schema


def compile_ledger(name: str, model: type[Ledger]) -> LedgerDefinition:
    """The definition behind a model. Raises ValueError where its key, date or rules name a field that it lacks."""
    schema = _schema_of(model)
    meta: dict[str, Any] = vars(model.Config)["metadata"]  # pandera leaves it off the schema
    natural_key = _parse_natural_key(meta["natural_key"])
    in_key = {field for alternative in natural_key for part in alternative for field in part}
    fields = tuple(
        _field(field_name, column, field_name in in_key) for field_name, column in schema.columns.items()
    )
    row_rules = tuple(_row_rules(name, model))
    definition = LedgerDefinition(
        name=name,
        title=meta["title"],
        row=meta["row"],
        fields=fields,
        natural_key=natural_key,
        dated_by=meta["dated_by"],
        handled_by=meta["handled_by"],
        row_rules=row_rules,
        derived=tuple(_derived(model)),
        schema=schema,
    )
    _refuse_unknown_fields(definition)
    return definition


def _field(name: str, column: pa.Column, is_in_key: bool) -> LedgerField:
    return LedgerField(name=name, type=column.dtype, is_in_key=is_in_key, **column.metadata)


def _parse_natural_key(text: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    alternatives = re.split(r"\s+\|\s+", text.strip())
    return tuple(
        tuple(tuple(part.split("|")) for part in alternative.split("+")) for alternative in alternatives
    )


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


def _derived(model: type[Ledger]) -> list[DerivedField]:
    marked = [
        (name, function) for name, function in vars(model).items() if hasattr(function, "__derived__")
    ]
    return [
        DerivedField(name, function.__derived__[0](), function.__derived__[1], function)
        for name, function in marked
    ]


def _refuse_unknown_fields(definition: LedgerDefinition) -> None:
    if taken := sorted(definition.stored_columns().keys() & RESERVED):
        raise ValueError(
            f"ledger {definition.name}: '{taken[0]}' names where a row comes from and can be no field"
        )
    known = {*definition.field_names(), UNIT}
    named = {definition.dated_by, *(rule.field for rule in definition.row_rules)}
    named |= {name for alternative in definition.natural_key for part in alternative for name in part}
    if definition.handled_by:
        named.add(definition.handled_by)
    if unknown := sorted(named - known):
        raise ValueError(
            f"ledger {definition.name}: no field {', '.join(unknown)}; it has {', '.join(sorted(known))}"
        )


def _expected(field: LedgerField, fault: Fault) -> str:
    return "" if fault.severity == Severity.NOTICE else fault.expected or field.expected


def _field_rules(ledger: str, field: LedgerField, is_dated_by: bool) -> list[Rule]:
    """The rules that follow from a field's type and options."""

    def rule(code: str, severity: Severity, problem: str, expected: str, mend: str) -> Rule:
        return Rule(f"{ledger}.{field.name}.{code}", severity, problem, expected, mend)

    found = [
        rule(code, fault.severity, fault.problem, _expected(field, fault), fault.mend)
        for code, fault in type(field.type).faults.items()
    ]
    if field.required:
        expected = "" if isinstance(field.type, Text) else field.expected
        found.append(rule("required", Severity.ERROR, "没有填写", expected, "请补填"))
    if field.allowed:
        found.append(rule("allowed", Severity.ERROR, "不是规定的选项", field.expected, "请从中选择"))
    if field.type.kind == "date" and not field.may_lie_ahead:
        found.append(
            rule(
                "in_future",
                Severity.ERROR,
                "晚于收到文件的日期",
                "不晚于上报当天的日期",
                "请核对年份和月份",
            )
        )
    if is_dated_by:
        found.append(
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
        found.append(
            rule(
                "unit_mistaken",
                Severity.ERROR,
                problem,
                "",
                "请核对金额与单位；金额确实无误的，请与市局联系",
            )
        )
    if field.stated_in:
        found.append(
            rule(
                "differs_from_text",
                Severity.WARNING,
                "与决定书写明的数额不一致",
                "",
                "请核对金额与处罚内容",
            )
        )
    if field.minimum is not None or field.maximum is not None:
        found.append(rule("out_of_range", Severity.ERROR, "超出合理范围", field.range, "请核对"))
    return found
