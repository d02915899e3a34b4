"""Keep raised and lowered parts of a cell's text apart from the rest, by the characters for them: 35000¹.

The mark of a footnote is a part of the text with another format. Read without it, 35000 with the mark 1 would
be the amount 350001; read as 35000¹ it is no amount.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lxml import etree
from xlsxwriter.utility import xl_cell_to_rowcol

_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_DIGIT = re.compile("[0-9]")

_SIGN = b"vertAlign"
_TEXT = re.compile(rb"<(?:\w+:)?si[\s>/]")
_RUN = re.compile(rb"<(?:\w+:)?r(?:\s[^<>]*)?>(.*?)</(?:\w+:)?r>", re.DOTALL)
_ALIGN = re.compile(rb"<(?:\w+:)?vertAlign\s[^<>]*val=[\"'](superscript|subscript)[\"']")
_WRITTEN = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)</(?:\w+:)?t>")
_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>(?:\s*<(?:\w+:)?v>(\d{1,9})<|\s*<(?:\w+:)?is>(.*?)</(?:\w+:)?is>)", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"(\w+)=[\"']([^\"']*)[\"']")


def raised(text: str) -> str:
    """Write a text with the raised forms of its digits and signs."""
    return text.translate(_RAISED)


def lowered(text: str) -> str:
    """Write a text with the lowered forms of its digits and signs."""
    return text.translate(_LOWERED)


def join_runs(runs: Iterable[tuple[str, str]]) -> str | None:
    """Join the parts of a text, each with superscript, subscript or nothing.

    None where nothing stands out: all parts are alike, or no digit is raised or lowered.
    """
    pieces = [(align, text) for align, text in runs if text.strip()]
    has_plain = any(not align and _DIGIT.search(text) for align, text in pieces)
    if not has_plain or not any(align and _DIGIT.search(text) for align, text in pieces):
        return None
    return "".join(_WRITERS[align](text) if align else text for align, text in pieces)


_WRITERS: dict[str, Callable[[str], str]] = {"superscript": raised, "subscript": lowered}


def mark_elements(cell: etree._Element, align_of: Callable[[etree._Element], str]) -> None:
    """Write the raised and lowered parts of a cell of markup with the characters for them, in place.

    `align_of` an element is superscript, subscript or nothing.
    """
    aligned = [(align, part) for part in cell.iterdescendants(etree.Element) if (align := align_of(part))]
    if not aligned:
        return
    inside = max(len(_DIGIT.findall("".join(part.itertext()))) for _, part in aligned)
    if inside in (0, len(_DIGIT.findall("".join(cell.itertext())))):
        return
    for align, part in aligned:
        write = _WRITERS[align]
        for inner in part.iter():
            inner.text = write(inner.text) if inner.text else inner.text
            if inner is not part and inner.tail:
                inner.tail = write(inner.tail)


@dataclass(frozen=True)
class RaisedTexts:
    """The shared texts of an xlsx in which a part is raised or lowered, by position."""

    texts: dict[bytes, str] = field(default_factory=dict)

    def find_cells(self, sheet: bytes) -> dict[tuple[int, int], str]:
        """Return the cells (row, column, from 0) of a sheet's XML with such a text, and how it reads."""
        if not (self.texts or _SIGN in sheet):
            return {}
        cells = {}
        for attributes, shared, inline in _CELL.findall(sheet):
            known = dict(_ATTRIBUTE.findall(attributes))
            text = self.texts.get(shared) if known.get(b"t") == b"s" else _read_item(inline)
            if text is not None and b"r" in known:
                cells[xl_cell_to_rowcol(known[b"r"].decode())] = text
        return cells


def read_raised_texts(shared_texts: bytes) -> RaisedTexts:
    """Read which shared texts have a raised or lowered part; the XML may be empty."""
    if _SIGN not in shared_texts:
        return RaisedTexts()
    items = ((index, _read_item(item)) for index, item in enumerate(_TEXT.split(shared_texts)[1:]))
    return RaisedTexts({b"%d" % index: text for index, text in items if text is not None})


def _read_item(item: bytes) -> str | None:
    if _SIGN not in item:
        return None
    return join_runs(
        (
            align[1].decode() if (align := _ALIGN.search(run)) else "",
            html.unescape(b"".join(_WRITTEN.findall(run)).decode("utf-8", "replace")),
        )
        for run in _RUN.findall(item)
    )
