"""The examples of docs/extending.md work as they are written."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from schemas.catalogue import ledgers
from schemas.ledgers.compile_ledger import compile_ledger
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.local_headers import parse_local_headers
from tests.support.counties import workbook_bytes
from tests.support.validation import CITY, PATH, RECEIVED_ON
from transforms.read import HeaderIndex
from transforms.read.layout.read_file import read_file
from transforms.validate.batch import ValidationInput, ValidationResult
from transforms.validate.pipeline import validate_batch
from warehouse.migrations.fingerprint import known_revisions

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


def find_block(pattern: str) -> str:
    match = re.search(pattern, PAGE.read_text("utf-8"), re.DOTALL)
    assert match is not None
    return match[1]


def test_the_headers_of_the_page_are_valid() -> None:
    text = find_block(r"```toml\n(\[penalties\].*?)```")
    headers = parse_local_headers("headers.toml", text, ledgers(), CITY.unit_codes())
    assert headers.headers["penalties"]["fine_fen"] == ("罚款数额（万元）",)


def test_the_revision_of_the_page_is_the_next_one() -> None:
    next_number = int(known_revisions()[-1]) + 1
    assert {int(find_block(r"--rev-id (\d+)")), int(find_block(r"/r(\d+)_"))} == {next_number}


@pytest.fixture
def example_ledger(monkeypatch: pytest.MonkeyPatch) -> LedgerDefinition:
    """Compile the first block of Python of the page, which is a whole module."""
    block = find_block(r"```python\n(.*?)```")
    module = ModuleType("vehicle_uses")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # where the types of its fields are looked up
    exec(compile(block, str(PAGE), "exec"), module.__dict__)
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
