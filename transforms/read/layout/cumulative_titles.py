"""Doubt tables whose name or title says that they hold the months of a year so far."""

from __future__ import annotations

import re
from typing import Any

from schemas.sheet_words import CUMULATIVE_WORDS, NOT_CUMULATIVE_AFTER, NOTE_WORDS
from transforms.read.layout.identity import ABOVE, FILE_NAME, MEMBER, TAB
from transforms.read.layout.row_kinds import compact
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.tables import SheetTable

_CUMULATIVE = re.compile(
    "".join(f"(?<!{word})" for word in NOT_CUMULATIVE_AFTER) + f"(?:{'|'.join(CUMULATIVE_WORDS)})"
)


def find_cumulative_titles(sheet: SheetRows, table: SheetTable, period: str) -> list[dict[str, Any]]:
    """Return a warning that names all places where a table is called a sum of months."""
    texts = [(FILE_NAME, sheet.path.rpartition("/")[2]), (MEMBER, sheet.grid.member), (TAB, sheet.grid.tab)]
    texts += [(ABOVE, text) for row in table.above for text in sheet.texts[row]]
    marks = dict.fromkeys(
        f"{origin}写着“{match[0]}”"
        for origin, text in texts
        if (match := _CUMULATIVE.search(words := compact(text))) and not words.startswith(NOTE_WORDS)
    )
    details = {"period": period, "detail": "，".join(marks)}
    return [sheet.make_finding("submission.cumulative", **details)] if marks else []
