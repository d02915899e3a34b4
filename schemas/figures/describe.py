"""An indicator's rule in words, for those who answer for the figure: made from the definition, so that it cannot differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from schemas.figures.indicator import Condition, Indicator, Part
from schemas.ledgers.compiled import LedgerDefinition

Ledgers = Mapping[str, LedgerDefinition]

#: the unit in a header belongs to the file, not to the field
_UNIT = re.compile(r"[（(](?:万元|元)[）)]$")
_TESTS: dict[str, Callable[[Any], str]] = {
    "is": lambda value: f"是“{value}”",
    "is_not": lambda value: f"不是“{value}”",
    "in": lambda value: "是" + "或".join(f"“{one}”" for one in value),
    "has": lambda value: f"含“{value}”",
    "is_true": lambda _: "是“是”",
    "is_false": lambda _: "是“否”",
    "is_filled": lambda _: "已填写",
    "is_empty": lambda _: "未填写",
    "reaches_end": lambda _: "不早于期末，或未填写",
}


def field_words(ledger: LedgerDefinition, name: str) -> str:
    """A field's header without its unit, or what a derived column is."""
    headers = {field.name: field.header for field in ledger.fields}
    titles = {one.name: one.title.split("：")[0] for one in ledger.derived}
    return _UNIT.sub("", headers[name]) if name in headers else titles[name]


def condition_words(condition: Condition, ledger: LedgerDefinition, ledgers: Ledgers) -> str:
    """What is asked of a row, as 处罚种类含“罚款”."""
    name = field_words(ledger, condition.field)
    if condition.test != "found_in":
        return name + _TESTS[condition.test](condition.value)
    other = ledgers[str(condition.ledger)]
    further = "、".join(condition_words(one, other, ledgers) for one in condition.where)
    said = f"（{further}）" if further else ""
    return f"{name}见于{other.title}的{field_words(other, str(condition.matching))}{said}"


def part_words(part: Part, ledgers: Ledgers) -> str:
    """Which rows of which ledger, and what is made of them."""
    ledger = ledgers[part.ledger]
    dates = "或".join(field_words(ledger, name) for name in part.dated_by)
    belonging = "各单位截至期末最近一次报送中的行" if part.stock else f"{dates}在期内的行"
    asked = "，".join(condition_words(one, ledger, ledgers) for one in part.where)
    return f"{ledger.title}中，{belonging}{f'，其中{asked}的' if asked else ''}，{_aggregate_words(part, ledger)}"


def _aggregate_words(part: Part, ledger: LedgerDefinition) -> str:
    if part.aggregate == "sum":
        return f"{field_words(ledger, str(part.field))}之和"
    if part.aggregate == "count":
        return "逐行计数"
    same = "、".join(
        "，没有的按".join(field_words(ledger, name) for name in several.split("|"))
        for several in part.fields
    )
    return f"按{same}计数，{'都' if len(part.fields) > 1 else ''}相同的计一次，未填写的不计"


def rule_words(indicator: Indicator, ledgers: Ledgers) -> list[str]:
    """The whole rule, a sentence a part."""
    whose = "只计市本级。" if indicator.scope == "bureau" else ""
    sides = [("分子" if indicator.is_rate else "", indicator.numerator), ("分母", indicator.denominator)]
    told = []
    for side, parts in sides:
        for at, part in enumerate(parts):
            plus = "加上：" if at else f"{side}：" if side else ""
            told.append(f"{plus}{part_words(part, ledgers)}。")
    zero = ["有单位未报时，不以零发布。"] if indicator.zero_needs_every_unit else []
    return [*told, *([whose] if whose else []), *zero]
