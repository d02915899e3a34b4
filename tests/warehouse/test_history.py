"""Random histories against a model in plain dictionaries: what stands, what counts, what was known when."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import Phase, example, given
from hypothesis import strategies as st
from sqlalchemy import select

from flows import settings
from flows.ingest.discover import InboxScan
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.pipeline import ingest
from flows.workspace import RunScope, Workspace
from schemas.periods import Period
from tests.conftest import drop_warehouse
from tests.pipeline.test_changes import check_changes
from tests.support.adjusted_histories import (
    FIRST_NIGHT,
    INDICATORS,
    TAKEN_BACK,
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
    GIVEN_UP_AND_CLAIMED_AGAIN,
    HANDLED_ELSEWHERE,
    HANDLED_HERE,
    HELD_AND_ACCEPTED,
    MONTHS,
    MOVED_TO_A_LATER_MONTH,
    MOVED_TO_AN_EARLIER_MONTH,
    RIVER,
    STAR,
    Counted,
    Figures,
    Known,
    Model,
    Row,
    Sent,
    examples,
    histories,
    model_figures,
)
from tests.support.history_warehouse import Warehouse, figures, never_overlap, stood
from warehouse.engine import reading

YEAR = Period.parse("2023")


def check(warehouse: Warehouse, history: Sequence[Sequence[Sent]]) -> None:
    """Load a history and compare with the model: after each load, and at the end as of every load."""
    warehouse.clear()
    model, expected = Model(), [model_figures(Known({}, frozenset()), warehouse.regions)]
    for load_id, night in enumerate(history, start=1):
        warehouse.load(night, datetime(2024, 1, load_id))
        model.load(night)
        expected.append(model_figures(model.known[-1], warehouse.regions))
        for as_of in range(1, load_id + 1) if load_id == len(history) else [load_id]:
            check_as_of(warehouse, as_of, model.known[as_of - 1], expected[as_of])
        assert all(never_overlap(warehouse.versions(ledger)) for ledger in COLUMNS)
        check_touched(warehouse.touched(load_id), *expected[-2:])


def check_as_of(warehouse: Warehouse, load_id: int, known: Known, expected: Figures) -> None:
    counted = {
        which: one for ledger in COLUMNS for which, one in warehouse.counted(ledger, load_id).items()
    }
    assert counted == known.counted, f"counted rows as of load {load_id}"
    assert warehouse.figures(load_id) == expected, f"figures as of load {load_id}"


def check_touched(touched: set[tuple[str, str]], before: Figures, after: Figures) -> None:
    """Every month whose figures a load moved is told as touched."""
    moved = {which for which, figure in after.items() if figure != before[which] and which[2].is_month}
    assert {(region, str(month)) for _, region, month in moved if region != CITY} <= touched


def number_of(warehouse: Warehouse, on_sqlite: int, on_postgresql: int) -> int:
    """Many histories where a load takes milliseconds."""
    return on_sqlite if warehouse.engine.dialect.name == "sqlite" else on_postgresql


def test_every_history_gives_what_the_model_gives(history_warehouse: Warehouse) -> None:
    @examples(number_of(history_warehouse, 14, 3), Phase.explicit)
    @given(histories)
    @example(MOVED_TO_A_LATER_MONTH)
    @example(MOVED_TO_AN_EARLIER_MONTH)
    @example(GIVEN_UP_AND_CLAIMED_AGAIN)
    @example(HELD_AND_ACCEPTED)
    def holds(history: list[list[Sent]]) -> None:
        check(history_warehouse, history)

    holds()


def test_which_of_a_nights_rows_count_may_turn_within_it(history_warehouse: Warehouse) -> None:
    """Rows count as they come; a report in the place of another of the same night brings their keys from who handled them."""
    keys = [f"k{at}" for at in range(60)]
    elsewhere, here = (
        {key: Row(DAYS[0], 1, "g", rank) for key in keys} for rank in (HANDLED_ELSEWHERE, HANDLED_HERE)
    )
    empty = Sent("payments", STAR, MONTHS[0], {})
    other = Sent("payments", RIVER, MONTHS[0], elsewhere)
    first = Sent("payments", STAR, MONTHS[0], dict(reversed(here.items())))
    for night in ([empty, other, first], [other, empty, first]):
        check(history_warehouse, [night])
        assert {one.unit for one in history_warehouse.counted("payments", 1).values()} == {STAR}


def test_the_order_of_a_nights_reports_does_not_matter(history_warehouse: Warehouse) -> None:
    """Only submissions of one report follow each other."""

    names = ("row_key", "unit_code", "period", "is_counted", "recorded_load", "retired_load")

    def content() -> list[list[str]]:
        return [
            sorted(
                str([getattr(version, name) for name in names])
                for version in history_warehouse.versions(it)
            )
            for it in COLUMNS
        ]

    @examples(number_of(history_warehouse, 8, 2))
    @given(histories, st.randoms(use_true_random=False))
    def holds(history: list[list[Sent]], dice: random.Random) -> None:
        found = []
        for mixed in (False, True):
            history_warehouse.clear()
            for day, night in enumerate(history, start=1):
                order = {one.report: dice.random() if mixed else 0.0 for one in night}
                history_warehouse.load(
                    sorted(night, key=lambda one: order[one.report]), datetime(2024, 1, day)
                )
            found.append(content())
        assert found[0] == found[1]

    holds()


def make_new(place: Workspace) -> None:
    for folder in (place.home.inbox, place.home.archive):
        shutil.rmtree(folder, ignore_errors=True)
    drop_warehouse(place)
    place.prepare()


def counted_cases(place: Workspace, load_id: int) -> dict[tuple[str, str], Counted]:
    with reading(place.engine) as connection:
        versions = connection.execute(place.tables.ledgers["cases"].select()).all()
    return {
        ("cases", version.case_no): Counted(
            version.unit_code,
            version.period,
            Row(version.filed_on, 0, version.party_name, version.handling_rank),
        )
        for version in versions
        if version.is_counted and stood(version, load_id)
    }


def submissions(place: Workspace) -> list[tuple[Any, ...]]:
    """As the model tells them."""
    columns = ("load_id", "unit_code", "period", "source_file", "sha256", "state")
    table = place.tables.submissions
    with reading(place.engine) as connection:
        query = select(*(table.c[name] for name in columns)).where(table.c.ledger == "cases")
        return sorted(tuple(row) for row in connection.execute(query))


def differs_when_made_anew(place: Workspace) -> list[str]:
    """The tables in which a warehouse made from the archive alone differs."""
    made = rebuild(place.home, "sqlite://", lambda _told: None)
    try:
        return compare_warehouses(place, made).differing
    finally:
        made.engine.dispose()


def take_in(place: Workspace, history: Sequence[Night], dice: random.Random) -> Home:
    """Through the whole run, the files of each night listed in any order; what the model makes of the same."""

    def call(_name: str, work: Any) -> Any:
        done = work()
        return (
            replace(done, new=dice.sample(done.new, len(done.new))) if isinstance(done, InboxScan) else done
        )

    home, number = Home(), 1
    for days, (night, decided) in enumerate(zip(history, decided_by(history), strict=True)):
        day = FIRST_NIGHT + timedelta(days=days)
        arrived = list(arrivals(night, day, number))
        number += len(arrived)
        for one in arrived:
            one.put(place)
        (place.home.folder / "adjustments.toml").write_text(
            "\n".join(one.told() for one in decided), encoding="utf-8"
        )
        place.adjustments = settings.Home(place.home.folder).adjustments(place.ledgers, place.regions)
        load_id = ingest(
            place, "nightly", RunScope(), call, datetime(day.year, day.month, day.day, 12)
        ).load_id
        is_taken = home.night(arrived, decided)
        assert load_id == (len(home.model.known) if is_taken else None)
    return home


def check_decided(place: Workspace, history: Sequence[Night], dice: random.Random) -> None:
    make_new(place)
    home = take_in(place, history, dice)
    known = home.model.known
    assert submissions(place) == sorted(home.taken)
    for load_id, one in enumerate(known, start=1):
        assert counted_cases(place, load_id) == one.counted, f"counted rows as of load {load_id}"
        expected = model_figures(one, place.regions, INDICATORS)
        assert figures(place, load_id, INDICATORS) == expected, f"figures as of load {load_id}"
    with reading(place.engine) as connection:
        for since in {0, len(known) - 1} if known else ():
            check_changes(place, connection, YEAR, since, len(known), INDICATORS)
    assert differs_when_made_anew(place) == []


def test_histories_of_files_and_decisions_give_what_the_model_gives(workplace: Workspace) -> None:
    is_sqlite = workplace.engine.dialect.name == "sqlite"

    @examples(2 if is_sqlite else 1, Phase.explicit)
    @given(decided_histories, st.randoms(use_true_random=False))
    @example(TAKEN_BACK, random.Random(1))
    def holds(history: list[Night], dice: random.Random) -> None:
        check_decided(workplace, history, dice)

    holds()
