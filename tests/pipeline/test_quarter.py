"""A quarter of nightly runs of eight units: after each run, coverage is as in the hand-written table."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.home import Home
from flows.pipeline import ingest
from flows.queries.figures import figure_rows
from flows.queries.missing_reports import describe_missing_reports
from flows.refresh.marts import refresh_marts
from flows.refresh.status import Status, report_status
from flows.step import Step
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators, ledgers
from schemas.periods import Period
from tests.pipeline.test_archive import differing_after_rebuild
from tests.support.counties import put, rows_of, sheet_cells, workbook_bytes
from transforms.report.status_report import DOUBTED, SIGNS
from warehouse.engine import reading
from warehouse.marts.coverage import materialized_coverage

UNITS = dict(zip("ABCDEFGH", (f"99010{number}" for number in range(1, 9)), strict=True))
REGIONS = "code,name,level,parent,document_mark,note\n990100,某市,city,,某环,\n" + "".join(
    f"{code},{name}县,unit,990100,,\n"
    for name, code in zip("甲乙丙丁戊己庚辛", UNITS.values(), strict=True)
)
SETTINGS = """regions = "regions.csv"
replacement_share = 1
[[obligations]]
every = "never"
[[obligations]]
ledgers = ["cases", "payments"]
from = "2023-04"
[[obligations]]
ledgers = ["permits"]
every = "quarter"
"""
QUARTER = Period.parse("2023-Q2")
#: April's reports are due on 9 May, May's on 7 June, June's on 7 July
TABLES = {
    "2023-05-09": """
        A  ✓  ·  ·   ✓  ·  ·   ·
        B  ·  ·  ·   ·  ·  ·   ·
        C  ✓  ·  ·   零 ·  ·   ·
        D  ·  ·  ·   ·  ·  ·   ·
        E  ·  ·  ·   ·  ·  ·   ·
        F  零! · ·   零 ·  ·   ·
        G  ✓  ·  ·   零 ·  ·   ·
        H  部 ·  ·   零 ·  ·   ·""",
    "2023-05-10": """
        A  ✓  ·  ·   ✓  ·  ·   ·
        B  缺 ·  ·   缺 ·  ·   ·
        C  ✓  ·  ·   零 ·  ·   ·
        D  ✓  ·  ·   零 ·  ·   ·
        E  缺 ·  ·   缺 ·  ·   ·
        F  零! · ·   零 ·  ·   ·
        G  ✓  ·  ·   零 ·  ·   ·
        H  部 ·  ·   零 ·  ·   ·""",
    "2023-05-31": """
        A  ✓  ·  ·   ✓  ·  ·   ·
        B  迟 ✓  ·   零 零 ·   ·
        C  换 ·  ·   零 ·  ·   ·
        D  ✓  ·  ·   零 ·  ·   ·
        E  缺 ·  ·   缺 ·  ·   ·
        F  零! · ·   零 ·  ·   ·
        G  ✓  ·  ·   零 ·  ·   ·
        H  部 ·  ·   零 ·  ·   ·""",
    "2023-06-08": """
        A  ✓  ✓  ·   ✓  ✓  ·   ·
        B  迟 ✓  ·   零 零 ·   ·
        C  换 ✓  ·   零 零 ·   ·
        D  ✓  ✓  ·   零 零 ·   ·
        E  缺 缺 ·   缺 缺 ·   ·
        F  零! 零 ·  零 零 ·   ·
        G  ✓  ✓! ·   零 零 ·   ·
        H  部 缺 ·   零 缺 ·   ·""",
    "2023-06-15": """
        A  ✓  ✓  ·   ✓  ✓  ·   ·
        B  迟 ✓  ·   零 零 ·   ·
        C  换 ✓  ·   零 零 ·   ·
        D  ✓  ✓  ·   零 零 ·   ·
        E  缺 缺 ·   缺 缺 ·   ·
        F  零! 零 ·  零 零 ·   ·
        G  ✓  换! ·  零 零 ·   ·
        H  部 迟 ·   零 零 ·   ·""",
    "2023-07-08": """
        A  ✓  ✓  ✓   ✓  ✓  ✓   ✓
        B  迟 ✓  ✓   零 零 零  ✓
        C  换 ✓  ✓   零 零 零  ✓
        D  ✓  ✓  ✓   零 零 零  ✓
        E  缺 缺 缺  缺 缺 缺  缺
        F  零! 零 ✓  零 零 零  ✓
        G  ✓  换! ✓  零 零 零  零
        H  部 迟 ✓!  零 零 零  缺""",
}


def office(
    unit: str,
    month: int,
    *,
    cases: int = 3,
    payments: int = 0,
    permits: int | None = None,
    wrong: int = 0,
    word: str = "无",
) -> bytes:
    """Make a unit's workbook of a month; an empty ledger has `word`, and
    `wrong` cases have an unreadable date.
    """
    day = f"2023-{month:02}-03"
    rows: dict[str, list[dict[str, Any]]] = {
        "cases": [
            {"case_no": f"{unit}-{month}-{number}", "filed_on": "?" if number < wrong else day}
            for number in range(cases)
        ],
        "payments": [
            {"receipt_no": f"{unit}-{month}-{number}", "paid_on": day} for number in range(payments)
        ],
    }
    if permits is not None:
        days = {"applied_on": day, "accepted_on": day, "closed_on": f"2023-{month:02}-09"}
        rows["permits"] = [
            {"acceptance_no": f"{unit}-{month}-{number}", **days} for number in range(permits)
        ]
    sheets = {}
    for name, changes in rows.items():
        cells = sheet_cells(name, rows_of(name, *changes))
        sheets[ledgers()[name].title] = cells if changes else [*cells, [word]]
    return workbook_bytes(sheets)


def send(home: Home, unit: str, month: int, day: str, data: bytes, name: str = "报表.xlsx") -> Path:
    """Put a file into the inbox that was written at ten in the morning of a day."""
    return put(home.inbox, f"2023-{month:02}/{UNITS[unit]}/{name}", data, f"{day}T02:00")


def april(home: Home) -> None:
    for month in (1, 2, 3):
        send(home, "H", month, "2023-04-20", office("H", month, cases=10))
    send(home, "A", 4, "2023-05-06", office("A", 4, payments=1))
    send(home, "C", 4, "2023-05-06", office("C", 4))
    send(home, "D", 4, "2023-05-08", office("D", 4)[:1000])
    titles = {name: ledgers()[name].title for name in ("cases", "payments")}
    sheets = {
        titles["cases"]: sheet_cells("cases", []),
        titles["payments"]: [*sheet_cells("payments", []), ["本月无"]],
    }
    send(home, "F", 4, "2023-05-06", workbook_bytes(sheets))
    send(home, "G", 4, "2023-05-06", office("G", 4))
    send(home, "H", 4, "2023-05-06", office("H", 4, cases=10, wrong=1))


def after_april(home: Home) -> None:
    send(home, "B", 4, "2023-05-12", office("B", 4))
    send(home, "C", 4, "2023-05-16", office("C", 4, cases=4), "更正.xlsx")
    send(home, "B", 5, "2023-05-30", office("B", 5))


def may(home: Home) -> None:
    for unit in "ACD":
        send(home, unit, 5, "2023-06-05", office(unit, 5, payments=unit == "A"))
    send(home, "F", 5, "2023-06-06", office("F", 5, cases=0, word="零报告"))
    send(home, "G", 5, "2023-06-06", office("G", 4))
    send(home, "H", 5, "2023-06-06", b"\x00\x01\x02")


def after_may(home: Home) -> None:
    send(home, "G", 5, "2023-06-14", office("G", 5))
    send(home, "H", 5, "2023-06-14", office("H", 5, cases=10))


def june(home: Home) -> None:
    for unit in "ABCDF":
        send(home, unit, 6, "2023-07-05", office(unit, 6, payments=unit == "A", permits=1))
    send(home, "G", 6, "2023-07-05", office("G", 6, permits=0))
    send(home, "H", 6, "2023-07-06", office("H", 6, cases=1))


#: by day the files of which nobody can tell the ledger
UNKNOWN_LEDGER = {"2023-06-08": [("辛县", "rejected")]}
#: what arrives before the run of a day
ARRIVALS: dict[str, Callable[[Home], None]] = {
    "2023-05-09": april, "2023-05-10": lambda _home: None, "2023-05-31": after_april, "2023-06-08": may,
    "2023-06-15": after_may, "2023-07-08": june,
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path, laid_out_file: Path) -> Workspace:
    home = tmp_path / "home"
    home.mkdir()
    (home / "regions.csv").write_text(REGIONS, encoding="utf-8")
    (home / "huizong.toml").write_text(SETTINGS, encoding="utf-8")
    shutil.copy(laid_out_file, home / "warehouse.sqlite")
    opened = Workspace(Home(home))
    opened.prepare()
    return opened


def night(workspace: Workspace, day: str) -> Any:
    """Run at two o'clock on a day; on 9 May a half copied file grows while it is archived."""

    def run_step(step: Step, work: Callable[[], Any], _subject: str = "") -> Any:
        if step is Step.ARCHIVE and day == "2023-05-09":
            send(workspace.home, "D", 4, "2023-05-09", office("D", 4))
        return work()

    now = datetime.fromisoformat(day) - timedelta(hours=6)
    outcome = ingest(workspace, RunScope(), now, run_step=run_step)
    return replace(outcome, status_fault=refresh_marts(workspace, now))


def status(workspace: Workspace, day: str) -> Status:
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        return report_status(workspace, as_of, QUARTER.months(), date.fromisoformat(day))


def signs(status_: Status) -> dict[str, list[str]]:
    """Return the signs of cases, payments and permits of each unit, month by month."""
    doubtful = set(status_.doubts["submission_id"])
    table: dict[str, list[str]] = {}
    for unit, code in UNITS.items():
        mine = status_.states[status_.states["unit_code"] == code].sort_values(["ledger", "period"])
        table[unit] = [
            SIGNS[state] + (DOUBTED if number in doubtful else "")
            for state, number in zip(mine["state"], mine["submission_id"], strict=True)
        ]
    return table


def assert_stored(workspace: Workspace, status_: Status) -> None:
    with reading(workspace.engine) as connection:
        stored = materialized_coverage(connection, workspace.tables, QUARTER.months()).to_dict("records")
    shown = [{name: row[name] for name in row if name != "awaiting"} for row in status_.rows()]
    rows = sorted(shown, key=lambda row: (row["period"], row["unit_code"], row["ledger"]))
    assert [
        {name: stored_row[name] for name in row} for row, stored_row in zip(rows, stored, strict=True)
    ] == rows


def expected_signs(day: str) -> dict[str, list[str]]:
    lines = [line.split() for line in TABLES[day].strip().splitlines()]
    return {unit: cells for unit, *cells in lines}


def test_a_quarter(workspace: Workspace) -> None:
    for day, arrive in ARRIVALS.items():
        arrive(workspace.home)
        outcome = night(workspace, day)
        assert outcome.growing == (["2023-04/990104/报表.xlsx"] if day == "2023-05-09" else [])
        report = status(workspace, day)
        assert signs(report) == expected_signs(day), day
        of_unknown = [line for line in report.reminders(workspace) if line["ledgers"] == "看不出是哪种台账"]
        assert [(line["unit"], line["what"]) for line in of_unknown] == UNKNOWN_LEDGER.get(day, [])
    late = report.states.set_index(["unit_code", "ledger", "period"]).loc[(UNITS["B"], "cases", "2023-04")]
    assert (str(late["due_on"]), late["days_late"]) == ("2023-05-09", 3)
    lines = [
        (line["unit"], line["what"], line["months"], line["ledgers"])
        for line in report.reminders(workspace)
    ]
    assert lines == [
        ("戊县", "missing", "2023-04 to 2023-05", "立案台账、罚款缴纳台账"),
        ("戊县", "missing", "2023-06", "全部台账"),
        ("己县", "doubtful", "2023-04", "立案台账"),
        ("庚县", "doubtful", "2023-05", "立案台账"),
        ("辛县", "missing", "2023-06", "行政许可办件台账"),
        ("辛县", "partial", "2023-04", "立案台账"),
        ("辛县", "doubtful", "2023-06", "立案台账"),
    ]
    with reading(workspace.engine) as connection:
        of_figures = [indicators()[name] for name in ("case_filed_count", "fine_collected_amount")]
        as_of = workspace.as_of_moment(connection)
        figures = figure_rows(workspace, as_of, of_figures, ["990100"], QUARTER)
        missing = describe_missing_reports(workspace, as_of, of_figures, "990100", QUARTER)
    assert_stored(workspace, report)
    assert [(figure["units_reported"], figure["units_expected"]) for figure in figures] == [(7, 8), (7, 8)]
    assert missing == ["戊县 2023-04 to 2023-06: 全部台账"]
    assert differing_after_rebuild(workspace) == []


def test_reports_later_on_the_same_day_are_stored_too(workspace: Workspace) -> None:
    send(workspace.home, "A", 4, "2023-06-06", office("A", 4))
    send(workspace.home, "B", 5, "2023-06-06", office("B", 5))
    night(workspace, "2023-06-08")
    send(workspace.home, "A", 4, "2023-06-07", office("A", 4, cases=4), "更正.xlsx")
    send(workspace.home, "C", 5, "2023-06-07", office("C", 5, wrong=1))
    send(workspace.home, "D", 5, "2023-06-07", office("D", 5)[:900])
    night(workspace, "2023-06-08")
    report = status(workspace, "2023-06-08")
    assert [signs(report)[unit][1] for unit in "ABCDE"] == ["缺", "✓", "部", "缺", "缺"]
    assert_stored(workspace, report)
    assert night(workspace, "2023-06-08").load_id is None


def test_a_month_that_repeats_another_of_the_same_night_has_a_warning(
    workspace: Workspace,
) -> None:
    send(workspace.home, "G", 5, "2023-06-01", office("G", 4))
    send(workspace.home, "G", 4, "2023-06-02", office("G", 4))
    night(workspace, "2023-06-08")
    assert signs(status(workspace, "2023-06-08"))["G"] == ["迟", "✓!", "·", "零", "零", "·", "·"]


def test_a_run_does_not_fail_for_a_year_without_calendar(workspace: Workspace) -> None:
    send(workspace.home, "A", 4, "2023-05-06", office("A", 4))
    outcome = night(workspace, "2031-03-01")
    assert outcome.load_id == 1
    assert "[holidays.20" in outcome.status_fault


def test_months_without_any_report_are_one_line(workspace: Workspace) -> None:
    send(workspace.home, "A", 4, "2023-05-06", office("A", 4))
    night(workspace, "2023-08-15")
    (line,) = [
        item for item in status(workspace, "2023-08-15").reminders(workspace) if item["unit"] == "各单位"
    ]
    assert (line["months"], line["reports"]) == ("2023-05 to 2023-06", 8 * 5)
