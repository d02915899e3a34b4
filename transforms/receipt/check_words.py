"""What a check says of a file before it is sent: one line for the file, one for each sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from schemas.ledgers.compiled import Ledgers
from schemas.sentences import Sentence
from schemas.states import AWAITING
from transforms.receipt.places import count_places
from transforms.receipt.words import CHECK_WORDS, month_words


def count_to_mend(findings: pd.DataFrame) -> tuple[int, int]:
    """Count the places that must be corrected, and those that should be looked at again."""
    return count_places(placed_findings(findings))


def placed_findings(findings: pd.DataFrame) -> Iterator[Any]:
    """Yield the findings as `places` counts them."""
    return iter(findings.astype(object).fillna("").itertuples())


def verdict_words(findings: pd.DataFrame, submissions: pd.DataFrame) -> Sentence:
    """Say whether a file can be sent, and whether it would wait for confirmation."""
    must, should = count_to_mend(findings)
    if must and should:
        return Sentence("先不要报送，要改正 {must} 处，要核对 {should} 处", must=must, should=should)
    if must:
        return Sentence("先不要报送，要改正 {must} 处", must=must)
    if submissions["state"].eq(AWAITING).any():
        return Sentence("报送后会待确认，请先核对 {should} 处", should=should)
    return Sentence("可以报送，请先核对 {should} 处", should=should) if should else Sentence("可以报送")


def sheet_words(sheet: Any, ledgers: Ledgers) -> Sentence:
    """Say what a sheet was read as, and whether it would be accepted."""
    return Sentence(
        "{sheet}{ledger}，{unit}，{month}，{state}{rows}",
        sheet=Sentence("工作表“{name}”：", name=sheet.sheet) if sheet.sheet else "",
        ledger=ledgers[sheet.ledger].title if sheet.ledger else Sentence("看不出是哪种台账"),
        unit=sheet.unit_name or Sentence("看不出单位"),
        month=_month_words(sheet),
        state=CHECK_WORDS[sheet.state],
        rows=_counted(sheet),
    )


def _month_words(sheet: Any) -> str:
    if len(sheet.named_months) > 1:
        return Sentence("月份有{months}，对不上", months="、".join(map(month_words, sheet.named_months)))
    return month_words(sheet.period) if sheet.period else Sentence("看不出月份")


def _counted(sheet: Any) -> str:
    if sheet.held_back:
        return Sentence("（可收 {rows} 行，暂不收 {held} 行）", rows=sheet.rows, held=sheet.held_back)
    return Sentence("（{rows} 行）", rows=sheet.rows) if sheet.rows else ""
