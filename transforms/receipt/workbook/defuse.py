"""Take out of a county's workbook whatever could run or reach the network; its cells and looks stay."""

from __future__ import annotations

import re
from typing import Any

from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.packaging.custom import CustomPropertyList
from openpyxl.styles.fills import PatternFill
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedNameDict
from openpyxl.workbook.views import BookView
from openpyxl.worksheet.scenario import ScenarioList
from openpyxl.worksheet.table import TableList

from schemas.receipt_marks import OLD_HEADING, county_comment
from transforms.receipt.marks import LONGEST_OLD_COMMENT, comment_height_px
from transforms.receipt.words import AUTHOR, FORMULA_STARTS, TONES

OLD_AUTHOR = "原表"
#: the source of a drop-down that lists its options, or refers to their cells, and computes nothing
_PLAIN_LIST = re.compile(
    r"\"[^\"]*\"|(?:'?[\w一-鿿（）()]+'?!)?\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?"
)
_OWN_FILLS = {fill for tone in TONES.values() for fill in tone.fills()}
_OWN_TABS = {tone.tab for tone in TONES.values()}


def defuse(workbook: Workbook) -> None:
    """Take out of the workbook, in place, what could run, and the marks of an earlier receipt."""
    for sheet in list(workbook.chartsheets):
        workbook.remove(sheet)
    workbook.template = False
    workbook.code_name = None
    workbook.defined_names = DefinedNameDict()
    workbook.custom_doc_props = CustomPropertyList()
    workbook._external_links = []
    workbook.views = [BookView()]
    if workbook.loaded_theme and b"<!" in workbook.loaded_theme:
        workbook.loaded_theme = None
    own_fills = {index for index, fill in enumerate(workbook._fills) if _is_own(fill)}
    for sheet in workbook.worksheets:
        _defuse_sheet(sheet)
        for cell in sheet._cells.values():
            _defuse_cell(cell, own_fills)


def _is_own(fill: Any) -> bool:
    return isinstance(fill, PatternFill) and _rgb(fill.fgColor) in _OWN_FILLS


def _rgb(colour: Any) -> str:
    """Return RRGGBB without the opacity before it; empty for a colour of the theme."""
    return colour.rgb[-6:].upper() if colour is not None and isinstance(colour.rgb, str) else ""


def _defuse_sheet(sheet: Any) -> None:
    sheet._charts, sheet._images, sheet._pivots, sheet._hyperlinks = [], [], [], []
    sheet._tables = TableList()
    sheet.defined_names = DefinedNameDict()
    sheet.scenarios = ScenarioList()
    sheet.conditional_formatting = ConditionalFormattingList()
    sheet.sheet_properties.codeName = None
    validations = sheet.data_validations.dataValidation
    sheet.data_validations.dataValidation = [
        validation for validation in validations if _is_plain_list(validation)
    ]
    for view in sheet.views.sheetView:
        view.tabSelected = False  # sheets selected together would be edited together
    if _rgb(sheet.sheet_properties.tabColor) in _OWN_TABS:
        sheet.sheet_properties.tabColor = None


def _is_plain_list(validation: Any) -> bool:
    formula = validation.formula1 or ""
    return (
        validation.type == "list" and not validation.formula2 and _PLAIN_LIST.fullmatch(formula) is not None
    )


def _defuse_cell(cell: Any, own_fills: set[int]) -> None:
    """Keep text as text even after someone edits the cell, and mark a comment as the county's."""
    style = cell._style
    if style and style.fillId in own_fills:
        style.fillId = 0
    value = getattr(cell, "_value", None)
    if value.__class__ is str and cell.data_type != "e":
        cell.data_type = "s"
        if style and value.startswith(FORMULA_STARTS):
            style.quotePrefix = 1
    if getattr(cell, "_hyperlink", None) is not None:
        cell._hyperlink = None
    if getattr(cell, "_comment", None) is not None:
        _mark_as_old(cell)


def _mark_as_old(cell: Any) -> None:
    """Remove a comment of an earlier receipt; put a heading over a county's own, so that it cannot pass for
    a finding.
    """
    old, cell.comment = cell.comment, None
    text = county_comment(old.text, is_own=old.author == AUTHOR)[:LONGEST_OLD_COMMENT]
    if not text:
        return
    comment = Comment(f"{OLD_HEADING}\n{text}", OLD_AUTHOR)
    comment.width, comment.height = 330, comment_height_px(comment.text)
    cell.comment = comment
