"""The views beside the figures: series by month, changes, publications, decisions, timeliness."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert

from flows.outputs.imported_publication import import_publication
from flows.queries.figures import figure_rows
from flows.queries.last_year import compare_with_last_year
from flows.workspace import Workspace
from schemas.catalogue import indicators, ledgers
from schemas.figures.display import format_figure
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import CITY, STAR
from tests.support.views import night, rows_of, rows_of_snapshot, snapshot_of
from warehouse.engine import reading, writing
from warehouse.schema.refresh_state import FIGURES, RefreshState, set_refresh_state


def store(workspace: Workspace, figures: list[dict[str, Any]]) -> None:
    """Put figures into the materialised table, as a refresh does."""
    table = workspace.tables.marts.figures
    with writing(workspace.engine) as connection:
        connection.execute(delete(table))
        connection.execute(insert(table), figures)
        set_refresh_state(connection, workspace.tables, FIGURES, RefreshState(0, "", "2024-02-01"))


def figure(
    name: str, period: str, numerator: int | None, denominator: int = 0, *, is_provisional: bool = False
) -> dict[str, Any]:
    indicator: Indicator = indicators()[name]
    scale = 100 if indicator.unit == "元" else 1
    value = None if numerator is None else numerator / (denominator if indicator.is_rate else scale)
    return {
        "period": period, "indicator_id": name, "region_code": CITY, "title": indicator.title, "unit": indicator.unit,
        "region_name": "某市", "display": format_figure(indicator, numerator, denominator), "value": value,
        "numerator": value if numerator is None or not indicator.is_rate else numerator,
        "denominator": denominator if indicator.is_rate else None,
        "units_expected": 4, "units_reported": 3 if is_provisional else 4, "is_provisional": is_provisional,
        "numerator_sum": numerator or 0, "denominator_sum": denominator, "units_heard": 4, "made_load": 1,
    }  # fmt: skip


def series(workspace: Workspace, name: str) -> dict[str, dict[str, Any]]:
    rows = rows_of(workspace, "mart_indicator_series")
    return {row["period"]: row for row in rows if row["indicator_id"] == name}


@on_each_database
def test_a_month_stands_beside_the_last_one_and_last_years(workspace: Workspace) -> None:
    counts = {"2022-01": 8, "2022-02": 0, "2023-01": 10, "2023-02": 5}
    fines = {"2022-01": 10_01, "2022-02": 20_02, "2023-01": 30_03, "2023-02": 0}
    rates = {"2022-01": (3, 4), "2023-01": (4, 4), "2023-02": (1, 2)}
    store(workspace, [
        *(figure("policy_review_count", period, number) for period, number in counts.items()),
        *(figure("fine_imposed_amount", period, number) for period, number in fines.items()),
        *(figure("law_exam_pass_rate", period, *sums) for period, sums in rates.items()),
        figure("policy_review_count", "2023", 15), figure("policy_review_count", "2023-Q1", 15),
    ])  # fmt: skip
    of_counts = series(workspace, "policy_review_count")
    assert set(of_counts) == set(counts)
    january, february = of_counts["2023-01"], of_counts["2023-02"]
    assert (january["last_year_value"], january["change_on_last_year"]) == (8, 2)
    assert january["change_rate_on_last_year"] == pytest.approx(0.25)
    assert (january["last_month_value"], january["not_comparable_with_last_month"]) == (
        None,
        "no_earlier_figure",
    )
    assert (february["change_on_last_month"], february["change_rate_on_last_month"]) == (-5, -0.5)
    assert (february["change_on_last_year"], february["change_rate_on_last_year"]) == (5, None)
    assert (february["year_to_date"], february["last_year_to_date"]) == (15, 8)
    assert february["change_rate_to_date"] == pytest.approx(7 / 8)
    of_fines = series(workspace, "fine_imposed_amount")
    assert of_fines["2022-02"]["year_to_date"] == 30.03
    assert of_fines["2023-02"]["change_on_last_month"] == -30.03
    of_rates = series(workspace, "law_exam_pass_rate")
    assert (
        of_rates["2023-01"]["change_on_last_year"],
        of_rates["2023-01"]["change_rate_on_last_year"],
    ) == (0.25, None)
    assert of_rates["2023-02"]["year_to_date"] == pytest.approx(5 / 6)
    assert of_rates["2023-02"]["not_comparable_with_last_year"] == "no_earlier_figure"


def test_what_is_not_comparable_is_empty_and_says_why(workspace: Workspace) -> None:
    store(workspace, [
        figure("policy_review_count", "2022-01", 8), figure("policy_review_count", "2022-02", 8, is_provisional=True),
        figure("policy_review_count", "2023-01", 9, is_provisional=True), figure("policy_review_count", "2023-02", 9),
        figure("policy_review_count", "2023-03", None), figure("policy_review_count", "2023-04", 1),
    ])  # fmt: skip
    months = series(workspace, "policy_review_count")
    reasons = {
        month: row["not_comparable_with_last_year"] for month, row in months.items() if month > "2023"
    }
    assert reasons == {
        "2023-01": "provisional", "2023-02": "earlier_provisional", "2023-03": "no_figure", "2023-04": "no_earlier_figure",
    }  # fmt: skip
    assert all(row["change_on_last_year"] is None for row in months.values())
    assert (months["2023-02"]["year_to_date"], months["2023-02"]["year_to_date_is_provisional"]) == (18, 1)
    assert months["2023-02"]["change_rate_to_date"] is None
    assert (months["2023-04"]["year_to_date"], months["2023-04"]["year_to_date_is_provisional"]) == (
        None,
        None,
    )


def test_a_distinct_count_to_date_is_that_of_a_stored_period(workspace: Workspace) -> None:
    stored = {"2023-01": 4, "2023-02": 4, "2023-03": 4, "2023-Q1": 10, "2023-12": 4, "2023": 30}
    store(workspace, [figure("inspection_count", period, number) for period, number in stored.items()])
    to_date = {month: row["year_to_date"] for month, row in series(workspace, "inspection_count").items()}
    assert to_date == {"2023-01": 4, "2023-02": None, "2023-03": 10, "2023-12": 30}


@on_each_database
def test_what_a_later_report_changed_is_listed(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, datetime(2023, 7, 1, 2))
    assert rows_of(workspace, "mart_changes") == []
    put(workspace.home.inbox, "2023-06/990121/立案.xlsx", ledger_bytes("cases", {"case_no": "某环立〔2023〕6号"}),
        "2023-07-02T01:00")  # fmt: skip
    night(workspace, datetime(2023, 7, 2, 2))
    changes = [row for row in rows_of(workspace, "mart_changes") if row["region_code"] == CITY]
    assert {(row["period"], row["before"], row["after"]) for row in changes} == {
        (period, 1, 2) for period in ("2023", "2023-Q2", "2023-06")
    }
    assert {(row["changed_load"], row["load_kind"], row["display_after"]) for row in changes} == {
        (2, "nightly", "2件")
    }


@on_each_database
def test_timeliness_periods_and_decisions(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-03T01:00")
    put(workspace.home.inbox, "2023-06/990102/投诉.xlsx", ledger_bytes("complaints"), "2023-07-20T01:00")
    put(
        workspace.home.inbox,
        "2023-06/990102/坏.xlsx",
        ledger_bytes("cases", {"filed_on": "?"}),
        "2023-07-04T01:00",
    )
    (workspace.home.folder / "adjustments.toml").write_text(
        '[[withdraw]]\nunit="990102"\nperiod="2023-06"\nledger="cases"\nfile="2023-06/990102/坏.xlsx"\n'
        'reason="王小明说错了"\napproved_by="王小明"\nuntil=2024-06-30\n',
        encoding="utf-8",
    )
    reopened = Workspace(workspace.home.__class__(workspace.home.folder), workspace.engine)
    night(reopened, datetime(2023, 7, 25))
    (row,) = [
        row
        for row in rows_of(reopened, "mart_timeliness")
        if (row["unit_code"], row["period"]) == (STAR, "2023-06")
    ]
    assert (row["due"], row["on_time"], row["late"]) == (len(ledgers()), 1, 1)
    assert row["on_time_rate"] == pytest.approx(1 / len(ledgers()))
    assert (row["received"], row["first_pass_rate"]) == (2, 1)
    periods = {row["period"]: row for row in rows_of(reopened, "mart_periods")}
    assert set(periods) == {"2023", "2023-Q2", "2023-06"}
    assert (periods["2023-06"]["is_complete"], periods["2023-06"]["period_type"]) == (0, "month")
    (decision,) = rows_of(reopened, "mart_adjustments")
    assert (decision["kind"], str(decision["until_on"]), decision["is_in_force"]) == (
        "withdraw",
        "2024-06-30",
        1,
    )
    assert not any("王小明" in str(value) for value in decision.values())
    assert {row["ledger"] for row in rows_of(reopened, "mart_ledgers")} == set(ledgers())
    assert {row["indicator_id"] for row in rows_of(reopened, "mart_indicator_definitions")} == set(
        indicators()
    )


@on_each_database
def test_imported_figures_stand_beside_this_years(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, datetime(2023, 7, 1, 2))
    june = Period.parse("2023-06")
    for value, day in ((4, 1), (5, 2)):
        import_publication(
            workspace, Period.parse("2022-06"), "", f"indicator_id,value\ncase_filed_count,{value}\n".encode(),
            str, lambda _text: CITY, now=datetime(2023, 7, day),
        )  # fmt: skip
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        rows = figure_rows(workspace, as_of, [indicators()["case_filed_count"]], [CITY, STAR], june)
        rows = [row | {"is_provisional": False} for row in rows]
        compared = compare_with_last_year(workspace, as_of, rows, june)
        earlier = compare_with_last_year(workspace, as_of, rows, june, before_publication=2)
    city, star = (compared["case_filed_count", region] for region in (CITY, STAR))
    assert (city.source, city.display, city.change_text) == ("imported", "5件", "下降80%")
    assert (star.source, star.why_not) == ("", "上年无可比数据")
    assert earlier["case_filed_count", CITY].display == "4件"
    published = rows_of(workspace, "mart_publications")
    assert [(row["number"], bool(row["is_imported"]), row["published_load"]) for row in published] == [
        (1, True, None), (2, True, None),
    ]  # fmt: skip
    shown = rows_of(workspace, "mart_published_figures")
    assert [(row["number"], row["value"], row["display"]) for row in shown] == [
        (1, 4, "4件"),
        (2, 5, "5件"),
    ]
    if workspace.engine.dialect.name == "sqlite":  # a publication alone is a reason to renew the snapshot
        night(workspace, datetime(2023, 7, 3, 2))
        assert len(rows_of_snapshot(snapshot_of(workspace), "mart_publications")) == 2
