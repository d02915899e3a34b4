"""Chapters of the published figures: the indicators by theme, and the yearly statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from schemas.figures.describe import field_words, part_words, rule_words
from schemas.figures.display import DISPLAY_WORDS
from schemas.figures.indicator import Condition, Indicator, Part
from schemas.ledgers.compiled import Ledgers
from schemas.statistics import FINES, PENALTIES, CountColumn, PenaltyColumn, PenaltyTable, Statistics
from transforms.dictionary.structure import (
    Chapter,
    DictionaryEntry,
    DictionaryTable,
    Facts,
    Group,
    Link,
    facts,
)
from transforms.dictionary.words import display_id

INDICATORS, COLUMNS = "指标", "统计表的列"
INTRO = (
    "公布的指标，按主题排列。“口径”是公布时的说法，“算法”由系统的定义写成，没有写明“只计市本级”的都是各单位合计；"
    "“取自”是所用的台账和栏目，“依据”是所依的法规。"
    "分母为零、或没有单位报送时，不出数字，写“—”；有单位没有报齐时，数字是暂定的。"
)
STATISTICS_INTRO = "行政执法统计年报的各张表：每一列计什么，或者为什么没有数。"
NO_THEME = "其他"


def indicator_chapter(ledgers: Ledgers, indicators: Mapping[str, Indicator]) -> Chapter:
    """Build the chapter of the indicators: a table for each theme."""
    themes = dict.fromkeys(indicator.theme or NO_THEME for indicator in indicators.values())
    groups = tuple(
        Group(f"indicators.{theme}", theme, tables=(_indicator_table(ledgers, theme, indicators),))
        for theme in themes
    )
    return Chapter("indicators", "指标", INTRO, groups)


def _indicator_table(ledgers: Ledgers, theme: str, indicators: Mapping[str, Indicator]) -> DictionaryTable:
    of_theme = [indicator for indicator in indicators.values() if (indicator.theme or NO_THEME) == theme]
    return DictionaryTable(
        INDICATORS,
        tuple(
            DictionaryEntry(indicator.indicator_id, _indicator_facts(indicator, ledgers))
            for indicator in of_theme
        ),
    )


def _indicator_facts(indicator: Indicator, ledgers: Ledgers) -> Facts:
    unit = "比率（0 到 1）" if indicator.is_rate else indicator.unit
    return facts(
        {
            "指标": indicator.title,
            "代号": indicator.indicator_id,
            "口径": indicator.definition,
            "算法": rule_words(indicator, ledgers),
            "计量单位": unit,
            "公布写法": Link(
                DISPLAY_WORDS[indicator.display].split("，")[0], display_id(indicator.display)
            ),
            "取自": list(_source_links(indicator.parts(), ledgers)),
            "依据": indicator.source,
        }
    )


def _source_links(parts: Sequence[Part], ledgers: Ledgers) -> Iterator[Link]:
    """Link to each ledger, followed by its fields that the parts use."""
    used_fields = [pair for part in parts for pair in _used_fields(part)]
    ordered = sorted(dict.fromkeys(used_fields), key=lambda pair: list(ledgers).index(pair[0]))
    for name, pairs in groupby(ordered, key=lambda pair: pair[0]):
        yield Link(ledgers[name].title, name)
        for _, field in pairs:
            yield Link(f"· {field_words(ledgers[name], field)}", f"{name}.{field}")


def _used_fields(part: Part) -> Iterator[tuple[str, str]]:
    yield from ((part.ledger, field) for field in part.named_fields())
    for condition in part.where:
        yield from _fields_of_other_ledger(condition)


def _fields_of_other_ledger(condition: Condition) -> Iterator[tuple[str, str]]:
    """Yield the fields of another ledger that `found_in` uses."""
    if condition.ledger and condition.matching:
        yield condition.ledger, condition.matching
        yield from ((condition.ledger, inner.field) for inner in condition.where)


def statistics_chapter(ledgers: Ledgers, statistics: Statistics) -> Chapter:
    """Build the chapter of the yearly statistics: a group for each table, with what its columns count."""
    groups = []
    for name, table in statistics.tables().items():
        placeholders = {"region": "某单位", "year": "某", "order": table.order()}
        about = facts(
            {
                "表名": table.title.format(**placeholders),
                "单位": table.unit,
                "附注": [note.format(**placeholders) for note in table.notes],
            }
        )
        columns = (
            _penalty_columns(table, ledgers)
            if isinstance(table, PenaltyTable)
            else _count_columns(table.columns, ledgers)
        )
        entries = tuple(
            DictionaryEntry(f"statistics.{name}.{number}", column_facts)
            for number, column_facts in enumerate(columns, start=1)
        )
        groups.append(
            Group(f"statistics.{name}", table.sheet, name, about, (DictionaryTable(COLUMNS, entries),))
        )
    return Chapter("statistics", "统计年报", STATISTICS_INTRO, tuple(groups))


def _penalty_columns(table: PenaltyTable, ledgers: Ledgers) -> Iterator[Facts]:
    for column in table.columns:
        yield facts({"列": column.title, "分组": table.group, "计什么": _penalty_words(column, ledgers)})
    yield facts({"列": table.total, "分组": table.group, "计什么": "以上各列之和"})
    amount = f"{table.amount}（{table.amount_unit}）"
    yield facts({"列": amount, "计什么": _describe_parts(FINES, ledgers)})


def _describe_parts(parts: Sequence[Part], ledgers: Ledgers) -> list[str]:
    """Describe each part of a sum, those after the first with 加上."""
    return [f"{'加上：' if index else ''}{part_words(part, ledgers)}。" for index, part in enumerate(parts)]


def _penalty_words(column: PenaltyColumn, ledgers: Ledgers) -> str:
    kinds = "或".join(f"“{kind}”" for kind in column.kinds)
    condition = f"只有{kinds}一种处罚的" if column.only_alone else f"最重的处罚是{kinds}的"
    return f"{ledgers[PENALTIES].title}中，{condition}决定，一份计一次。"


def _count_columns(columns: Sequence[CountColumn], ledgers: Ledgers) -> Iterator[Facts]:
    for column in columns:
        counts = _describe_parts(column.counts, ledgers)
        no_source = f"没有数：{column.no_source}" if column.no_source else ""
        yield facts(
            {"列": column.title, "分组": column.group, "计什么": [*counts, *filter(None, [no_source])]}
        )
