"""Write the comments of a sheet: their texts, and the boxes in which programs show them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from transforms.receipt.marks import COMMENT_WIDTH_PX, comment_height_px
from transforms.receipt.subject import LAST_COLUMN, LAST_ROW
from transforms.receipt.workbook.cell_xml import column_letters, escape_markup

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LOOK = '<rPr><sz val="9"/><color indexed="81"/><rFont val="Tahoma"/><family val="2"/></rPr>'
_BOXES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{ids}"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:{left:.15g}pt;'
    'margin-top:{top:.15g}pt;width:{width:.15g}pt;height:{height:.15g}pt;z-index:{number};visibility:hidden" '
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
    '</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
#: numbers of boxes are given out in blocks of this many
_BLOCK = 1024
_PT = 0.75  # a pixel in points
#: where a box begins, in pixels from the column right of the cell and from the row above it
_RIGHT_PX, _DOWN_PX, _DOWN_IN_FIRST_ROW_PX = 15, 10, 2
#: rows and columns at the ends of a sheet in which no box begins
_BEYOND = 7


class CellComment(NamedTuple):
    """A comment on a cell; row and column count from 1."""

    row: int
    column: int
    text: str
    author: str


class Edges:
    """Where the rows or columns of a sheet begin, in pixels; those after the given ones have one size."""

    def __init__(self, sizes: Iterable[int], default: int) -> None:
        self._begins, self._default = [0, *accumulate(sizes)], default

    def begin_of(self, index: int) -> int:
        """Return where a row or column begins; they count from 0."""
        beyond = index - len(self._begins) + 1
        return self._begins[index] if beyond <= 0 else self._begins[-1] + beyond * self._default

    def find(self, position: int) -> tuple[int, int]:
        """Return the row or column at a position, and how far into it that is."""
        if position >= self._begins[-1]:
            more, remainder = divmod(position - self._begins[-1], self._default)
            return len(self._begins) - 1 + more, remainder
        index = bisect_right(self._begins, position) - 1
        return index, position - self._begins[index]


def render_comments(comments: Sequence[CellComment]) -> Iterator[str]:
    """Yield the part with the texts of the comments, which are in order."""
    authors = {
        author: number for number, author in enumerate(dict.fromkeys(item.author for item in comments))
    }
    yield f'{_DECLARATION}<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors>'
    yield from (f"<author>{escape_markup(author)}</author>" for author in authors)
    yield "</authors><commentList>"
    for comment in comments:
        reference = f"{column_letters(comment.column)}{comment.row}"
        text, _ = _text_of(comment.text)
        yield f'<comment ref="{reference}" authorId="{authors[comment.author]}">{text}</comment>'
    yield "</commentList></comments>"


def render_boxes(comments: Sequence[CellComment], columns: Edges, rows: Edges, block: int) -> Iterator[str]:
    """Yield the part with the boxes of the comments; `block` is the first that no other sheet has."""
    yield _BOXES.format(ids=",".join(map(str, range(block, block + count_blocks(comments)))))
    for number, comment in enumerate(comments, 1):
        _, height = _text_of(comment.text)
        left = columns.begin_of(min(comment.column, LAST_COLUMN - _BEYOND)) + _RIGHT_PX
        above = min(max(comment.row - 2, 0), LAST_ROW - _BEYOND)
        top = rows.begin_of(above) + (_DOWN_PX if comment.row > 1 else _DOWN_IN_FIRST_ROW_PX)
        (from_column, from_x), (to_column, to_x) = columns.find(left), columns.find(left + COMMENT_WIDTH_PX)
        (from_row, from_y), (to_row, to_y) = rows.find(top), rows.find(top + height)
        yield _BOX.format(
            id=_BLOCK * block + number, number=number, left=left * _PT, top=top * _PT,
            width=COMMENT_WIDTH_PX * _PT, height=height * _PT, row=comment.row - 1, column=comment.column - 1,
            anchor=f"{from_column}, {from_x}, {from_row}, {from_y}, {to_column}, {to_x}, {to_row}, {to_y}",
        )  # fmt: skip
    yield "</xml>"


def count_blocks(comments: Sequence[CellComment]) -> int:
    """Return how many blocks of numbers the boxes of a sheet need."""
    return len(comments) // _BLOCK + 1


@lru_cache(4096)
def _text_of(text: str) -> tuple[str, int]:
    """Return a text as XML and its height in pixels; the same few sentences are in every receipt."""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    xml = f"<text><r>{_LOOK}<t{space}>{escape_markup(text)}</t></r></text>"
    return xml, comment_height_px(text)
