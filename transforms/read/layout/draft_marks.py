"""Doubt tables whose name, title or note says that they are a draft, not checked, void or a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from schemas.sheet_words import (
    DRAFT_WORDS,
    DRAFT_WORDS_AT_END,
    DRAFT_WORDS_IN_LATIN,
    DRAFT_WORDS_IN_NAMES,
    FINAL_WORDS,
    NO_DRAFT_AFTER,
    NO_DRAFT_BEFORE,
    NOT_FINAL_AFTER,
)
from transforms.read.layout.identity import ABOVE, FILE_NAME, MEMBER, TAB
from transforms.read.layout.row_kinds import compact
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.tables import SheetTable

_NOT_AFTER = "".join(f"(?<!{word})" for word in NO_DRAFT_AFTER)
_NOT_BEFORE = f"(?!{'|'.join(NO_DRAFT_BEFORE)})"
_AT_END = rf"(?:{'|'.join(DRAFT_WORDS_AT_END)})(?=[\W_]|$)"
_DRAFT = re.compile(rf"{_NOT_AFTER}(?:(?:{'|'.join(DRAFT_WORDS)}){_NOT_BEFORE}|{_AT_END})")
_DRAFT_NAME = re.compile(
    rf"{_NOT_AFTER}(?:{'|'.join((*DRAFT_WORDS, *DRAFT_WORDS_IN_NAMES))}){_NOT_BEFORE}"
    rf"|(?<![a-z])(?:{'|'.join(DRAFT_WORDS_IN_LATIN)})(?![a-z])",
    re.IGNORECASE,
)
_FINAL = re.compile("".join(f"(?<!{word})" for word in NOT_FINAL_AFTER) + f"(?:{'|'.join(FINAL_WORDS)})")


def find_draft_marks(sheet: SheetRows, table: SheetTable) -> list[dict[str, Any]]:
    """Return a warning that names all places where a table is called a draft."""
    marks = dict.fromkeys(
        f"{origin}写着“{match[0]}”"
        for origin, text, pattern in _list_texts(sheet, table)
        if (match := pattern.search(words := compact(text))) and not _FINAL.search(words)
    )
    return [sheet.make_finding("submission.draft", detail="，".join(marks))] if marks else []


def _list_texts(sheet: SheetRows, table: SheetTable) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    """Yield the texts that may call a table a draft, each with its origin and the pattern for it."""
    *folders, name = sheet.path.split("/")
    for folder in folders:
        yield "文件夹", folder, _DRAFT_NAME
    yield FILE_NAME, name.rpartition(".")[0] or name, _DRAFT_NAME
    yield MEMBER, sheet.grid.member.rpartition(".")[0], _DRAFT_NAME
    yield TAB, sheet.grid.tab, _DRAFT_NAME
    for row in table.above:
        for text in sheet.texts[row]:
            yield ABOVE, text, _DRAFT
    for row in (*table.foot, *table.sections):
        for text in sheet.texts[row]:
            yield f"第 {row + 1} 行", text, _DRAFT
