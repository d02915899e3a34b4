"""Documents reviewed for fair competition: the bureau's as published; counties review their own."""

from __future__ import annotations

from flows.sample_year.event_calendar import Register, draw_event_days
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS: tuple[str, ...] = ()

_POLICY, _CONTRACT, _PASSED = "政策措施", "合同", "通过"
_RESULTS = {
    "policy_review_revised_count": "修订",
    "policy_review_repealed_count": "废止",
    "policy_review_exception_count": "适用例外",
    "policy_review_violation_count": "违背",
}
_TITLES = {
    _POLICY: (
        "排污权有偿使用管理办法",
        "重污染天气应急减排措施",
        "机动车排放检验机构监督办法",
        "危险废物经营单位管理规定",
    ),
    _CONTRACT: ("在线监测设备运维服务合同", "环境应急物资采购合同", "执法监测技术服务合同"),
}
_OF_EACH_COUNTY = 0.5


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("policy_reviews")
    kinds = [_POLICY] * scenario.targets.count("policy_review_policy_count")
    kinds += [_CONTRACT] * scenario.targets.count("policy_review_contract_count")
    results = [result for name, result in _RESULTS.items() for _ in range(scenario.targets.count(name))]
    results += [_PASSED] * (len(kinds) - len(results))
    days = draw_event_days(scenario, rng, len(kinds), [scenario.bureau] if scenario.bureau else [])
    reviewed = list(zip(days, rng.sample(kinds, len(kinds)), results, strict=False))
    own = draw_event_days(scenario, rng, int(_OF_EACH_COUNTY * len(scenario.counties)), scenario.counties)
    reviewed += [(event, rng.choice((_POLICY, _CONTRACT)), _PASSED) for event in own]
    register = Register(scenario)
    rows = []
    for (day, unit), kind, result in sorted(reviewed):
        number = register.number(unit, kind)
        subject = rng.choice(_TITLES[kind])
        values = {
            "document_title": f"{scenario.offices[unit].title}{subject}（{scenario.year}年第{number}号）",
            "kind": kind,
            "result": result,
            "reviewed_on": day,
        }
        rows.append(ExpectedRow(unit, day.month, values))
    return rows
