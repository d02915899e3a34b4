"""Each test that docs/promises.md and SECURITY.md name exists, and the pages are linked."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("docs/promises.md", "SECURITY.md")
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::((?:\w+::)?test_\w+)`")
NAMED_PATH = re.compile(r"`((?:tests|flows|transforms)/[\w/]+(?:\.\w+|/))`")


@pytest.mark.parametrize("page", PAGES)
def test_each_named_test_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = NAMED_TEST.findall(text)
    assert len(named) > 10
    assert [f"{file}::{name}" for file, name in named if name not in list_tests(file)] == []
    assert [path for path in NAMED_PATH.findall(text) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_each_promise_names_a_test(page: str) -> None:
    """A row of a table with tests has one in its last column."""
    for table in re.split(r"\n\n", (ROOT / page).read_text("utf-8")):
        header, *rows = table.splitlines()
        if header.endswith("| test |"):
            assert [row for row in rows[1:] if not NAMED_TEST.search(row.split(" | ")[-1])] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("linking", ["README.md", "CONTRIBUTING.md"])
def test_the_pages_are_linked(page: str, linking: str) -> None:
    assert f"]({page})" in (ROOT / linking).read_text("utf-8")


def list_tests(file: str) -> set[str]:
    """List the tests of a file as pytest collects them: those of a class bear its name."""
    tests = set()
    for node in ast.parse((ROOT / file).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            tests.add(node.name)
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            methods = [part.name for part in node.body if isinstance(part, ast.FunctionDef)]
            tests |= {f"{node.name}::{name}" for name in methods}
    return {test for test in tests if test.split("::")[-1].startswith("test_")}


def test_a_test_of_a_class_is_listed_with_the_class_alone() -> None:
    listed = list_tests("tests/pipeline/test_publications.py")
    assert "TestPublications::test_stay_unchanged" in listed
    assert "test_stay_unchanged" not in listed
    assert "TestPublications" not in listed
