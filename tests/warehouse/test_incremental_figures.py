"""Figures computed from what a load touched are those computed from all rows, whatever the loads were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd
from hypothesis import Phase, example, given
from hypothesis import strategies as st

from schemas.figures.figure import FIGURE, apply_null_rules
from schemas.periods import Period
from schemas.reporting.obligations import DEFAULT_OBLIGATIONS
from tests.conftest import on_each_database
from tests.pipeline.test_changes import INDICATORS
from tests.support.histories import (
    CITY,
    EXAMPLES_TIMES,
    MOVED_TO_A_LATER_MONTH,
    MOVED_TO_AN_EARLIER_MONTH,
    WITHDRAWN_AND_REPORTED_AGAIN,
    SentReport,
    examples,
    make_regions_with_history,
    submissions,
)
from tests.support.history_warehouse import Warehouse
from warehouse.engine import reading, writing
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.incremental import IncrementalFigures
from warehouse.figures.materialize import refresh_figures, reported_periods
from warehouse.figures.stored_figures import is_materialized
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import RefreshState


def move_to_year(report: SentReport, year: int) -> SentReport:
    """Return the same submission for the same month of another year."""
    rows = {key: replace(row, day=row.day.replace(year=year)) for key, row in report.rows.items()}
    return replace(report, period=f"{year}{report.period[4:]}", rows=rows)


#: a load touches some units, ledgers and years, and others not
submissions_of_two_years = st.builds(move_to_year, submissions, st.sampled_from([2022, 2023]))
histories_of_two_years = st.lists(st.lists(submissions_of_two_years, max_size=4), min_size=2, max_size=5)


def check_history(warehouse: Warehouse, history: Sequence[Sequence[SentReport]]) -> None:
    """Load a history; after each load refresh the figures both ways and compare the tables.

    What moved is computed again for the last load, in `make soak` for each.
    """
    warehouse.clear()
    for load_id, night in enumerate(history, start=1):
        warehouse.load(night, datetime(2024, 1, load_id))
        with writing(warehouse.engine) as connection:
            as_of = warehouse.as_of(connection, load_id)
            with connection.begin_nested() as savepoint:
                computed = refresh(as_of, warehouse, is_incremental=False)
                savepoint.rollback()
            assert not is_materialized(as_of)
            pd.testing.assert_frame_equal(refresh(as_of, warehouse, is_incremental=True), computed)
            if load_id == len(history) or EXAMPLES_TIMES > 1:
                check_moved(as_of, warehouse)


def refresh(as_of: AsOf, warehouse: Warehouse, *, is_incremental: bool) -> pd.DataFrame:
    """Refresh the table of figures to a load and read it."""
    state = RefreshState(as_of.load_id, "definitions")
    refresh_figures(
        as_of, warehouse.regions, DEFAULT_OBLIGATIONS, INDICATORS, state, is_incremental=is_incremental
    )
    return read_table(as_of)


def read_table(as_of: AsOf) -> pd.DataFrame:
    figures = as_of.tables.marts.figures
    rows: list[Any] = list(as_of.connection.execute(figures.select().order_by(*figures.primary_key)))
    return pd.DataFrame(rows, columns=figures.columns.keys())


def check_moved(as_of: AsOf, warehouse: Warehouse) -> None:
    """The figures before and after the load are those computed from all rows; none of the others moved."""
    periods = reported_periods(as_of, DEFAULT_OBLIGATIONS)
    if not periods:
        return
    incremental = IncrementalFigures(as_of, warehouse.regions, DEFAULT_OBLIGATIONS)
    pairs = list(incremental.before_and_after(INDICATORS, periods))
    computed = [_compute(as_of.with_load(as_of.load_id + step), warehouse, periods) for step in (-1, 0)]
    touched = computed[0].index[:0]
    for index, expected in enumerate(computed if pairs else ()):
        figures = pd.concat(pair[index] for pair in pairs).set_index(FIGURE)
        sums = figures[["numerator", "denominator"]].sort_index()
        pd.testing.assert_frame_equal(sums, expected.loc[sums.index])
        touched = touched.union(sums.index)
    untouched = [expected.drop(touched) for expected in computed]
    pd.testing.assert_frame_equal(*untouched)


def _compute(as_of: AsOf, warehouse: Warehouse, periods: Sequence[Period]) -> pd.DataFrame:
    """Compute the figures of all regions as of a load from all rows."""
    reader = FigureReader(as_of, warehouse.regions, periods)
    of_regions = reader.of_regions(INDICATORS, reader.of_units(INDICATORS))
    figures = apply_null_rules(INDICATORS, of_regions).set_index(FIGURE)
    return figures[["numerator", "denominator"]].sort_index()


@on_each_database
def test_every_history_gives_the_same_figures_with_and_without(history_warehouse: Warehouse) -> None:
    """`made_load` too: the load with which a figure got its value."""
    if history_warehouse.engine.dialect.name == "postgresql":
        check_history(history_warehouse, WITHDRAWN_AND_REPORTED_AGAIN)  # the queries are the same
        return

    @examples(2, Phase.explicit)
    @given(histories_of_two_years)
    @example(MOVED_TO_A_LATER_MONTH)
    @example(MOVED_TO_AN_EARLIER_MONTH)
    @example(WITHDRAWN_AND_REPORTED_AGAIN)
    def holds(history: list[list[SentReport]]) -> None:
        check_history(history_warehouse, history)

    holds()


def test_so_does_a_tree_whose_units_follow_each_other(history_warehouse: Warehouse) -> None:
    warehouse = history_warehouse.with_regions(make_regions_with_history())

    @examples(1, Phase.explicit)
    @given(histories_of_two_years)
    @example(MOVED_TO_A_LATER_MONTH)
    def holds(history: list[list[SentReport]]) -> None:
        check_history(warehouse, history)

    holds()


@on_each_database
def test_it_computes_only_the_touched_units_and_years(history_warehouse: Warehouse) -> None:
    """Otherwise it would be equal and of no use."""
    history = [
        [SentReport("payments", "990102", "2022-05", {}), SentReport("payments", "990181", "2023-05", {})],
        [SentReport("payments", "990102", "2022-06", {})],
    ]
    check_history(history_warehouse, history)
    with reading(history_warehouse.engine) as connection:
        as_of = history_warehouse.as_of(connection, 2)
        periods = reported_periods(as_of, DEFAULT_OBLIGATIONS)
        incremental = IncrementalFigures(as_of, history_warehouse.regions, DEFAULT_OBLIGATIONS)
        batches = list(incremental.changed(INDICATORS[1:2], periods))
    (figures,) = (figures for _, figures in batches)
    assert set(figures["region_code"]) == {CITY, "990102"}
    assert set(figures["period"].str[:4]) == {"2022"}
