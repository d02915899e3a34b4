"""What a check says of a file before it is sent: one line for the file, one for each sheet."""

from __future__ import annotations

from typing import Any

import pandas as pd

from schemas.ledgers.compiled import Ledgers
from schemas.ledgers.rules import Severity
from transforms.receipt.words import CHECK_WORDS, month_words


def count_to_mend(findings: pd.DataFrame) -> tuple[int, int]:
    """Count what must be corrected, and what should be looked at again."""
    count = findings["severity"].value_counts()
    must = count.get(Severity.FATAL.value, 0) + count.get(Severity.ERROR.value, 0)
    return int(must), int(count.get(Severity.WARNING.value, 0))


def verdict_words(findings: pd.DataFrame) -> str:
    """Say whether a file can be sent."""
    must, should = count_to_mend(findings)
    if must:
        return f"先不要报送，要改正 {must} 处" + (f"，要核对 {should} 处" if should else "")
    return f"可以报送，请先核对 {should} 处" if should else "可以报送"


def sheet_words(sheet: Any, ledgers: Ledgers) -> str:
    """Say what a sheet was read as, and whether it would be accepted."""
    ledger = ledgers[sheet.ledger].title if sheet.ledger else "看不出是哪种台账"
    where = f"工作表“{sheet.sheet}”：" if sheet.sheet else ""
    parts = [
        ledger,
        sheet.unit_name or "看不出单位",
        month_words(sheet.period) if sheet.period else "看不出月份",
    ]
    return f"{where}{'，'.join(parts)}，{CHECK_WORDS[sheet.state]}{_counted(sheet)}"


def _counted(sheet: Any) -> str:
    if sheet.held_back:
        return f"（可收 {sheet.rows} 行，暂不收 {sheet.held_back} 行）"
    return f"（{sheet.rows} 行）" if sheet.rows else ""
