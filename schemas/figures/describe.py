"""Describe the calculation of an indicator in Chinese, from its definition, so that they cannot differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from schemas.figures.indicator import Condition, Indicator, Part
from schemas.ledgers.compiled import LedgerDefinition

Ledgers = Mapping[str, LedgerDefinition]

#: a unit at the end of a header, which describes the file and not the field
_UNIT = re.compile(r"[（(](?:万元|元)[）)]$")
_TESTS: dict[str, Callable[[Any], str]] = {
    "is": lambda value: f"是“{value}”",
    "is_not": lambda value: f"不是“{value}”",
    "in": lambda values: "是" + "或".join(f"“{value}”" for value in values),
    "has": lambda value: f"含“{value}”",
    "is_true": lambda _: "是“是”",
    "is_false": lambda _: "是“否”",
    "is_filled": lambda _: "已填写",
    "is_empty": lambda _: "未填写",
    "reaches_end": lambda _: "不早于期末，或未填写",
}


def field_words(ledger: LedgerDefinition, name: str) -> str:
    """Return a field's header without its unit, or the title of a derived column."""
    headers = {field.name: field.header for field in ledger.fields}
    titles = {derived.name: derived.title.split("：")[0] for derived in ledger.derived}
    return _UNIT.sub("", headers[name]) if name in headers else titles[name]


def condition_words(condition: Condition, ledger: LedgerDefinition, ledgers: Ledgers) -> str:
    """Describe a condition, such as 处罚种类含“罚款”."""
    name = field_words(ledger, condition.field)
    if condition.test != "found_in":
        return name + _TESTS[condition.test](condition.value)
    other_ledger = ledgers[str(condition.ledger)]
    inner = "、".join(condition_words(inner, other_ledger, ledgers) for inner in condition.where)
    suffix = f"（{inner}）" if inner else ""
    return f"{name}见于{other_ledger.title}的{field_words(other_ledger, str(condition.matching))}{suffix}"


def part_words(part: Part, ledgers: Ledgers) -> str:
    """Describe which rows of which ledger a part uses, and how they are aggregated."""
    ledger = ledgers[part.ledger]
    dates = "或".join(field_words(ledger, name) for name in part.dated_by)
    row_scope = "各单位截至期末最近一次报送中的行" if part.stock else f"{dates}在期内的行"
    conditions = "，".join(condition_words(condition, ledger, ledgers) for condition in part.where)
    return f"{ledger.title}中，{row_scope}{f'，其中{conditions}的' if conditions else ''}，{_aggregate_words(part, ledger)}"


def _aggregate_words(part: Part, ledger: LedgerDefinition) -> str:
    if part.aggregate == "sum":
        return f"{field_words(ledger, str(part.field))}之和"
    if part.aggregate == "count":
        return "逐行计数"
    keys = "、".join(
        "，没有的按".join(field_words(ledger, name) for name in alternatives.split("|"))
        for alternatives in part.fields
    )
    return f"按{keys}计数，{'都' if len(part.fields) > 1 else ''}相同的计一次，未填写的不计"


def rule_words(indicator: Indicator, ledgers: Ledgers) -> list[str]:
    """Describe the whole calculation, one sentence for each part."""
    scope = "只计市本级。" if indicator.scope == "bureau" else ""
    sides = [("分子" if indicator.is_rate else "", indicator.numerator), ("分母", indicator.denominator)]
    sentences = []
    for side, parts in sides:
        for index, part in enumerate(parts):
            opening = "加上：" if index else f"{side}：" if side else ""
            sentences.append(f"{opening}{part_words(part, ledgers)}。")
    zero_note = ["有单位未报时，不以零发布。"] if indicator.zero_needs_every_unit else []
    return [*sentences, *([scope] if scope else []), *zero_note]
