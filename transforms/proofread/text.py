"""A text as it was read: its characters, and its paragraphs and cells cleaned for matching."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

#: what joins the cells of a row, and the paragraphs and rows, in the text as read
CELL_END, LINE_END = "\t", "\n"
_MARKUP = "*`_~"
_PUNCTUATION = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"}
_SENTENCE_ENDS = "。；！？"
_LONGEST_HEADING = 40
_VISIBLE = re.compile(r"\S")
#: paragraphs of more characters are read in pieces, so that the time does not grow with the square of them
LONGEST_BLOCK = 3000


@dataclass(frozen=True)
class Block:
    """A paragraph or the cell of a table, without white space and with plain digits.

    `offsets` has the position of each character in the whole text. A cell has the labels of its row and of
    its column, and the unit that its row or column names.
    """

    text: str
    offsets: Sequence[int]
    row_label: str = ""
    column_label: str = ""
    unit: str = ""
    is_cell: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether this looks like a heading: short, and no sentence."""
        return (
            not self.is_cell
            and 0 < len(self.text) <= _LONGEST_HEADING
            and not any(end in self.text for end in _SENTENCE_ENDS)
        )


def pieces_of(block: Block) -> Iterator[Block]:
    """Yield a block, or its pieces where it is longer than any paragraph of a report."""
    start, piece = 0, LONGEST_BLOCK // 2
    while len(block.text) - start > LONGEST_BLOCK:
        end = max(block.text.rfind(stop, start, start + piece) for stop in "。；，、") + 1
        end = end if end > start else start + piece
        yield replace(block, text=block.text[start:end], offsets=block.offsets[start:end])
        start = end
    yield replace(block, text=block.text[start:], offsets=block.offsets[start:]) if start else block


@dataclass
class TextRead:
    """The whole text as read, and its blocks in order."""

    text: str = ""
    blocks: list[Block] = field(default_factory=list)


def clean_block(raw: str, start: int, *, has_markup: bool = False) -> Block:
    """Make a block of the characters of a paragraph that begins at `start` of the whole text.

    White space is dropped, except between two digits or letters, because systems break lines within figures.
    """
    characters: list[str] = []
    offsets: list[int] = []
    visible_end = -1
    for index, character in enumerate(raw):
        if character.isspace() or unicodedata.category(character) == "Cf":
            if visible_end < index:
                visible = _VISIBLE.search(raw, index)
                visible_end = visible.start() if visible else len(raw)
            following = raw[visible_end : visible_end + 1]
            if characters and characters[-1] != " " and _is_ascii_word(characters[-1], following):
                characters.append(" ")
                offsets.append(start + index)
        elif not (has_markup and character in _MARKUP):
            characters.append(_PUNCTUATION.get(character, "") or _plain(character))
            if character in ",:" and _is_within_number(raw, index):
                characters[-1] = character
            offsets.append(start + index)
    return Block("".join(characters), offsets)


def _is_within_number(raw: str, index: int) -> bool:
    """Whether a comma separates thousands, or a colon hours and minutes: 3,948 and 14:30."""
    before, after = raw[max(0, index - 1) : index], raw[index + 1 : index + 5]
    digits = len(after) - len(after.lstrip("0123456789"))
    return before.isdigit() and digits == (3 if raw[index] == "," else 2)


def _is_ascii_word(before: str, after: str) -> bool:
    """Whether two characters would become one number or word if the blank between them were dropped."""
    both = before + _plain(after) if after else ""
    return bool(both) and all(each.isascii() and (each.isalnum() or each in ".,") for each in both)


def _plain(character: str) -> str:
    """Return the ASCII form of a full-width digit, letter or sign; punctuation stays Chinese."""
    if character in "０１２３４５６７８９％．－～＋" or (character.isalpha() and "Ａ" <= character <= "ｚ"):
        return unicodedata.normalize("NFKC", character)
    return "‰" if character == "‰" else character


class TextBuilder:
    """Puts a text together from the pieces of a document, as they are read.

    `sources` has, for each character, the element that it stands in; None for what joins the pieces.
    """

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.sources: list[Any] = []

    def add(self, pieces: Sequence[tuple[str, Any]], end: str) -> Block:
        """Add the pieces of a paragraph or cell with their sources, and what ends it."""
        start = len(self.sources)
        for text, source in pieces:
            self.pieces.append(text)
            self.sources += [source] * len(text)
        block = clean_block("".join(text for text, _ in pieces), start)
        self.pieces.append(end)
        self.sources += [None] * len(end)
        return block

    @property
    def text(self) -> str:
        return "".join(self.pieces)
