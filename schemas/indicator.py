"""Indicators as data: a closed vocabulary in TOML, so that a typo is an error tonight and not a wrong figure in March."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.ledger import LedgerDefinition


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
        raise IndicatorError(f"{name}: {error}") from error
    return {indicator_id: _indicator(name, text, indicator_id, table, ledgers) for indicator_id, table in tables.items()}


def _indicator(name: str, text: str, indicator_id: str, table: Any, ledgers: Mapping[str, LedgerDefinition]) -> Indicator:
    try:
        indicator = Indicator(indicator_id=indicator_id, **table)
    except ValidationError as error:
        first = error.errors()[0]
        keys = [str(key) for key in first["loc"] if not isinstance(key, int)]
        line = _line_of(text, indicator_id, keys)
        raise IndicatorError(f"{name}:{line}: [{indicator_id}] {'.'.join(keys)}: {first['msg']}") from error
    if complaint := _complaint(indicator, ledgers):
        keys, message = complaint
        raise IndicatorError(f"{name}:{_line_of(text, indicator_id, keys)}: [{indicator_id}] {message}")
    return indicator


def _complaint(indicator: Indicator, ledgers: Mapping[str, LedgerDefinition]) -> tuple[list[str], str] | None:
    """What the vocabulary's types cannot see: names of ledgers and fields, and what each aggregate needs."""
    for part_name, part in (("numerator", indicator.numerator), ("denominator", indicator.denominator)):
        if part is None:
            continue
        if part.ledger not in ledgers:
            return [part_name, "ledger"], f"no ledger '{part.ledger}'; there are {', '.join(ledgers)}"
        known = ledgers[part.ledger].field_names()
        if unknown := [field for field in part.named_fields() if field not in known]:
            return [part_name], f"ledger {part.ledger} has no field '{unknown[0]}'; it has {', '.join(known)}"
        if part.aggregate == "sum" and not part.field:
            return [part_name], "aggregate 'sum' needs 'field'"
        if part.aggregate == "count_distinct" and not part.fields:
            return [part_name], "aggregate 'count_distinct' needs 'fields'"
    if (indicator.display == "percent") != (indicator.denominator is not None):
        return ["display"], "a rate needs a denominator and display 'percent', anything else has neither"
    return None


def _line_of(text: str, indicator_id: str, keys: list[str]) -> int:
    """The line of the deepest of `keys` that can be found in the block of `[indicator_id]`."""
    lines = text.splitlines()
    line = next((at for at, one in enumerate(lines) if one.strip().startswith(f"[{indicator_id}")), 0)
    for key in keys:
        rest = range(line, len(lines))
        key_at = re.compile(rf"(?:^\s*|[{{,.\[]\s*){re.escape(key)}\s*[=\].]")
        line = next((at for at in rest if key_at.search(lines[at])), line)
    return line + 1
