"""Spoken reports: a subject that goes on, asides, other measure words; places, days and cases beside."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import city_reading, claims
from transforms.proofread.read_plain import read_plain
from transforms.proofread.statements import read_statements

AGREES, DIFFERS, AMBIGUOUS = "agrees", "differs", "ambiguous"


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("检查3948家次，一季度948家次，天气转暖的二季度1019家次。", ["2023", "2023-Q1", "2023-Q2"]),
        ("检查3948家次，三季度顶着38度的高温也跑了960家次，四季度又冲到了1021家次。", ["2023", "2023-Q3", "2023-Q4"]),
        ("申请强制执行，一共41件，三季度就有3件。", ["2023", "2023-Q3"]),
        ("持证上岗率拉到了百分之百，要知道一季度末这个数还只有98.36%。", ["2023", "2023-Q1"]),
        ("检查3948家次，一季度帮扶的企业48家次。", ["2023"]),
        ("检查3948家次，三季度联合检查48家次。", ["2023"]),
        ("立案248件，一季度发现问题70件，三季度又有12件听证。", ["2023"]),
        ("立案248件，查出隐患的三季度就有12件。", ["2023"]),
    ],
)  # fmt: skip
def test_a_clause_with_only_a_period_goes_on_with_the_subject(text: str, periods: list[str]) -> None:
    statements = [
        each for each in read_statements(read_plain(text), city_reading(period="2023")) if each.matches
    ]
    assert [each.period.key for each in statements if each.period] == periods
    assert len({each.indicators[0].indicator_id for each in statements}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("动用查封扣押手段13次，停产限产15次。", [(AGREES, "seizure_count"), (AGREES, "production_limit_count")]),
        ("动用查封扣押手段14次。", [(AMBIGUOUS, "seizure_count")]),
        ("查封扣押现场会13次。", []),
        ("移动执法检查20件。", []),
        ("考场上违纪的24人。", [(AGREES, "exam_violation_count")]),
        ("还请了外地大学的教授来讲了44堂课。请教授讲了44节课。", [(AGREES, "lecture_count")] * 2),
        ("第3节，学校上了2节课。", []),
        ("给29位举报人发了奖金，钱不多，总共5500元。", [(AGREES, "report_reward_count"), (AGREES, "report_reward_amount")]),
        ("给29位举报人发了奖金，买设备总共5600元。", [(AGREES, "report_reward_count")]),
        ("送到公安机关23件，还有14件触犯了刑律，这几类加在一起一共84件。",
         [(AGREES, "detention_transfer_case_count"), (AGREES, "criminal_transfer_case_count"), (AGREES, "five_kinds_count")]),
        ("大气类312件，水类87件，这几类加在一起一共399件。", []),
        ("决定书在网上全文公开的比例87.2%。", [(AGREES, "penalty_publication_rate")]),
        ("许可决定书在网上全文公开的比例88.2%。", []),
        ("审批时限压缩率达66.7%。", []),
    ],
    ids=lambda value: str(value)[:18],
)  # fmt: skip
def test_other_words_and_measures(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(state, indicator) for _, state, indicator in claims(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("在全省14个市州里排第5位。移给市场监管局16件。", [(AGREES, "market_transfer_count")]),
        ("案件在全省各市州中处于领先地位。立案249件。", [(DIFFERS, "case_filed_count")]),
        ("全省14个市州立案5000件。罚款3万元。", []),
        ("解决了某养殖场异味扰民等18个疑难问题，信访按期办结率98.1%。", [(AGREES, "petition_on_time_rate")]),
        ("某公司异味扰民，信访按期办结率50%。", []),
        ("12月4日至8日开展年度案卷评查，抽取80份，不合格18份。", [(AGREES, "file_review_unqualified_count")]),
        ("12月4日至8日开展年度案卷评查，抽取80份，不合格19份。", [(DIFFERS, "file_review_unqualified_count")]),
        ("12月4日至8日检查企业80家次。", []),
        ("评查案卷120卷，其中优秀案卷31卷，不合格案卷为18。", [(AGREES, "file_review_unqualified_count")]),
        ("【信访举报】\n受理604件。其中大气类312件。", [(AGREES, "petition_accepted_count")]),
        ("【信访举报】\n受理605件。", [(AMBIGUOUS, "petition_accepted_count")]),
        ("【行政复议】\n受理605件。", [(AMBIGUOUS, "reconsideration_count")]), ("【水质监测】\n受理605件。", []),
        ("事项\t数量（件）\t占比（%）\n许可按时办结率\t—\t97.8\n大气类案件\t12\t5\n", [(AGREES, "permit_on_time_rate")]),
        ("事项\t数量（件）\t占比（%）\n许可按时办结率\t—\t97.9\n", [(DIFFERS, "permit_on_time_rate")]),
    ],
    ids=lambda value: str(value)[:18],
)  # fmt: skip
def test_places_days_cases_and_headings(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(state, indicator) for _, state, indicator in claims(text)] == expected


def test_a_temperature_is_no_figure() -> None:
    statements = read_statements(read_plain("顶着38度的高温检查3948家次。"), city_reading())
    assert [each.reason for each in statements] == ["temperature", ""]
