"""Compare a figure with last year's: computed from reports, else imported; and say why where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from schemas.figures.display import NO_FIGURE

#: why a figure is not compared
NO_FIGURE_NOW, PROVISIONAL_NOW = "本期无数", "本期未报齐，暂不比较"
NO_FIGURE_BEFORE, PROVISIONAL_BEFORE = "上年无可比数据", "上年未报齐，暂不比较"
FROM_ZERO, UNCHANGED = "上年为0", "持平"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class YearComparison:
    """Last year's figure beside this year's, and the change (同比) where the two can be compared.

    `source` says where last year's is from, empty where there is none. `change` is in the base of the unit
    (0.01 is one percentage point of a rate), `change_rate` a share of last year's (None for rates and from
    zero), `change_text` the change in words or why there is none, in Chinese.
    """

    value: Decimal | None
    display: str
    source: Literal["computed", "imported", ""]
    is_comparable: bool
    why_not: str
    change: Decimal | None
    change_rate: Decimal | None
    change_text: str


def compare_years(now: Row, computed: Row | None, imported: Row | None) -> YearComparison:
    """Compare a row of figures with last year's computed and imported ones; any may have no value."""
    before, source = choose_row(computed, imported)
    value = None if before is None else Decimal(str(before["value"]))
    display = NO_FIGURE if before is None else str(before["display"])
    if why_not := _why_not(now, before):
        return YearComparison(value, display, source, False, why_not, None, None, why_not)
    assert value is not None
    change = Decimal(str(now["value"])) - value
    is_rate = now["unit"] == "ratio"
    rate = None if is_rate or not value else change / value
    return YearComparison(value, display, source, True, "", change, rate, _in_words(change, rate, is_rate))


def choose_row(
    computed: Row | None, imported: Row | None
) -> tuple[Row | None, Literal["computed", "imported", ""]]:
    """Choose last year's row: a complete computed one, else what was published, else what there is."""
    has_computed = computed is not None and computed["value"] is not None
    if has_computed and computed is not None and not computed["is_provisional"]:
        return computed, "computed"
    if imported is not None and imported["value"] is not None:
        return imported, "imported"
    return (computed, "computed") if has_computed else (None, "")


def _why_not(now: Row, before: Row | None) -> str:
    if now["value"] is None:
        return NO_FIGURE_NOW
    if before is None:
        return NO_FIGURE_BEFORE
    if before["is_provisional"]:
        return PROVISIONAL_BEFORE
    return PROVISIONAL_NOW if now["is_provisional"] else ""


def _in_words(change: Decimal, rate: Decimal | None, is_rate: bool) -> str:
    if not change:
        return UNCHANGED
    if is_rate:
        return f"{'上升' if change > 0 else '下降'}{_hundredths(abs(change) * 100)}个百分点"
    if rate is None:
        return FROM_ZERO
    return f"{'增长' if change > 0 else '下降'}{_hundredths(abs(rate) * 100)}%"


def _hundredths(number: Decimal) -> str:
    """Round to two places, without zeros at the end; what rounds to nothing keeps a digit."""
    rounded = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded.normalize():f}" if rounded else "不足0.01"
