"""The figures that a load moved: every period, and every region of the table."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest

from flows.commands.moved_figures import describe_comparisons
from flows.outputs.load_reports import LoadReport
from flows.queries.moved_figures import figures_moved_by_load
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.display import NO_FIGURE, format_figure
from schemas.figures.reach import comparisons_of, periods_reached
from schemas.periods import Period
from tests.support.counties import ledger_bytes, put
from tests.support.views import night
from tests.warehouse.test_materialized_figures import send_some
from warehouse.engine import reading
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.materialize import reported_periods

CITY, STAR, RIVER = "990100", "990102", "990181"
#: a figure's indicator, region and period, and how it is displayed before and after
Moved = set[tuple[str, str, str, str, str]]


def moved_by(workspace: Workspace, load_id: int, *, every_region: bool = True) -> Moved:
    with reading(workspace.engine) as connection:
        moved = figures_moved_by_load(
            workspace, workspace.as_of(connection, load_id), every_region=every_region
        )
    names = ("indicator_id", "region_code", "period", "before", "after")
    return {tuple(figure[name] for name in names) for figure in moved}


def computed_move(workspace: Workspace, load_id: int) -> Moved:
    """Compute every figure of every period before and after a load, and compare them."""
    catalogue = indicators()
    with reading(workspace.engine) as connection:
        loads = [workspace.as_of(connection, number) for number in (load_id - 1, load_id)]
        periods = sorted(
            {period for load in loads for period in reported_periods(load, workspace.obligations)}
        )
        before, after = (
            {
                (figure.indicator_id, figure.region_code, figure.period): (
                    figure.numerator,
                    figure.denominator,
                )
                for figure in FigureReader(load, workspace.regions, periods, workspace.obligations).figures(
                    list(catalogue.values())
                )
            }
            for load in loads
        )
    shown = {
        key: tuple(format_figure(catalogue[key[0]], *sums[key]) for sums in (before, after))
        for key in before
        if before[key] != after[key]
    }
    return {(*key, *displays) for key, displays in shown.items() if set(displays) != {NO_FIGURE}}


def test_they_are_those_that_differ_when_all_are_computed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Point-in-time figures of later periods and figures that look rows up elsewhere too."""
    rng, counts = random.Random(31), list[int]()
    for day in range(1, 4):
        send_some(workspace, rng, 20 if day == 1 else 2)
        night(workspace, datetime(2023, 3, day, 12))
        moved = moved_by(workspace, day)
        assert moved == computed_move(workspace, day)
        with monkeypatch.context() as patch:
            patch.setattr(workspace.home.settings, "incremental_figures", False)
            assert moved_by(workspace, day) == moved
        counts.append(len(moved))
    assert min(counts[1:]) < max(counts[1:]) > 0


def send_cases(workspace: Workspace, unit: str, month: str, day: str, *numbers: int) -> None:
    first = 100 * int(month[5:])
    rows = (
        {
            "case_no": f"某环立({unit})〔2023〕{first + number}号",
            "party_name": f"第{number}公司",
            "filed_on": f"{month}-03",
        }
        for number in numbers
    )
    path = f"{month}/{unit}/立案.xlsx"
    put(workspace.home.inbox, path, ledger_bytes("cases", *rows), f"2023-{day}T10:00")


@pytest.fixture
def two_months(workspace: Workspace) -> Workspace:
    for month in ("2023-05", "2023-07"):
        for unit in (STAR, RIVER):
            send_cases(workspace, unit, month, "08-01", 1, 2, 3)
    night(workspace, datetime(2023, 8, 2))
    return workspace


def test_a_resend_for_an_earlier_month_moves_the_month_its_quarter_and_its_year(
    two_months: Workspace,
) -> None:
    send_cases(two_months, STAR, "2023-05", "08-03", 1, 2, 3, 4)
    night(two_months, datetime(2023, 8, 4))
    assert moved_by(two_months, 2, every_region=False) == {
        ("case_filed_count", CITY, "2023-05", "6件", "7件"),
        ("case_filed_count", CITY, "2023-Q2", "6件", "7件"),
        ("case_filed_count", CITY, "2023", "12件", "13件"),
    }
    report = LoadReport(two_months, 2, every_region=False)
    assert describe_comparisons(report.comparisons) == (
        "totals from January to 2023-05, 2023-07; changes from the period before, of 2023-Q3"
    )


def test_a_units_figure_that_moves_while_the_citys_does_not_is_listed(two_months: Workspace) -> None:
    """One county reports a case less, another a case more."""
    send_cases(two_months, STAR, "2023-05", "08-03", 1, 2)
    send_cases(two_months, RIVER, "2023-05", "08-03", 1, 2, 3, 4)
    night(two_months, datetime(2023, 8, 4))
    assert moved_by(two_months, 2, every_region=False) == {
        ("case_filed_count", unit, period, before, after)
        for period, earlier in (("2023-05", 3), ("2023-Q2", 3), ("2023", 6))
        for unit, before, after in (
            (STAR, f"{earlier}件", f"{earlier - 1}件"), (RIVER, f"{earlier}件", f"{earlier + 1}件"),
        )
    }  # fmt: skip


def test_a_withdrawn_report_leaves_no_figure(workspace: Workspace) -> None:
    """The figures of the only report of a month were shown for ever."""
    send_cases(workspace, STAR, "2023-05", "06-01", 1)
    night(workspace, datetime(2023, 6, 2))
    withdrawal = f"""[[withdraw]]
unit = "{STAR}"
period = "2023-05"
ledger = "cases"
file = "2023-05/{STAR}/立案.xlsx"
reason = "放错了文件夹"
approved_by = "法制科"
until = 2024-12-31
"""
    (workspace.home.folder / "adjustments.toml").write_text(withdrawal, encoding="utf-8")
    workspace.adjustments = workspace.home.adjustments(workspace.ledgers, workspace.regions)
    night(workspace, datetime(2023, 6, 3))
    moved = moved_by(workspace, 2, every_region=False)
    assert ("case_filed_count", CITY, "2023-05", "1件", NO_FIGURE) in moved
    assert moved == {
        (*key, before, after) for *key, before, after in computed_move(workspace, 2) if key[1] == CITY
    }
    with reading(workspace.engine) as connection:
        assert connection.execute(workspace.tables.marts.figures.select()).all() == []


def of(*names: str) -> list[Period]:
    return [Period.parse(name) for name in names]


ALL = of("2023-05", "2023-06", "2023-07", "2023-Q2", "2023-Q3", "2023", "2024-01", "2024-06", "2024")


@pytest.mark.parametrize(
    ("indicator_id", "ledger", "reached"),
    [
        ("case_filed_count", "cases", ["2023-06", "2023-Q2", "2023"]),
        ("officer_certified_rate", "officers", [str(period) for period in ALL if str(period) != "2023-05"]),
        ("legal_adviser_review_rate", "legal_reviews", [str(period) for period in ALL]),
        (
            "legal_adviser_review_rate",
            "penalties",
            ["2023-06", "2023-07", "2023-Q2", "2023-Q3", "2023"],
        ),
    ],
)
def test_the_periods_that_a_change_in_june_reaches(
    indicator_id: str, ledger: str, reached: list[str]
) -> None:
    periods = periods_reached(indicators()[indicator_id], {"2023-06"}, {ledger}, ALL)
    assert [str(period) for period in periods] == reached


def test_what_is_compared_with_a_period() -> None:
    comparisons = comparisons_of(of("2023-06", "2023-Q2", "2023"), ALL)
    assert list(comparisons.cumulative) == ["2023-06", "2023-07"]
    assert list(comparisons.next_year) == ["2024", "2024-06"]
    assert sorted(comparisons.next_period) == ["2023-07", "2023-Q3"]
    assert not comparisons_of([], ALL)
    december: list[Any] = list(comparisons_of(of("2023-12"), ALL).next_period)
    assert december == ["2024-01"]
