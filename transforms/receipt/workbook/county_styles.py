"""The styles of a county's workbook, with those that marks and the first page need added."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from lxml import etree

from schemas.ledgers.rules import Severity
from transforms.receipt.page import FONT, LOOKS, CellStyle
from transforms.receipt.words import TONES
from transforms.receipt.workbook.county_book import M, NotUnderstoodError, parse

_KEPT = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
)  # fmt: skip
_GENERAL, _TEXT = "0", "49"  # Excel's own numbers of these formats
_OWN_FILLS = {fill for tone in TONES.values() for fill in tone.fills()}
_BORDER_COLOUR = "FFBFBFBF"


class CountyStyles:
    """The styles, which grow as cells are marked; each is added once."""

    def __init__(self, xml: bytes) -> None:
        self._root = parse(xml, "styleSheet")
        for element in self._root:
            if element.tag not in {f"{M}{name}" for name in _KEPT}:
                self._root.remove(element)
        etree.strip_elements(self._root, f"{M}extLst", with_tail=False)
        self._lists = {name: self._list(name) for name in ("fonts", "fills", "borders", "cellXfs")}
        self._cells = list(self._lists["cellXfs"])
        self._added: dict[Any, int] = {}
        self._drop_own_fills()

    @property
    def count(self) -> int:
        """How many styles cells can have."""
        return len(self._cells)

    def marked(self, style: int, severity: Severity) -> int:
        """Return the number of a style with the fill of a mark."""
        tone = TONES[severity]
        return self._changed(style, fillId=str(self._fill(tone.fill, tone.ground)), applyFill="1")

    def quoted(self, style: int) -> int:
        """Return the number of a style whose texts stay texts when someone edits the cell."""
        return self._changed(style, quotePrefix="1")

    def of_look(self, name: str) -> int:
        """Return the number of a look of the first page."""
        if name not in self._added:
            look = LOOKS[name]
            style = etree.Element(
                f"{M}xf", numFmtId=_GENERAL if name == "number" else _TEXT, fontId=str(self._font(look)),
                fillId=str(self._fill(look.fill, look.ground)) if look.fill else "0",
                borderId=str(self._border()) if look.border else "0", xfId="0", applyNumberFormat="1", applyFont="1",
                applyFill="1", applyBorder="1", applyAlignment="1",
            )  # fmt: skip
            etree.SubElement(style, f"{M}alignment", horizontal=look.align, vertical="center", wrapText="1")
            self._added[name] = self._add_style(style)
        return self._added[name]

    def to_bytes(self) -> bytes:
        for elements in self._lists.values():
            elements.set("count", str(len(elements)))
        xml: bytes = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return xml

    def _list(self, name: str) -> etree._Element:
        elements = self._root.find(f"{M}{name}")
        if elements is None or not len(elements):
            raise NotUnderstoodError(name)
        return elements

    def _drop_own_fills(self) -> None:
        """Take away the fills that an earlier receipt gave to cells."""
        own = {str(number) for number, fill in enumerate(self._lists["fills"]) if _is_own(fill)}
        for style in self._root.iter(f"{M}xf") if own else ():
            if style.get("fillId") in own:
                style.set("fillId", "0")

    def _changed(self, style: int, **attributes: str) -> int:
        key = (style, *attributes.items())
        if key not in self._added:
            changed = deepcopy(self._cells[style])
            for name, value in attributes.items():
                changed.set(name, value)
            self._added[key] = self._add_style(changed)
        return self._added[key]

    def _add_style(self, style: etree._Element) -> int:
        self._cells.append(style)
        return self._add("cellXfs", style)

    def _add(self, name: str, element: etree._Element) -> int:
        self._lists[name].append(element)
        return len(self._lists[name]) - 1

    def _fill(self, colour: str, ground: str) -> int:
        key = ("fill", colour, ground)
        if key not in self._added:
            fill = etree.Element(f"{M}fill")
            pattern = etree.SubElement(
                fill, f"{M}patternFill", patternType="lightUp" if ground else "solid"
            )
            etree.SubElement(pattern, f"{M}fgColor", rgb=f"FF{colour}")
            if ground:
                etree.SubElement(pattern, f"{M}bgColor", rgb=f"FF{ground}")
            self._added[key] = self._add("fills", fill)
        return self._added[key]

    def _font(self, look: CellStyle) -> int:
        key = ("font", look.size, look.bold, look.colour)
        if key not in self._added:
            font = etree.Element(f"{M}font")
            if look.bold:
                etree.SubElement(font, f"{M}b")
            etree.SubElement(font, f"{M}sz", val=f"{look.size:g}")
            etree.SubElement(font, f"{M}color", rgb=f"FF{look.colour}")
            etree.SubElement(font, f"{M}name", val=FONT)
            self._added[key] = self._add("fonts", font)
        return self._added[key]

    def _border(self) -> int:
        if "border" not in self._added:
            border = etree.Element(f"{M}border")
            for side in ("left", "right", "top", "bottom"):
                line = etree.SubElement(border, f"{M}{side}", style="thin")
                etree.SubElement(line, f"{M}color", rgb=_BORDER_COLOUR)
            etree.SubElement(border, f"{M}diagonal")
            self._added["border"] = self._add("borders", border)
        return self._added["border"]


def _is_own(fill: etree._Element) -> bool:
    colour = fill.find(f"{M}patternFill/{M}fgColor")
    return colour is not None and colour.get("rgb", "")[-6:].upper() in _OWN_FILLS
