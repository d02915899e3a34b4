"""Random histories compared with a model in plain dictionaries.

Current rows, counted rows, as-of queries.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import Phase, example, given
from hypothesis import strategies as st
from sqlalchemy import select

from flows import home
from flows.ingest.discover import InboxScan
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.pipeline import ingest
from flows.step import Step
from flows.workspace import RunScope, Workspace
from schemas.periods import Period
from schemas.states import CURRENT_STATES
from tests.conftest import drop_warehouse, on_each_database
from tests.pipeline.test_changes import check_changes
from tests.support.adjusted_histories import (
    FIRST_NIGHT,
    INDICATORS,
    REVOKED_WAIVERS,
    Arrival,
    Decision,
    Home,
    Night,
    arrivals,
    decided_by,
    decided_histories,
)
from tests.support.histories import (
    CITY,
    COLUMNS,
    DAYS,
    HANDLED_ELSEWHERE,
    HANDLED_HERE,
    MONTHS,
    MOVED_TO_A_LATER_MONTH,
    MOVED_TO_AN_EARLIER_MONTH,
    QUARANTINED_AND_ACCEPTED,
    RIVER,
    STAR,
    WITHDRAWN_AND_REPORTED_AGAIN,
    CountedRow,
    Figures,
    Model,
    ModelState,
    Row,
    SentReport,
    examples,
    histories,
    model_figures,
)
from tests.support.history_warehouse import Warehouse, figures, is_valid_at, never_overlap
from warehouse.engine import reading

YEAR = Period.parse("2023")
#: how many of the nights follow a rerun
RERUN_SHARE = 0.7


def check(warehouse: Warehouse, history: Sequence[Sequence[SentReport]]) -> None:
    """Load a history and compare with the model: after each load, and at the end as of every load."""
    warehouse.clear()
    model, expected = Model(), [model_figures(ModelState({}, frozenset()), warehouse.regions)]
    for load_id, night in enumerate(history, start=1):
        warehouse.load(night, datetime(2024, 1, load_id))
        model.load(night)
        expected.append(model_figures(model.known[-1], warehouse.regions))
        for as_of in range(1, load_id + 1) if load_id == len(history) else [load_id]:
            check_as_of(warehouse, as_of, model.known[as_of - 1], expected[as_of])
        assert all(never_overlap(warehouse.versions(ledger)) for ledger in COLUMNS)
        check_touched(warehouse.touched(load_id), *expected[-2:])


def check_as_of(warehouse: Warehouse, load_id: int, known: ModelState, expected: Figures) -> None:
    counted = {key: row for ledger in COLUMNS for key, row in warehouse.counted(ledger, load_id).items()}
    assert counted == known.counted, f"counted rows as of load {load_id}"
    assert warehouse.figures(load_id) == expected, f"figures as of load {load_id}"


def check_touched(touched: set[tuple[str, str]], before: Figures, after: Figures) -> None:
    """Check that every month whose figures a load changed is among the touched months."""
    changed = {key for key, figure in after.items() if figure != before[key] and key[2].is_month}
    assert {(region, str(month)) for _, region, month in changed if region != CITY} <= touched


def number_of(warehouse: Warehouse, on_sqlite: int, on_postgresql: int) -> int:
    """Return how many histories to try: more on SQLite, where a load takes milliseconds."""
    return on_sqlite if warehouse.engine.dialect.name == "sqlite" else on_postgresql


@on_each_database
def test_every_history_gives_what_the_model_gives(history_warehouse: Warehouse) -> None:
    @examples(number_of(history_warehouse, 3, 1), Phase.explicit)
    @given(histories)
    @example(MOVED_TO_A_LATER_MONTH)
    @example(MOVED_TO_AN_EARLIER_MONTH)
    @example(WITHDRAWN_AND_REPORTED_AGAIN)
    @example(QUARANTINED_AND_ACCEPTED)
    def check_history(history: list[list[SentReport]]) -> None:
        check(history_warehouse, history)

    check_history()


@on_each_database
def test_a_later_report_of_the_same_load_may_decide_which_rows_count(history_warehouse: Warehouse) -> None:
    """Rows count as they arrive; a later report of the same load brings keys handled by another unit."""
    keys = [f"k{index}" for index in range(60)]
    rows_elsewhere, rows_here = (
        {key: Row(DAYS[0], 1, "g", rank) for key in keys} for rank in (HANDLED_ELSEWHERE, HANDLED_HERE)
    )
    empty = SentReport("payments", STAR, MONTHS[0], {})
    of_other_unit = SentReport("payments", RIVER, MONTHS[0], rows_elsewhere)
    first = SentReport("payments", STAR, MONTHS[0], dict(reversed(rows_here.items())))
    for night in ([empty, of_other_unit, first], [of_other_unit, empty, first]):
        check(history_warehouse, [night])
        assert {row.unit for row in history_warehouse.counted("payments", 1).values()} == {STAR}


@on_each_database
def test_the_order_of_reports_in_a_night_does_not_matter(history_warehouse: Warehouse) -> None:
    """Shuffle the reports of a night; only submissions of the same report have an order."""

    names = ("row_key", "unit_code", "period", "is_counted", "recorded_load", "retired_load")

    def content() -> list[list[str]]:
        return [
            sorted(
                str([getattr(version, name) for name in names])
                for version in history_warehouse.versions(ledger)
            )
            for ledger in COLUMNS
        ]

    @examples(number_of(history_warehouse, 3, 1))
    @given(histories, st.randoms(use_true_random=False))
    def check_history(history: list[list[SentReport]], rng: random.Random) -> None:
        contents = []
        for mixed in (False, True):
            history_warehouse.clear()
            for day, night in enumerate(history, start=1):
                order = {report.report: rng.random() if mixed else 0.0 for report in night}
                history_warehouse.load(
                    sorted(night, key=lambda report: order[report.report]), datetime(2024, 1, day)
                )
            contents.append(content())
        assert contents[0] == contents[1]

    check_history()


def reset_warehouse(workspace: Workspace) -> None:
    for folder in (workspace.home.inbox, workspace.home.archive):
        shutil.rmtree(folder, ignore_errors=True)
    drop_warehouse(workspace)
    workspace.prepare()


def counted_cases(workspace: Workspace, load_id: int) -> dict[tuple[str, str], CountedRow]:
    with reading(workspace.engine) as connection:
        versions = connection.execute(workspace.tables.ledgers["cases"].select()).all()
    return {
        ("cases", version.case_no): CountedRow(
            version.unit_code,
            version.period,
            Row(version.filed_on, 0, version.party_name, version.handling_rank),
        )
        for version in versions
        if version.is_counted and is_valid_at(version, load_id)
    }


def submissions(workspace: Workspace) -> list[tuple[Any, ...]]:
    """Read the submissions in the form of the model."""
    columns = ("load_id", "unit_code", "period", "source_file", "sha256", "state")
    table = workspace.tables.submissions
    with reading(workspace.engine) as connection:
        query = select(*(table.c[name] for name in columns)).where(table.c.ledger == "cases")
        return sorted(tuple(row) for row in connection.execute(query))


def differing_after_rebuild(workspace: Workspace) -> list[str]:
    """List the tables in which a warehouse rebuilt from the archive differs."""
    rebuilt = rebuild(workspace.home, "sqlite://", lambda _line: None)
    try:
        return compare_warehouses(workspace, rebuilt).differing
    finally:
        rebuilt.engine.dispose()


def receive_nights(
    workspace: Workspace, history: Sequence[Night]
) -> Iterator[tuple[datetime, list[Arrival], frozenset[Decision]]]:
    """Put the files and decisions of one night after the other into the home; yield them and the hour."""
    number = 1
    for days, (night, decided) in enumerate(zip(history, decided_by(history), strict=True)):
        day = FIRST_NIGHT + timedelta(days=days)
        arrived = list(arrivals(night, day, number))
        number += len(arrived)
        for file in arrived:
            file.put(workspace)
        (workspace.home.folder / "adjustments.toml").write_text(
            "\n".join(decision.to_toml() for decision in decided), encoding="utf-8"
        )
        workspace.adjustments = home.Home(workspace.home.folder).adjustments(
            workspace.ledgers, workspace.regions
        )
        yield datetime(day.year, day.month, day.day, 12), arrived, decided


def ingest_history(workspace: Workspace, history: Sequence[Night], rng: random.Random) -> Home:
    """Run the pipeline, with each night's files in random order; return the model of the same home."""

    def call(_step: Step, work: Any, _subject: str = "") -> Any:
        result = work()
        return (
            replace(result, new=rng.sample(result.new, len(result.new)))
            if isinstance(result, InboxScan)
            else result
        )

    home = Home()
    for noon, arrived, decided in receive_nights(workspace, history):
        load_id = ingest(workspace, RunScope(), noon, run_step=call).load_id
        is_taken = home.night(arrived, decided)
        assert load_id == (len(home.model.known) if is_taken else None)
    return home


def current_content(workspace: Workspace) -> tuple[list[Any], list[Any]]:
    """Read the current rows and submissions, whatever load recorded them and whichever row counts."""
    table, reports = workspace.tables.ledgers["cases"], workspace.tables.submissions
    names = ("case_no", "unit_code", "period", "filed_on", "party_name", "handling_rank")
    rows = select(*(table.c[name] for name in names)).where(table.c.retired_load.is_(None))
    names = ("unit_code", "ledger", "period", "source_file", "state", "rows", "held_back")
    current = select(*(reports.c[name] for name in names)).where(
        reports.c.state.in_(CURRENT_STATES), reports.c.superseded_load.is_(None)
    )
    with reading(workspace.engine) as connection:
        return tuple(sorted(map(tuple, connection.execute(query))) for query in (rows, current))  # type: ignore[return-value]


def check_reruns(workspace: Workspace, history: Sequence[Night], rng: random.Random) -> None:
    """Compare nights alone with the same nights of which each may follow a rerun of one of its reports.

    A last night brings nothing.
    """
    contents = []
    for has_reruns in (False, True):
        reset_warehouse(workspace)
        for noon, arrived, _ in receive_nights(workspace, history):
            if has_reruns and arrived and rng.random() < RERUN_SHARE:
                _, unit, period = rng.choice(arrived).case_file.report
                ingest(workspace, RunScope(unit, period), noon - timedelta(hours=1))
            ingest(workspace, RunScope(), noon)
        # a decision on a report waits for the next night if its file was sent again in this one
        ingest(workspace, RunScope(), noon + timedelta(days=1))
        contents.append(current_content(workspace))
    assert contents[0] == contents[1]


def check_decided(workspace: Workspace, history: Sequence[Night], rng: random.Random) -> None:
    reset_warehouse(workspace)
    home = ingest_history(workspace, history, rng)
    known = home.model.known
    assert submissions(workspace) == sorted(home.submissions)
    for load_id, state in enumerate(known, start=1):
        assert counted_cases(workspace, load_id) == state.counted, f"counted rows as of load {load_id}"
        expected = model_figures(state, workspace.regions, INDICATORS)
        assert figures(workspace, load_id, INDICATORS) == expected, f"figures as of load {load_id}"
    with reading(workspace.engine) as connection:
        for since in {0, len(known) - 1} if known else ():
            check_changes(workspace, connection, YEAR, since, len(known), INDICATORS)
    assert differing_after_rebuild(workspace) == []


@on_each_database
def test_histories_of_files_and_decisions_give_what_the_model_gives(workspace: Workspace) -> None:
    is_sqlite = workspace.engine.dialect.name == "sqlite"

    @examples(1, *([Phase.explicit] if is_sqlite else []))
    @given(decided_histories, st.randoms(use_true_random=False))
    @example(REVOKED_WAIVERS, random.Random(1))
    def check_history(history: list[Night], rng: random.Random) -> None:
        check_decided(workspace, history, rng)

    check_history()


def test_a_rerun_before_a_night_does_not_change_what_is_current_after_it(workspace: Workspace) -> None:
    @examples(1, Phase.explicit)
    @given(decided_histories, st.randoms(use_true_random=False))
    @example(REVOKED_WAIVERS, random.Random(1))
    def check_history(history: list[Night], rng: random.Random) -> None:
        check_reruns(workspace, history, rng)

    check_history()
