"""A sheet of a county's workbook: cleared of what could run, and its cells as a receipt changes them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator

from lxml import etree
from xlsxwriter.utility import xl_cell_to_rowcol

from transforms.read.containers.grid import NO_RESULT
from transforms.receipt.subject import LAST_COLUMN, LAST_ROW
from transforms.receipt.words import FORMULA_STARTS, TONES
from transforms.receipt.workbook.cell_xml import column_letters
from transforms.receipt.workbook.comment_boxes import Edges
from transforms.receipt.workbook.county_book import M, NotUnderstoodError, SharedTexts, parse, text_of
from transforms.receipt.workbook.county_styles import CountyStyles
from transforms.receipt.workbook.package import BOXES_ID, COLUMN_PX, RELATIONS, ROW_PX
from transforms.receipt.workbook.sheet_form import check_form
from transforms.receipt.workbook.sheet_xml import height_px, stored_width_px

#: what is kept of a sheet, in this order; programs find its range again themselves
_KEPT = (
    "sheetPr", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection", "autoFilter", "mergeCells",
    "dataValidations", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
    "ignoredErrors",
)  # fmt: skip
_KEPT_TAGS = tuple(f"{M}{name}" for name in _KEPT)
#: the source of a drop-down that lists its options, or refers to their cells, and computes nothing
_PLAIN_LIST = re.compile(
    r"\"[^\"]*\"|(?:'?[\w一-鿿（）()]+'?!)?\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?"
)
_SPAN = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}:[A-Z]{1,3}[1-9][0-9]{0,6}")
CELL_NAME = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
#: signs without which no cell of a sheet has a formula, refers to what is left out, or holds its own text
_SIGNS_OF_FORMULA = (b"<f", b":f")
_SIGNS_OF_METADATA = (b"cm=", b"vm=", b"ph=", b" =")
_SIGNS_OF_OWN_TEXT = (b"inlineStr", b'"str"', b"'str'")
_SPACES = {"m": M[1:-1]}
_METADATA = etree.XPath("//m:c[@cm or @vm or @ph]", namespaces=_SPACES)
_NAMELESS = etree.XPath("boolean(//m:row[not(@r)] | //m:c[not(@r)])", namespaces=_SPACES)
_SHARED_VALUES = etree.XPath("//m:c[@t='s']/m:v", namespaces=_SPACES)
_TEXT_CELLS = etree.XPath("//m:c[@t='inlineStr' or @t='str']", namespaces=_SPACES)
_OWN_TABS = {tone.tab for tone in TONES.values()}
#: columns that are searched for the first filled cell of a row
_COLUMNS_LOOKED_AT = 50
#: rows and columns whose sizes are read for the boxes of comments beside the last one
_BEYOND = 50


class CountyCells:
    """The cells of a sheet; rows and columns count from 1. `sheets`: the names of those in the receipt.

    Raises NotUnderstoodError for an unusual sheet.
    """

    def __init__(
        self, xml: bytes, shared: SharedTexts, styles: CountyStyles, sheets: Collection[str]
    ) -> None:
        self._root, self._shared, self._styles = parse(xml, "worksheet"), shared, styles
        self._sheets = sheets
        data = self._root.find(f"{M}sheetData")
        if data is None:
            raise NotUnderstoodError("sheetData")
        self._data = data
        if _NAMELESS(self._root):
            self._name_cells()
        self._clear(xml)
        check_form(self._root, xml, _KEPT_TAGS, styles=styles.count, texts=shared.count)
        self._rows = {int(row.get("r")): row for row in data.iterfind(f"{M}row")}
        self._numbers = sorted(self._rows)

    def list_merged(self) -> list[tuple[int, int, int, int]]:
        """Return the first column, first row, last column and last row of each merged range."""
        spans = (item.get("ref", "") for item in self._root.iterfind(f"{M}mergeCells/{M}mergeCell"))
        return [_range_of(span) for span in spans if _SPAN.fullmatch(span)]

    def shared_numbers(self) -> set[int]:
        """Return the numbers of the shared texts that the cells show."""
        return {_count(value.text) for value in _SHARED_VALUES(self._root)}

    def first_column(self, row: int) -> int:
        """Return the column of the first filled cell of a row, 1 where there is none."""
        for cell in self._rows.get(row, ()):
            column: int = xl_cell_to_rowcol(cell.get("r"))[1] + 1
            if column > _COLUMNS_LOOKED_AT:
                break
            if self._is_filled(cell):
                return column
        return 1

    def style_of(self, row: int, column: int) -> tuple[etree._Element, int]:
        """Return a cell, which is made where there is none, and the number of its style."""
        name = f"{column_letters(column)}{row}"
        elements = self._row(row)
        cell = next((cell for cell in elements if cell.get("r") == name), None)
        if cell is None:
            cell = etree.Element(f"{M}c", r=name)
            columns = [xl_cell_to_rowcol(other.get("r"))[1] + 1 for other in elements.iterfind(f"{M}c")]
            elements.insert(bisect_left(columns, column), cell)
        return cell, _number(cell.get("s"))

    def set_tab(self, colour: str) -> None:
        """Colour the sheet's tab."""
        properties = self._root.find(f"{M}sheetPr")
        if properties is None:
            properties = etree.Element(f"{M}sheetPr")
            self._root.insert(0, properties)
        for own in properties.findall(f"{M}tabColor"):
            properties.remove(own)
        properties.insert(0, etree.Element(f"{M}tabColor", rgb=f"FF{colour}"))

    def edges(self, rows: int, columns: int) -> tuple[Edges, Edges]:
        """Return where columns and rows begin, as far as some beyond the given ones."""
        form = self._root.find(f"{M}sheetFormatPr")
        default = form.attrib if form is not None else {}
        width = stored_width_px(_size(default.get("defaultColWidth"))) or COLUMN_PX
        height = height_px(_size(default.get("defaultRowHeight"))) or ROW_PX
        widths = [width] * (columns + _BEYOND)
        for column in self._root.iterfind(f"{M}cols/{M}col"):
            first, last = _number(column.get("min")), min(_number(column.get("max")), len(widths))
            own = 0 if _is_true(column.get("hidden")) else stored_width_px(_size(column.get("width")))
            widths[max(first - 1, 0) : last] = [own] * (last - max(first - 1, 0))
        heights = [height] * (rows + _BEYOND)
        for number, row in self._rows.items():
            if 0 < number <= len(heights) and (row.get("ht") or row.get("hidden")):
                heights[number - 1] = 0 if _is_true(row.get("hidden")) else height_px(_size(row.get("ht")))
        return Edges(widths, width), Edges(heights, height)

    def to_bytes(self, *, has_comments: bool) -> bytes:
        """Return the part; with comments it refers to their boxes."""
        if has_comments:
            boxes = etree.SubElement(self._root, f"{M}legacyDrawing", nsmap={"r": RELATIONS})
            boxes.set(f"{{{RELATIONS}}}id", BOXES_ID)
        xml: bytes = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return xml

    def _row(self, number: int) -> etree._Element:
        if number not in self._rows:
            index = bisect_left(self._numbers, number)
            self._rows[number] = etree.Element(f"{M}row", r=str(number))
            self._numbers.insert(index, number)
            self._data.insert(index, self._rows[number])
        row = self._rows[number]
        row.attrib.pop("spans", None)  # a cell may lie beyond them now
        return row

    def _name_cells(self) -> None:
        """Give a name to rows and cells that follow the one before them."""
        number = 0
        for row in self._data.iterfind(f"{M}row"):
            number = _number(row.get("r")) or number + 1
            row.set("r", str(number))
            column = 0
            for cell in row.iterfind(f"{M}c"):
                name = cell.get("r", "").upper()
                column = xl_cell_to_rowcol(name)[1] + 1 if CELL_NAME.fullmatch(name) else column + 1
                cell.set("r", f"{column_letters(column)}{number}")

    def _clear(self, xml: bytes) -> None:
        """Remove what could run, and the looks of an earlier receipt; text stays text when it is edited."""
        for element in list(self._root):
            if element.tag not in _KEPT_TAGS:
                self._root.remove(element)
        etree.strip_elements(self._root, f"{M}extLst", with_tail=False)
        if _has_any(xml, _SIGNS_OF_FORMULA):
            self._drop_formulas()
        for cell in _METADATA(self._root) if _has_any(xml, _SIGNS_OF_METADATA) else ():
            for name in ("cm", "vm", "ph"):
                cell.attrib.pop(name, None)
        for cell in self._texts_like_formulas(xml):
            cell.set("s", str(self._styles.quoted(_number(cell.get("s")))))
        self._clear_properties()
        self._clear_drop_downs()

    def _drop_formulas(self) -> None:
        """Leave the results of formulas, and say where one has none."""
        for formula in list(self._data.iter(f"{M}f")):
            cell = formula.getparent()
            cell.remove(formula)
            value = cell.find(f"{M}v")
            if (value is None or not value.text) and cell.get("t") != "str":
                for element in list(cell):
                    cell.remove(element)
                cell.set("t", "inlineStr")
                etree.SubElement(etree.SubElement(cell, f"{M}is"), f"{M}t").text = NO_RESULT

    def _texts_like_formulas(self, xml: bytes) -> Iterator[etree._Element]:
        numbers = self._shared.like_formulas
        for value in _SHARED_VALUES(self._root) if numbers else ():
            if (value.text or "").strip() in numbers:
                yield value.getparent()
        for cell in _TEXT_CELLS(self._root) if _has_any(xml, _SIGNS_OF_OWN_TEXT) else ():
            if _own_text(cell).startswith(FORMULA_STARTS):
                yield cell

    def _clear_properties(self) -> None:
        properties, page = self._root.find(f"{M}sheetPr"), self._root.find(f"{M}pageSetup")
        if properties is not None:
            properties.attrib.pop("codeName", None)
            tab = properties.find(f"{M}tabColor")
            if tab is not None and tab.get("rgb", "")[-6:].upper() in _OWN_TABS:
                properties.remove(tab)
        if page is not None:
            page.attrib.pop(f"{{{RELATIONS}}}id", None)
        views = self._root.find(f"{M}sheetViews")
        for view in views[1:] if views is not None else ():
            views.remove(view)  # the receipt has one window
        for view in views if views is not None else ():
            view.set("workbookViewId", "0")
            view.attrib.pop("tabSelected", None)  # sheets selected together would be edited together

    def _clear_drop_downs(self) -> None:
        validations = self._root.find(f"{M}dataValidations")
        for validation in list(validations) if validations is not None else ():
            formula = validation.findtext(f"{M}formula1") or ""
            is_plain = validation.get("type") == "list" and validation.find(f"{M}formula2") is None
            other = formula.rpartition("!")[0].strip("'")
            if not is_plain or not _PLAIN_LIST.fullmatch(formula) or (other and other not in self._sheets):
                validations.remove(validation)
        if validations is not None and len(validations):
            validations.set("count", str(len(validations)))
        elif validations is not None:
            self._root.remove(validations)

    def _is_filled(self, cell: etree._Element) -> bool:
        if cell.get("t") == "s" and self._shared.has_empty:
            number, texts = _count(cell.findtext(f"{M}v")), self._shared.texts
            return number < len(texts) and bool(texts[number])
        return bool(_own_text(cell) or cell.findtext(f"{M}v"))


def _has_any(xml: bytes, signs: tuple[bytes, ...]) -> bool:
    return any(sign in xml for sign in signs)


def _range_of(span: str) -> tuple[int, int, int, int]:
    (top, left), (bottom, right) = map(xl_cell_to_rowcol, span.split(":"))
    return left + 1, top + 1, right + 1, bottom + 1


def _own_text(cell: etree._Element) -> str:
    """Return the text that a cell holds itself, or that a formula in it resulted in."""
    inline = cell.find(f"{M}is")
    return text_of(inline) if inline is not None else cell.findtext(f"{M}v") or ""


def _count(text: str | None) -> int:
    """Return a whole number; 0 for anything else."""
    return int(text) if text and text.strip().isdecimal() and len(text) < 10 else 0


def _number(text: str | None) -> int:
    """Return the number of a row, a column or a style; 0 for anything else."""
    number = _count(text)
    return number if number <= max(LAST_ROW, LAST_COLUMN) else 0


def _size(text: str | None) -> float:
    """Return a width or height; 0 where it is none."""
    try:
        return min(max(float(text or 0), 0.0), 500.0)
    except ValueError:
        return 0.0


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")
