"""Check the amounts of a ledger for 元 written as 万元 or the other way round, and for a day's fine alone."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from schemas.ledgers.amount_bounds import GREAT_YUAN, WAN
from schemas.ledgers.compiled import LedgerField
from schemas.ledgers.field_rules import DAILY_ALONE
from schemas.ledgers.types import STR
from transforms.validate.broken_rules import BrokenRuleCollector
from transforms.validate.typing import TypedLedger
from transforms.validate.unit_errors import (
    FEN_IN_YUAN,
    Ranges,
    differs_by_wan,
    differs_from_most_units,
    differs_from_report,
    fits_range_in_other_unit,
    is_great_throughout,
    parse_daily_fen,
    parse_stated_fen,
    stands_out_of_report,
    usual_range,
)


class Amounts(NamedTuple):
    """A column of amounts (分), the unit of each from its header or sheet, and what its text states (分)."""

    fen: pd.Series
    unit: pd.Series
    stated: pd.Series


def check_amounts(collector: BrokenRuleCollector, typed: TypedLedger, ranges: Ranges) -> None:
    """Quarantine amounts that are about 10,000 times off, and doubt those that may be.

    An amount that its text confirms is right, however unusual.
    """
    ledger, text = collector.ledger, collector.text
    for field in (field for field in ledger.fields if field.type.kind == "money"):
        amount, unit = typed.values[field.name], typed.money_units[field.name]
        if amount.isna().all():
            continue
        stated = parse_stated_fen(text[field.stated_in]) if field.stated_in else amount.mask(amount.notna())
        differs = (amount != stated).fillna(False).astype(bool)
        is_mistaken = differs_by_wan(amount, stated)
        if field.has_usual_range:
            is_off = fits_range_in_other_unit(
                amount, *usual_range(ranges, ledger.name, field.name, text["unit_code"])
            )
            is_mistaken |= is_off & (stated.isna() | differs)
        if field.stated_in or field.has_usual_range:
            collector.add_code(field.name, "unit_mistaken", is_mistaken.to_numpy(dtype=bool))
        if field.has_usual_range or field.usual_yuan:
            reasons = _doubt_amounts(collector, field, Amounts(amount, unit, stated), ranges).mask(
                stated.notna()
            )
            codes = pd.Series("implausible", index=amount.index, dtype=STR).mask(reasons.isna())
            collector.add_codes(field.name, codes, reasons)
        if field.stated_in:
            collector.add_code(field.name, "differs_from_text", differs.to_numpy(dtype=bool))
            is_daily = (amount == parse_daily_fen(text[field.stated_in])).fillna(False)
            collector.add_code(field.name, DAILY_ALONE, is_daily.to_numpy(dtype=bool))


def _doubt_amounts(
    collector: BrokenRuleCollector,
    field: LedgerField,
    amounts: Amounts,
    ranges: Ranges,
) -> pd.Series:
    """Return the first reason for doubt about each amount above zero, missing where there is none."""
    amount, stated = amounts.fen, amounts.stated
    text = collector.text
    reasons = pd.Series(pd.NA, index=amount.index, dtype=STR)
    if field.has_usual_range:
        is_off = differs_from_most_units(amount, ranges, collector.ledger.name, field.name)
        reasons = reasons.mask(is_off, "与各单位历来的数额相差约一万倍")
    is_off = differs_from_report(amount, text["submission"])
    reasons = reasons.mask(is_off & reasons.isna(), "与本表其他各行的数额相差约一万倍")
    if field.usual_yuan is None:
        return reasons
    least, most = (round(bound * FEN_IN_YUAN) for bound in field.usual_yuan)
    is_small = amount.gt(0) & amount.lt(least)
    is_great = amount.gt(most)
    for mask, words in ((is_small, f"不到 {field.usual_yuan[0]:,.0f} 元，很少见"),
                        (is_great, f"超过 {field.usual_yuan[1] / WAN:,.0f} 万元，很少见")):  # fmt: skip
        reasons = reasons.mask(mask.fillna(False).astype(bool) & reasons.isna(), words)
    if field.stated_in:
        is_off = stands_out_of_report(amount, stated, text["submission"], least)
        words = "在本表里大得多，决定书的文字里没有写明"
        reasons = reasons.mask(is_off & reasons.isna(), words)
    if field.has_usual_range:
        is_off = _is_great_and_alone(collector, field, amounts, ranges, least)
        words = f"与全表各行一样超过 {GREAT_YUAN // WAN} 万元，本单位以前没有报过可以对照的数额"
        reasons = reasons.mask(is_off & reasons.isna(), words)
    return reasons


def _is_great_and_alone(
    collector: BrokenRuleCollector, field: LedgerField, amounts: Amounts, ranges: Ranges, least: int
) -> pd.Series:
    """Return whether an amount in a column of 万元 is great, as its whole report is, and nothing confirms it:
    no text, no word in its cell, no earlier amounts of its unit.
    """
    text = collector.text
    key = (collector.ledger.name, field.name)
    has_history = text["unit_code"].isin([unit for *known, unit in ranges if tuple(known) == key])
    is_bare = amounts.unit.eq("万元") & ~text[field.name].str.contains("[万元]", na=False)
    is_great = is_great_throughout(amounts.fen, text["submission"], least)
    return is_great & is_bare & ~has_history & amounts.stated.isna()
