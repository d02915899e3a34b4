"""The materialised figures are never stale, and equal those computed on demand."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from flows.home import Home
from flows.queries.figures import figure_row, read_figures
from flows.refresh import marts
from flows.refresh.marts import refresh_marts
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from schemas.reporting.obligations import Obligation, Obligations
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.views import night, rows_of
from warehouse.engine import reading
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.materialize import reported_periods

UNITS = ["9901X0", "990102", "990121", "990181"]
MONTHS = ["2022-11", "2022-12", "2023-01", "2023-02"]
#: the date field of each ledger for a random day; petitions are due, permits closed in other months
DATES = {
    "cases": ("filed_on",), "petitions": ("accepted_on", "due_on", "closed_on"), "penalties": ("decided_on",),
    "legal_reviews": ("reviewed_on",), "officers": ("certified_on",), "payments": ("paid_on",), "permits": ("closed_on",),
    "hearings": ("heard_on",), "transfers": ("transferred_on",), "inspections": ("inspected_on",),
    "leniencies": ("decided_on",),
}  # fmt: skip
KEYS = {
    "cases": "case_no", "petitions": "petition_no", "penalties": "decision_no", "legal_reviews": "case_no",
    "officers": "officer_no", "payments": "receipt_no", "permits": "acceptance_no", "hearings": "case_no",
    "transfers": "document_no", "inspections": "task_no", "leniencies": "party_name",
}  # fmt: skip
COMPARED = ("units_expected", "display", "denominator", "units_reported", "is_provisional")


#: whose figures are also computed one by one, which takes most of the time: all of the city, years of a unit
CITY, UNIT = "990100", "990102"


def random_rows(rng: random.Random, ledger: str) -> list[dict[str, Any]]:
    rows = []
    for number in rng.sample(range(1, 5), rng.randint(0, 3)):
        start = date(2022, 10, 1) + timedelta(days=rng.randrange(90))
        days = sorted(start + timedelta(days=rng.randrange(45)) for _ in DATES[ledger])
        row: dict[str, Any] = {name: str(day) for name, day in zip(DATES[ledger], days, strict=True)}
        row |= {"accepted_on": "2022-10-01", "applied_on": "2022-10-01"} if ledger == "permits" else {}
        key = f"某环罚(星)〔2022〕{number}号" if ledger == "penalties" else f"某环立(星)〔2022〕{number}号"
        row |= {KEYS[ledger]: key}
        row |= (
            {"case_no": rng.choice([f"某环立(星)〔2022〕{number}号", None])}
            if ledger == "penalties"
            else {}
        )
        row |= {"reviewer_kind": rng.choice(["法律顾问", "法制机构"])} if ledger == "legal_reviews" else {}
        row |= {"valid_until": "2022-12-15"} if ledger == "officers" and rng.random() < 0.5 else {}
        rows.append(row)
    return rows


def send_some(workspace: Workspace, rng: random.Random, how_many: int) -> None:
    for _ in range(how_many):
        unit, month, ledger = rng.choice(UNITS), rng.choice(MONTHS), rng.choice(list(DATES))
        data = ledger_bytes(ledger, *random_rows(rng, ledger))
        put(
            workspace.home.inbox,
            f"{month}/{unit}/{ledger}.xlsx",
            data,
            f"2023-03-01T10:{rng.randrange(60):02}",
        )


def read_materialized(workspace: Workspace) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    return {
        (row["indicator_id"], row["region_code"], row["period"]): tuple(row[name] for name in COMPARED)
        for row in rows_of(workspace, "mart_indicators")
    }


def compute_again(workspace: Workspace) -> dict[tuple[str, str, str], Any]:
    """Compute all materialised figures again."""
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        periods = reported_periods(as_of, workspace.obligations)
        reader = FigureReader(as_of, workspace.regions, periods, workspace.obligations)
        return {
            (figure.indicator_id, figure.region_code, figure.period): figure
            for figure in reader.figures(list(marts.indicators().values()))
        }  # fmt: skip


def assert_never_stale(workspace: Workspace) -> None:
    expected = {
        key: figure_row(workspace, indicators()[key[0]], figure, None)
        for key, figure in compute_again(workspace).items()
    }
    assert read_materialized(workspace) == {
        key: tuple(row[name] for name in COMPARED) for key, row in expected.items()
    }


@on_each_database
def test_materialized_figures_are_never_stale(workspace: Workspace) -> None:
    """Check after each of several random runs, which also change
    figures of other months, years and ledgers.
    """
    rng = random.Random(20)
    nights = 3 if workspace.engine.dialect.name == "sqlite" else 2
    for day in range(1, nights + 1):
        send_some(workspace, rng, 12 if day == 1 else 2)
        assert night(workspace, datetime(2023, 3, day, 12)) is not None
        assert_never_stale(workspace)


def test_they_are_not_stale_where_a_report_covers_a_quarter_or_a_year(workspace: Workspace) -> None:
    """A figure of January exists once the quarter's report of March is there, with its rows."""
    rhythms = "[[obligations]]\nledgers = ['permits', 'cases']\nevery = 'quarter'\n"
    rhythms += "[[obligations]]\nledgers = ['officers']\nevery = 'year'\n"
    (workspace.home.folder / "huizong.toml").write_text(f"regions = 'regions.csv'\n{rhythms}", "utf-8")
    workspace = Workspace(Home(workspace.home.folder))
    workspace.prepare()
    case = {"case_no": "某环立(星)〔2023〕1号", "filed_on": "2023-01-09"}
    put(workspace.home.inbox, f"2023-03/{UNITS[0]}/cases.xlsx", ledger_bytes("cases", case))
    assert night(workspace, datetime(2023, 4, 9, 12)) is not None
    assert read_materialized(workspace)["case_filed_count", UNITS[0], "2023-01"][1] == "1件"
    assert read_materialized(workspace)["case_filed_count", UNITS[0], "2023-02"][1] == "0件"
    rng = random.Random(21)
    send_some(workspace, rng, 20)
    assert night(workspace, datetime(2023, 4, 10, 12)) is not None
    assert_never_stale(workspace)
    workspace.engine.dispose()


def test_figures_computed_together_are_those_computed_one_by_one(workspace: Workspace) -> None:
    """Every indicator and period of two small years, of the city and of a unit; also distinct counts."""
    rng = random.Random(7)
    for day in (1, 2):
        send_some(workspace, rng, 20)
        night(workspace, datetime(2023, 3, day, 12))
    with reading(workspace.engine) as connection:
        as_of, catalogue = workspace.as_of(connection, 2), list(indicators().values())
        together = compute_again(workspace)
        for region, period in sorted({(region, period) for _, region, period in together}):
            if region != CITY and (region != UNIT or "-" in period):
                continue
            for (indicator_id, _), figure in read_figures(
                workspace, as_of, catalogue, [region], Period.parse(period)
            ).items():
                assert figure == together[indicator_id, region, period]


def test_figures_follow_settings_and_regions_without_a_load(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-01/990102/a.xlsx", ledger_bytes("complaints", {"received_on": "2023-01-05",
                                                                                 "closed_on": "2023-01-09"}))  # fmt: skip
    night(workspace, datetime(2023, 3, 1))
    key = ("enforcement_complaint_count", "990100", "2023-01")
    assert read_materialized(workspace)[key][0] == 4
    never = Obligation(units=("990121",), ledgers=("complaints",), every="never")
    workspace.obligations = Obligations((never,))
    refresh_marts(workspace, datetime(2023, 3, 2))
    assert read_materialized(workspace)[key][0] == 3
    table = (
        "code,name,level,parent\n990100,某市,city,\n990102,星河区,unit,990100\n990121,长岭县,unit,990100\n"
    )
    workspace.use_regions(table)
    refresh_marts(workspace, datetime(2023, 3, 3))
    assert read_materialized(workspace)[key][0] == 1
    assert_never_stale(workspace)
