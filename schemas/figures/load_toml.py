"""Parse and validate the TOML files of indicators; an error names file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import NoneType
from typing import Any

from pydantic import ValidationError

from schemas.errors import DefinitionError
from schemas.figures.indicator import NEEDS, SUMMED_KINDS, TESTS, Condition, Indicator, Part
from schemas.figures.phrase import Phrase
from schemas.ledgers.compiled import LedgerDefinition


class IndicatorError(DefinitionError):
    """A definition is invalid; the message names file and line."""


def parse_indicators(ledgers: Mapping[str, LedgerDefinition]) -> dict[str, Indicator]:
    """Parse all built-in indicators, by id. Raises IndicatorError with file and line."""
    indicators: dict[str, Indicator] = {}
    folder = resources.files("schemas").joinpath("indicators")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            for indicator_id, indicator in parse_indicator_file(
                file.name, file.read_text("utf-8"), ledgers
            ).items():
                if indicator_id in indicators:
                    raise IndicatorError(
                        f"{file.name}: indicator {indicator_id} is defined in another file already"
                    )
                indicators[indicator_id] = indicator
    return indicators


def parse_indicator_file(
    name: str, text: str, ledgers: Mapping[str, LedgerDefinition]
) -> dict[str, Indicator]:
    """Parse one TOML text: `theme = "…"`, then a table `[indicator_id]` for each indicator."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise IndicatorError(f"{name}:{line[1] if line else len(text.splitlines())}: {error}") from error
    theme = tables.pop("theme", "") if isinstance(tables.get("theme"), str) else ""
    return {
        indicator_id: _parse_indicator(name, text, indicator_id, theme, table, ledgers)
        for indicator_id, table in tables.items()
    }


def _parse_indicator(
    name: str, text: str, indicator_id: str, theme: str, table: Any, ledgers: Mapping[str, LedgerDefinition]
) -> Indicator:
    def error_at(keys: list[str], message: str) -> IndicatorError:
        return IndicatorError(f"{name}:{_find_line(text, indicator_id, keys)}: [{indicator_id}] {message}")

    if not isinstance(table, dict) or "indicator_id" in table:
        raise error_at(
            ["indicator_id"], f"an indicator is a table [{indicator_id}], and its id is the table's name"
        )
    try:
        indicator = Indicator(**{"theme": theme, **table}, indicator_id=indicator_id)
    except ValidationError as error:
        first = error.errors()[0]
        keys = [str(key) for key in first["loc"] if not isinstance(key, int)]
        models = (
            (Indicator, Phrase) if keys[0] in ("said_as", "hinted_by") else (Indicator, Part, Condition)
        )
        valid = models[min(len(keys), len(models)) - 1].model_fields
        hint = f"; valid are {', '.join(valid)}" if first["type"] == "extra_forbidden" else ""
        location = [*keys, f'"{first["input"]}"'] if isinstance(first["input"], str) else keys
        raise error_at(location, f"{'.'.join(keys)}: {first['msg']}{hint}") from error
    for part_name in ("numerator", "denominator"):
        for part in getattr(indicator, part_name):
            if complaint := check_part(part, ledgers):
                raise error_at([part_name, complaint[0]], complaint[1])
    if complaint := _display_complaint(indicator, ledgers):
        raise error_at([complaint[0]], complaint[1])
    return indicator


def check_part(part: Part, ledgers: Mapping[str, LedgerDefinition]) -> tuple[str, str] | None:
    """Return what the types do not check (names, arguments of aggregates) as (key, complaint).

    Return None if the part is valid.
    """
    if part.ledger not in ledgers:
        return "ledger", f"no ledger '{part.ledger}'; there are {', '.join(ledgers)}"
    kinds = ledgers[part.ledger].column_kinds()
    if unknown := [field for field in part.named_fields() if field not in kinds]:
        return (
            f'"{unknown[0]}"',
            f"ledger {part.ledger} has no field '{unknown[0]}'; it has {', '.join(kinds)}",
        )
    arguments = tuple(name for name in ("field", "fields") if getattr(part, name))
    if arguments != NEEDS[part.aggregate]:
        needed = " and ".join(NEEDS[part.aggregate]) or "neither field nor fields"
        return "aggregate", f"aggregate '{part.aggregate}' needs {needed}"
    if part.field and kinds[part.field] not in SUMMED_KINDS:
        return f'"{part.field}"', f"'{part.field}' is no number to sum; its type is {kinds[part.field]}"
    if bool(part.dated_by) == part.stock:
        return (
            "aggregate",
            "a row belongs to a period either by 'dated_by' or, for a state, by 'stock = true'",
        )
    if wrong := [field for field in part.dated_by if kinds[field] != "date"]:
        return "dated_by", f"'{wrong[0]}' is no date; its type is {kinds[wrong[0]]}"
    complaints = (
        _condition_complaint(condition, ledgers[part.ledger], ledgers) for condition in part.where
    )
    return next(filter(None, complaints), None)


def _condition_complaint(
    condition: Condition, ledger: LedgerDefinition, ledgers: Mapping[str, LedgerDefinition]
) -> tuple[str, str] | None:
    location, kind = f'"{condition.field}"', ledger.column_kinds()[condition.field]
    value_type, kinds = TESTS[condition.test]
    if not isinstance(condition.value, value_type):
        needed_value = "no value" if value_type is NoneType else f"as its value a {value_type.__name__}"
        return location, f"test '{condition.test}' takes {needed_value}"
    if kinds and kind not in kinds:
        return (
            location,
            f"test '{condition.test}' is for {' and '.join(kinds)}; '{condition.field}' is {kind}",
        )
    values = (
        condition.value
        if isinstance(condition.value, list)
        else [condition.value]
        if condition.value
        else []
    )
    allowed = ledger.allowed(condition.field)
    if allowed and (unknown := [value for value in values if value not in allowed]):
        return location, f"'{condition.field}' is never '{unknown[0]}'; it may be {', '.join(allowed)}"
    return _found_in_complaint(condition, ledgers)


def _found_in_complaint(
    condition: Condition, ledgers: Mapping[str, LedgerDefinition]
) -> tuple[str, str] | None:
    """Check the other ledger that `found_in` refers to."""
    location, needs_other = f'"{condition.field}"', condition.test == "found_in"
    if needs_other != bool(condition.ledger and condition.matching) or (
        condition.where and not needs_other
    ):
        return location, "'ledger' and 'matching' go with test 'found_in', and only with it"
    if condition.ledger is None:
        return None
    if condition.ledger not in ledgers:
        return f'"{condition.ledger}"', f"no ledger '{condition.ledger}'; there are {', '.join(ledgers)}"
    other_ledger = ledgers[condition.ledger]
    names = [str(condition.matching), *(inner.field for inner in condition.where)]
    if unknown := [name for name in names if name not in other_ledger.column_kinds()]:
        known = ", ".join(other_ledger.column_kinds())
        return f'"{unknown[0]}"', f"ledger {condition.ledger} has no field '{unknown[0]}'; it has {known}"
    # what moved a figure is looked for in the ledger of a `found_in`, and not in those that it would refer to
    if nested := [inner for inner in condition.where if inner.test == "found_in"]:
        return (
            f'"{nested[0].field}"',
            "a 'found_in' inside the 'where' of a 'found_in' is not supported; use other tests there",
        )
    return next(
        filter(None, (_condition_complaint(inner, other_ledger, ledgers) for inner in condition.where)),
        None,
    )


def _display_complaint(
    indicator: Indicator, ledgers: Mapping[str, LedgerDefinition]
) -> tuple[str, str] | None:
    if (indicator.display == "percent") != indicator.is_rate:
        return "display", "a rate needs a denominator and display 'percent', anything else has neither"
    is_money = any(
        part.field and ledgers[part.ledger].column_kinds()[part.field] == "money"
        for part in indicator.numerator
    )
    if not indicator.is_rate and is_money != (indicator.display in ("yuan", "wan_yuan")):
        return "display", "a sum of money needs display 'yuan' or 'wan_yuan', nothing else has these"
    if is_money != (indicator.unit == "元"):
        return "unit", "a sum of money needs unit '元', nothing else has it"
    return None


def _find_line(text: str, indicator_id: str, keys: list[str]) -> int:
    """Return the line of the deepest of `keys`, or of a quoted value, in the block of `[indicator_id]`."""
    lines = text.splitlines()
    own_header = re.compile(rf"\s*(?:\[\s*)?{re.escape(indicator_id)}\s*[\].=]")
    line = next((index for index, text_line in enumerate(lines) if own_header.match(text_line)), 0)
    next_tables = (
        index
        for index in range(line + 1, len(lines))
        if re.match(r"\s*\[[^\[\]{}\"]+\]\s*(?:#|$)", lines[index])
    )
    end = next((index for index in next_tables if not own_header.match(lines[index])), len(lines))
    for key in keys:
        pattern = (
            rf"(?:^\s*|[{{,.\[]\s*){re.escape(key)}\s*[=\].]" if not key.startswith('"') else re.escape(key)
        )
        line = next((index for index in range(line, end) if re.search(pattern, lines[index])), line)
    return line + 1
