"""Build the content of the data dictionary."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.figures.indicator import Indicator
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.rules import Rule
from schemas.statistics import Statistics
from transforms.dictionary.figures import indicator_chapter, statistics_chapter
from transforms.dictionary.ledgers import ledger_chapter
from transforms.dictionary.rules import rule_chapter
from transforms.dictionary.structure import Dictionary
from transforms.dictionary.words import word_chapter


def build_dictionary(
    version: str,
    ledgers: Mapping[str, LedgerDefinition],
    rules: Mapping[str, Rule],
    indicators: Mapping[str, Indicator],
    statistics: Statistics,
) -> Dictionary:
    """Build the dictionary of these definitions, for county clerks, the bureau and readers of its figures."""
    return Dictionary(
        title="数据字典",
        intro=(
            f"规则版本：{version}。本字典由系统的定义自动生成，与报送检查、模板、回执和公布的数字同出一源。",
            f"共 {len(ledgers)} 种台账、{sum(len(ledger.fields) for ledger in ledgers.values())} 个栏目、{len(rules)} 条规则、"
            f"{len(indicators)} 项指标。",
            "报送单位的填报人员：看“台账”里本台账各栏怎样填；回执上的规则代号，在本字典中按代号查找。",
            "分析人员：每种台账有一个同名视图，视图隐去个人姓名（不显示，或只留姓）；金额在视图中分和元各有一栏；比率一律是分子之和除以分母之和。",
        ),
        chapters=(
            ledger_chapter(ledgers, rules, indicators),
            rule_chapter(ledgers, rules),
            indicator_chapter(ledgers, indicators),
            statistics_chapter(ledgers, statistics),
            word_chapter(),
        ),
    )
