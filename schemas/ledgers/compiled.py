"""Ledger definitions compiled from their pandera models; the rest of the project uses only these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandera.pandas as pa

from schemas.ledgers.date_rules import date_rules
from schemas.ledgers.field_rules import WAIVABLE_CODES, field_rules
from schemas.ledgers.limits import Limit
from schemas.ledgers.model import Compute, Mask
from schemas.ledgers.rules import Rule, Severity
from schemas.ledgers.types import Categories, DocumentNo, FieldType, Money, Text

#: prefix of the views for report tools
VIEW_PREFIX = "mart_"


@dataclass(frozen=True)
class RowRule:
    """A rule over several fields of one row; `breaks` returns True on the rows that break it.

    It is silent about rows in which a field that it reads could not be read; not for those that it
    `does_without`.
    """

    rule: Rule
    field: str
    breaks: Mask
    does_without: frozenset[str] = frozenset()


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
    def names_party(self) -> bool:
        """Return True for a text that names a party, an applicant or an object."""
        return isinstance(self.type, Text) and self.shown_as == "party"

    @property
    def names_one_object(self) -> bool:
        """Return True for the name of the one object that a row of the ledger is about."""
        return self.names_party and self.is_in_key

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
        return self._rules

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        rules = [
            rule
            for field in self.fields
            for rule in (
                *field_rules(self.name, field, field.name == self.dated_by),
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
        return self._waivable_rules

    @cached_property
    def _waivable_rules(self) -> list[str]:
        row_rule_ids = {row_rule.rule.rule_id for row_rule in self.row_rules}
        return [
            rule_id for rule_id, rule in self.rules().items()
            if rule.severity in (Severity.ERROR, Severity.WARNING)
            and (rule_id in row_rule_ids or rule_id.rsplit(".", 1)[-1] in WAIVABLE_CODES)
        ]  # fmt: skip


#: the ledgers by name
Ledgers = Mapping[str, LedgerDefinition]
