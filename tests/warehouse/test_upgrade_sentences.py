"""Why a warehouse cannot be upgraded is said in the chosen language, with what is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.language import choose_language, translate
from schemas.sentences import Sentence
from warehouse.migrations.schema_diff import MigrationRequiredError

LACKING = Sentence(
    "'{table_name}' lacks the column '{name}', which must not be empty", table_name="cases", name="day"
)
UNKNOWN = Sentence("'{name}' is the table of a ledger that no definition has", name="boats")


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    choose_language("en")


def test_each_problem_is_translated() -> None:
    error = MigrationRequiredError([LACKING, UNKNOWN])
    assert str(error) == f"{LACKING}, {UNKNOWN}"
    choose_language("zh")
    words = translate(error)
    assert "lacks" not in words
    assert "definition" not in words
    assert "cases" in words
    assert "boats" in words
