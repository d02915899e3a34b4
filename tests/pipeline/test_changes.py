"""Which figures changed between two loads, and why: examples, the command, and random histories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import Phase, example, given
from hypothesis import strategies as st

from flows.cli import main
from flows.queries.changes import Change, changed_figures
from flows.queries.figures import read_figures
from flows.workspace import Workspace
from schemas.catalogue import ledgers
from schemas.figures.figure_changes import CORRECTED, HEADERS, REGIONS, RULE
from schemas.figures.indicator import Condition, Indicator, Part
from schemas.periods import Period
from schemas.regions import parse_regions
from schemas.reporting.obligations import DEFAULT_OBLIGATIONS
from schemas.reporting.replacement import NEVER
from tests.conftest import on_each_database
from tests.pipeline.test_adjustments import MISTAKEN, OTHER, WAIVER, Office
from tests.support.counties import ledger_bytes, put
from tests.support.histories import (
    CITY,
    GROUPS,
    HEARD,
    MOVED_TO_A_LATER_MONTH,
    MOVED_TO_AN_EARLIER_MONTH,
    PAID,
    UNITS,
    WITHDRAWN_AND_REPORTED_AGAIN,
    SentReport,
    examples,
    histories,
    indicator,
    make_payments,
)
from tests.support.history_warehouse import Warehouse
from transforms.report.attribution import exact_value
from warehouse.engine import open_warehouse, reading, writing
from warehouse.figures.row_moves import current_movers
from warehouse.schema.tables import build_tables

JUNE, YEAR = Period.parse("2023-06"), Period.parse("2023")
#: rows that move without a new version: the last report of each unit, and those that another ledger refers to
LATEST = Part(ledger="payments", aggregate="count_distinct", fields=("decision_no",), stock=True)
IS_SITTING = Condition(field="session", test="is_filled")
IS_HEARD = Condition(
    field="decision_no", test="found_in", ledger="hearings", matching="case_no", where=(IS_SITTING,)
)
HEARD_GROUPS = GROUPS.model_copy(update={"where": (IS_HEARD,)})
INDICATORS = [
    indicator("count", HEARD), indicator("sum", PAID), indicator("distinct", GROUPS), indicator("rate", GROUPS, HEARD),
    indicator("stock", LATEST), indicator("found", HEARD_GROUPS, GROUPS),
]  # fmt: skip


class FigureSource:
    """The attributes of a workspace that the figures need."""

    def __init__(self, warehouse: Warehouse | Workspace) -> None:
        self.regions = warehouse.regions
        self.obligations = DEFAULT_OBLIGATIONS


def check_changes(
    warehouse: Warehouse | Workspace, connection: Any, period: Period, since: int, until: int,
    chosen: Sequence[Indicator] = INDICATORS,
) -> None:  # fmt: skip
    """Check that the changed figures, and no others, are listed, with
    the submissions of the loads in between.
    """
    workspace: Any = FigureSource(warehouse)
    loads = [warehouse.as_of(connection, load_id) for load_id in (since, until)]
    changed = changed_figures(workspace, *loads, chosen, [CITY, *UNITS], period)
    change_by_figure = {(item.indicator.indicator_id, item.after.region_code): item for item in changed}
    readings = [read_figures(workspace, as_of, chosen, [CITY, *UNITS], period) for as_of in loads]
    movers = current_movers(loads[1], since)
    for item in chosen:
        for region in (CITY, *UNITS):
            old, new = (
                exact_value(item, figure.numerator, figure.denominator)
                for figure in (figures[item.indicator_id, region] for figures in readings)
            )
            assert (old != new) == ((item.indicator_id, region) in change_by_figure)
            if old != new:
                check_change(change_by_figure[item.indicator_id, region], old, new, set(movers))


def check_change(change: Change, old: Fraction | None, new: Fraction | None, submissions: set[int]) -> None:
    assert sum(share.delta for share, *_ in change.shares) == (new or 0) - (old or 0)
    assert sum(printed for *_, printed in change.shares) == change.delta
    assert {share.submission_id for share, *_ in change.shares} <= submissions
    row = change.row()
    assert row["parts"]
    assert sum(part["delta"] for part in row["parts"]) == row["delta"]


@on_each_database
def test_the_parts_add_up_for_every_history(history_warehouse: Warehouse) -> None:
    is_sqlite = history_warehouse.engine.dialect.name == "sqlite"

    @examples(2 if is_sqlite else 1, *([Phase.explicit] if is_sqlite else []))
    @given(histories, st.sampled_from([JUNE, YEAR]), st.integers(0, 3))
    @example(MOVED_TO_A_LATER_MONTH, YEAR, 1)
    @example(MOVED_TO_AN_EARLIER_MONTH, YEAR, 2)
    @example(WITHDRAWN_AND_REPORTED_AGAIN, YEAR, 2)
    def check_history(history: list[list[SentReport]], period: Period, since: int) -> None:
        history_warehouse.clear()
        for day, night in enumerate(history, start=1):
            history_warehouse.load(night, datetime(2024, 1, day))
        with reading(history_warehouse.engine) as connection:
            check_changes(history_warehouse, connection, period, min(since, len(history)), len(history))
            check_changes(history_warehouse, connection, period, 0, max(1, min(since, len(history))))

    check_history()


def test_a_row_that_counts_because_another_unit_withdrew_it_names_that_unit(
    history_warehouse: Warehouse,
) -> None:
    star, river, _ = UNITS
    history_warehouse.clear()
    for day, night in enumerate(
        [
            [make_payments(star, "2023-05", "k1")],
            [make_payments(river, "2023-05", "k1")],
            [make_payments(star, "2023-05")],
        ],
        start=1,
    ):
        history_warehouse.load(night, datetime(2024, 1, day))
    workspace: Any = FigureSource(history_warehouse)
    with reading(history_warehouse.engine) as connection:
        loads = [history_warehouse.as_of(connection, load_id) for load_id in (2, 3)]
        changed = changed_figures(workspace, *loads, INDICATORS[2:3], [CITY, star, river], YEAR)
    parts_by_region = [
        (
            change.after.region_code,
            [(part["cause"], part["unit_code"], part["delta"]) for part in change.row()["parts"]],
        )
        for change in changed
    ]
    assert parts_by_region == [(star, [("retired", star, -1)]), (river, [("retired", star, 1)])]


def test_other_rules_headers_regions_and_decisions_are_different_causes() -> None:
    tables = build_tables(ledgers())
    regions = parse_regions(f"code,name,level,parent\n{CITY},某市,city,\n{UNITS[0]},星河区,unit,{CITY}")
    warehouse = Warehouse(open_warehouse("sqlite://"), tables, regions)
    warehouse.clear()
    for day in (1, 2):
        warehouse.load([make_payments(UNITS[0], "2023-05", "k1")], datetime(2024, 1, day))
    with writing(warehouse.engine) as connection:
        connection.execute(
            tables.submissions.update().where(tables.submissions.c.load_id == 2).values(is_revalidated=True)
        )
        causes = []
        loads, adjustments = tables.loads, tables.adjustments
        connection.execute(loads.update().values(ruleset="0.1.0-a"))
        mover = partial(current_movers, warehouse.as_of(connection, 2), 1)
        causes.append(mover()[2].cause(False))
        connection.execute(loads.update().where(loads.c.load_id == 2).values(headers="another"))
        causes.append(mover()[2].cause(False))
        connection.execute(loads.update().where(loads.c.load_id == 2).values(ruleset="0.1.0-b"))
        causes.append(mover()[2].cause(False))
        entry = {"adjustment_id": "a", "recorded_load": 2, "unit_code": UNITS[0]}
        of_report = {"ledger": "payments", "period": "2023-05", "entry": {}}
        connection.execute(adjustments.insert().values(**entry, **of_report))
        causes.append(mover()[2].cause(False))
    assert causes == [REGIONS, HEADERS, RULE, CORRECTED]


@pytest.fixture
def office(workspace: Workspace) -> Office:
    return Office(workspace)


def run_changes(office: Office, *options: str, period: Sequence[str] = ("--period", "2023")) -> Any:
    home = ["--home", str(office.workspace.home.folder)]
    return CliRunner().invoke(main, [*home, "changes", *period, *options], catch_exceptions=False)


def list_changes(office: Office, *options: str) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = json.loads(
        run_changes(office, "--indicator", "fine_imposed_amount", *options, "--json").stdout
    )
    return changes


def test_without_a_period_every_period_that_moved_is_listed(office: Office) -> None:
    office.send({"decision_no": OTHER})
    office.night()
    options = (
        "--indicator",
        "fine_imposed_amount",
        "--region",
        "990100",
        "--since",
        "2023-07-01",
        "--json",
    )
    changes = json.loads(run_changes(office, *options, period=()).stdout)
    periods = [change["period"] for change in changes]
    assert periods == ["2023", "2023-Q2", "2023-06"]


def test_every_cause_in_a_sequence_of_nightly_runs(office: Office) -> None:
    office.workspace.home.settings.replacement_share = NEVER  # half of the rows is not too many here
    third = {"decision_no": "某环罚(星)〔2023〕3号", "fine_fen": 1}
    office.send(MISTAKEN, {"decision_no": OTHER})  # one row is quarantined
    office.night()
    office.decide(WAIVER)
    office.night()  # the bureau's waiver admits it
    office.send(MISTAKEN, third)  # OTHER is withdrawn, a third one is new
    office.night()
    put(office.workspace.home.inbox, "2023-06/990121/处罚.xlsx", ledger_bytes("penalties", {"decision_no": "某环罚〔2023〕9号"}),
        "2023-07-09T10:00")  # fmt: skip
    office.night()
    (city, *units) = list_changes(office, "--since", "2023-07-02")
    assert [city[name] for name in ("indicator_id", "region_code", "period", "before", "after", "delta")] == [
        "fine_imposed_amount", "990100", "2023", None, 350_045_000, 350_045_000,
    ]  # fmt: skip
    assert city["parts"] == [
        {"cause": "late", "unit_code": "990102", "submission_id": 1, "delta": 35_000},
        {"cause": "corrected", "unit_code": "990102", "submission_id": 2, "delta": 350_000_000},
        {"cause": "retired", "unit_code": "990102", "submission_id": 3, "delta": -35_000},
        {"cause": "resubmitted", "unit_code": "990102", "submission_id": 3, "delta": 10_000},
        {"cause": "late", "unit_code": "990121", "submission_id": 4, "delta": 35_000},
    ]
    assert [unit["region_code"] for unit in units] == ["990102", "990121"]
    (since_waiver,) = list_changes(
        office, "--since", "2023-07-04", "--until", "2023-07-04", "--region", "990102"
    )
    assert [part["cause"] for part in since_waiver["parts"]] == ["retired", "resubmitted"]
    check_printed(office)


def test_the_later_of_two_files_of_a_night_is_the_first_report(office: Office) -> None:
    office.send({"decision_no": OTHER})
    again = ledger_bytes("penalties", {"decision_no": OTHER}, MISTAKEN | {"fine_fen": 1})
    put(office.workspace.home.inbox, "2023-06/990102/处罚改.xlsx", again, "2023-07-01T11:00")
    office.night()
    city = list_changes(office, "--since", "2023-07-01")[0]
    assert [part["cause"] for part in city["parts"]] == ["late", "late"]


def check_printed(office: Office) -> None:
    printed = run_changes(
        office, "--since", "2023-07-04", "--region", "990100", "--indicator", "fine_imposed_amount"
    ).output
    assert "处罚款  某市 2023: 35003.5万元 → 35004.5万元 (+1万元)" in printed
    assert (
        "  -3.5万元  gone with what was sent again: 星河区 2023-06 行政处罚决定台账, 2023-06/990102/处罚.xlsx"
        in printed
    )
    assert "1 row counts no more (#3)" in printed
    lines = run_changes(office, "--since", "2023-07-04", "--region", "990100", "--csv").stdout.splitlines()
    assert sum(",fine_imposed_amount," in f",{line}" and ",990121,长岭县,4," in line for line in lines) == 1


def test_a_time_without_loads_has_no_changes(office: Office) -> None:
    office.send({})
    office.night()
    assert list_changes(office, "--since", "2023-07-02")  # a day counts from its beginning
    assert list_changes(office, "--since", "2023-07-03") == []
    assert run_changes(office, "--since", "2023-07-03").output == "since 2023-07-03: nothing was taken in\n"
    office.send({"fine_fen": 3.5, "remarks": None})
    office.night()
    assert (
        "no figure of 2023 moved"
        in run_changes(office, "--since", "2023-07-03", "--indicator", "exam_violation_count").output
    )


def test_wrong_usage(office: Office) -> None:
    for options, message in (
        (["--since", "yesterday"], "'yesterday' is no time"),
        (["--since", "2023-07-02", "--until", "2023-07-01"], "lies before --since"),
        (["--since", "2023-07-02", "--region", "1"], "no region 1; there are 某市（990100）"),
        (["--since", "2023-07-02", "--indicator", "x"], "no indicator x; `huizong dictionary"),
    ):
        result = run_changes(office, *options)
        assert (result.exit_code, message in result.output) == (2, True)
