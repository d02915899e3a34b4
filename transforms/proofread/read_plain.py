"""Read plain text and Markdown: paragraphs that may be broken into lines, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from transforms.proofread.tables import TableCell, label_cells
from transforms.proofread.text import Block, TextRead, clean_block

_RULE = re.compile(r"^[\s|:\-—=+]+$")
_NUMBERED = r"[一二三四五六七八九十]+[、.]|[（(][一二三四五六七八九十\d]+[）)]|\d+[.、．)]|第[一二三四五六七八九十]+[章节部]"
#: signs of lists in notices: ●, ✅, 📮, 1️⃣, 【
_SIGN = r"[\u25a0-\u27bf\u2022\u203b\U0001f000-\U0001faff【]|\d\ufe0f?\u20e3"
_BEGINS_PARAGRAPH = re.compile(rf"^(?:\s{{2,}}|{_SIGN}|\u3000|\t|#|[-*+>]\s|{_NUMBERED})")
_SENTENCE_END = re.compile(r"[。！？；：:]\s*$")
_BROKEN_END = re.compile(r"[\d，、]\s*$")
_SHORTEST_BROKEN_LINE = 20


@dataclass(frozen=True)
class _Line:
    text: str
    start: int
    has_markup: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @cached_property
    def separator(self) -> str:
        """What separates the cells of a row; empty for a line that is none."""
        if self.text.strip().strip("\t").count("\t") >= 1:
            return "\t"
        return "|" if self.has_markup and self.text.count("|") >= 2 else ""


def read_plain(text: str, *, has_markup: bool = False) -> TextRead:
    """Read a text whose lines are paragraphs, broken lines of paragraphs, or rows of tables.

    `has_markup`: it is Markdown, whose signs are no part of the words.
    """
    blocks: list[Block] = []
    for lines in _groups(_lines(text, has_markup=has_markup)):
        if lines[0].separator:
            blocks += _table_blocks(lines, has_markup=has_markup)
        else:
            block = clean_block(text[lines[0].start : lines[-1].end], lines[0].start, has_markup=has_markup)
            blocks.append(_without_hashes(block) if has_markup else block)
    return TextRead(text, [block for block in blocks if block.text])


def _without_hashes(block: Block) -> Block:
    signs = len(block.text) - len(block.text.lstrip("#>"))
    return Block(block.text[signs:], block.offsets[signs:])


def _lines(text: str, *, has_markup: bool) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(line, start, has_markup)
        start += len(line) + 1


def _groups(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    """Yield the lines of each paragraph and of each table."""
    group: list[_Line] = []
    for line in lines:
        is_row = bool(line.separator)
        if not line.text.strip():
            is_continued = False
        elif group and is_row:
            is_continued = bool(group[0].separator)
        else:
            is_continued = bool(group) and not is_row and _continues(group[-1].text, line.text)
            is_continued = is_continued and not group[0].separator
        if group and not is_continued:
            yield group
            group = []
        if line.text.strip():
            group.append(line)
    if group:
        yield group


def _continues(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence of the line before, which was broken for its length."""
    is_broken = len(before.strip()) >= _SHORTEST_BROKEN_LINE or bool(_BROKEN_END.search(before))
    return is_broken and not _SENTENCE_END.search(before) and not _BEGINS_PARAGRAPH.match(line)


def _table_blocks(lines: list[_Line], *, has_markup: bool) -> list[Block]:
    separator = lines[0].separator
    rows = [_cells(line, separator, has_markup=has_markup) for line in lines if not _RULE.match(line.text)]
    return label_cells(rows)


def _cells(line: _Line, separator: str, *, has_markup: bool) -> list[TableCell]:
    cells, start = [], line.start
    for part in line.text.split(separator):
        cells.append(TableCell(clean_block(part, start, has_markup=has_markup)))
        start += len(part) + len(separator)
    if separator == "|" and cells and not cells[0].block.text:
        cells = cells[1:]
    return cells
