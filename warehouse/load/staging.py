"""What a load is about to take, batch by batch in tables of its own: memory holds a batch, whatever the night brings.

Nothing of it is seen by anybody, and it goes with the load. The load is then one transaction that moves it in sets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Boolean, Column, Connection, Engine, Index, Table, Text, func, select
from sqlalchemy.schema import CreateIndex

from schemas.states import STANDING_STATES
from warehouse.load.staging_backends import stage_tables
from warehouse.schema.tables import Tables

#: set by the merge itself; every other column of a ledger table comes staged
HISTORY_COLUMNS = (
    "version_id", "claimed_load", "is_counted", "recorded_load", "recorded_by", "retired_load", "retired_by",
)  # fmt: skip
REPORT = ["ledger", "unit_code", "period"]


@dataclass(frozen=True)
class Batch:
    """Some submissions in the order in which they replace each other, with the columns of that table but for the ids.

    `rows`, `held` (by ledger) and `findings` name their submission by its place in the batch (`submission`, missing for a
    finding that belongs to none).
    """

    submissions: pd.DataFrame
    rows: Mapping[str, pd.DataFrame]
    held: Mapping[str, pd.DataFrame]
    findings: pd.DataFrame

    def without(self, places: Collection[int]) -> Batch:
        """The batch less some submissions and all that names them; the others keep their places."""

        def rest(frame: pd.DataFrame) -> pd.DataFrame:
            return frame[~frame["submission"].isin(places)]

        rows, held = (
            {name: rest(frame) for name, frame in kind.items()} for kind in (self.rows, self.held)
        )
        return Batch(self.submissions.drop(index=list(places)), rows, held, rest(self.findings))


@dataclass(frozen=True)
class StagedBatch:
    """Submissions of one ledger, at most one a report, with the tables of their rows and of the keys of rows held back."""

    ledger: str
    reports: pd.DataFrame
    rows: Table
    held: Table


class Staging:
    """The tables of one load over one connection.

    Submissions of one report follow each other: each wave holds at most one of every report.
    """

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self.connection, self.tables = connection, tables
        self._stored = stage_tables(connection)
        self._made: dict[str, Table] = {}
        self._waves: dict[int, dict[str, list[pd.DataFrame]]] = {}
        self._seen: Counter[tuple[Any, ...]] = Counter()
        self.next_id = (connection.scalar(select(func.max(tables.submissions.c.submission_id))) or 0) + 1
        self.told = 0
        self.submissions = self._like("submissions", tables.submissions, ("load_id",))
        self.findings = self._like("findings", tables.findings, ("load_id",))
        connection.commit()

    def add(self, batch: Batch) -> None:
        """Stage a batch in one transaction. Its submissions get the numbers that follow."""
        with self._stored.filling():
            self._add(batch)

    def _add(self, batch: Batch) -> None:
        count = len(batch.submissions)
        numbered = batch.submissions.assign(submission_id=range(self.next_id, self.next_id + count))
        self.next_id += count
        self._stored.insert(self.submissions, numbered)
        findings = _numbered(batch.findings, numbered)
        self._stored.insert(
            self.findings, findings.assign(finding_id=range(self.told, self.told + len(findings)))
        )
        self.told += len(findings)
        standing = numbered[numbered["state"].isin(STANDING_STATES)]
        reports = standing[["submission_id", *REPORT]]
        waves = []
        for report in reports[REPORT].itertuples(index=False, name=None):
            waves.append(self._seen[report])
            self._seen[report] += 1
        for (wave, ledger), part in reports.groupby(
            [pd.Series(waves, index=reports.index, dtype="int64"), "ledger"]
        ):
            self._waves.setdefault(wave, {}).setdefault(ledger, []).append(part)
            self._add_rows(ledger, wave, part, _numbered(batch.rows.get(ledger), numbered))
            self._add_held(ledger, wave, part, _numbered(batch.held.get(ledger), numbered))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one transaction that moves what is staged; all of it is seen by readers, or none."""
        self._stored.fill_no_more()
        self.connection.execution_options(is_writer=True)
        with self.connection.begin():
            yield self.connection

    def waves(self) -> Iterator[list[StagedBatch]]:
        """The staged ledgers, each wave by itself; their tables have an index on the key."""
        for wave, ledgers in sorted(self._waves.items()):
            found = []
            for ledger, parts in sorted(ledgers.items()):
                rows, held = self._rows(ledger, wave), self._held(ledger, wave)
                for table in (rows, held):
                    self.connection.execute(CreateIndex(Index(f"{table.name}_by_key", table.c.row_key)))
                found.append(StagedBatch(ledger, pd.concat(parts, ignore_index=True), rows, held))
            yield found

    def ledgers(self) -> list[str]:
        """Those of which any report is staged."""
        return sorted({ledger for ledgers in self._waves.values() for ledger in ledgers})

    def drop(self) -> None:
        self._stored.drop()

    def _add_rows(self, ledger: str, wave: int, reports: pd.DataFrame, rows: pd.DataFrame) -> None:
        placed = rows.merge(
            reports[["submission_id", "unit_code", "period"]], on="submission_id", validate="m:1"
        )
        self._stored.insert(self._rows(ledger, wave), placed)

    def _add_held(self, ledger: str, wave: int, reports: pd.DataFrame, held: pd.DataFrame) -> None:
        table = self._held(ledger, wave)
        if len(held):
            placed = held.merge(
                reports[["submission_id", "unit_code", "period"]], on="submission_id", validate="m:1"
            )
            self._stored.insert(table, placed[table.columns.keys()].dropna().drop_duplicates())

    def _rows(self, ledger: str, wave: int) -> Table:
        return self._like(f"{ledger}_{wave}", self.tables.ledgers[ledger], HISTORY_COLUMNS)

    def _held(self, ledger: str, wave: int) -> Table:
        columns = (Column(name, Text) for name in ("row_key", "unit_code", "period"))
        return self._table(f"held_{ledger}_{wave}", *columns, Column("is_let_go", Boolean))

    def _like(self, name: str, table: Table, without: tuple[str, ...]) -> Table:
        return self._table(
            name,
            *(Column(column.name, column.type) for column in table.columns if column.name not in without),
        )

    def _table(self, name: str, *columns: Column[Any]) -> Table:
        """A table, made when it is first asked for."""
        if name not in self._made:
            self._made[name] = self._stored.make(name, list(columns))
        return self._made[name]


@contextmanager
def staging(engine: Engine, tables: Tables) -> Iterator[Staging]:
    """A stage for one load, over a connection of its own; it is gone when the load is."""
    with engine.connect() as connection:
        stage = Staging(connection, tables)
        try:
            yield stage
        finally:
            connection.rollback()
            connection.execution_options(is_writer=False)  # to drop what is temporary waits for nobody
            if not connection.invalidated:
                stage.drop()


def _numbered(frame: pd.DataFrame | None, submissions: pd.DataFrame) -> pd.DataFrame:
    """The frame with `submission_id` in place of the place in the batch."""
    if frame is None:
        return pd.DataFrame(columns=["submission_id"])
    ids = frame["submission"].map(submissions["submission_id"]).astype("Int64")
    return frame.drop(columns="submission").assign(submission_id=ids)
