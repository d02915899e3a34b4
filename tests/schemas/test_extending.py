"""The example ledger of docs/extending.md works as it is written."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from schemas.ledgers.compiled import LedgerDefinition, compile_ledger
from tests.support.counties import workbook_bytes
from tests.support.validation import CITY, PATH, RECEIVED_ON
from transforms.read import HeaderIndex
from transforms.read.layout.read_file import read_file
from transforms.validate.batch import ValidationInput, ValidationResult
from transforms.validate.pipeline import validate_batch

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


@pytest.fixture
def example_ledger(monkeypatch: pytest.MonkeyPatch) -> LedgerDefinition:
    """Compile the first block of Python of the page, which is a whole module."""
    block = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert block is not None
    module = ModuleType("vehicle_uses")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # where the types of its fields are looked up
    exec(compile(block[1], str(PAGE), "exec"), module.__dict__)
    return compile_ledger("vehicle_uses", module.VehicleUses)


def validate_examples(ledger: LedgerDefinition, **changes: str) -> ValidationResult:
    """Validate the row of the fields' examples, with these changes."""
    row = [changes.get(field.name, field.example) for field in ledger.fields]
    data = workbook_bytes({ledger.title: [[field.header for field in ledger.fields], row]})
    ledgers = {ledger.name: ledger}
    (submission,) = read_file(PATH, data, CITY, HeaderIndex(ledgers)).submissions
    return validate_batch(ValidationInput([submission], [RECEIVED_ON], CITY, ledgers))


def test_its_example_row_is_accepted_without_a_finding(example_ledger: LedgerDefinition) -> None:
    assert all(field.example is not None for field in example_ledger.fields)
    result = validate_examples(example_ledger)
    assert result.findings.empty
    assert result.submissions["state"].tolist() == ["accepted"]


def test_its_rule_finds_the_row_that_breaks_it(example_ledger: LedgerDefinition) -> None:
    findings = validate_examples(example_ledger, returned_on="2023-06-04").findings
    of_row = findings[findings["row"].notna()]
    assert of_row[["rule_id", "cell"]].values.tolist() == [
        ["vehicle_uses.returned_on.before_leaving", "C2"]
    ]
