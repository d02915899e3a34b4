"""Hold what names and titles say of unit and month against what a table was taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.ledgers.rules import DELIVERY_UNREAD
from schemas.periods import month_words
from schemas.regions import RegionTable
from schemas.reporting.replacement import DELIVERY_WORDS
from transforms.read.layout.identity import IdentityHint
from transforms.read.layout.reporting_unit import names_other_unit
from transforms.read.layout.rows import SheetRows


def identity_doubts(
    sheet: SheetRows, hints: Sequence[IdentityHint], unit: str, period: str, regions: RegionTable
) -> list[dict[str, Any]]:
    """Return a warning for another unit, another month, and a day of sending before the month, if named."""
    findings = []
    units = {
        f"{_says(hint)}“{_names_of_units(hint, regions)}”"
        for hint in hints
        if names_other_unit(hint, unit, period, regions)
    }
    if units:
        detail = "，".join(sorted(units))
        findings.append(
            sheet.make_finding("submission.unit_doubted", unit=regions.name_of(unit), detail=detail)
        )
    months = {
        f"{_says(hint)}“{hint.months.written or month_words(hint.period or '')}”"
        for hint in hints
        if hint.months.contradicts(period)
    }
    if months:
        detail = "，".join(sorted(months))
        findings.append(sheet.make_finding("submission.month_doubted", period=period, detail=detail))
    early = {
        f"{_says(hint)}{month_words(hint.months.sent)}"
        for hint in hints
        if hint.months.sent and len(hint.months.sent) == len(period) and hint.months.sent < period
    }
    if early:
        detail = "，".join(sorted(early))
        findings.append(sheet.make_finding("submission.sent_before", period=period, detail=detail))
    return findings


def _says(hint: IdentityHint) -> str:
    """Begin a sentence on what a hint says: what was chosen is not written."""
    return f"{hint.origin}是" if hint.origin.endswith("选的") else f"{hint.origin}写的是"


def delivery_doubts(sheet: SheetRows, hints: Sequence[IdentityHint]) -> list[dict[str, Any]]:
    """Return a warning for what is said of the earlier reports and cannot be read, or says both."""
    unread = {hint.unread_delivery: hint.origin.strip("“”") for hint in hints if hint.unread_delivery}
    chosen = {hint.delivery: hint.origin.strip("“”") for hint in hints if hint.delivery}
    if len(chosen) > 1:
        written = "”和“".join(DELIVERY_WORDS[delivery][0] for delivery in chosen)
        unread[written] = next(iter(chosen.values()))
    return [
        sheet.make_finding(DELIVERY_UNREAD, label=label, written=written)
        for written, label in unread.items()
    ]


def _names_of_units(hint: IdentityHint, regions: RegionTable) -> str:
    return "、".join(regions.name_of(code) for code in (hint.unit, *hint.further_units) if code)
