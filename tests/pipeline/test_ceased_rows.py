"""A row of an earlier month or of another unit that a file makes cease to count: both sides hear of it."""

from __future__ import annotations

from flows.outputs.load_reports import LoadReport
from flows.workspace import Workspace
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import BUREAU, RIVER, STAR, displayed_figure, findings_of, inbox, night
from warehouse.engine import reading
from warehouse.load.plausibility import warnings_of_months

ELSEWHERE, HERE = "submission.rows_count_elsewhere", "submission.rows_taken_over"
CASE = {"case_no": "某环立〔2023〕1号", "filed_on": "2023-01-10"}


def send(workspace: Workspace, unit: str, month: str, **changes: str) -> LoadReport:
    data = ledger_bytes("cases", {**CASE, **changes}, above=[["本次报送：全部"]])
    put(inbox(workspace), f"{month}/{unit}/立案.xlsx", data, f"{month}-28T10:00")
    report = night(workspace)
    assert report is not None
    return report


def doubts(report: LoadReport) -> dict[str, tuple[str, str]]:
    findings = findings_of(report)
    findings = findings[findings["rule_id"].isin([ELSEWHERE, HERE])]
    return {row.rule_id: (row.problem, row.file) for row in findings.itertuples()}


def test_a_later_month_with_another_day_lowers_the_earlier_one_and_says_so(workspace: Workspace) -> None:
    send(workspace, STAR, "2023-01")
    assert displayed_figure(workspace, "case_filed_count", "2023-01") == "1件"
    report = send(workspace, STAR, "2023-02", filed_on="2023-02-10")
    assert displayed_figure(workspace, "case_filed_count", "2023-01") == "0件"
    problems = doubts(report)
    assert problems[HERE][1] == f"2023-02/{STAR}/立案.xlsx"
    assert "星河区 2023-01已报的编号相同（某环立〔2023〕1号）" in problems[HERE][0]
    assert problems[ELSEWHERE][1] == f"2023-01/{STAR}/立案.xlsx"
    assert "这里的不再计入" in problems[ELSEWHERE][0]


def test_the_same_matter_again_with_the_same_day_says_nothing(workspace: Workspace) -> None:
    send(workspace, STAR, "2023-01")
    assert doubts(send(workspace, STAR, "2023-02", cause="无证排放")) == {}


def test_another_unit_that_handled_it_takes_it_and_the_first_one_hears_of_it(workspace: Workspace) -> None:
    send(workspace, RIVER, "2023-01")
    report = send(workspace, STAR, "2023-02", handling_unit="星河区")
    assert displayed_figure(workspace, "case_filed_count", "2023-01", RIVER) == "0件"
    assert set(doubts(report)) == {ELSEWHERE, HERE}
    with reading(workspace.engine) as connection:
        listed = warnings_of_months(workspace.as_of(connection, report.load_id), ["2023-01"])
    assert ELSEWHERE in listed["rule_id"].tolist(), "status lists it with the report that lost the row"
    assert ELSEWHERE in report.questions["rule_id"].tolist()


def test_the_bureau_expects_that_its_counties_count(workspace: Workspace) -> None:
    send(workspace, BUREAU, "2023-01")
    assert doubts(send(workspace, STAR, "2023-02", handling_unit="星河区")) == {}
