"""The rule set version: receipts and figures with the same version were made by the same definitions.

Every key below is written out: renaming an attribute, a class or a module must not change the version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from schemas.catalogue import indicators, ledgers
from schemas.figures.indicator import Indicator
from schemas.ledgers.code_fingerprint import fingerprint_function
from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.rules import SUBMISSION_RULES, Rule

HASH_DIGITS = 8
#: the version of what `transforms/read/` and `transforms/normalise/` make of a cell, part of the hash.
#: Raise it with a change by which some cell is read as another value, or is accepted or refused where it was
#: not before: so `huizong backfill` reads again what was read by the former one.
PARSING_VERSION = 2
_PACKAGE = "huizong"


@cache
def ruleset_version() -> str:
    """Return the package version and a hash of all that decides a row or a figure: `0.1.0-3fa92c1b`."""
    try:
        package = version(_PACKAGE)
    except PackageNotFoundError:
        package = "0"
    return f"{package}-{ruleset_hash(ledgers(), indicators(), SUBMISSION_RULES)}"


def ruleset_hash(
    ledgers: Mapping[str, LedgerDefinition], indicators: Mapping[str, Indicator], rules: Mapping[str, Rule]
) -> str:
    """Hash the meaning of all definitions: the same in every process and under every Python version."""
    meaning = {
        "parsing": PARSING_VERSION,
        "ledgers": {name: _describe_ledger(ledger) for name, ledger in ledgers.items()},
        "indicators": {name: indicator.model_dump(mode="json") for name, indicator in indicators.items()},
        "rules": {name: _describe_rule(rule) for name, rule in rules.items()},
    }
    text = json.dumps(meaning, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def _describe_ledger(ledger: LedgerDefinition) -> dict[str, Any]:
    return {
        "title": ledger.title,
        "fields": [_describe_field(field) for field in ledger.fields],
        "natural_key": ledger.natural_key,
        "matter": [ledger.matter.party, ledger.matter.day, ledger.matter.amount, ledger.matter.cause],
        "dated_by": ledger.dated_by,
        "handled_by": ledger.handled_by,
        "late_steps": ledger.late_steps,
        "rules": {name: _describe_rule(rule) for name, rule in ledger.rules().items()},
        "row_rules": {rule.rule.rule_id: fingerprint_function(rule.breaks) for rule in ledger.row_rules},
        "derived": {
            column.name: [column.type.kind, column.title, fingerprint_function(column.compute)]
            for column in ledger.derived
        },
    }


def _describe_field(field: LedgerField) -> dict[str, Any]:
    """Describe what decides how a value is read and validated; masking does not belong to it."""
    return {
        "name": field.name,
        "type": field.type.kind,
        "header": field.header,
        "aliases": field.aliases,
        "required": field.required,
        "private": field.private,
        "allowed": field.allowed,
        "default": field.default,
        "may_be_in_future": field.may_be_in_future,
        "may_be_negative": field.may_be_negative,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "refers_to": field.refers_to,
        "stated_in": field.stated_in,
        "has_usual_range": field.has_usual_range,
        "same_year_as": field.same_year_as,
        "year_up_to": field.year_up_to,
        "usual_yuan": field.usual_yuan,
        "names_reporter": field.names_reporter,
        "other_kinds": field.other_kinds,
        "example": field.example,
        "hint": field.hint,
        "is_in_key": field.is_in_key,
    }


def _describe_rule(rule: Rule) -> dict[str, str]:
    return {
        "rule_id": rule.rule_id,
        "severity": rule.severity.value,
        "problem": rule.problem,
        "expected": rule.expected,
        "mend": rule.remedy,  # the key of the first versions: another one would change every version
        "source": rule.source,
    }
