"""Compute the stored figures and reporting states again, and find those that are stored otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import pandas as pd

from flows.archive.store import DamagedFileError
from flows.queries.earlier_regions import workspace_as_of
from flows.refresh.marts import input_fingerprint
from flows.refresh.status import report_states_of_months
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.regions import RegionTableError
from schemas.reporting.working_days import CalendarUnknownError
from schemas.sentences import Sentence
from schemas.version import ruleset_version
from warehouse.engine import reading
from warehouse.figures.materialize import compute_stored_figures, stored_figures
from warehouse.load.recorded_rows import find_missing_rows
from warehouse.marts.coverage import materialized_coverage
from warehouse.ops.loads import ruleset_of
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import COVERAGE, FIGURES, SOURCES, RefreshState, refresh_state
from warehouse.schema.regions import region_rows, stored_regions

#: what people read in place of the tables' names
TABLE_TITLES = {FIGURES: Sentence("the stored figures"), COVERAGE: Sentence("the stored reporting states")}

#: columns of a stored figure that follow from rows and regions alone
SUMS = ("numerator_sum", "denominator_sum")


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

    They are computed by the region table that made them: today's may be edited, and not yet used. They are
    compared whatever the refresh state says: one that was spoiled must hide nothing. Where it is not of the
    last load, or of no definitions that are known, a line says so.
    """
    with reading(workspace.engine) as connection:
        definitions = _Definitions(workspace, workspace.as_of_moment(connection))
        for name, find in ((FIGURES, _altered_figures), (COVERAGE, _altered_coverage)):
            state = definitions.states[name]
            if state:
                yield from _outdated(name, state, definitions)
                yield from find(state, definitions)


class _Definitions:
    """By what the stored results were made: today's region table and settings, or those of the last load."""

    def __init__(self, workspace: Workspace, as_of: AsOf) -> None:
        self.last_load = as_of.load_id
        self.states = {
            name: refresh_state(as_of.connection, as_of.tables, name)
            for name in (FIGURES, COVERAGE, SOURCES)
        }
        today = workspace, as_of
        self.of_last_load = today
        with suppress(DamagedFileError, RegionTableError):  # the archive's own check tells of it
            self.of_last_load = workspace_as_of(workspace, as_of)
        self.by_fingerprint = {input_fingerprint(made[0]): made for made in (today, self.of_last_load)}
        # else the sums of rows may be others too; a night without a load can have used another region table
        is_same_table = stored_regions(as_of.connection, as_of.tables.regions) == region_rows(
            self.of_last_load[0].regions
        )
        self.are_sums_known = is_same_table and ruleset_of(as_of) == ruleset_version()

    def of(self, state: RefreshState) -> tuple[Workspace, AsOf] | None:
        """Return workspace and warehouse by which a result was made; None if the settings were others.

        One refresh stores the states of all results: where only this one is unknown, it was spoiled.
        """
        fingerprints = (state.fingerprint, *(other.fingerprint for other in self.states.values() if other))
        known = (self.by_fingerprint[each] for each in fingerprints if each in self.by_fingerprint)
        return next(known, None)


def _outdated(name: str, state: RefreshState, definitions: _Definitions) -> Iterator[str]:
    """Say that a result is not of the last load, or made by definitions that are not known."""
    if state.load_id != definitions.last_load:
        yield Sentence(
            "{table}: computed after load {load_id}, the last one is {last}; the next `huizong nightly` "
            "computes them again",
            table=TABLE_TITLES[name], load_id=state.load_id, last=definitions.last_load,
        )  # fmt: skip
    elif state.fingerprint not in definitions.by_fingerprint:
        yield Sentence(
            "{table}: computed after the last load, by other definitions or settings than today's; the next "
            "`huizong nightly` computes them again: then verify once more",
            table=TABLE_TITLES[name],
        )


def _altered_figures(state: RefreshState, definitions: _Definitions) -> Iterator[str]:
    made_by = definitions.of(state)
    if made_by is None and not definitions.are_sums_known:
        return
    workspace, as_of = made_by or definitions.of_last_load
    computed = compute_stored_figures(
        as_of, workspace.regions, workspace.obligations, list(indicators().values())
    )
    stored = stored_figures(as_of)
    if (
        made_by is None
    ):  # settings say which reports are asked for, and when; sums of rows do not depend on them
        both = stored.index.intersection(computed.index)
        stored, computed = (frame.loc[both, list(SUMS)] for frame in (stored, computed))
    yield from _differences(FIGURES, stored, computed)


def _altered_coverage(state: RefreshState, definitions: _Definitions) -> Iterator[str]:
    made_by = definitions.of(state)
    if made_by is None or not state.as_of:
        return
    workspace, as_of = made_by
    stored = materialized_coverage(as_of.connection, workspace.tables)
    table = workspace.tables.coverage
    keys = [column.name for column in table.primary_key.columns]
    months = sorted(stored["period"].unique())
    made_on = datetime.fromisoformat(str(state.as_of)).date()
    try:
        states = report_states_of_months(workspace, as_of, months, made_on, None)
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
