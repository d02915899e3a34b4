"""The version of the rules: two receipts or figures with the same one were made by the same definitions."""

from __future__ import annotations

import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import CodeType, FunctionType
from typing import Any

from schemas.catalogue import indicators, ledgers
from schemas.definition import LedgerDefinition, LedgerField
from schemas.indicator import Indicator
from schemas.rules import SUBMISSION_RULES, Rule

HASH_DIGITS = 8
_PACKAGE = "huizong"


@cache
def ruleset_version() -> str:
    """The package's version and a hash over all that decides what a row or a figure is: `0.1.0-3fa92c1b`."""
    try:
        package = version(_PACKAGE)
    except PackageNotFoundError:
        package = "0"
    return f"{package}-{ruleset_hash(ledgers(), indicators(), SUBMISSION_RULES)}"


def ruleset_hash(
    ledgers: Mapping[str, LedgerDefinition], indicators: Mapping[str, Indicator], rules: Mapping[str, Rule]
) -> str:
    """The same in every process and under every Python; another as soon as a definition is another."""
    told = {
        "ledgers": {name: _ledger(one) for name, one in ledgers.items()},
        "indicators": {name: one.model_dump(mode="json") for name, one in indicators.items()},
        "rules": {name: _rule(one) for name, one in rules.items()},
    }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def _ledger(ledger: LedgerDefinition) -> dict[str, Any]:
    row_rules = {one.rule.rule_id: _sources(one.breaks) for one in ledger.row_rules}
    derived = {one.name: [one.type.kind, one.title, _sources(one.compute)] for one in ledger.derived}
    return {
        "title": ledger.title,
        "fields": [_field(one) for one in ledger.fields],
        "natural_key": ledger.natural_key,
        "dated_by": ledger.dated_by,
        "handled_by": ledger.handled_by,
        "rules": {name: _rule(one) for name, one in ledger.rules().items()},
        "row_rules": row_rules,
        "derived": derived,
    }


def _field(field: LedgerField) -> dict[str, Any]:
    """All that decides how a value is read and judged; not how it is shown."""
    return {name: value for name, value in vars(field).items() if name != "shown_as"} | {"type": type(field.type).__name__}


def _rule(rule: Rule) -> dict[str, str]:
    return {name: str(value) for name, value in vars(rule).items()}


def _sources(function: Callable[..., Any]) -> dict[str, str]:
    """The source of a function, and of whatever of ours it calls or names."""
    found: dict[str, str] = {}
    waiting: list[Any] = [function]
    while waiting:
        one = waiting.pop()
        name = f"{one.__module__}.{one.__qualname__}"
        if name in found:
            continue
        found[name] = textwrap.dedent(inspect.getsource(one)).strip()
        for global_name in sorted(_names(one.__code__)):
            value = inspect.unwrap(one.__globals__.get(global_name))  # what is behind a cache
            if isinstance(value, FunctionType) and value.__module__.startswith("schemas."):
                waiting.append(value)
            elif isinstance(value, str | int | float | tuple | date):
                found[f"{one.__module__}:{global_name}"] = repr(value)
    return found


def _names(code: CodeType) -> Iterator[str]:
    """What a function and the functions within it refer to by name."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
