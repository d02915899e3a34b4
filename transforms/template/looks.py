"""Define the formats of templates and the heights of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.ledgers.compiled import LedgerField
from transforms.template.entry_rules import AS_TEXT, number_format
from transforms.template.words import OPTIONAL, REQUIRED, SOMETIMES
from transforms.text_width import lines_of

FONT = {"font_name": "宋体", "font_size": 11}
LINE_HEIGHT = 16
PAPER_A4 = 9
HEAD_COLOURS = {REQUIRED: "#F8CBAD", SOMETIMES: "#FFE699", OPTIONAL: "#DDEBF7"}
GREY, EDGE, EXAMPLE_GROUND, ENTRY_GROUND = "#595959", "#A6A6A6", "#F2F2F2", "#FFFFE5"

FRAME = {"border": 1, "border_color": EDGE}
TITLE = {"bold": True, "font_size": 16, "valign": "vcenter"}
LABEL = {"bold": True, "valign": "vcenter", "align": "right"}
ENTRY = {**FRAME, "bg_color": ENTRY_GROUND, "valign": "vcenter", "num_format": AS_TEXT}
HINT = {"font_color": GREY, "valign": "vcenter"}
BODY = {**FRAME, "valign": "vcenter", "text_wrap": True}
HEAD = {**BODY, "bold": True, "align": "center"}
EXAMPLE = {"italic": True, "font_color": GREY, "bg_color": EXAMPLE_GROUND}
SECTION = {"bold": True, "font_size": 13, "valign": "vcenter"}
PARAGRAPH = {"text_wrap": True, "valign": "top"}
#: kinds with short values of similar length
CENTRED = ("date", "category", "boolean", "integer")


def body_style(field: LedgerField) -> dict[str, Any]:
    """Return the format of a field's cells."""
    alignment = {"align": "center"} if field.type.kind in CENTRED else {}
    return {**BODY, **alignment, "num_format": number_format(field)}


def header_style(need: str) -> dict[str, Any]:
    """Return the style of a header: required, sometimes required or optional."""
    return {**HEAD, "bg_color": HEAD_COLOURS[need]}


def row_height(texts: Iterable[str], widths: Iterable[int]) -> int:
    """Return the height of a row that shows these texts in full in columns of these widths."""
    return (
        max(lines_of(text, width - 1) for text, width in zip(texts, widths, strict=True)) * LINE_HEIGHT + 6
    )
