"""Texts are measured in columns of a Chinese font."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.text_width import lines_of, width_of, widths_of


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("某A", 3), ("“无”", 6), ("——", 4), ("√ 1", 4), ("１", 2)]
)
def test_width(text: str, width: int) -> None:
    assert width_of(text) == width


@given(st.lists(st.text()))
def test_widths_of_texts_are_those_of_each(texts: list[str]) -> None:
    assert widths_of(texts).tolist() == [width_of(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [("", 10, 1), ("某" * 10, 20.9, 1), ("某" * 10, 10, 2), ("a\n\nb", 10, 3), ("ab", 0, 2)],
)
def test_lines(text: str, columns: float, lines: int) -> None:
    assert lines_of(text, columns) == lines
