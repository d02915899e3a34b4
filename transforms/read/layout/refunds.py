"""Doubt payments that a remark calls a refund though their amount is positive."""

from __future__ import annotations

import re
from typing import Any

from schemas.row_marks import NOT_VOID_AFTER, REFUND_WORDS
from transforms.read.layout.doubtful_rows import cell_of_row
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.row_kinds import compact
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.tables import SheetTable

#: what bulk reading searches columns for: one of the words, whatever stands before it
REFUND = "|".join(REFUND_WORDS)
_REFUND = re.compile("".join(f"(?<!{word})" for word in NOT_VOID_AFTER) + f"(?:{REFUND})")
#: how a negative amount begins
_NEGATIVE = ("-", "－", "—", "(", "（")


def find_refunds(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], form: LedgerForm
) -> list[dict[str, Any]]:
    """Return a warning at each word for a refund beside a positive amount.

    A row whose category says so already is checked by the ledger's own rule.
    """
    amounts = {columns[name].index for name in form.may_be_negative if name in columns}
    typed = {column.index for name, column in columns.items() if form.kinds[name] != "text"}
    findings = []
    for row in table.rows if amounts else ():
        texts = sheet.texts[row]
        if not any(_is_positive(texts, column) for column in amounts):
            continue
        words = {
            column: match[0]
            for column, text in enumerate(texts)
            if (match := _REFUND.search(compact(text)))
        }
        if words and not words.keys() & typed:
            column, word = next(iter(words.items()))
            findings.append(cell_of_row(sheet, table, "row.refund", row, column, detail=word))
    return findings


def _is_positive(texts: list[str], column: int) -> bool:
    text = texts[column] if column < len(texts) else ""
    return bool(text) and not text.startswith(_NEGATIVE)
