"""Entries of rules, and the chapter of rules that do not belong to a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.rules import SEVERITY_WORDS, Rule
from transforms.dictionary.structure import (
    Chapter,
    DictionaryEntry,
    DictionaryTable,
    Facts,
    Group,
    Link,
    facts,
)
from transforms.dictionary.words import severity_id

RULES = "规则"
INTRO = "不属于某一种台账的规则：文件能不能读，是哪个单位哪个月的，行与行、数与数是否一致。“……”处由系统填上具体内容。"
#: title of the first part of a rule id
TITLES = {
    "file": "文件",
    "sheet": "工作表",
    "submission": "一次报送",
    "row": "行",
    "reconciliation": "指标之间",
    "deadline": "法定期限",
}


def rule_chapter(ledgers: Mapping[str, LedgerDefinition], rules: Mapping[str, Rule]) -> Chapter:
    """Build the chapter of the rules that belong to no single ledger."""
    about = dict.fromkeys(rule_id.split(".")[0] for rule_id in rules)
    groups = tuple(
        Group(
            f"rules.{name}",
            TITLES.get(name, name),
            f"{name}.…",
            tables=(rule_table(rules_of(name, rules)),),
        )
        for name in about
        if name not in ledgers
    )
    return Chapter("rules", "通用规则", INTRO, groups)


def rules_of(name: str, rules: Mapping[str, Rule]) -> list[Rule]:
    """List the rules whose id begins with `name`: a ledger, or `file`, `sheet`…"""
    return [rule for rule_id, rule in rules.items() if rule_id.split(".")[0] == name]


def rule_table(rules: Iterable[Rule], ledger: LedgerDefinition | None = None) -> DictionaryTable:
    """Build a table of rules; with a ledger, of its rules."""
    return DictionaryTable(
        RULES, tuple(DictionaryEntry(rule.rule_id, _facts(rule.in_general(), ledger)) for rule in rules)
    )


def _facts(rule: Rule, ledger: LedgerDefinition | None) -> Facts:
    field: Link | str = ""
    if ledger:
        name = rule.rule_id.split(".")[1]
        field = Link(ledger.field(name).header, f"{ledger.name}.{name}")
    return facts(
        {
            "规则代号": rule.rule_id,
            "轻重": Link(SEVERITY_WORDS[rule.severity].title, severity_id(rule.severity)),
            "栏目": field,
            "哪里不对": rule.problem,
            "应为": rule.expected,
            "怎样改": rule.remedy,
            "依据": rule.source,
            "可否豁免": "市局可准予收下" if ledger and rule.rule_id in ledger.waivable_rules() else "",
        }
    )
