"""Which indicator a number states: each is found, a wrong digit too, and nothing else is claimed."""

from __future__ import annotations

import re

import pytest

from schemas.catalogue import indicators
from schemas.figures.indicator import Indicator
from tests.support.proofread_texts import PROSE, SUMS, city_reading, claims, fill, proofread
from transforms.proofread.findings import never_mentioned
from transforms.proofread.units import class_of

EACH = pytest.mark.parametrize(
    "indicator", indicators().values(), ids=lambda indicator: indicator.indicator_id
)


def test_the_invented_figures_are_of_every_indicator() -> None:
    assert SUMS.keys() == indicators().keys(), (
        "give a new indicator a figure in tests/support/proofread_texts.py"
    )


@EACH
def test_every_indicator_has_words_of_its_own(indicator: Indicator) -> None:
    assert indicator.said_as, "give it `said_as`: how reports name it"
    own = {_identity(indicator, phrase) for phrase in indicator.said_as}
    foreign = {
        _identity(other, phrase)
        for other in indicators().values()
        if other.indicator_id != indicator.indicator_id
        for phrase in other.said_as
    }
    assert len(own) == len(indicator.said_as)
    assert own & foreign == set()


def _identity(indicator: Indicator, phrase: object) -> tuple[object, ...]:
    return class_of(indicator), tuple(sorted(phrase.words)), tuple(sorted(phrase.topic))  # type: ignore[attr-defined]


def test_every_figure_of_a_report_is_found_and_agrees() -> None:
    findings = [finding for finding in proofread(fill(PROSE)) if finding.state != "not_a_figure"]
    assert [finding for finding in findings if finding.state != "agrees"] == []
    assert sorted(str(finding.indicator_id) for finding in findings) == sorted(SUMS)
    assert never_mentioned(findings, indicators(), city_reading()) == []


@EACH
def test_one_changed_digit_is_found_and_nothing_else(indicator: Indicator) -> None:
    text = fill(PROSE)
    correct = next(finding for finding in proofread(text) if finding.indicator_id == indicator.indicator_id)
    digits = [match.start() for match in re.finditer(r"\d", correct.text)]
    for position in (digits[0], digits[-1]):
        start = correct.start + position
        changed = f"{text[:start]}{(int(text[start]) + 1) % 9 or 9}{text[start + 1 :]}"
        wrong = [finding for finding in proofread(changed) if finding.is_doubtful]
        assert [(finding.state.value, finding.indicator_id) for finding in wrong] == [
            ("differs", indicator.indicator_id)
        ]
        assert wrong[0].expected == correct.text
        assert (wrong[0].start, changed[wrong[0].start : wrong[0].end]) == (correct.start, wrong[0].text)


OTHER_WORDS = {
    "对25家企业作出不予处罚决定，对38家企业依法从轻、减轻处罚。": [
        "no_penalty_enterprise_count", "lenient_penalty_enterprise_count",
    ],
    "向公安机关移送行政拘留案件23件26人。": ["detention_transfer_case_count", "detained_person_count"],
    "移送行政拘留、涉嫌犯罪案件分别为23件、14件。": ["detention_transfer_case_count", "criminal_transfer_case_count"],
    "立案二百四十八件，罚款三千四百四十六万余元，收缴罚款近2440万元。": [
        "case_filed_count", "fine_imposed_amount", "fine_collected_amount",
    ],
    "对51个政策措施性文件、22件合同共73件文件进行公平竞争审查。": [
        "policy_review_policy_count", "policy_review_contract_count", "policy_review_count",
    ],
    "网上学法考法的参考率、合格率分别为98.9%、89.1%。": ["law_exam_participation_rate", "law_exam_pass_rate"],
    "在信访投诉举报方面，受理604件，按期办结率98.1%。": ["petition_accepted_count", "petition_on_time_rate"],
    "行政许可方面，办结220件，按时办结率97.8％。": ["permit_closed_count", "permit_on_time_rate"],
    "开展移动执法检查3,948家次，共立案248起。": ["inspection_count", "case_filed_count"],
    "法制审核案件87件。": ["legal_review_count"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "names"), OTHER_WORDS.items(), ids=lambda value: str(value)[:14])
def test_other_words_for_the_same_figures(text: str, names: list[str]) -> None:
    assert [(state, name) for _, state, name in claims(text)] == [("agrees", name) for name in names]


def test_a_list_of_rates_shares_a_figure() -> None:
    shared = claims("行政许可满意率、按时办结率均达96.7%。")
    assert shared == [
        ("96.7%", "agrees", "permit_satisfaction_rate"),
        ("96.7%", "differs", "permit_on_time_rate"),
    ]


SILENT = [
    "召开局长办公会12次，组织培训5期，参训300人次，现有执法人员320人。",
    "根据《条例》第十二条，2023年3月15日印发某环发〔2023〕15号文件，12369热线24小时值守，回访3个工作日内完成。",
    "空气优良天数比例96.2%，PM2.5平均浓度32微克，完成重点项目248个，投入资金3446万元。",
    "全省立案2000件，罚款1.2亿元；远山市立案500件。全国立案9万件。",
    "2024年计划立案300件，力争收缴罚款3000万元。",
    "人均办案2.5件，案均罚款13.9万元，最大一笔罚款200万元。",
    "立案后已办结120件，结案率48.4%。",
    "在大气专项行动中立案30件。水污染类立案20件。",
    "中央督察交办信访件100件。罚没款3500万元。公安机关立案9件。",
    "创新化解矛盾40件，“八五”普法三年来开展活动70场。",
    "一季度立案60件，上半年罚款800万元。近三年立案700件。",
    "干部职工1人1策，两级三方协同，一件事一次办，千家万户受益。",
]  # fmt: skip


@pytest.mark.parametrize("text", SILENT, ids=lambda text: text[:12])
def test_what_is_no_figure_of_the_report_is_not_claimed(text: str) -> None:
    assert claims(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("星河区立案90件，长岭县立案60件。", ["agrees", "agrees"]),
        ("星河区立案91件，长岭县立案60件。", ["differs", "agrees"]),
        ("全市立案248件，其中星河区90件、长岭县61件。", ["agrees", "agrees", "differs"]),
        ("全市立案248件，比上年200件增加48件，同比增长24%。", ["agrees", "agrees", "agrees", "agrees"]),
        ("全市立案248件，比上年210件增加48件，同比增长25%。", ["agrees", "differs", "agrees", "differs"]),
        ("全市立案248件，同比下降24%。", ["agrees", "differs"]),
        ("受理信访投诉举报604件，较去年同期下降5.6%。", ["agrees", "agrees"]),
        ("上年立案200件。2022年立案201件。", ["agrees", "differs"]),
        ("立案248件，其中移送行政拘留案件23件，占9.3%。", ["agrees", "agrees", "agrees"]),
        ("立案248件，其中移送行政拘留案件23件，占9.9%。", ["agrees", "agrees", "differs"]),
        ("立案248件，其中移送行政拘留案件33件，占9.3%。", ["agrees", "differs", "agrees"]),
    ],
)
def test_other_regions_and_years_and_what_follows_from_figures(text: str, expected: list[str]) -> None:
    assert [state for _, state, _ in claims(text)] == expected


def test_two_that_fit_are_ambiguous_and_both_are_named() -> None:
    (finding,) = [
        finding for finding in proofread("移送行政拘留、涉嫌犯罪案件37件。") if finding.is_doubtful
    ]
    assert (finding.state.value, finding.indicator_id) == ("ambiguous", None)
    assert "移送行政拘留案件（23件）" in finding.details["candidates"]


def test_places_that_say_different_things_name_each_other() -> None:
    findings = [each for each in proofread("全市立案248件。\n综上，全年立案284件。") if each.indicator_id]
    assert [(finding.state.value, finding.other_texts) for finding in findings] == [
        ("agrees", ("284件",)), ("differs", ("248件",))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("没有一起考试违纪。", "ambiguous"),
        ("处罚决定全部全文公开。", "ambiguous"),
        ("没有召开会议，均已完成。", None),
    ],
)
def test_numbers_said_in_words_are_doubted_and_never_wrong(text: str, state: str | None) -> None:
    assert [each for _, each, _ in claims(text)] == ([state] if state else [])
