"""Texts for proofreading, with invented figures that all differ, so that none passes for another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from schemas.catalogue import indicators
from schemas.figures.display import figure_value, format_figure
from schemas.periods import Period
from schemas.regions import RegionTable, parse_regions
from tests.conftest import CITY_TABLE
from transforms.proofread.findings import ProofFinding, judge, needed_figures
from transforms.proofread.known import FigureKey, KnownFigure
from transforms.proofread.read_plain import read_plain
from transforms.proofread.reading import ReadingContext, make_reading
from transforms.proofread.statements import read_statements
from transforms.proofread.text import TextRead

CITY, STAR, LONG = "990100", "990102", "990121"
#: indicator to numerator and denominator; money in 分
SUMS: dict[str, tuple[int, int | None]] = {
    "case_filed_count": (248, None), "fine_imposed_amount": (34_465_278_50, None),
    "fine_collected_amount": (24_354_611_00, None), "detention_transfer_case_count": (23, None),
    "detained_person_count": (26, None), "criminal_transfer_case_count": (14, None),
    "criminal_filed_person_count": (17, None), "seizure_count": (13, None), "production_limit_count": (15, None),
    "daily_penalty_count": (19, None), "five_kinds_count": (84, None), "market_transfer_count": (16, None),
    "report_reward_count": (29, None), "report_reward_amount": (5_500_00, None), "petition_accepted_count": (604, None),
    "petition_on_time_rate": (981, 1000), "legal_review_count": (87, None), "file_review_unqualified_count": (18, None),
    "lawsuit_count": (31, None), "head_appearance_rate": (912, 1000), "head_speaking_rate": (823, 1000),
    "head_appearance_by_hearing_rate": (934, 1000), "lawsuit_platform_entry_rate": (945, 1000),
    "reconsideration_count": (61, None), "reconsideration_corrected_count": (21, None), "court_enforcement_count": (41, None),
    "inspection_count": (3948, None), "certification_exam_session_count": (12, None),
    "newly_certified_officer_count": (32, None), "officer_certified_rate": (956, 1000), "exam_violation_count": (24, None),
    "enforcement_complaint_count": (27, None), "permit_closed_count": (220, None), "permit_satisfaction_rate": (967, 1000),
    "permit_on_time_rate": (978, 1000), "policy_review_count": (73, None), "policy_review_policy_count": (51, None),
    "policy_review_contract_count": (22, None), "policy_review_revised_count": (34, None),
    "policy_review_repealed_count": (35, None), "policy_review_passed_count": (47, None),
    "policy_review_exception_count": (36, None), "policy_review_violation_count": (37, None),
    "no_penalty_enterprise_count": (25, None), "lenient_penalty_enterprise_count": (38, None),
    "law_exam_participation_rate": (989, 1000), "law_exam_pass_rate": (891, 1000), "penalty_publication_rate": (872, 1000),
    "legal_adviser_review_rate": (863, 1000), "party_study_count": (42, None), "theory_study_count": (43, None),
    "lecture_count": (44, None), "leader_training_rate": (854, 1000),
}  # fmt: skip
LAST_YEAR = {"case_filed_count": 200, "petition_accepted_count": 640}
OF_UNITS = {(STAR, "case_filed_count"): 90, (LONG, "case_filed_count"): 60, (STAR, "inspection_count"): 700}

#: {…} stands for what the yearly report would print
PROSE = """\
法治政府建设年度报告
一、坚持严格执法
2023年，全市生态环境系统立案查处环境违法案件{case_filed_count}，处罚款{fine_imposed_amount}，收缴罚款{fine_collected_amount}。\
移送公安机关行政拘留案件{detention_transfer_case_count}、{detained_person_count}，移送涉嫌环境犯罪案件{criminal_transfer_case_count}，\
已刑事立案{criminal_filed_person_count}。实施查封扣押{seizure_count}、限产停产{production_limit_count}、\
按日连续处罚{daily_penalty_count}，五类案件共计{five_kinds_count}。移送市场监督管理部门{market_transfer_count}。\
开展移动执法检查{inspection_count}，申请法院强制执行{court_enforcement_count}。
二、规范执法行为
组织重大执法决定法制审核{legal_review_count}，法律顾问审核率{legal_adviser_review_rate}，处罚决定全文公开率\
{penalty_publication_rate}。案卷评查不合格{file_review_unqualified_count}，查实执法不规范投诉{enforcement_complaint_count}。\
举行执法资格证考试{certification_exam_session_count}，新增持证执法人员{newly_certified_officer_count}，执法人员持证上岗率\
{officer_certified_rate}，考试违纪{exam_violation_count}。不予处罚企业{no_penalty_enterprise_count}，从轻减轻处罚企业\
{lenient_penalty_enterprise_count}。
三、依法化解争议
行政诉讼案件{lawsuit_count}，行政机关负责人出庭应诉率{head_appearance_rate}，出庭出声率{head_speaking_rate}，\
按庭次计的负责人出庭应诉率{head_appearance_by_hearing_rate}，应诉工作平台录入率{lawsuit_platform_entry_rate}。\
行政复议案件{reconsideration_count}，复议被纠错案件{reconsideration_corrected_count}。受理信访投诉举报\
{petition_accepted_count}，按期办结率{petition_on_time_rate}。有奖举报奖励{report_reward_count}，发放奖金{report_reward_amount}。
四、优化服务
行政许可办结{permit_closed_count}，群众满意率{permit_satisfaction_rate}，按时办结率{permit_on_time_rate}。\
公平竞争审查文件{policy_review_count}，其中政策措施{policy_review_policy_count}、合同{policy_review_contract_count}；\
审查通过{policy_review_passed_count}，修订不符合审查标准的文件{policy_review_revised_count}，\
废止不符合审查标准的文件{policy_review_repealed_count}，适用例外规定{policy_review_exception_count}，\
违背市场主体经济活动的文件{policy_review_violation_count}。
五、加强学习
党组专题研究法治建设{party_study_count}，党组理论学习{theory_study_count}，专题讲座{lecture_count}，\
领导班子法治培训参训率{leader_training_rate}，网上学法考法参考率{law_exam_participation_rate}、合格率{law_exam_pass_rate}。
"""


@cache
def regions() -> RegionTable:
    return parse_regions(CITY_TABLE)


@cache
def known_figures() -> dict[FigureKey, KnownFigure]:
    """Return the invented figures of 2023, with a few of the year before and of units."""
    figures: dict[FigureKey, KnownFigure] = {}
    for name, sums in SUMS.items():
        figures[name, CITY, "2023"] = make_figure(name, *sums)
    for name, number in LAST_YEAR.items():
        figures[name, CITY, "2022"] = make_figure(name, number)
    for (region, name), number in OF_UNITS.items():
        figures[name, region, "2023"] = make_figure(name, number)
    return figures


def make_figure(name: str, numerator: int | None, denominator: int | None = None) -> KnownFigure:
    indicator = indicators()[name]
    value = figure_value(indicator, numerator, denominator)
    display = format_figure(indicator, numerator, denominator)
    return KnownFigure(None if value is None else Decimal(value), display)


def fill(text: str) -> str:
    """Put the figures into a text as the yearly report prints them."""
    return text.format_map({name: make_figure(name, *sums).display for name, sums in SUMS.items()})


def read_as(text: TextRead, figures: Mapping[FigureKey, KnownFigure] | None = None) -> list[ProofFinding]:
    """Proofread a text as the city's report of 2023."""
    reading = city_reading()
    statements = read_statements(text, reading)
    known = known_figures() if figures is None else figures
    needed = needed_figures(statements, reading)
    return judge(text, statements, {key: known[key] for key in known if key[1:] in needed}, reading)


def city_reading(region: str = CITY, period: str = "2023") -> ReadingContext:
    return make_reading(indicators(), regions(), region, Period.parse(period))


def proofread(text: str) -> list[ProofFinding]:
    return read_as(read_plain(text))


def claims(text: str) -> list[tuple[str, str, str | None]]:
    """Return (text, state, indicator) of the numbers that are figures or doubtful."""
    return [
        (finding.text, finding.state.value, finding.indicator_id)
        for finding in proofread(text)
        if finding.state != "not_a_figure"
    ]
