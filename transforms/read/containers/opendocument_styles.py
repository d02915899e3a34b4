"""The styles of an OpenDocument spreadsheet, as far as they matter: struck through, number format, width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE, TABLE = f"{{{_NAMES}:office:1.0}}", f"{{{_NAMES}:table:1.0}}"
_STYLE, _NUMBER = f"{{{_NAMES}:style:1.0}}", f"{{{_NAMES}:datastyle:1.0}}"
_TEXT = f"{{{_NAMES}:text:1.0}}"
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(cm|mm|in|pt)")
#: how many of a length make the width of a character
_OF_A_CHARACTER = {"cm": 0.19, "mm": 1.9, "in": 0.075, "pt": 5.4}
_MOST_PARENTS = 10


@dataclass(frozen=True)
class Style:
    """What matters of how a cell looks."""

    is_struck: bool = False
    number_format: str = ""


PLAIN = Style()


class Styles:
    """The styles of all parts of a document, by name."""

    def __init__(self, roots: Sequence[etree._Element]) -> None:
        self._styles: dict[tuple[str, str], etree._Element] = {}
        self._formats: dict[str, str] = {}
        self._cell_styles: dict[str, Style] = {}
        for root in reversed(
            roots
        ):  # styles of the part with the sheets come before those of the same name
            for element in root.iter(f"{_STYLE}style"):
                key = (element.get(f"{_STYLE}family") or "", element.get(f"{_STYLE}name") or "")
                self._styles[key] = element
            for element in root.iter(f"{_NUMBER}*"):
                if name := element.get(f"{_STYLE}name"):
                    self._formats[name] = _format_code(element)

    def cell_style(self, name: str) -> Style:
        """Return the style of a cell; what it does not say it takes from its parents."""
        if name not in self._cell_styles:
            self._cell_styles[name] = self._read_cell_style(name)
        return self._cell_styles[name]

    def _read_cell_style(self, name: str) -> Style:
        struck: str | None = None
        code: str | None = None
        for _ in range(_MOST_PARENTS):
            element = self._styles.get(("table-cell", name))
            if element is None:
                break
            text = element.find(f"{_STYLE}text-properties")
            if struck is None and text is not None:
                struck = text.get(f"{_STYLE}text-line-through-style") or text.get(
                    f"{_STYLE}text-line-through-type"
                )
            if code is None:
                code = self._formats.get(element.get(f"{_STYLE}data-style-name") or "")
            name = element.get(f"{_STYLE}parent-style-name") or ""
        return Style(struck not in (None, "none"), code or "")

    def alignment(self, span: etree._Element) -> str:
        """Return superscript or subscript for a raised or lowered part of a text."""
        element = self._styles.get(("text", span.get(f"{_TEXT}style-name") or ""))
        properties = element.find(f"{_STYLE}text-properties") if element is not None else None
        position = (properties.get(f"{_STYLE}text-position") or "") if properties is not None else ""
        if position.startswith(("sub", "-")):
            return "subscript"
        return "superscript" if position.startswith("super") or position[:1] in set("123456789") else ""

    def column_width(self, column: etree._Element) -> float | None:
        """Return the width of a column in characters."""
        element = self._styles.get(("table-column", column.get(f"{TABLE}style-name") or ""))
        properties = element.find(f"{_STYLE}table-column-properties") if element is not None else None
        text = properties.get(f"{_STYLE}column-width") if properties is not None else None
        match = _LENGTH.fullmatch(text or "")
        return float(match[1]) / _OF_A_CHARACTER[match[2]] if match else None

    def is_sheet_visible(self, table: etree._Element) -> bool:
        """Return whether a sheet is shown."""
        element = self._styles.get(("table", table.get(f"{TABLE}style-name") or ""))
        properties = element.find(f"{_STYLE}table-properties") if element is not None else None
        return properties is None or properties.get(f"{TABLE}display") != "false"


def _format_code(element: etree._Element) -> str:
    """Write a number format as Excel does, as far as it changes the amount that is shown."""
    pieces = []
    for child in element.iterchildren(etree.Element):
        if child.tag in (f"{_NUMBER}number", f"{_NUMBER}scientific-number"):
            pieces.append("0" + "," * _thousands(child.get(f"{_NUMBER}display-factor")))
        elif child.tag in (f"{_NUMBER}text", f"{_NUMBER}currency-symbol"):
            pieces.append("".join(child.itertext()))
    return "".join(pieces)


def _thousands(factor: str | None) -> int:
    """Return by how many thousands a format divides, at least one where it divides at all."""
    try:
        divisor = float(factor or "1")
    except ValueError:
        return 0
    return max(1, round((len(str(int(divisor))) - 1) / 3)) if 1 < divisor < 10**15 else 0
