"""Find the words by which a row, or a note about one, says that it should not count."""

from __future__ import annotations

import re
from collections.abc import Iterable

from schemas.row_marks import (
    AFTER_VOID_CLAUSE,
    BEFORE_VOID_CLAUSE,
    NOT_VOID_AFTER,
    NOT_VOID_BEFORE,
    OTHER_DOCUMENT_VOID,
    REMARK_HEADERS,
    ROW_IN_NOTE,
    STATUS_HEADERS,
    STATUS_VOID_WORDS,
    VOID_CLAUSES,
    VOID_WORDS,
)
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.row_kinds import compact

_WORDS = "|".join(VOID_WORDS)
#: in every text that may say of a row that it should not count
VOID_SIGN = "|".join((*VOID_WORDS, *VOID_CLAUSES))
LOOKS_VOID = re.compile(VOID_SIGN)
VOID = re.compile(
    "".join(f"(?<!{word})" for word in NOT_VOID_AFTER)
    + rf"(?P<word>{_WORDS})(?!{'|'.join(NOT_VOID_BEFORE)})"
)
#: in a cell that has another meaning: the word in a clause of its own, or in brackets
_VOID_APART = re.compile(
    rf"(?:^|[,。;、:(])(?:{'|'.join(BEFORE_VOID_CLAUSE)})*(?P<word>{VOID_SIGN})(?:{'|'.join(AFTER_VOID_CLAUSE)})*"
    r"(?=$|[,。;、:()])"
)
_OTHER_DOCUMENT = re.compile(OTHER_DOCUMENT_VOID)
ROW_NOTED = re.compile(ROW_IN_NOTE)
#: kinds of field in which such a word is no value: it is a fault of its cell already
TYPED = ("category", "categories", "boolean", "date", "money", "integer", "number")


def void_mark(
    texts: list[str], header: list[str], columns: dict[str, HeaderColumn], form: LedgerForm
) -> tuple[int, str] | None:
    """Return the column and the word by which a row says that it should not count."""
    field_at = {column.index: name for name, column in columns.items()}
    if mark := _status_mark(texts, header, field_at):
        return mark
    if not LOOKS_VOID.search("\0".join(texts)):
        return None
    for column, text in enumerate(texts):
        if not text or not LOOKS_VOID.search(text):
            continue
        name = field_at.get(column)
        title = fold_header(header[column]) if column < len(header) else ""
        if name is not None and form.kinds[name] in TYPED:
            continue
        words = _OTHER_DOCUMENT.sub("", compact(text))
        is_remark = (name is None or name in form.free_texts) and (not title or title in REMARK_HEADERS)
        if match := (is_remark and VOID.search(words)) or _VOID_APART.search(words):
            return column, match["word"]
    return None


def _status_mark(texts: list[str], header: list[str], field_at: dict[int, str]) -> tuple[int, str] | None:
    """Return the column of a status, none of the ledger's, by which a row should not count, and its word."""
    for column, title in enumerate(header):
        if column in field_at or fold_header(title) not in STATUS_HEADERS:
            continue
        text = compact(texts[column]) if column < len(texts) else ""
        if text in STATUS_VOID_WORDS:
            return column, text
    return None


def may_be_void(texts: Iterable[str]) -> bool:
    """Return whether a row may have a word by which it should not count, whatever its columns mean."""
    return any(
        LOOKS_VOID.search(text) and (VOID.search(compact(text)) or _VOID_APART.search(compact(text)))
        for text in texts
    )
