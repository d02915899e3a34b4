"""Numbers of other authorities, of single cases, of plans and of other times are not claimed."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import claims

CASES = [
    # another authority's report or sentence
    ("某州财政局2023年工作总结\n全年立案31件，罚款40万元。", []),
    ("某市生态环境局2023年工作总结\n全年立案31件。", ["differs"]),
    ("关于向某市公安局移送案件的报告\n全年立案31件。", ["differs"]),
    (
        "关于封路的通告\n为保障施工，现通告如下。\n一、罚款300元。\n二、立案9件。\n某市公安局交通警察支队",
        [],
    ),
    ("水利局立案9件，罚款30万元。", []),
    ("公安机关立案9件，行政拘留25人。", ["differs"]),
    ("市水利局立案9件，我局立案31件。", ["differs"]),
    ("移送公安机关行政拘留案件33件。", ["differs"]),
    ("省厅举办专题讲座9场次。", []),
    ("邀请省厅专家举办专题讲座9场次。", ["differs"]),
    # one case, or what a law sets
    ("对某纸业公司罚款12万元。", []),
    ("对其罚款12万元。", []),
    ("养鸡户张某被处罚款3万元。", []),
    ("处1万元以上10万元以下罚款。", []),
    ("对乱停放的，依法处以100元罚款。", []),
    ("对其中35家企业免予处罚。", ["differs"]),
    ("某公司拒不整改。全市共处罚款12万元。", ["differs"]),
    # several years, and days
    ("2020年至2023年四年间，全市立案900件。", []),
    ("四年累计立案900件。", []),
    ("2023年累计立案900件。", ["differs"]),
    ("5月6日至7月9日，立案12件，罚款90万元。", []),
    ("2月1日至5月31日开展“清风”专项行动，立案12件、罚款90万元。", []),
    ("1月1日至12月31日，立案12件。", ["differs"]),
    # plans
    ("六、2024年目标。立案不少于300件。", []),
    ("六、2024年工作计划\n\n立案300件。\n", []),
    ("六、目标完成情况\n\n立案300件。\n", ["differs"]),
    ("力争行政诉讼零败诉、复议零纠错。", []),
    # parts
    ("县市区里，星河区最忙：检查699家次。", ["differs"]),
    ("在专项行动中，检查312家次。", []),
    ("在专项行动中，检查9948家次。", ["differs"]),
    # names of platforms
    ("录入全省行政应诉工作平台的录入率为93%。", ["differs"]),
    ("全省录入率为93%。", []),
]


@pytest.mark.parametrize(("text", "states"), CASES, ids=lambda value: str(value)[:16])
def test_only_the_reports_own_figures_are_claimed(text: str, states: list[str]) -> None:
    assert [state for _, state, _ in claims(text)] == states


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("全市立案由上年的200件增至248件，同比增长24%。", ["agrees"] * 3),
        ("全市立案由上年的210件增至249件。", ["differs", "differs"]),
        ("与2022年相比，立案数从200件上升到248件。", ["agrees", "agrees"]),
        ("立案数由2022年的200件增加到2023年的248件。", ["agrees", "agrees"]),
        ("立案数由2021年的150件降至248件。", ["agrees"]),
        ("处罚款由上年的900万元上升到3446.52万元。", ["agrees"]),
        ("处罚款由上年的900万元上升到3447.52万元。", ["differs"]),
    ],
)
def test_of_two_years_in_a_clause_the_first_is_the_earlier(text: str, states: list[str]) -> None:
    assert [state for _, state, _ in claims(text)] == states


OTHER_WORDS = [
    ("对{}家轻微违法的企业不罚。", "25", "no_penalty_enterprise_count"),
    ("对{}家主动整改的企业轻罚。", "38", "lenient_penalty_enterprise_count"),
    ("{}名新人拿到执法证。", "32", "newly_certified_officer_count"),
    ("送公安拘留的案子23件（拘了{}人）。", "26", "detained_person_count"),
    ("审查涉企文件73份（政策{}份、合同22份）。", "51", "policy_review_policy_count"),
    ("审查涉企文件73份（政策51份、合同{}份）。", "22", "policy_review_contract_count"),
    ("向市场监管部门移交问题线索{}件。", "16", "market_transfer_count"),
    ("{}件检测造假线索转给了市场监管局。", "16", "market_transfer_count"),
    ("开出罚单{}万元。", "3446.52", "fine_imposed_amount"),
    ("有奖举报兑现29起，奖出{}元。", "5500", "report_reward_amount"),
    ("行政官司{}起。", "31", "lawsuit_count"),
    ("民告官案件{}起。", "31", "lawsuit_count"),
    ("办理四类案件{}件。", "84", "five_kinds_count"),
    ("违规干预市场主体经济活动的文件{}件。", "37", "policy_review_violation_count"),
    ("收到执法不规范的投诉90件，经查证属实的{}件。", "27", "enforcement_complaint_count"),
    ("党组会议召开90次，其中专门研究法治事项{}次。", "42", "party_study_count"),
    ("处罚决定{}%全文上网。", "87.2", "penalty_publication_rate"),
]


@pytest.mark.parametrize(("text", "number", "name"), OTHER_WORDS, ids=lambda value: str(value)[:14])
def test_lively_words_state_the_figure_and_a_wrong_one_differs(text: str, number: str, name: str) -> None:
    wrong = number.replace(number[0], "9", 1)
    for written, state in ((number, "agrees"), (wrong, "differs")):
        doubtful = [claim for claim in claims(text.format(written)) if claim[2] == name]
        assert [claim[1] for claim in doubtful] == [state]
        remaining_states = [claim[1] for claim in claims(text.format(written)) if claim[2] != name]
        assert set(remaining_states) <= {"agrees"}


@pytest.mark.parametrize(
    "text",
    [
        "尚有500万元罚款未执行到位。",
        "收到执法不规范投诉90件。",
        "党组会研究干部人事9次。",
        "送法进企业讲座9场次。",
        "履行法治建设第一责任人职责，全年主持召开党组会议90次。",
    ],
)
def test_what_words_deny_or_narrow_is_no_figure(text: str) -> None:
    assert claims(text) == []
