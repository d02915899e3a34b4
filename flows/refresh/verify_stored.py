"""Compute the stored figures and reporting states again, and find those that are stored otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pandas as pd

from flows.refresh.marts import input_fingerprint
from flows.refresh.status import report_states_of_months
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.reporting.working_days import CalendarUnknownError
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.figures.materialize import compute_stored_figures, stored_figures
from warehouse.load.recorded_rows import find_missing_rows
from warehouse.marts.coverage import materialized_coverage
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import COVERAGE, FIGURES, refresh_state

#: what people read in place of the tables' names
TABLE_TITLES = {FIGURES: Sentence("the stored figures"), COVERAGE: Sentence("the stored reporting states")}


def find_deleted_rows(workspace: Workspace) -> Iterator[str]:
    """Name the ledgers and loads of which rows were deleted from the warehouse, or added to it.

    Figures that were computed since follow from what is left, so nothing else shows it but a rebuild.
    """
    with reading(workspace.engine) as connection:
        for ledger, load_id, recorded, there in find_missing_rows(connection, workspace.tables):
            yield Sentence(
                "table {ledger}: load {load_id} recorded {recorded} rows, {there} are there: rows were deleted or added "
                "by hand; `huizong rebuild` makes them again and compares row by row",
                ledger=ledger, load_id=load_id, recorded=recorded, there=there,
            )  # fmt: skip


def find_altered_results(workspace: Workspace) -> Iterator[str]:
    """Name each stored figure and reporting state that does not follow from the rows, by table and key.

    They are compared whatever the refresh state says: one that was spoiled must hide nothing. Where it is not
    of the last load and today's definitions, a line says so.
    """
    with reading(workspace.engine) as connection:
        as_of, fingerprint = workspace.as_of_moment(connection), input_fingerprint(workspace)
        figures = refresh_state(connection, workspace.tables, FIGURES)
        coverage = refresh_state(connection, workspace.tables, COVERAGE)
        for name, state in ((FIGURES, figures), (COVERAGE, coverage)):
            if state and (state.load_id, state.fingerprint) != (as_of.load_id, fingerprint):
                yield (
                    Sentence(
                        "{table}: computed after load {load_id}, the last one is {last}, or by "
                        "other definitions or settings than today's; the next `huizong nightly` computes "
                        "them again",
                        table=TABLE_TITLES[name],
                        load_id=state.load_id,
                        last=as_of.load_id,
                    )
                )
        if figures:
            computed = compute_stored_figures(
                as_of, workspace.regions, workspace.obligations, list(indicators().values())
            )
            yield from _differences(FIGURES, stored_figures(as_of), computed)
        if coverage and coverage.as_of:
            yield from _altered_coverage(workspace, as_of, datetime.fromisoformat(str(coverage.as_of)))


def _altered_coverage(workspace: Workspace, as_of: AsOf, made_at: datetime) -> Iterator[str]:
    stored = materialized_coverage(as_of.connection, workspace.tables)
    table = workspace.tables.coverage
    keys = [column.name for column in table.primary_key.columns]
    months = sorted(stored["period"].unique())
    try:
        states = report_states_of_months(workspace, as_of, months, made_at.date(), None)
    except CalendarUnknownError:
        return
    yield from _differences(COVERAGE, stored.set_index(keys), states[table.columns.keys()].set_index(keys))


def _differences(table: str, stored: pd.DataFrame, computed: pd.DataFrame) -> Iterator[str]:
    """Compare two frames with the same columns and kind of key; name the rows that differ."""
    first, second = (_as_texts(frame) for frame in (stored, computed.reindex(columns=stored.columns)))
    for key in sorted(first.keys() | second.keys()):
        if first.get(key) != second.get(key):
            where = Sentence("{table}, {key}", table=TABLE_TITLES[table], key=" ".join(map(str, key)))
            yield Sentence(
                "{where}: stored {stored}, computed {computed}",
                where=where,
                stored=first.get(key, Sentence("nothing")),
                computed=second.get(key, Sentence("nothing")),
            )


def _as_texts(frame: pd.DataFrame) -> dict[tuple[str, ...], str]:
    """Return the rows as text by key: numbers and days have one form, whatever type holds them."""
    keys = [tuple(map(str, key)) for key in frame.index.tolist()]
    columns = [frame[name].astype(object).where(frame[name].notna(), None).map(_as_text) for name in frame]
    return dict(zip(keys, (", ".join(row) for row in zip(*columns, strict=True)), strict=True))


def _as_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
