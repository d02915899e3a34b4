"""Words of writers: 全年 of another year, gaps, sums, and none of the cases."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import claims, proofread

HEADING = "\n\n检查4000家次，立案300件。\n"


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("2022年全年立案200件。", ["agrees"]),
        ("2022年，我局全年立案201件。", ["differs"]),
        ("去年全年立案200件。", ["agrees"]),
        ("上年全年立案200件，今年全年立案248件。", ["agrees", "agrees"]),
        ("2022年上半年立案110件，全年立案200件。", ["agrees"]),
        ("2023年，全年立案249件。", ["differs"]),
        ("2024年全年要办结许可240件。", []),
        ("明年，全年检查4000家次。", []),
        ("2024年，我们将推进执法下沉；全年现场检查不少于4000家次。", []),
        (f"六、存在的不足和下一步打算{HEADING}", []),
        (f"六、存在问题及下步工作计划{HEADING}", []),
        (f"六、不足与打算{HEADING}", []),
        (f"六、问题与展望{HEADING}", []),
        (f"六、存在的不足{HEADING}", ["differs", "differs"]),
        ("罚款决定与到账罚款之间还有1011.06万元的缺口。", []),
        ("决定罚款与到账罚款之间差额1011.06万元。", []),
        ("星河区立案90件、长岭县立案60件，合计占全市立案总数的60.4%。", ["agrees", "agrees"]),
        ("新《环境保护法》四个配套办法和移送司法的案件。", []),
    ],
    ids=lambda value: str(value)[:22],
)
def test_years_plans_gaps_and_sums(text: str, states: list[str]) -> None:
    assert [state for _, state, _ in claims(text)] == states


@pytest.mark.parametrize("words", ["无一被纠错", "均未被纠错", "没有一起被纠错"])
def test_of_none_of_the_cases_the_number_counts_the_cases(words: str) -> None:
    of_indicator = {
        finding.indicator_id: finding.value
        for finding in proofread(f"61起复议案件{words}。")
        if finding.state != "not_a_figure"
    }
    assert of_indicator == {"reconsideration_count": 61, "reconsideration_corrected_count": 0}


@pytest.mark.parametrize(
    ("text", "indicator_id", "states"),
    [
        ("全年办了248个案子。", "case_filed_count", ["agrees"]),
        ("全年办了249个案子。", "case_filed_count", ["differs"]),
        ("全年办了3个典型案子。", "", []),
        ("新考取执法证的有32人。", "newly_certified_officer_count", ["agrees"]),
        ("报名考取执法证的有40人。", "", []),
        ("法制机构对重大处罚事项审核把关87次。", "legal_review_count", ["agrees"]),
        ("律师审核把关86次。", "", []),
        ("邀请律师来局授课44场。", "lecture_count", ["agrees"]),
        ("到企业授课4场。", "", []),
        ("开展公平竞争审查，包括政策性文件51份。", "policy_review_policy_count", ["agrees"]),
        ("公平竞争审查中，47份顺利过审。", "policy_review_passed_count", ["agrees"]),
        ("查实的执法不规范投诉为零。", "enforcement_complaint_count", ["ambiguous"]),
        ("全年降雨为零。", "", []),
    ],
    ids=lambda value: str(value)[:22],
)
def test_further_words_name_their_figure(text: str, indicator_id: str, states: list[str]) -> None:
    findings = [
        finding for finding in proofread(text) if finding.state in ("agrees", "differs", "ambiguous")
    ]
    assert [finding.state for finding in findings] == states
    assert all(finding.indicator_id == indicator_id for finding in findings)
