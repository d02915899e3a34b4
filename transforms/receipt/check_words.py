"""What a check says of a file before it is sent: one line for the file, one for each sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from schemas.forms import NOTHING_SHEET
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

NO_LEDGER = Sentence("先不要报送，没有认出台账")
NOTHING_FILLED = Sentence("先不要报送，还没有填，也没有打 √")
#: rules of what is refused because of its unit or month: its ledgers were not looked for, or are known
_OF_UNIT_OR_MONTH = ("submission.unit_", "submission.period_", "submission.tab")


def count_to_mend(findings: pd.DataFrame) -> tuple[int, int]:
    """Count the places that must be corrected, and those that should be looked at again."""
    return count_places(placed_findings(findings))


def placed_findings(findings: pd.DataFrame) -> Iterator[Any]:
    """Yield the findings as `places` counts them."""
    return iter(findings.astype(object).fillna("").itertuples())


def verdict_words(findings: pd.DataFrame, submissions: pd.DataFrame) -> Sentence:
    """Say whether a file can be sent, and whether it would wait for confirmation."""
    if refused := _why_refused(findings, submissions):
        return refused
    must, should = count_to_mend(findings)
    if must and should:
        return Sentence("先不要报送，要改正 {must} 处，要核对 {should} 处", must=must, should=should)
    if must:
        return Sentence("先不要报送，要改正 {must} 处", must=must)
    if submissions["state"].eq(AWAITING).any():
        return Sentence("报送后会待确认，请先核对 {should} 处", should=should)
    return Sentence("可以报送，请先核对 {should} 处", should=should) if should else Sentence("可以报送")


def _why_refused(findings: pd.DataFrame, submissions: pd.DataFrame) -> Sentence | None:
    """Say of a file of which nothing can be taken that it is of another month, left blank, or no ledger."""
    if not submissions["state"].eq(REJECTED).all():
        return None
    months = {months for months in submissions["named_months"] if len(months) > 1}
    if len(months) == 1 and submissions["named_months"].map(len).gt(1).all():
        return Sentence("先不要报送，月份对不上：{months}", months="、".join(map(month_words, *months)))
    if findings["rule_id"].eq("submission.nothing_filled").any():
        return NOTHING_FILLED
    is_no_ledger = submissions["ledger"].isna().all()
    if is_no_ledger and not findings["rule_id"].str.startswith(_OF_UNIT_OR_MONTH).any():
        return NO_LEDGER
    return None


def sheet_words(sheet: Any, ledgers: Ledgers) -> Sentence:
    """Say what a sheet was read as, and whether it would be accepted."""
    return Sentence(
        "{sheet}{ledger}，{unit}，{month}，{state}{rows}",
        sheet=Sentence("工作表“{name}”：", name=sheet.sheet) if sheet.sheet else "",
        ledger=_ledger_words(sheet, ledgers),
        unit=sheet.unit_name or Sentence("看不出单位"),
        month=_month_words(sheet),
        state=CHECK_WORDS[sheet.state],
        rows=_counted(sheet),
    )


def _ledger_words(sheet: Any, ledgers: Ledgers) -> str:
    """Return the title of a sheet's ledger; of a file that is of another month nothing further was read."""
    if sheet.ledger:
        return ledgers[sheet.ledger].title
    if sheet.sheet == NOTHING_SHEET:
        return Sentence("各种台账都没有填")
    if len(sheet.named_months) > 1:
        return Sentence("没有再往下读")
    return Sentence("看不出是哪种台账")


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
