"""Chapter of the ledgers: each with its fields and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.figures.indicator import Indicator, rosters
from schemas.ledgers.compiled import DerivedField, LedgerDefinition, LedgerField, Ledgers
from schemas.ledgers.masking import MASKED_BY, masking_policy
from schemas.ledgers.rules import Rule
from transforms.dictionary.rules import rule_table, rules_of
from transforms.dictionary.structure import (
    Chapter,
    DictionaryEntry,
    DictionaryTable,
    Facts,
    Group,
    Line,
    Link,
    facts,
)
from transforms.dictionary.words import kind_id
from transforms.template.words import circumstances, entry, money_unit, need, same_row

FIELDS = "字段"
INTRO = (
    "各单位每月报送的台账：一行是什么、哪一栏决定它计入哪个月、各栏怎样填、会查哪些错。"
    "“代号”是系统和视图中的名称；“也认的栏名”是表头写成这样也能认出的写法。"
)


def ledger_chapter(
    ledgers: Ledgers, rules: Mapping[str, Rule], indicators: Mapping[str, Indicator]
) -> Chapter:
    """Build the chapter of the ledgers: fields, rules, and the indicators that use them."""
    groups = tuple(_group(ledger, ledgers, rules, indicators) for ledger in ledgers.values())
    return Chapter("ledgers", "台账", INTRO, groups)


def _group(
    ledger: LedgerDefinition,
    ledgers: Ledgers,
    rules: Mapping[str, Rule],
    indicators: Mapping[str, Indicator],
) -> Group:
    ledger_rules = rules_of(ledger.name, rules)
    tables = (DictionaryTable(FIELDS, tuple(_entries(ledger, ledgers))), rule_table(ledger_rules, ledger))
    used_by = [indicator for indicator in indicators.values() if ledger.name in indicator.ledgers()]
    is_roster = ledger.name in rosters(indicators.values())
    return Group(
        ledger.name,
        ledger.title,
        ledger.name,
        _facts(ledger, ledger_rules, used_by, is_roster=is_roster),
        tables,
    )


def _facts(
    ledger: LedgerDefinition, rules: Iterable[Rule], used_by: list[Indicator], *, is_roster: bool
) -> Facts:
    roster = "名册：每次报送当时的全部；在册人数一类的指标，取各单位截至期末最近一次报送"
    return facts(
        {
            "一行是": ledger.row,
            "登记方式": roster if is_roster else "逐笔登记",
            "计入哪个月": f"按“{ledger.field(ledger.dated_by).header}”",
            "什么算同一条": same_row(ledger),
            "两个单位都报的": _handled_by(ledger),
            "视图": ledger.view,
            "用于指标": [Link(indicator.title, indicator.indicator_id) for indicator in used_by],
            "相关依据": _sources(rules, used_by),
        }
    )


def _handled_by(ledger: LedgerDefinition) -> str:
    """Describe how to find out which of two reporting units handled a matter."""
    if not ledger.handled_by:
        return ""
    field = ledger.field(ledger.handled_by)
    mark = "里各单位的代字" if field.type.kind == "document_no" else ""
    return f"按“{field.header}”{mark}认定由谁承办，只计承办单位的一行"


def _sources(rules: Iterable[Rule], used_by: Iterable[Indicator]) -> list[str]:
    """List the law behind a ledger's rules and figures, each article once.

    What this project chose itself is shown at the indicator.
    """
    sources = [
        *(rule.source for rule in rules),
        *(indicator.source.split("；")[0] for indicator in used_by),
    ]
    return list(dict.fromkeys(filter(None, sources)))


def _entries(ledger: LedgerDefinition, ledgers: Ledgers) -> Iterable[DictionaryEntry]:
    for number, field in enumerate(ledger.fields, start=1):
        yield DictionaryEntry(f"{ledger.name}.{field.name}", _field_facts(number, ledger, field, ledgers))
    for number, derived in enumerate(ledger.derived, start=len(ledger.fields) + 1):
        yield DictionaryEntry(f"{ledger.name}.{derived.name}", _derived_facts(number, derived))


def _field_facts(number: int, ledger: LedgerDefinition, field: LedgerField, ledgers: Ledgers) -> Facts:
    return facts(
        {
            "次序": str(number),
            "栏目": field.header,
            "代号": field.name,
            "类型": _kind(field),
            "是否必填": need(ledger, field),
            "填什么": entry(field),
            "说明": circumstances(ledger, field, ledgers),
            "也认的栏名": field.aliases,
            "视图中": _view_columns(field),
        }
    )


def _kind(field: LedgerField) -> list[Line]:
    units = [f"填{money_unit(field)}，存分"] if field.type.kind == "money" else []
    return [Link(field.type.title, kind_id(field.type.kind)), *units]


def _view_columns(field: LedgerField) -> list[Line]:
    if field.private:
        return ["不进视图"]
    if field.type.kind == "money":
        return [f"{field.name}（分）", f"{field.yuan_name}（元）"]
    return [MASKED_BY.get(masking_policy(field) or "", "照原样")]


def _derived_facts(number: int, derived: DerivedField) -> Facts:
    title, _, meaning = derived.title.partition("：")
    return facts(
        {
            "次序": str(number),
            "栏目": title,
            "代号": derived.name,
            "类型": Link(derived.type.title, kind_id(derived.type.kind)),
            "是否必填": "不填",
            "填什么": "由系统从同一行的其他栏算出",
            "说明": meaning,
            "视图中": "照原样",
        }
    )
