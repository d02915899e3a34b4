"""A rule keeps its identity when only its spelling changes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas.ledgers.code_fingerprint import columns_read, fingerprint_function

ORIGINAL = '''
import pandas as pd

LIMIT = 3
KINDS = ("罚款", "没收")

def over(count: pd.Series, limit: int) -> "pd.Series[bool]":
    """Rows over the limit."""
    return count.gt(limit).fillna(False)

def rule(frame: pd.DataFrame) -> "pd.Series[bool]":
    """A rule."""
    counted = frame["count"] + 1
    return over(counted, limit=LIMIT) & frame["kind"].isin(KINDS)
'''
SAME_MEANING = {
    "comment": ("    counted =", "    # why\n    counted ="),
    "docstring": ('"""A rule."""', '"""Another sentence."""'),
    "no docstring": ('    """A rule."""\n', ""),
    "format": ('frame["count"] + 1', '(\n        frame["count"]\n        + 1\n    )'),
    "annotation": ("(frame: pd.DataFrame)", "(frame: object)"),
    "variable": ("counted", "number"),
    "parameter": ("frame", "rows"),
    "helper": ("over(", "exceeds("),
    "helper's parameter": ("limit", "most"),
    "constant's name": ("LIMIT", "HIGHEST"),
    "helper moved below": ("LIMIT = 3", "LIMIT = 2 + 1"),
}
OTHER_MEANING = {
    "operation": ("+ 1", "- 1"),
    "number": ("+ 1", "+ 2"),
    "column": ('"kind"', '"result"'),
    "constant": ("LIMIT = 3", "LIMIT = 4"),
    "one of several constants": ('"没收"', '"警告"'),
    "helper": (".gt(", ".ge("),
    "argument": ("fillna(False)", "fillna(True)"),
    "order": (" & ", " | "),
}


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Any]:
    def load_module(name: str, source: str) -> Any:
        file = tmp_path / f"{name}.py"
        file.write_text(source, "utf-8")
        spec = importlib.util.spec_from_file_location(f"schemas.{name}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load_module


@pytest.mark.parametrize("change", SAME_MEANING.values(), ids=SAME_MEANING)
def test_another_spelling_is_the_same_rule(
    load: Callable[[str, str], Any], change: tuple[str, str]
) -> None:
    assert change[0] in ORIGINAL
    original, changed = load("original", ORIGINAL), load("moved", ORIGINAL.replace(*change))
    assert fingerprint_function(changed.rule) == fingerprint_function(original.rule)


@pytest.mark.parametrize("change", OTHER_MEANING.values(), ids=OTHER_MEANING)
def test_another_meaning_is_another_rule(load: Callable[[str, str], Any], change: tuple[str, str]) -> None:
    assert change[0] in ORIGINAL
    original, changed = load("original", ORIGINAL), load("changed", ORIGINAL.replace(*change))
    assert fingerprint_function(changed.rule) != fingerprint_function(original.rule)


def test_the_name_of_an_error_or_of_an_enumeration_is_not_part_of_the_meaning(
    load: Callable[[str, str], Any],
) -> None:
    source = (
        "from enum import StrEnum\n\nclass Odd(ValueError): pass\n\nclass Kind(StrEnum):\n    FINE = 'fine'\n\n"
        "def rule(kind):\n    if kind != Kind.FINE:\n        raise Odd(kind)\n    return True\n"
    )
    original = fingerprint_function(load("original", source).rule)
    renamed = source.replace("Odd", "OddError").replace("Kind", "Sort").replace("FINE", "PENALTY")
    assert fingerprint_function(load("renamed", renamed).rule) == original
    assert fingerprint_function(load("changed", source.replace("'fine'", "'other'")).rule) != original


def test_a_keyword_of_a_library_is_part_of_the_meaning(load: Callable[[str, str], Any]) -> None:
    source = 'def rule(frame):\n    return frame["a"].sum({}=True)\n'
    first, second = load("first", source.format("skipna")), load("second", source.format("numeric_only"))
    assert fingerprint_function(first.rule) != fingerprint_function(second.rule)


def test_a_value_enclosed_by_a_factory_is_part_of_the_meaning(load: Callable[[str, str], Any]) -> None:
    source = "def make(limit):\n    def rule(frame):\n        return frame > limit\n    return rule\n"
    factory = load("factory", source)
    assert fingerprint_function(factory.make(1)) != fingerprint_function(factory.make(2))
    assert fingerprint_function(factory.make(1)) == fingerprint_function(factory.make(1))


def test_a_function_that_calls_itself_has_a_fingerprint(load: Callable[[str, str], Any]) -> None:
    source = "def rule(number):\n    return 1 if number == 0 else rule(number - 1)\n"
    assert len(fingerprint_function(load("recursive", source).rule)) == 64


def test_an_object_without_a_written_meaning_is_rejected(load: Callable[[str, str], Any]) -> None:
    module = load("odd", "STATE = object()\n\ndef rule(frame):\n    return STATE\n")
    with pytest.raises(TypeError, match="cannot be written down"):
        fingerprint_function(module.rule)


def test_the_columns_that_a_rule_reads_include_those_of_its_helpers(
    load: Callable[[str, str], Any],
) -> None:
    source = (
        'def helper(frame):\n    return frame["fine_fen"]\n\n'
        'def rule(frame):\n    note = "remark"\n    return helper(frame) > frame["paid_fen"]\n'
    )
    assert columns_read(load("reads", source).rule) == {"fine_fen", "paid_fen"}


def test_the_rules_still_compute(load: Callable[[str, str], Any]) -> None:
    frame = pd.DataFrame({"count": [3, 1], "kind": ["罚款", "罚款"]})
    assert load("computes", ORIGINAL).rule(frame).tolist() == [True, False]
