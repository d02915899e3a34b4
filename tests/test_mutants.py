"""The list of mutants that make no difference speaks of the code as it is."""

from __future__ import annotations

from pathlib import Path

from tests.support.mutants.equal import read_equal

ROOT = Path(__file__).parents[1]


def test_each_listed_line_stands_in_its_file_and_has_a_reason() -> None:
    for entry in read_equal():
        text = " ".join((ROOT / entry.path).read_text(encoding="utf-8").split())
        assert entry.line in text, f"{entry.path} has another line now: {entry.line}"
        assert entry.mutant != entry.line
        assert entry.why
