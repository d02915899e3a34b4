"""The rule-set version: the same in every process, another as soon as a definition changes."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas.catalogue import indicators, ledgers
from schemas.ledgers.compiled import LedgerDefinition, RowRule
from schemas.ledgers.rules import SUBMISSION_RULES, Severity
from schemas.version import ruleset_hash, ruleset_version

NOW = ruleset_hash(ledgers(), indicators(), SUBMISSION_RULES)


def test_it_names_the_package_and_the_definitions() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*-[0-9a-f]{8}", ruleset_version())
    assert ruleset_version().endswith(NOW)


def test_another_process_has_the_same_version() -> None:
    code = "from schemas.version import ruleset_version; print(ruleset_version())"
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], env={"PYTHONHASHSEED": "7"}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert process.stdout.strip() == ruleset_version()


def first_field(**changes: Any) -> LedgerDefinition:
    ledger = ledgers()["penalties"]
    return replace(ledger, fields=(replace(ledger.fields[0], **changes), *ledger.fields[1:]))


def other_rule(**changes: Any) -> LedgerDefinition:
    ledger = ledgers()["penalties"]
    first: RowRule = ledger.row_rules[0]
    return replace(ledger, row_rules=(replace(first, **changes), *ledger.row_rules[1:]))


def stricter(frame: pd.DataFrame) -> pd.Series[bool]:
    return frame["party_uscc"].isna()


RULE = ledgers()["penalties"].row_rules[0].rule


@pytest.mark.parametrize(
    "ledger",
    [
        first_field(header="文号"), first_field(aliases=()), first_field(required=False), first_field(allowed=("甲",)),
        first_field(maximum=3.0), first_field(private=True), replace(ledgers()["penalties"], title="x"),
        replace(ledgers()["penalties"], handled_by=None), other_rule(rule=replace(RULE, severity=Severity.WARNING)),
        other_rule(rule=replace(RULE, remedy="请改")), other_rule(breaks=stricter),
    ],
    ids=range(11),
)  # fmt: skip
def test_another_ledger_is_another_version(ledger: LedgerDefinition) -> None:
    assert ruleset_hash({**ledgers(), "penalties": ledger}, indicators(), SUBMISSION_RULES) != NOW


def test_another_derived_column_is_another_version() -> None:
    name, ledger = next((name, ledger) for name, ledger in ledgers().items() if ledger.derived)
    changed = replace(ledger, derived=(replace(ledger.derived[0], compute=stricter), *ledger.derived[1:]))
    assert ruleset_hash({**ledgers(), name: changed}, indicators(), SUBMISSION_RULES) != NOW


def test_a_shared_condition_or_constant_that_changes_is_another_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from schemas.ledgers import common_checks as shared_rules

    monkeypatch.setattr(shared_rules, "ORGANISATION", "法人")
    assert ruleset_hash(ledgers(), indicators(), SUBMISSION_RULES) != NOW


def test_another_indicator_or_submission_rule_is_another_version() -> None:
    name, first = next(iter(indicators().items()))
    changed = {
        **indicators(),
        name: first.model_copy(update={"zero_needs_every_unit": not first.zero_needs_every_unit}),
    }
    assert ruleset_hash(ledgers(), changed, SUBMISSION_RULES) != NOW
    rule = replace(SUBMISSION_RULES["row.ragged"], severity=Severity.WARNING)
    assert ruleset_hash(ledgers(), indicators(), {**SUBMISSION_RULES, "row.ragged": rule}) != NOW


def test_another_reading_of_cells_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.version.PARSING_VERSION", 99)
    assert ruleset_hash(ledgers(), indicators(), SUBMISSION_RULES) != NOW
