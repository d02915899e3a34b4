"""Indicators as data: a closed vocabulary in TOML, so that a typo is an error tonight and not a wrong figure in March."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import NoneType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.definition import LedgerDefinition, LedgerField

#: which of `field` and `fields` each aggregate takes
NEEDS: dict[str, tuple[str, ...]] = {"count": (), "count_distinct": ("fields",), "sum": ("field",)}
SUMMED_KINDS = ("money", "integer")

#: the type of the value that a test takes, and the kinds of field it is for (none: any)
TESTS: dict[str, tuple[type, tuple[str, ...]]] = {
    "is": (str, ("text", "category")), "is_not": (str, ("text", "category")), "in": (list, ("text", "category")),
    "has": (str, ("categories",)),
    "is_true": (NoneType, ("boolean",)), "is_false": (NoneType, ("boolean",)),
    "is_filled": (NoneType, ()), "is_empty": (NoneType, ()),
}  # fmt: skip


class IndicatorError(ValueError):
    """A definition cannot be used; the message names file and line."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Closed):
    """`field` compared with `value`; `has` looks for one of several categories in a cell."""

    field: str
    test: Literal["is", "is_not", "in", "has", "is_true", "is_false", "is_filled", "is_empty"]
    value: str | list[str] | None = None


class Part(_Closed):
    """A sum over rows of one ledger: how, of what, of which rows, dated by which field."""

    ledger: str
    aggregate: Literal["count", "count_distinct", "sum"]
    field: str | None = None
    fields: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    dated_by: str | None = None

    def named_fields(self) -> list[str]:
        named = [*self.fields, *(condition.field for condition in self.where)]
        return named + [name for name in (self.field, self.dated_by) if name]


class Indicator(_Closed):
    """A figure that the city publishes. With a denominator it is a rate, stored as its two sums."""

    indicator_id: str
    title: str
    definition: str
    source: str = ""
    unit: str
    display: Literal["count", "yuan", "wan_yuan", "percent"]
    scope: Literal["city", "bureau"]
    numerator: Part
    denominator: Part | None = None

    def parts(self) -> list[Part]:
        return [part for part in (self.numerator, self.denominator) if part is not None]

    def ledgers(self) -> set[str]:
        return {part.ledger for part in self.parts()}


def parse_indicators(ledgers: Mapping[str, LedgerDefinition]) -> dict[str, Indicator]:
    """All indicators of the project's TOML files, by id. Raises IndicatorError with file and line."""
    found: dict[str, Indicator] = {}
    folder = resources.files("schemas").joinpath("indicators")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            for indicator_id, indicator in parse_indicator_file(file.name, file.read_text("utf-8"), ledgers).items():
                if indicator_id in found:
                    raise IndicatorError(f"{file.name}: indicator {indicator_id} is defined in another file already")
                found[indicator_id] = indicator
    return found


def parse_indicator_file(name: str, text: str, ledgers: Mapping[str, LedgerDefinition]) -> dict[str, Indicator]:
    """The indicators of one TOML text, a table `[indicator_id]` each."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise IndicatorError(f"{name}:{line[1] if line else len(text.splitlines())}: {error}") from error
    return {indicator_id: _indicator(name, text, indicator_id, table, ledgers) for indicator_id, table in tables.items()}


def _indicator(name: str, text: str, indicator_id: str, table: Any, ledgers: Mapping[str, LedgerDefinition]) -> Indicator:
    def refuse(keys: list[str], message: str) -> IndicatorError:
        return IndicatorError(f"{name}:{_line_of(text, indicator_id, keys)}: [{indicator_id}] {message}")

    if not isinstance(table, dict) or "indicator_id" in table:
        raise refuse(["indicator_id"], f"an indicator is a table [{indicator_id}], and its id is the table's name")
    try:
        indicator = Indicator(indicator_id=indicator_id, **table)
    except ValidationError as error:
        first = error.errors()[0]
        keys = [str(key) for key in first["loc"] if not isinstance(key, int)]
        valid = (Indicator, Part, Condition)[min(len(keys), 3) - 1].model_fields
        hint = f"; valid are {', '.join(valid)}" if first["type"] == "extra_forbidden" else ""
        at = [*keys, f'"{first["input"]}"'] if isinstance(first["input"], str) else keys
        raise refuse(at, f"{'.'.join(keys)}: {first['msg']}{hint}") from error
    for part_name, part in (("numerator", indicator.numerator), ("denominator", indicator.denominator)):
        if part and (complaint := _complaint(part, ledgers)):
            raise refuse([part_name, complaint[0]], complaint[1])
    if complaint := _display_complaint(indicator, ledgers):
        raise refuse([complaint[0]], complaint[1])
    return indicator


def _complaint(part: Part, ledgers: Mapping[str, LedgerDefinition]) -> tuple[str, str] | None:
    """What the vocabulary's types cannot see (names of ledgers and fields, what each aggregate needs), and where it stands."""
    if part.ledger not in ledgers:
        return "ledger", f"no ledger '{part.ledger}'; there are {', '.join(ledgers)}"
    fields = {field.name: field for field in ledgers[part.ledger].fields}
    if unknown := [field for field in part.named_fields() if field not in fields]:
        return f'"{unknown[0]}"', f"ledger {part.ledger} has no field '{unknown[0]}'; it has {', '.join(fields)}"
    given = tuple(name for name in ("field", "fields") if getattr(part, name))
    if given != NEEDS[part.aggregate]:
        needed = " and ".join(NEEDS[part.aggregate]) or "neither field nor fields"
        return "aggregate", f"aggregate '{part.aggregate}' needs {needed}"
    if part.field and fields[part.field].type.kind not in SUMMED_KINDS:
        return f'"{part.field}"', f"'{part.field}' is no number to sum; its type is {fields[part.field].type.kind}"
    if part.dated_by and fields[part.dated_by].type.kind != "date":
        return "dated_by", f"'{part.dated_by}' is no date; its type is {fields[part.dated_by].type.kind}"
    return next(filter(None, (_condition_complaint(one, fields[one.field]) for one in part.where)), None)


def _condition_complaint(condition: Condition, field: LedgerField) -> tuple[str, str] | None:
    at = f'"{condition.field}"'
    value_type, kinds = TESTS[condition.test]
    if not isinstance(condition.value, value_type):
        taken = "no value" if value_type is NoneType else f"as its value a {value_type.__name__}"
        return at, f"test '{condition.test}' takes {taken}"
    if kinds and field.type.kind not in kinds:
        return at, f"test '{condition.test}' is for {' and '.join(kinds)}; '{field.name}' is {field.type.kind}"
    values = condition.value if isinstance(condition.value, list) else [condition.value] if condition.value else []
    if field.allowed and (unknown := [value for value in values if value not in field.allowed]):
        return at, f"'{field.name}' is never '{unknown[0]}'; it may be {', '.join(field.allowed)}"
    return None


def _display_complaint(indicator: Indicator, ledgers: Mapping[str, LedgerDefinition]) -> tuple[str, str] | None:
    if (indicator.display == "percent") != (indicator.denominator is not None):
        return "display", "a rate needs a denominator and display 'percent', anything else has neither"
    part = indicator.numerator
    is_money = bool(part.field) and ledgers[part.ledger].field(str(part.field)).type.kind == "money"
    if indicator.denominator is None and is_money != (indicator.display in ("yuan", "wan_yuan")):
        return "display", "a sum of money needs display 'yuan' or 'wan_yuan', nothing else has these"
    if is_money != (indicator.unit == "元"):
        return "unit", "a sum of money needs unit '元', nothing else has it"
    return None


def _line_of(text: str, indicator_id: str, keys: list[str]) -> int:
    """The line of the deepest of `keys` (or of a value in quotes) that can be found in the block of `[indicator_id]`."""
    lines = text.splitlines()
    own = re.compile(rf"\s*(?:\[\s*)?{re.escape(indicator_id)}\s*[\].=]")
    line = next((at for at, one in enumerate(lines) if own.match(one)), 0)
    others = (at for at in range(line + 1, len(lines)) if re.match(r"\s*\[[^\[\]{}\"]+\]\s*(?:#|$)", lines[at]))
    end = next((at for at in others if not own.match(lines[at])), len(lines))
    for key in keys:
        pattern = rf"(?:^\s*|[{{,.\[]\s*){re.escape(key)}\s*[=\].]" if not key.startswith('"') else re.escape(key)
        line = next((at for at in range(line, end) if re.search(pattern, lines[at])), line)
    return line + 1
