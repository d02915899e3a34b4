"""Which indicator a number states: each is found, a wrong digit too, and nothing else is claimed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import indicators
from schemas.figures.indicator import Indicator
from tests.support.proofread_texts import (
    CITY,
    LONG,
    PROSE,
    STAR,
    SUMS,
    city_reading,
    claims,
    fill,
    known_figures,
    make_figure,
    proofread,
    read_as,
)
from transforms.proofread.findings import judge, never_mentioned
from transforms.proofread.messages import describe_finding
from transforms.proofread.read_plain import read_plain
from transforms.proofread.statements import read_statements
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
    assert never_mentioned(findings, indicators(), known_figures(), city_reading()) == []
    names = [
        each.indicator_id for each in never_mentioned([], indicators(), known_figures(), city_reading())
    ]
    assert names == list(indicators())
    assert never_mentioned([], indicators(), {}, city_reading()) == []


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
    "近日，记者从市局获悉，全年处罚金额3446.52万。": ["fine_imposed_amount"],
    "办理了31起行政诉讼案件和61件行政复议案件。": ["lawsuit_count", "reconsideration_count"],
    "开展政策文件公平竞争审查，修订34件,废止35件;通过47件。": [
        "policy_review_revised_count", "policy_review_repealed_count", "policy_review_passed_count",
    ],
    "截至12月31日,全市立案248件,罚款总额3446万余元，入库2435万余元。": [
        "case_filed_count", "fine_imposed_amount", "fine_collected_amount",
    ],
    "一年来，累计检查企业3948家次。市本级办结行政许可220件。": ["inspection_count", "permit_closed_count"],
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
    "2024年计划立案300件，力争收缴罚款3000万元，力争2023年立案280件。",
    "人均办案2.5件，案均罚款13.9万元，最大一笔罚款200万元。",
    "立案后已办结120件，结案率48.4%。",
    "在大气专项行动中立案30件。水污染类立案20件。",
    "中央督察交办信访件100件。公安机关立案9件。",
    "创新化解矛盾40件，“八五”普法三年来开展活动70场。",
    "一季度立案60件，上半年罚款800万元。近三年立案700件。",
    "干部职工1人1策，两级三方协同，一件事一次办，千家万户受益。",
    "截至10月底，今年全市立案150件。今年上半年检查企业900家次。近三年来立案700件，罚款9000万元。",
    "对符合立案条件的121件予以处理，下达处罚决定书240份，信访投诉案件中噪声类31件，其中来访19件。",
    "督察期间，立案46件，罚款376万元。对某建材公司的9件违法行为立案。",
    "3个分局全年立案不足10件，减免罚款318万元，合法性审查规范性文件4件。",
    "双随机抽查企业149家次，查处线索问题500个，违法行为同比减少7成。",
    "根据2022年印发的方案，全省首个试点落地，全省率先完成立案系统升级3次。",
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
        ("检查企业3948家次，其中现场检查312家次。", ["agrees"]),
        ("检查企业3949家次，其中现场检查312家次。", ["differs"]),
        (
            "立案248件（上年200件，同比增长24%），处罚款3446.52万余元（上年无可比数据），讲座44场次。",
            ["agrees"] * 5,
        ),
        (
            "立案248件（其中星河区90件、长岭县61件），讲座44场次。",
            ["agrees", "agrees", "differs", "agrees"],
        ),
        ("立案248件，其中星河区90件、长岭县60件，讲座44场次。", ["agrees"] * 4),
        ("立案248件，上年立案200件，讲座44场次。", ["agrees"] * 3),
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
        ("考试零违纪。", "ambiguous"),
        ("其中行政复议案件、行政许可办结上年无可比数据。", None),
        ("处罚决定全部全文公开。", "ambiguous"),
        ("没有召开会议，均已完成。", None),
    ],
)
def test_numbers_said_in_words_are_doubted_and_never_wrong(text: str, state: str | None) -> None:
    assert [each for _, each, _ in claims(text)] == ([state] if state else [])


def test_statistics_tables_count_otherwise_and_are_left_alone() -> None:
    table = "行政许可实施情况统计表\n\n单位\t行政许可办结（件）\n某市本级\t12\n"
    assert claims(table) == []


@pytest.mark.parametrize(
    ("region", "period", "text", "expected"),
    [
        (STAR, "2023", "全区立案90件，全市立案248件。", [("agrees", STAR), ("agrees", CITY)]),
        (STAR, "2023", "我区立案91件，长岭县立案60件。", [("differs", STAR), ("agrees", LONG)]),
        (CITY, "2023-06", "6月立案21件，全年立案248件。", [("agrees", CITY), ("agrees", CITY)]),
        (CITY, "2023-06", "本月立案21件，今年以来立案100件。", [("agrees", CITY), ("not_a_figure", CITY)]),
        (CITY, "2023-06", "立案21件，上月立案9件。", [("agrees", CITY), ("not_a_figure", CITY)]),
    ],
)
def test_reports_of_units_and_of_months(
    region: str, period: str, text: str, expected: list[tuple[str, str]]
) -> None:
    reading = city_reading(region, period)
    figures = {
        **known_figures(),
        ("case_filed_count", CITY, "2023-06"): make_figure("case_filed_count", 21),
    }
    findings = judge(read_plain(text), read_statements(read_plain(text), reading), figures, reading)
    assert [(each.state.value, each.key[1]) for each in findings if each.key] == expected


PIECES = [
    "立案", "248件", "，", "。", "；", "、", "（", "）", "全市", "星河区", "上年", "同比", "增长", "占", "分别", "均", "为",
    "没有", "100%", "参考率", "合格率", "3446.52万余元", "罚款", "二百", "百分之", "零", "万", "2023年", "一、", "\n", "\t", "|",
    "其中", "和", "第", "件",
    "截至13月", "0月", "1—6月", "行政拘留", "22人", "点", "亿", "1,234", "，234", " ", "\u3000", "０", "近", "余",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_is_read_and_positions_are_those_of_the_text(text: str) -> None:
    for has_markup in (False, True):
        read = read_plain(text, has_markup=has_markup)
        for finding in read_as(read):
            assert text[finding.start : finding.end] == finding.text
            assert finding.start < finding.end
            assert describe_finding(finding)
