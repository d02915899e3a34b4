"""What a check says of a file before it is sent: one line for the file, one for each sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from schemas.ledgers.compiled import Ledgers
from schemas.sentences import Sentence
from schemas.states import AWAITING, REJECTED, ZERO
from transforms.read.layout.submission import Nothing
from transforms.receipt.places import count_places
from transforms.receipt.words import CHECK_WORDS, month_words

#: how a zero report was read, by the ways to say that a month had nothing
NOTHING_WORDS = {
    Nothing.TICK: Sentence("读到：“本月无”那张表里打了 √"),
    Nothing.SIGN: Sentence("读到：一行里写了“无”"),
    Nothing.WORDS: Sentence("读到：表里写明本月没有"),
}


def count_to_mend(findings: pd.DataFrame) -> tuple[int, int]:
    """Count the places that must be corrected, and those that should be looked at again."""
    return count_places(placed_findings(findings))


def placed_findings(findings: pd.DataFrame) -> Iterator[Any]:
    """Yield the findings as `places` counts them."""
    return iter(findings.astype(object).fillna("").itertuples())


def verdict_words(findings: pd.DataFrame, submissions: pd.DataFrame) -> Sentence:
    """Say whether a file can be sent, and whether it would wait for confirmation."""
    if not_recognised := _not_recognised(submissions):
        return not_recognised
    must, should = count_to_mend(findings)
    if must and should:
        return Sentence("先不要报送，要改正 {must} 处，要核对 {should} 处", must=must, should=should)
    if must:
        return Sentence("先不要报送，要改正 {must} 处", must=must)
    if submissions["state"].eq(AWAITING).any():
        return Sentence("报送后会待确认，请先核对 {should} 处", should=should)
    return Sentence("可以报送，请先核对 {should} 处", should=should) if should else Sentence("可以报送")


def _not_recognised(submissions: pd.DataFrame) -> Sentence | None:
    """Say of a file of which nothing can be taken that it is of another month, or no ledger."""
    if not submissions["state"].eq(REJECTED).all():
        return None
    if submissions["ledger"].isna().all():
        return Sentence("先不要报送，没有认出台账")
    months = {months for months in submissions["named_months"] if len(months) > 1}
    if len(months) != 1 or not submissions["named_months"].map(len).gt(1).all():
        return None
    return Sentence("先不要报送，月份对不上：{months}", months="、".join(map(month_words, *months)))


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
    if sheet.state == ZERO and sheet.nothing:
        return Sentence("（{way}）", way=NOTHING_WORDS[sheet.nothing])
    return Sentence("（{rows} 行）", rows=sheet.rows) if sheet.rows else ""


def nothing_notes(submissions: pd.DataFrame, ledgers: Ledgers) -> tuple[str, ...]:
    """Say which ledgers were read as zero reports, a line for each way in which they say so."""
    zeros = submissions[submissions["state"].eq(ZERO) & submissions["nothing"].notna()]
    titles = dict[Nothing, list[str]]()
    for sheet in zeros.itertuples():
        titles.setdefault(sheet.nothing, []).append(ledgers[sheet.ledger].title)
    return tuple(f"零报告，{NOTHING_WORDS[way]}：{'、'.join(names)}。" for way, names in titles.items())
