"""Judge changes and shares by the figures behind them, or by the numbers that the text gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from transforms.proofread.compare import agrees_derived, cut
from transforms.proofread.derived import Change, Share
from transforms.proofread.known import KnownFigures
from transforms.proofread.scopes import UNKNOWN
from transforms.proofread.statements import DERIVED, Statement

_HUNDREDTH = Decimal("0.0001")


@dataclass(frozen=True)
class DerivedVerdict:
    """Whether a change or share is right; None where it cannot be checked."""

    is_right: bool | None = None
    reason: str = DERIVED
    indicator_id: str | None = None
    expected: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


_UNCHECKED = DerivedVerdict()


def judge_change(statement: Statement, change: Change, figures: KnownFigures) -> DerivedVerdict:
    """Judge a change by the figures of both periods."""
    base, numeral = change.base, statement.numeral
    if base is None or base.region is None or base.period is None:
        return _UNCHECKED
    if UNKNOWN in (base.region.key, base.period.key, change.compared_with) or numeral.value is None:
        return _UNCHECKED
    indicator = base.matches[0].indicator
    key = indicator.indicator_id, base.region.key
    now = figures.get((*key, base.period.key))
    before = figures.get((*key, change.compared_with))
    if now is None or before is None or now.value is None or before.value is None:
        return _UNCHECKED
    if now.is_provisional or before.is_provisional:
        return _UNCHECKED
    difference = now.value - before.value
    if numeral.unit == "%":
        if before.value == 0 or indicator.is_rate:
            return _UNCHECKED
        difference = difference / before.value
    elif numeral.unit == "个百分点":
        difference *= 100
    elif numeral.unit != base.numeral.unit:
        return _UNCHECKED
    is_right = (difference <= 0 if change.is_down else difference >= 0) and agrees_derived(
        numeral, abs(difference)
    )
    expected = _change_text(difference, numeral.unit)
    details = {"title": indicator.title, "now": now.display, "before": before.display, "expected": expected}
    of_text = [figure.display for figure in (before, now) if figure.is_of_text]
    if of_text:  # the data can only say that the text is at odds with itself
        reason = "change_of_text_follows" if is_right else "change_of_text_differs"
        details["of_text"] = "、".join(of_text)
        verdict = (None, None) if is_right else (False, expected)
        return DerivedVerdict(verdict[0], reason, indicator.indicator_id, verdict[1], details)
    reason = "change_agrees" if is_right else "change_differs"
    return DerivedVerdict(is_right, reason, indicator.indicator_id, expected, details)


def _change_text(difference: Decimal, unit: str) -> str:
    word = "下降" if difference < 0 else "增长"
    if unit == "%":
        return f"{word}{_plain(cut(abs(difference), _HUNDREDTH) * 100)}%"
    return f"{word}{_plain(abs(difference))}{unit}"


def _plain(value: Decimal) -> str:
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def judge_share(statement: Statement, share: Share, figures: KnownFigures) -> DerivedVerdict:
    """Judge a share by the true parts where they are figures."""
    if share.part is None or share.whole is None:
        return _UNCHECKED
    part, whole = _true_value(share.part, figures), _true_value(share.whole, figures)
    if part is None or not whole:
        return _UNCHECKED
    ratio = part / whole
    is_right = agrees_derived(statement.numeral, ratio)
    expected = f"{_plain(cut(ratio, _HUNDREDTH) * 100)}%"
    details = {"part": share.part.numeral.text, "whole": share.whole.numeral.text, "expected": expected}
    return DerivedVerdict(
        is_right, "share_agrees" if is_right else "share_differs", None, expected, details
    )


def _true_value(statement: Statement, figures: KnownFigures) -> Decimal | None:
    """Return the figure that a number states, or else the number as it is written."""
    if len(statement.matches) == 1 and statement.region and statement.period:
        indicator_id = statement.matches[0].indicator.indicator_id
        figure = figures.get((indicator_id, statement.region.key, statement.period.key))
        if figure and figure.value is not None:
            return figure.value
    return statement.numeral.value
