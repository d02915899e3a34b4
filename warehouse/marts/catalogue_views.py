"""Views of the definitions: indicators and ledgers, as the catalogue has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.catalogue import indicators, ledgers
from schemas.figures.describe import rule_words
from schemas.figures.display import DISPLAY_WORDS
from schemas.figures.indicator import Indicator
from schemas.ledgers.compiled import LedgerDefinition
from warehouse.figures.distinct_counts import in_one_month
from warehouse.figures.filters import needs_distinct_scan
from warehouse.marts.view_spec import ViewColumn, ViewSpec, as_of_load
from warehouse.schema.tables import Tables, Warehouse


def definitions_view(tables: Tables) -> ViewSpec:
    """Define the view of the indicators' definitions."""
    table = tables.marts.indicator_texts
    c = table.c
    columns = (
        ViewColumn("indicator_id", c.indicator_id, "指标代号", "与 huizong indicators 相同", source="指标定义"),
        ViewColumn("place", c.place, "次序", source="指标定义"),
        ViewColumn("theme", c.theme, "主题", source="指标定义"),
        ViewColumn("title", c.title, "指标名称", source="指标定义"),
        ViewColumn("unit", c.unit, "计量单位", "ratio 是 0 到 1 的比率", source="指标定义"),
        ViewColumn("display", c.display, "公布写法", source="指标定义"),
        ViewColumn("scope", c.scope, "范围", "city 全市各单位合计，bureau 只计市本级", source="指标定义"),
        ViewColumn("definition", c.definition, "口径", "公布时的说法", source="指标定义"),
        ViewColumn("rule", c.rule, "算法", "由系统的定义写成", source="指标定义"),
        ViewColumn("legal_source", c.legal_source, "依据", source="指标定义"),
        ViewColumn("ledgers", c.ledgers, "取自台账", "代号，用 ; 隔开", source="指标定义"),
        ViewColumn("fields", c.fields, "取自栏目", "台账.栏目，用 ; 隔开；名称见 mart_dictionary", source="指标定义"),
        ViewColumn("adds_up", c.adds_up, "各月能否相加", "去重计的数和期末数不能", source="指标定义"),
        as_of_load(tables),
    )  # fmt: skip
    return ViewSpec(
        "mart_indicator_definitions",
        "指标定义：口径、算法、取自何处",
        columns,
        table,
        key=("indicator_id",),
    )


def ledgers_view(tables: Tables) -> ViewSpec:
    """Define the view of the ledgers' definitions."""
    table = tables.marts.ledger_texts
    c = table.c
    columns = (
        ViewColumn("ledger", c.ledger, "台账代号", source="台账定义"),
        ViewColumn("title", c.title, "台账名称", source="台账定义"),
        ViewColumn("row_is", c.row_is, "一行是什么", source="台账定义"),
        ViewColumn("natural_key", c.natural_key, "凭什么认定同一行", "栏目代号；| 之后的在前面的没有填时用", source="台账定义"),
        ViewColumn("dated_by", c.dated_by, "按哪个日期计入", "栏目代号", source="台账定义"),
        ViewColumn("field_count", c.field_count, "栏目数", "统一模板上的", "个", "台账定义"),
        ViewColumn("view_name", c.view_name, "视图", "各行所在的视图", source="系统"),
        as_of_load(tables),
    )  # fmt: skip
    return ViewSpec("mart_ledgers", "台账：统一模板的各种台账", columns, table, key=("ledger",))


def indicator_texts(warehouse: Warehouse) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table of indicators' definitions."""
    known = ledgers()
    for position, indicator in enumerate(indicators().values(), start=1):
        yield {
            "indicator_id": indicator.indicator_id, "place": position, "theme": indicator.theme, "title": indicator.title,
            "unit": indicator.unit, "display": DISPLAY_WORDS[indicator.display], "scope": indicator.scope,
            "definition": indicator.definition, "rule": "\n".join(rule_words(indicator, known)),
            "legal_source": indicator.source, "ledgers": ";".join(sorted(indicator.ledgers())),
            "fields": ";".join(sorted(_fields(indicator))), "adds_up": _adds_up(warehouse, indicator),
        }  # fmt: skip


def ledger_texts(definitions: Mapping[str, LedgerDefinition]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table of ledgers' definitions."""
    for name, ledger in definitions.items():
        yield {
            "ledger": name, "title": ledger.title, "row_is": ledger.row, "dated_by": ledger.dated_by,
            "natural_key": " | ".join("+".join("/".join(part) for part in key) for key in ledger.natural_key),
            "field_count": len(ledger.fields), "view_name": ledger.view,
        }  # fmt: skip


def _fields(indicator: Indicator) -> Iterator[str]:
    for part in indicator.parts():
        yield from (f"{part.ledger}.{name}" for name in part.named_fields())
        for condition in part.where:
            if condition.ledger:
                yield f"{condition.ledger}.{condition.matching}"


def _adds_up(warehouse: Warehouse, indicator: Indicator) -> bool:
    """Whether a year's figure is the sum of its months' figures, whatever the rows."""
    if not all(part.ledger in warehouse.ledgers for part in indicator.parts()):
        return False  # a warehouse of a few ledgers has no figure of it
    return all(
        in_one_month(part) and not needs_distinct_scan(warehouse, part) for part in indicator.parts()
    )
