"""Describe the first page as lines of text runs, whichever library writes the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.foreign_text import make_lines_visible
from transforms.receipt.words import TONES, clean
from transforms.text_width import lines_of

#: widths of the page's columns in characters; together they fill A4 across
WIDTHS = (19, 19, 13, 11, 14, 9, 9, 9, 9, 10)
LAST = len(WIDTHS) - 1
LONGEST_CELL = 8_000
_LINE_POINTS = 1.42  # height of a line, in font sizes
_PADDING_POINTS = 5
TALLEST_POINTS = 400  # Excel allows 409
FONT = "微软雅黑"


@dataclass(frozen=True)
class CellStyle:
    """How a text run looks; colours as RRGGBB. `fill` over `ground` is drawn in stripes."""

    size: float = 10
    bold: bool = False
    colour: str = "262626"
    fill: str = ""
    ground: str = ""
    border: bool = False
    align: str = "left"


def _cell(
    colour: str = "262626", fill: str = "", ground: str = "", bold: bool = False, align: str = "left"
) -> CellStyle:
    return CellStyle(bold=bold, colour=colour, fill=fill, ground=ground, border=True, align=align)


LOOKS: dict[str, CellStyle] = {
    "title": CellStyle(size=18, bold=True),
    "heading": CellStyle(size=12.5, bold=True, colour="1F3864"),
    "plain": CellStyle(),
    "small": CellStyle(size=8, colour="595959"),
    "label": CellStyle(colour="595959"),
    "good_verdict": CellStyle(size=12, bold=True, fill="E2F0D9", border=True),
    "fair_verdict": CellStyle(size=12, bold=True, fill="FFF2CC", border=True),
    "bad_verdict": CellStyle(size=12, bold=True, fill="FBE0DD", border=True),
    "head": _cell("FFFFFF", "44546A", bold=True, align="center"),
    "cell": _cell(),
    "number": _cell(align="center"),
    "good": _cell("2E6B1F", "E2F0D9", bold=True, align="center"),
    "fair": _cell("7F6000", "FFF2CC", bold=True, align="center"),
    "bad": _cell("9C0006", "FBE0DD", bold=True, align="center"),
} | {
    f"tone_{severity.value}": _cell(fill=tone.fill, ground=tone.ground, bold=True, align="center")
    for severity, tone in TONES.items()
}  # fmt: skip


@dataclass(frozen=True)
class TextRun:
    """A text over one or more columns of the page, from 0."""

    text: str | int
    first: int
    last: int
    look: str = "plain"

    def columns(self) -> range:
        return range(self.first, self.last + 1)


@dataclass(frozen=True)
class Line:
    """A row of the page."""

    pieces: tuple[TextRun, ...]
    height: float


def text_run(text: str | int, first: int, last: int | None = None, look: str = "plain") -> TextRun:
    """Build a text from column `first` to `last`."""
    cell_value = make_lines_visible(clean(text))[:LONGEST_CELL] if isinstance(text, str) else text
    return TextRun(cell_value, first, first if last is None else last, look)


def line(*pieces: TextRun) -> Line:
    """Build a line of the height that its longest run needs.

    Excel does not adjust the height of merged cells.
    """
    heights = [_height(piece) for piece in pieces] or [0.0]
    return Line(pieces, min(TALLEST_POINTS, max(heights) + _PADDING_POINTS))


def table(columns: Sequence[tuple[str, int, int]]) -> Line:
    """Build the head of a table from (text, first column, last column)."""
    return line(*(text_run(text, first, last, "head") for text, first, last in columns))


def _height(run: TextRun) -> float:
    look = LOOKS[run.look]
    columns = sum(WIDTHS[run.first : run.last + 1]) * 10 / look.size * (0.9 if look.bold else 0.95)
    return lines_of(str(run.text), columns - 1) * look.size * _LINE_POINTS
