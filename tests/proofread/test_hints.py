"""Numbers that no phrase of an indicator names: what their unit and the words around them point to."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import city_reading, claims
from transforms.proofread.authorship import unit_of
from transforms.proofread.read_plain import read_plain

AGREES, DIFFERS, AMBIGUOUS = "agrees", "differs", "ambiguous"


@pytest.mark.parametrize(
    ("text", "indicator_id"),
    [
        ("一年下来，立了248个案子。", "case_filed_count"),
        ("查处环境违法行为248起。", "case_filed_count"),
        ("足足查了3948家次。", "inspection_count"),
        ("现场执法3948家次。", "inspection_count"),
        ("对环境违法行为开罚3446.52万元。", "fine_imposed_amount"),
        ("对违法企业开罚3446.52万元，真正交到国库的有2435.46万元。", "fine_collected_amount"),
        ("移送公安13件，26人被行拘。", "detained_person_count"),
        ("将16条线索函告市场监管局。", "market_transfer_count"),
        ("还有16件，我们移交给了市场监管部门。", "market_transfer_count"),
        ("党组会专题学法42次。", "party_study_count"),
        ("法制员审核重大案件87件次。", "legal_review_count"),
        ("共接办群众来信来访反映的问题604件。", "petition_accepted_count"),
        ("全年当了31回被告。", "lawsuit_count"),
        ("全年办结行政审批事项220件，按期办结的占97.8%。", "permit_on_time_rate"),
        ("党组召开42次会议，就法治建设听取汇报、作出部署。", "party_study_count"),
        ("对举报人兑现奖励29起，5500元。", "report_reward_amount"),
        ("企业来办许可，我们办了220件。", "permit_closed_count"),
        ("公安拘留26人（涉及案件23件）。", "detention_transfer_case_count"),
        ("与公安、检察院会商4次，抄送市场监管部门案件16宗。", "market_transfer_count"),
        ("全年被申请复议61次。", "reconsideration_count"),
        ("组织12批执法资格考试。", "certification_exam_session_count"),
        ("立案（件）：248", "case_filed_count"),
        ("罚款（万元）：3446.52；收缴（万元）：2435.46", "fine_collected_amount"),
        ("复议61，纠错21；诉讼31。", "lawsuit_count"),
        ("行政许可办结220件；信访投诉受理604件，按时办结98.1%。", "petition_on_time_rate"),
        ("参加执法资格考试36人，缺考4人，通过32人。", "newly_certified_officer_count"),
        ("年度目标检查3000家次，实际完成3948家次。", "inspection_count"),
        ("年度目标立案200件，实际立案248件。", "case_filed_count"),
        ("重大执法决定法制审核率100%，共审核87次。", "legal_review_count"),
        ("移送市监局16件。", "market_transfer_count"),
        ("检查家次最多的是星河区（700家次），立案件数长岭最少，达60件。", "case_filed_count"),
        ("26个老板被行政拘留。", "detained_person_count"),
        ("1️⃣ 执法检查有数：3948家次\n2️⃣ 法审87次\n3️⃣ 服务有数：许可220件", "permit_closed_count"),
        ("📮 处罚罚款3446.52万，到位2435.46万", "fine_collected_amount"),
        ("律审率86.3%，公示率87.2%。", "penalty_publication_rate"),
        ("动用四个配套办法办案84宗。", "five_kinds_count"),
        ("发放举报奖励29笔5500元。", "report_reward_amount"),
        ("信访604件。", "petition_accepted_count"),
        ("收上来的罚款2400多万元。", "fine_collected_amount"),
        ("罚款中已收到2435.46万元。", "fine_collected_amount"),
        ("开出罚单3446.52万元，收回2435.46万元。", "fine_collected_amount"),
        ("受法律顾问参与审核的案件占比86.3%。", "legal_adviser_review_rate"),
    ],
    ids=lambda value: str(value)[:18],
)
def test_words_point_to_a_figure(text: str, indicator_id: str) -> None:
    assert claims(text)[-1][1:] == (AGREES, indicator_id)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("立了249个案子。", DIFFERS),
        ("查处环境违法行为249起。", DIFFERS),
        ("罚款收上来3446.52万元。", DIFFERS),
        ("罚没款3500万元。", AMBIGUOUS),
        ("还有17件，我们移交给了市场监管部门。", AMBIGUOUS),
        ("全年办结行政审批事项220件，按期办结的占97.7%。", AMBIGUOUS),
    ],
)
def test_a_number_that_differs_is_doubtful(text: str, state: str) -> None:
    assert claims(text)[-1][1] == state


@pytest.mark.parametrize(
    "text",
    [
        "检查中发现环境问题126个。",
        "走访服务企业3000家次。",
        "两条热线加上来信来访。",
        "对符合立案条件的121件予以处理。",
        "全年应办许可235件。",
        "安排执法经费320万元。",
        "查处案件中较大额罚款案件30余宗。",
        "随机抽取企业860家次。",
        "加处罚款12.5万元。",
        "还没收上来的罚款1000万元。",
        "收到群众举报线索后罚款3446.52万元。",
        "信访投诉举报中，群众满意率96.3%。",
        "我们这样守护2023，执法检查见真章。",
        "强制执行涉及金额210万元。",
        "党组会议召开90次，其中听取法治工作汇报多次。",
        "查处案件发出告知书300份。",
    ],
)
def test_other_things_are_left_alone(text: str) -> None:
    assert claims(text) == []


def test_a_number_without_unit_counts_where_it_ends_a_clause_of_its_own() -> None:
    assert claims("查封扣押数为14。") == [("14", DIFFERS, "seizure_count")]
    assert claims("查封扣押数为13。") == [("13", AGREES, "seizure_count")]
    assert claims("查封扣押涉及2023、14所学校。") == []


def test_what_the_police_did_goes_no_further_than_the_semicolon() -> None:
    assert claims("公安机关立案侦查17人；查封扣押14件。")[-1] == ("14件", DIFFERS, "seizure_count")


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("某市生态环境局长岭分局2023年度执法情况通报", "990121"),
        ("某市生态环境局长岭分局", "990121"),
        ("某市生态环境局2023年工作总结", None),
        ("关于长岭县执法情况的通报", None),
        ("长岭县水利局2023年工作总结", None),
    ],
)
def test_the_branch_that_wrote_a_text_is_its_unit(title: str, unit: str | None) -> None:
    blocks = read_plain(f"{title}\n全年立案60件。\n现予通报。\n").blocks
    assert unit_of(blocks, city_reading().regions) == unit


def test_the_signature_of_a_branch_says_so_too() -> None:
    lines = (
        "关于执法情况的通报",
        "一、情况",
        "全年立案60件。",
        "二、要求",
        "某市生态环境局长岭分局",
        "2024年1月15日",
    )
    assert unit_of(read_plain("\n".join(lines)).blocks, city_reading().regions) == "990121"


def test_news_call_the_year_last_year() -> None:
    news = "铁腕执法\n本报讯（记者 王芳）2023年该市检查企业3948家次。\n去年，立案248件。\n"
    assert [state for _, state, _ in claims(news)] == [AGREES, AGREES]


def test_labels_of_a_table_point_to_a_figure_too() -> None:
    table = "序号\t内容\t完成情况\n1\t新申领执法证人数\t32人\n2\t奖励举报件数及金额\t29起、5500元\n"
    assert [(indicator, state) for _, state, indicator in claims(table)] == [
        ("newly_certified_officer_count", AGREES),
        ("report_reward_count", AGREES),
        ("report_reward_amount", AGREES),
    ]


def test_a_number_with_words_of_its_own_takes_none_of_the_one_before() -> None:
    assert claims("新取得执法证32名，全市151名执法人员持证上岗率95.6%。") == [
        ("32名", AGREES, "newly_certified_officer_count"), ("95.6%", AGREES, "officer_certified_rate"),
    ]  # fmt: skip


def test_the_label_beside_says_of_what_a_column_is() -> None:
    table = "全市案件\n\n单位\t立案（件）\t罚款（万元）\t入库（万元）\n全市\t248\t3446.52\t2435.46\n"
    assert claims(table)[-1] == ("2435.46", AGREES, "fine_collected_amount")
