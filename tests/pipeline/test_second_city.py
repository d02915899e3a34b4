"""Every figure of an invented city's year: the project's from the
files equals plain arithmetic on the rows.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.home import Home
from flows.pipeline import ingest
from flows.queries.figures import figure_rows
from flows.workspace import RunScope, Workspace, catalogue_tables
from schemas import datasets
from schemas.catalogue import indicators, ledgers
from schemas.figures import load_toml as indicator_files
from schemas.periods import Period
from tests.support import second_city_figures as plain
from tests.support.counties import put, sheet_cells, workbook_bytes
from tests.support.histories import EXAMPLES_TIMES
from tests.support.second_city import Report, files, make_year
from tests.support.second_city_cases import BUREAU, UNITS
from tests.support.second_city_figures import Rule, View, Year, working_days
from warehouse.engine import reading

CITY = "990100"
PERIODS = [
    "2023",
    *(f"2023-Q{quarter}" for quarter in range(1, 5)),
    *(f"2023-{month:02}" for month in range(1, 13)),
]
NIGHTS = {1: "2024-02-01T00:00", 2: "2024-02-02T00:00"}

#: by indicator: how it is displayed, the ledgers that it needs, and its arithmetic
RULES: dict[str, tuple[str, str, Rule]] = {
    "case_filed_count": ("件", "cases", lambda v: len(v.dated("cases", "filed_on"))),
    "fine_imposed_amount": ("万元", "penalties", lambda v: plain.total(v.dated("penalties", "decided_on"), "fine_fen")),
    "fine_collected_amount": ("万元", "payments", plain.collected),
    "detention_transfer_case_count": ("件", "transfers", plain.transferred("行政拘留")),
    "criminal_transfer_case_count": ("件", "transfers", plain.transferred("涉嫌犯罪")),
    "market_transfer_count": ("件", "transfers", plain.transferred("市场监管")),
    "detained_person_count": ("人", "transfers", plain.persons("行政拘留", "persons_detained")),
    "criminal_filed_person_count": ("人", "transfers", plain.persons("涉嫌犯罪", "persons_filed")),
    "seizure_count": ("件", "measures", plain.measures_taken("查封", "扣押")),
    "production_limit_count": ("件", "measures", plain.measures_taken("限制生产", "停产整治")),
    "daily_penalty_count": ("件", "measures", plain.measures_taken("按日连续处罚")),
    "five_kinds_count": ("件", "measures transfers", plain.five_kinds),
    "report_reward_count": ("起", "rewards", lambda v: len(v.dated("rewards", "paid_on"))),
    "report_reward_amount": ("元", "rewards", lambda v: plain.total(v.dated("rewards", "paid_on"), "amount_fen")),
    "petition_accepted_count": ("件", "petitions", lambda v: len(v.dated("petitions", "accepted_on"))),
    "petition_on_time_rate": ("%", "petitions", plain.petitions_on_time),
    "legal_review_count": ("次", "legal_reviews", plain.legal_reviews),
    "legal_adviser_review_rate": ("%", "penalties legal_reviews", plain.advised),
    "file_review_unqualified_count": ("件", "file_reviews", plain.unqualified),
    "lawsuit_count": ("起", "lawsuits", lambda v: len(v.dated("lawsuits", "accepted_on"))),
    "head_appearance_rate": ("%", "hearings", plain.heads_by_case),
    "head_appearance_by_hearing_rate": ("%", "hearings", plain.heads_by_hearing),
    "head_speaking_rate": ("%", "hearings", plain.heads_speaking),
    "lawsuit_platform_entry_rate": ("%", "lawsuits", plain.entered),
    "reconsideration_count": ("件", "reconsiderations", lambda v: len(v.dated("reconsiderations", "accepted_on"))),
    "reconsideration_corrected_count": ("件", "reconsiderations", plain.corrected),
    "court_enforcement_count": ("起", "court_enforcements", lambda v: len(v.dated("court_enforcements", "applied_on"))),
    "inspection_count": ("家次", "inspections", plain.visits),
    "certification_exam_session_count": ("次", "exams", plain.exam_sessions),
    "newly_certified_officer_count": ("人", "officers", plain.newly_certified),
    "officer_certified_rate": ("%", "officers", plain.certified),
    "exam_violation_count": ("起", "exams", lambda v: plain.total(v.dated("exams", "held_on"), "violations")),
    "enforcement_complaint_count": ("件", "complaints", lambda v: len(v.dated("complaints", "closed_on", is_upheld=True))),
    "permit_closed_count": ("件", "permits", lambda v: len(v.dated("permits", "closed_on"))),
    "permit_satisfaction_rate": ("%", "permits", plain.satisfied),
    "permit_on_time_rate": ("%", "permits", plain.permits_on_time),
    "policy_review_count": ("件", "policy_reviews", plain.reviewed()),
    "policy_review_policy_count": ("件", "policy_reviews", plain.reviewed(kind="政策措施")),
    "policy_review_contract_count": ("件", "policy_reviews", plain.reviewed(kind="合同")),
    "policy_review_revised_count": ("件", "policy_reviews", plain.reviewed(result="修订")),
    "policy_review_repealed_count": ("件", "policy_reviews", plain.reviewed(result="废止")),
    "policy_review_passed_count": ("件", "policy_reviews", plain.reviewed(result="通过")),
    "policy_review_exception_count": ("件", "policy_reviews", plain.reviewed(result="适用例外")),
    "policy_review_violation_count": ("件", "policy_reviews", plain.reviewed(result="违背")),
    "no_penalty_enterprise_count": ("家", "leniencies", plain.enterprises("不予处罚")),
    "lenient_penalty_enterprise_count": ("家", "leniencies", plain.enterprises("从轻处罚", "减轻处罚")),
    "law_exam_participation_rate": ("%", "exams", plain.exam_share("took", "expected")),
    "law_exam_pass_rate": ("%", "exams", plain.exam_share("passed", "took")),
    "penalty_publication_rate": ("%", "penalties", plain.published),
    "party_study_count": ("次", "activities", plain.activities_held("党组研究")),
    "theory_study_count": ("次", "activities", plain.activities_held("理论学习")),
    "lecture_count": ("场次", "activities", plain.activities_held("专题讲座")),
    "leader_training_rate": ("%", "activities", plain.trained),
}  # fmt: skip
OF_THE_BUREAU = ("permit_", "policy_review_", "party_study", "theory_study", "lecture_", "leader_training")
COMPARED = (
    "numerator",
    "denominator",
    "value",
    "display",
    "units_expected",
    "units_reported",
    "is_provisional",
)


#: figures that rest on reports of the three months before, and the ledgers of these
RESTING_ON_EARLIER = {
    "petition_on_time_rate": ("petitions",),
    "legal_adviser_review_rate": ("legal_reviews",),
}


def by_hand(year: Year, indicator_id: str, region: str, period: str) -> dict[str, Any]:
    """Compute the expected figure, with the columns of COMPARED."""
    printed, names, rule = RULES[indicator_id]
    units = [unit for unit in UNITS if region in (CITY, unit)]
    if indicator_id.startswith(OF_THE_BUREAU):
        units = [unit for unit in units if unit == BUREAU]
    months = _months(period)
    is_state = indicator_id == "officer_certified_rate"
    months_by_report = {
        (unit, name): set(year.months(unit, name)) for unit in units for name in names.split()
    }
    needed = set(months[-1:] if is_state else months)
    earlier = {name: _earlier(year, name, months[0]) for name in RESTING_ON_EARLIER.get(indicator_id, ())}
    complete = [
        unit
        for unit in units
        if all(needed | earlier.get(name, set()) <= months_by_report[unit, name] for name in names.split())
    ]
    resting_on = names.split()[:1] if indicator_id == "legal_adviser_review_rate" else names.split()
    hoped_for = set(range(1, months[-1] + 1)) if is_state else needed
    is_known = any(hoped_for & months_by_report[unit, name] for unit in units for name in resting_on)
    sums = rule(View(year, units, months)) if is_known else (None, None)
    top, bottom = sums if isinstance(sums, tuple) else (sums, None)
    if indicator_id == "daily_penalty_count" and top == 0 and len(complete) < len(units):
        top = None
    return {
        "numerator": Decimal(top) / 100 if top is not None and printed.endswith("元") else top, "denominator": bottom,
        "value": _value(printed, top, bottom), "display": _printed(printed, top, bottom), "units_expected": len(units),
        "units_reported": len(complete), "is_provisional": len(complete) < len(units),
    }  # fmt: skip


def _earlier(year: Year, name: str, first: int) -> set[int]:
    """Return the three months before, from the first on for which any unit reported the ledger."""
    reported = [month for unit in UNITS for month in year.months(unit, name)]
    return set(range(max(first - 3, min(reported, default=first)), first))


def _months(period: str) -> list[int]:
    if "Q" in period:
        return list(range(3 * int(period[-1]) - 2, 3 * int(period[-1]) + 1))
    return [int(period[5:])] if "-" in period else list(range(1, 13))


def _value(printed: str, top: int | None, bottom: int | None) -> Any:
    if top is None or (printed == "%" and not bottom):
        return None
    if printed == "%":
        return Decimal(top) / Decimal(bottom or 1)
    return Decimal(top) / 100 if printed.endswith("元") else top


def _printed(printed: str, top: int | None, bottom: int | None) -> str:
    """Cut to two decimals; a sum below a hundredth of 万元 is printed in 元."""
    if top is None or (printed == "%" and not bottom):
        return "—"
    if printed not in ("%", "元", "万元"):
        return f"{top}{printed}"
    if printed == "万元" and 0 < top < 10_000:
        printed = "元"
    exact = (
        Decimal(top)
        * {"%": Decimal(100) / (bottom or 1), "元": Decimal("0.01"), "万元": Decimal("0.000001")}[printed]
    )
    if printed == "%":
        exact = Decimal(top * 10_000 // (bottom or 1)) / 100
    cut = Decimal(int(exact * 100)) / 100
    number = f"{cut.quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".")
    return number + (printed if cut == exact else "万余元")


def periods_of(region: str, reported: set[int]) -> list[str]:
    """Return the periods with reports: all for the city; for a unit the year and every fourth other one."""
    year, *parts_of_year = [period for period in PERIODS if reported & set(_months(period))]
    return [
        year,
        *(parts_of_year if region == CITY else parts_of_year[list(UNITS).index(region) :: len(UNITS)]),
    ]


def differences(
    workspace: Workspace,
    reports: Sequence[Report],
    regions: Sequence[str],
    as_of: datetime | None = None,
    every: int = 1,
) -> Iterator[str]:
    """Yield a line for each figure that differs; `every` 3 compares every third period."""
    year, reported = Year(reports), {report.month for report in reports}
    with reading(workspace.engine) as connection:
        for region in regions:
            for period in periods_of(region, reported)[::every]:
                rows = figure_rows(
                    workspace,
                    workspace.as_of_moment(connection, as_of),
                    list(indicators().values()),
                    [region],
                    Period.parse(period),
                )
                for row in rows:
                    actual = {name: row[name] for name in COMPARED}
                    expected = by_hand(year, row["indicator_id"], region, period)
                    if actual != expected:
                        unlike = [f"{name}: {actual[name]}, by hand {expected[name]}" for name in COMPARED
                                  if actual[name] != expected[name]]  # fmt: skip
                        yield f"{row['indicator_id']} {region} {period}: {'; '.join(unlike)}"


def ingest_reports(workspace: Workspace, reports: list[Report]) -> None:
    for night, now in NIGHTS.items():
        for path, data, arrived in files(reports, night):
            put(workspace.home.inbox, path, data, arrived)
        ingest(workspace, RunScope(), datetime.fromisoformat(now))


def test_every_indicator_is_counted_by_hand() -> None:
    assert set(RULES) == set(indicators())


def test_the_year_has_its_working_days() -> None:
    assert working_days(date(2022, 12, 31), date(2023, 12, 31)) == 249


#: months of two quarters, so that figures rest on earlier ones; `make soak` takes the whole year
MONTHS_SENT = (1, 12) if EXAMPLES_TIMES > 1 else (5, 7)


def test_every_figure_equals_plain_arithmetic(workspace: Workspace) -> None:
    """On PostgreSQL too, where they are explained (`test_explain.py`)."""
    first, last = MONTHS_SENT
    reports = [report for report in make_year(1) if first <= report.month <= last]
    ingest_reports(workspace, reports)
    assert list(differences(workspace, reports, [CITY, *UNITS])) == []
    first_night = [report for report in reports if report.night == 1]
    assert list(differences(workspace, first_night, [CITY], datetime.fromisoformat(NIGHTS[1]), 3)) == []


NEW_LEDGER = '''
"""噪声监测台账: one row a measurement of noise."""

from schemas.ledgers.model import Ledger, about, column
from schemas.ledgers.types import Date, Integer, Text


class NoiseMeasurements(Ledger):
    measurement_no: Text = column("监测编号", required=True, shown_as="number")
    measured_on: Date = column("监测日期", required=True)
    decibels: Integer = column("分贝数", maximum=150)

    class Config(Ledger.Config):
        metadata = about(title="噪声监测台账", row="一次监测", natural_key="measurement_no", dated_by="measured_on")
'''
NEW_INDICATOR = """
[noise_measurement_count]
title = "噪声监测"
definition = "期内的噪声监测次数。"
unit = "次"
display = "count"
scope = "city"
numerator = { ledger = "noise_measurements", aggregate = "count", dated_by = "measured_on" }
"""


@pytest.fixture
def with_a_further_ledger(
    home_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """A home whose warehouse is older than an added module and TOML block; opened afterwards."""
    before = Workspace(Home(home_folder))
    before.prepare()
    before.engine.dispose()
    module, schemas = tmp_path / "datasets" / "noise_measurements.py", tmp_path / "schemas"
    module.parent.mkdir()
    module.write_text(NEW_LEDGER, encoding="utf-8")
    shutil.copytree(Path(datasets.__file__).parents[1] / "indicators", schemas / "indicators")
    (schemas / "indicators" / "noise.toml").write_text(NEW_INDICATOR, encoding="utf-8")
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(module.parent)])
    monkeypatch.setattr(indicator_files, "resources", SimpleNamespace(files=lambda _package: schemas))
    for cached in (ledgers, indicators, catalogue_tables):
        cached.cache_clear()
    workspace = Workspace(Home(home_folder))
    yield workspace
    workspace.engine.dispose()
    sys.modules.pop(f"{datasets.__name__}.{module.stem}", None)
    for cached in (ledgers, indicators, catalogue_tables):
        cached.cache_clear()


def test_a_new_ledger_is_one_module_and_one_block(with_a_further_ledger: Workspace) -> None:
    workspace = with_a_further_ledger
    rows = [
        {"measurement_no": f"Z-{day}", "measured_on": f"2023-06-0{day}", "decibels": 60 + 50 * day}
        for day in (1, 2)
    ]
    cells = sheet_cells("noise_measurements", rows)
    put(workspace.home.inbox, "2023-06/星河区/噪声.xlsx", workbook_bytes({"噪声监测台账": cells}))
    ingest(workspace, RunScope(), datetime(2024, 2, 1))
    with reading(workspace.engine) as connection:
        stored = connection.execute(workspace.tables.ledgers["noise_measurements"].select()).all()
        rule_ids = connection.scalars(
            workspace.tables.findings.select().with_only_columns(workspace.tables.findings.c.rule_id)
        ).all()
        view_rows = connection.exec_driver_sql(
            "SELECT unit_name, measurement_no FROM mart_noise_measurements"
        ).all()
    assert [(row.measurement_no, row.decibels) for row in stored] == [("Z-1", 110)]
    assert [tuple(row) for row in view_rows] == [("星河区", "Z-1")]
    assert rule_ids == ["noise_measurements.decibels.out_of_range"]
    (status,) = [line for line in read_json(workspace, "status", "--period", "2023-06")
                 if (line["unit_code"], line["ledger"]) == ("990102", "noise_measurements")]  # fmt: skip
    assert (status["state"], status["rows"], status["held_back"]) == ("partial", 1, 1)
    (figure,) = read_json(
        workspace, "indicators", "--period", "2023-06", "--indicator", "noise_measurement_count"
    )
    assert (figure["display"], figure["units_reported"], figure["units_expected"]) == ("1次", 1, 4)


def read_json(workspace: Workspace, command: str, *options: str) -> list[dict[str, Any]]:
    """Run a command with `--json` and return what it prints."""
    result = CliRunner().invoke(
        main, ["--home", str(workspace.home.folder), command, *options, "--json"], catch_exceptions=False
    )
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows
