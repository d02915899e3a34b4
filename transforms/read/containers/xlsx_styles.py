"""Read from the styles of an xlsx which cells show another amount than they hold, and which show nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from xlsxwriter.utility import xl_cell_to_rowcol

from transforms.normalise.number_formats import may_show_another_amount, shows_nothing

_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*>")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs[\s>](.*?)</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^>]*>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
#: formats that every workbook has without saying so
PERCENTAGES = {9: "0%", 10: "0.00%"}

_FONTS = re.compile(rb"<(?:\w+:)?fonts[\s>](.*?)</(?:\w+:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:\w+:)?font(?:\s*/>|>(.*?)</(?:\w+:)?font>)", re.DOTALL)
_FILLS = re.compile(rb"<(?:\w+:)?fills[\s>](.*?)</(?:\w+:)?fills>", re.DOTALL)
_FILL = re.compile(rb"<(?:\w+:)?fill(?:\s*/>|>(.*?)</(?:\w+:)?fill>)", re.DOTALL)
#: white: as a colour, as the first colour of the theme, as one of the old palette
_WHITE = rb"(?:rgb=[\"'][0-9A-Fa-f]{2}[Ff]{6}[\"']|theme=[\"']0[\"']|indexed=[\"'](?:1|9)[\"'])\s*/?>"
_WHITE_FONT = re.compile(rb"<(?:\w+:)?color\s+" + _WHITE)
_WHITE_FILL = re.compile(rb"<(?:\w+:)?fgColor\s+" + _WHITE)
_NO_FILL = re.compile(rb"patternType=[\"']none[\"']")
_STYLED_CELL = re.compile(rb"<(?:\w+:)?c\s([^<>]*)>")
_CELL_NAME = re.compile(rb"(?:^|\s)r=[\"']([A-Z]{1,3}[0-9]{1,7})[\"']")
_CELL_STYLE = re.compile(rb"(?:^|\s)s=[\"']([0-9]{1,6})[\"']")
_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^<>]*)>")
_IS_HIDDEN = re.compile(rb"hidden=[\"'](?:1|true)[\"']|(?:^|\s)width=[\"']0(?:\.0*)?[\"']")
#: beyond these columns nothing is hidden on purpose: programs hide all to the right of a table
MOST_COLUMNS = 256
_PRINTED = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)>([^<]*)<")
#: left, centre and right; font, size, colour and fields such as the number of the page
_PRINT_SECTION = re.compile(r"&[LCR]")
_PRINT_CODE = re.compile(r'&(?:"[^"]*"|\d+|K[0-9A-Fa-f]{6}|.)')
_SPAN = re.compile(rb"(?:^|\s)(min|max)=[\"']([0-9]{1,5})[\"']")


@dataclass(frozen=True)
class UnseenStyles:
    """The positions of the styles whose cells show nothing on the sheet."""

    styles: frozenset[bytes] = field(default_factory=frozenset)

    def find_cells(self, sheet: bytes) -> frozenset[tuple[int, int]]:
        """Return the cells (row, column, from 0) of a sheet's XML that have such a style."""
        if not self.styles:
            return frozenset()
        return frozenset(
            xl_cell_to_rowcol(name[1].decode())
            for attributes in _STYLED_CELL.findall(sheet)
            if (style := _CELL_STYLE.search(attributes))
            and style[1] in self.styles
            and (name := _CELL_NAME.search(attributes))
        )


def read_amount_formats(styles: bytes) -> dict[int, str]:
    """Return the formats that may show another amount than a cell holds, by number of the cell's style."""
    codes = _number_formats(styles) | PERCENTAGES
    codes = {number: code for number, code in codes.items() if may_show_another_amount(code)}
    numbers = [int(style.get("numFmtId", "0") or 0) for style in _cell_styles(styles)]
    return {position: codes[number] for position, number in enumerate(numbers) if number in codes}


def read_unseen_styles(styles: bytes) -> UnseenStyles:
    """Return the styles of cells with white text on white ground, or a format that shows nothing (;;;)."""
    empty = {number for number, code in _number_formats(styles).items() if shows_nothing(code)}
    fonts = _positions(styles, _FONTS, _FONT, lambda font: _WHITE_FONT.search(font) is not None)
    if not (empty or fonts):
        return UnseenStyles()
    plain = _positions(styles, _FILLS, _FILL, _is_white)
    return UnseenStyles(
        frozenset(
            b"%d" % position
            for position, style in enumerate(_cell_styles(styles))
            if int(style.get("numFmtId") or 0) in empty
            or (int(style.get("fontId") or 0) in fonts and int(style.get("fillId") or 0) in plain)
        )
    )


def find_hidden_columns(sheet: bytes) -> frozenset[int]:
    """Return the columns (from 0) of a sheet's XML that are hidden or have no width."""
    columns: set[int] = set()
    for attributes in _COLUMN.findall(sheet, 0, max(sheet.find(b"sheetData"), 0)):
        if _IS_HIDDEN.search(attributes):
            span = {name: int(number) for name, number in _SPAN.findall(attributes)}
            columns.update(range(span.get(b"min", 1) - 1, min(span.get(b"max", 0), MOST_COLUMNS)))
    return frozenset(columns)


def find_printed_texts(sheet: bytes) -> tuple[str, ...]:
    """Return what a sheet's XML prints above and below each page, without codes for position and font."""
    start = sheet.find(b"headerFooter")
    texts = _PRINTED.findall(sheet, start) if start >= 0 else []
    decoded = (html.unescape(text.decode("utf-8", "replace")) for text in texts)
    parts = [part.strip() for text in decoded for part in _PRINT_SECTION.split(text)]
    return tuple(dict.fromkeys(_PRINT_CODE.sub("", part) for part in parts if part))


def _is_white(fill: bytes) -> bool:
    has_pattern = b"patternType" in fill or b"gradientFill" in fill
    return not has_pattern or _NO_FILL.search(fill) is not None or _WHITE_FILL.search(fill) is not None


def _number_formats(styles: bytes) -> dict[int, str]:
    return {
        int(tag.get("numFmtId", "0")): html.unescape(tag.get("formatCode", ""))
        for tag in _attributes(_NUMBER_FORMAT, styles)
        if tag.get("numFmtId", "").isdigit()
    }


def _cell_styles(styles: bytes) -> Sequence[Mapping[str, str]]:
    cell_styles = _CELL_STYLES.search(styles)
    return _attributes(_STYLE, cell_styles[1]) if cell_styles else []


def _positions(
    styles: bytes, group: re.Pattern[bytes], item: re.Pattern[bytes], test: Callable[[bytes], bool]
) -> set[int]:
    """Return the positions of the items of a group that pass a test of their content."""
    section = group.search(styles)
    items = item.findall(section[1]) if section else []
    return {position for position, content in enumerate(items) if test(content)}


def _attributes(tag: re.Pattern[bytes], xml: bytes) -> list[dict[str, str]]:
    return [dict(_ATTRIBUTE.findall(match.decode("utf-8", "replace"))) for match in tag.findall(xml)]
