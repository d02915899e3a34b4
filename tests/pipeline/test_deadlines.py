"""Time limits of a home: the table that follows loads and days, the command, and findings of what lapsed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from flows.cli import main
from flows.commands import deadlines as command
from flows.outputs.load_reports import LoadReport
from flows.queries.deadlines import read_deadlines
from flows.refresh.marts import refresh_marts
from flows.workspace import Workspace
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.views import night, rows_of
from warehouse.engine import reading
from warehouse.frames import frame_records

JULY = datetime(2023, 7, 10, 2)


def send(workspace: Workspace, unit: str = "990102") -> None:
    """Send a case that is decided, served and not paid, and one that is not decided."""
    folder = workspace.home.inbox / f"2023-06/{unit}"
    cases = ({"case_no": "某环立〔2023〕5号"}, {"case_no": "某环立〔2023〕6号"})
    put(folder, "立案.xlsx", ledger_bytes("cases", *cases), "2023-07-03T01:00")
    decision = {
        "case_no": "某环立〔2023〕5号",
        "decided_on": "2023-06-08",
        "served_on": "2023-06-09",
        "published_on": None,
    }
    put(folder, "处罚.xlsx", ledger_bytes("penalties", decision), "2023-07-03T02:00")


@on_each_database
def test_the_table_follows_loads_and_days(workspace: Workspace) -> None:
    send(workspace)
    night(workspace, JULY)
    refresh_marts(workspace, JULY)
    rows = {row["limit_id"]: row for row in rows_of(workspace, "mart_deadlines")}
    assert {name: row["state"] for name, row in rows.items()} == {
        "penalty_decision": "running", "penalty_publication": "lapsed", "fine_payment": "lapsed", "surcharge_cap": "running",
    }  # fmt: skip
    assert (str(rows["fine_payment"]["due_on"]), rows["fine_payment"]["days_left"]) == ("2023-06-24", -16)
    assert rows["surcharge_cap"]["amount_yuan"] * 100 == rows["surcharge_cap"]["amount_fen"]
    assert rows["penalty_decision"]["document_no"] == "某环立〔2023〕6号"
    assert "行政处罚法" in rows["fine_payment"]["source"]
    refresh_marts(workspace, datetime(2023, 9, 8, 2))
    states = {row["limit_id"]: row["state"] for row in rows_of(workspace, "mart_deadlines")}
    assert states["penalty_decision"] == "lapsed"
    put(workspace.home.inbox, "2023-06/990102/缴款.xlsx",
        ledger_bytes("payments", {"decision_no": "某环罚(星)〔2023〕1号", "paid_on": "2023-06-20", "amount_fen": 35000}),
        "2023-09-08T03:00")  # fmt: skip
    night(workspace, datetime(2023, 9, 9, 2))
    refresh_marts(workspace, datetime(2023, 9, 9, 2))
    assert "fine_payment" not in {row["limit_id"] for row in rows_of(workspace, "mart_deadlines")}


@on_each_database
def test_the_table_has_by_kind_what_each_row_has_by_itself(workspace: Workspace) -> None:
    folder, days = workspace.home.inbox / "2023-06/990102", ("2023-06-05", "2023-06-06")
    decisions = [
        {"decision_no": f"某环罚(星)〔2023〕{number}号", "case_no": f"某环立〔2023〕{number}号", "decided_on": "2023-06-01",
         "served_on": days[number % 2], "published_on": None}
        for number in range(1, 25)
    ]  # fmt: skip
    payments = [
        {
            "decision_no": decision["decision_no"],
            "amount_fen": 35000 - number % 3,
            "paid_on": "2023-06-28",
            "receipt_no": f"P-{number}",
        }
        for number, decision in enumerate(decisions[:9])
    ]
    put(folder, "处罚.xlsx", ledger_bytes("penalties", *decisions), "2023-07-03T01:00")
    put(folder, "缴款.xlsx", ledger_bytes("payments", *payments), "2023-07-03T02:00")
    put(folder, "立案.xlsx", ledger_bytes("cases", {"case_no": "某环立〔2023〕30号"}), "2023-07-03T03:00")
    night(workspace, JULY)
    refresh_marts(workspace, JULY)
    stored = rows_of(workspace, "mart_deadlines")
    with reading(workspace.engine) as connection:
        listed = read_deadlines(workspace, workspace.as_of_moment(connection), JULY.date())
        kinds = workspace.tables.marts.deadlines.c.kind_number
        assert (connection.scalar(select(func.count(kinds.distinct()))) or 0) < len(decisions) - 5
    assert {row["state"] for row in stored} == {"running", "lapsed", "met_late"}
    columns = [name for name in listed.columns if name != "title"]
    assert sorted(repr([str(row[name]) for name in columns]) for row in frame_records(listed)) == sorted(
        repr([str(row[name]) for name in columns]) for row in stored
    )


def test_a_home_without_such_rows_has_none(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/考试.xlsx", ledger_bytes("exams", {}), "2023-07-03T01:00")
    night(workspace, JULY)
    refresh_marts(workspace, JULY)
    assert rows_of(workspace, "mart_deadlines") == []
    assert (
        not LoadReport(workspace, 1, every_region=False)
        .questions["rule_id"]
        .str.startswith("deadline")
        .any()
    )


def test_a_night_asks_once_for_each_unit_and_limit(workspace: Workspace) -> None:
    send(workspace)
    night(workspace, JULY)
    questions = LoadReport(workspace, 1, every_region=False).questions
    lapsed = questions[questions["rule_id"].str.startswith("deadline.")]
    assert lapsed["rule_id"].tolist() == ["deadline.fine_payment", "deadline.penalty_publication"]
    assert set(lapsed["severity"]) == {"notice"}
    assert "星河区有1件，最早的某环罚(星)〔2023〕1号应于2023年6月24日前" in lapsed["problem"].iloc[0]


@on_each_database
def test_the_questions_are_the_same_from_the_table_and_without_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(workspace)
    night(workspace, JULY)
    computed = LoadReport(workspace, 1, every_region=False).questions
    refresh_marts(workspace, JULY)
    monkeypatch.setattr("flows.queries.deadlines.read_deadlines", None)
    stored = LoadReport(workspace, 1, every_region=False).questions
    assert stored["rule_id"].str.startswith("deadline.").sum() == 2
    pd.testing.assert_frame_equal(stored, computed)


@pytest.fixture
def in_july(monkeypatch: pytest.MonkeyPatch) -> None:
    class July(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # noqa: ARG003
            return JULY

    monkeypatch.setattr(command, "datetime", July)


def huizong(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "deadlines", *arguments])


@pytest.mark.usefixtures("in_july")
def test_the_command(workspace: Workspace) -> None:
    send(workspace)
    night(workspace, JULY)
    home = workspace.home.folder
    listed = json.loads(huizong(home, "--json").stdout)
    assert [(row["limit"], row["state"]) for row in listed] == [
        ("公开处罚决定", "lapsed"), ("缴纳罚款", "lapsed"), ("加处罚款封顶", "running"), ("作出处罚决定", "running"),
    ]  # fmt: skip
    assert list(listed[0]) == command.COLUMNS
    assert (listed[0]["unit_name"], listed[0]["due_on"], listed[0]["days_left"]) == (
        "星河区",
        "2023-06-19",
        -21,
    )
    printed = huizong(home)
    assert (printed.exit_code, "lapsed 2  running 2" in printed.output) == (0, True), printed.output
    assert "over by 21 days" in printed.output
    assert f"{listed[0]['limit']}. Source: {listed[0]['source']}" in printed.output
    assert ".toml" not in printed.output
    soon = json.loads(huizong(home, "--within", "20", "--json").stdout)
    assert [(row["limit"], row["state"]) for row in soon] == [("加处罚款封顶", "due_soon")]
    assert json.loads(huizong(home, "--unit", "长岭县", "--json").stdout) == []
    assert "No time limit runs" in huizong(home, "--unit", "990121").output
    unknown = huizong(home, "--unit", "长岭")
    assert (unknown.exit_code, "长岭县" in unknown.output) == (2, True)
    assert huizong(home, "--csv").stdout.startswith("\ufeffunit_code,unit_name,ledger,document_no,limit")
