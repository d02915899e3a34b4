"""Staging tables of a load, filled batch by batch, so that memory holds one batch only.

No reader sees them, and they go with the load, which is one transaction that moves them in sets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
    text,
    tuple_,
)

from schemas.ledgers.compiled import LedgerDefinition
from schemas.states import CURRENT_STATES
from warehouse.load.masking import mask_rows
from warehouse.load.staged_tables import define_like, define_quarantine
from warehouse.load.staging_backends import choose_backend
from warehouse.load.temporary_tables import create_indexes
from warehouse.schema.tables import Tables

#: set by the merge; every other column of a ledger table is staged
HISTORY_COLUMNS = (
    "version_id", "claimed_load", "is_counted", "recorded_load", "recorded_by", "retired_load", "retired_by",
)  # fmt: skip
#: shorter than the second after which PostgreSQL ends one of two transactions that wait for each other
LOCK_MILLISECONDS = 500
REPORT = ["ledger", "unit_code", "period"]
#: of a staged submission: what it is held against the current ones of its report by
REPORT_COLUMNS = [
    "submission_id", *REPORT, "source_file", "source_sheet", "sha256", "received_at", "delivery", "arrived_load",
    "source_columns",
]  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """Submissions in the order in which they replace each other (columns of that table, without ids).

    `rows`, `quarantined` (both by ledger) and `findings` refer to their submission by its index in
    the batch (`submission`, null for a finding of none).
    """

    submissions: pd.DataFrame
    rows: Mapping[str, pd.DataFrame]
    quarantined: Mapping[str, pd.DataFrame]
    findings: pd.DataFrame

    def without(self, indices: Collection[int]) -> Batch:
        """Return the batch without some submissions and their rows; the others keep their index."""

        def remaining(frame: pd.DataFrame) -> pd.DataFrame:
            return frame[~frame["submission"].isin(indices)]

        rows, quarantined = (
            {name: remaining(frame) for name, frame in kind.items()}
            for kind in (self.rows, self.quarantined)
        )
        return Batch(
            self.submissions.drop(index=list(indices)), rows, quarantined, remaining(self.findings)
        )


@dataclass(frozen=True)
class StagedLedger:
    """Submissions of one ledger (REPORT_COLUMNS), at most one per report, with tables of their rows and
    quarantined keys. `definition` is the ledger's.
    """

    ledger: str
    reports: pd.DataFrame
    rows: Table
    quarantined: Table
    definition: LedgerDefinition

    def without(self, connection: Connection, ids: Collection[int]) -> StagedLedger:
        """Return the batch without some submissions, whose rows are removed from the tables."""
        is_dropped = self.reports["submission_id"].isin(sorted(ids))
        dropped = self.reports[is_dropped]
        if dropped.empty:
            return self
        of_submission = self.rows.c.submission_id == bindparam("an_id")
        connection.execute(
            delete(self.rows).where(of_submission),
            [{"an_id": number} for number in dropped["submission_id"].tolist()],
        )
        columns = self.quarantined.c
        of_report = and_(columns.unit_code == bindparam("a_unit"), columns.period == bindparam("a_period"))
        reports = zip(dropped["unit_code"].tolist(), dropped["period"].tolist(), strict=True)
        connection.execute(
            delete(self.quarantined).where(of_report),
            [{"a_unit": unit, "a_period": period} for unit, period in reports],
        )
        return replace(self, reports=self.reports[~is_dropped])


class Staging:
    """Staging tables of one load over one connection.

    Submissions of one report are merged one after the other: each wave holds at most one per report.
    """

    def __init__(
        self, connection: Connection, tables: Tables, ledgers: Mapping[str, LedgerDefinition]
    ) -> None:
        self.connection, self.tables, self.definitions = connection, tables, ledgers
        self._backend = choose_backend(connection)
        self._tables: dict[str, Table] = {}
        self._waves: dict[int, dict[str, list[pd.DataFrame]]] = {}
        self._seen: Counter[tuple[Any, ...]] = Counter()
        self._discarded = set[int]()
        self.next_id = (connection.scalar(select(func.max(tables.submissions.c.submission_id))) or 0) + 1
        self.next_finding_id = 0
        self.submissions = self._table_like("submissions", tables.submissions, ("load_id",))
        self.findings = self._table_like("findings", tables.findings, ("load_id",))
        connection.commit()

    def add(self, batch: Batch) -> None:
        """Stage a batch in one transaction; its submissions get the next numbers."""
        with self._backend.filling():
            self._add_batch(batch)

    def _add_batch(self, batch: Batch) -> None:
        count = len(batch.submissions)
        numbered = batch.submissions.assign(submission_id=range(self.next_id, self.next_id + count))
        self.next_id += count
        self._backend.insert(self.submissions, numbered)
        findings = _number_submissions(batch.findings, numbered)
        self._backend.insert(
            self.findings,
            findings.assign(finding_id=range(self.next_finding_id, self.next_finding_id + len(findings))),
        )
        self.next_finding_id += len(findings)
        accepted = numbered[numbered["state"].isin(CURRENT_STATES)]
        reports = accepted.reindex(columns=REPORT_COLUMNS)
        waves = []
        for report in reports[REPORT].itertuples(index=False, name=None):
            waves.append(self._seen[report])
            self._seen[report] += 1
        for (wave, ledger), part in reports.groupby(
            [pd.Series(waves, index=reports.index, dtype="int64"), "ledger"]
        ):
            self._waves.setdefault(wave, {}).setdefault(ledger, []).append(part)
            self._add_rows(ledger, wave, part, _number_submissions(batch.rows.get(ledger), numbered))
            self._add_quarantined(
                ledger, wave, part, _number_submissions(batch.quarantined.get(ledger), numbered)
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open the one transaction that moves the staged rows; readers see all of it or nothing."""
        self._backend.finish_filling()
        self.connection.execution_options(is_writer=True)
        with self.connection.begin():
            yield self.connection

    @contextmanager
    def rolling_back(self) -> Iterator[Connection]:
        """Open a transaction that moves the staged rows and is undone at the end: nobody sees any of it.

        On PostgreSQL it gives up soon where a run is at work on the same rows, so that no run fails for it.
        """
        self._backend.finish_filling()
        self.connection.execution_options(is_writer=True)
        with self.connection.begin() as transaction:
            if self.connection.dialect.name == "postgresql":
                self.connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"))
            yield self.connection
            transaction.rollback()

    def waves(self) -> Iterator[list[StagedLedger]]:
        """Yield the staged ledgers of each wave, their tables indexed by key."""
        for wave, ledgers in sorted(self._waves.items()):
            ledgers_of_wave = []
            for ledger, parts in sorted(ledgers.items()):
                rows, quarantined = self._rows_table(ledger, wave), self._quarantine_table(ledger, wave)
                for table in (rows, quarantined):
                    create_indexes(self.connection, table)
                reports = pd.concat(parts, ignore_index=True)
                staged = StagedLedger(ledger, reports, rows, quarantined, self.definitions[ledger])
                ledgers_of_wave.append(staged.without(self.connection, self._discarded))
            yield ledgers_of_wave

    def discard_revalidated(self, reports: Collection[tuple[str, str, str]]) -> None:
        """Remove what was staged of reports (unit, ledger, month) that are validated again."""
        if not reports:
            return
        table = self.submissions.c
        report = tuple_(table.unit_code, table.ledger, table.period)
        again = select(table.submission_id).where(report.in_(sorted(reports)), table.is_revalidated)
        self._discarded = set(self.connection.scalars(again))
        numbers = [{"an_id": number} for number in sorted(self._discarded)]
        for staged in (self.findings, self.submissions):
            if numbers:
                of_submission = staged.c.submission_id == bindparam("an_id")
                self.connection.execute(delete(staged).where(of_submission), numbers)

    def ledgers(self) -> list[str]:
        """List the ledgers with any staged report."""
        return sorted({ledger for ledgers in self._waves.values() for ledger in ledgers})

    def rows_tables(self, ledger: str) -> list[Table]:
        """List the tables of the ledger's staged rows, those that were merged later last."""
        return [
            self._rows_table(ledger, wave) for wave, names in sorted(self._waves.items()) if ledger in names
        ]

    def drop(self) -> None:
        self._backend.drop()

    def _add_rows(self, ledger: str, wave: int, reports: pd.DataFrame, rows: pd.DataFrame) -> None:
        with_report = _add_report(rows, reports)
        masks = mask_rows(self.definitions[ledger], with_report)
        self._backend.insert(
            self._rows_table(ledger, wave), pd.concat([with_report, masks], axis="columns")
        )

    def _add_quarantined(
        self, ledger: str, wave: int, reports: pd.DataFrame, quarantined: pd.DataFrame
    ) -> None:
        table = self._quarantine_table(ledger, wave)
        if len(quarantined):
            with_report = _add_report(quarantined, reports)
            self._backend.insert(table, with_report[table.columns.keys()].dropna().drop_duplicates())

    def _rows_table(self, ledger: str, wave: int) -> Table:
        return self._table_like(f"{ledger}_{wave}", self.tables.ledgers[ledger], HISTORY_COLUMNS)

    def _quarantine_table(self, ledger: str, wave: int) -> Table:
        return self._made(define_quarantine(type(self._backend), f"held_{ledger}_{wave}"))

    def _table_like(self, name: str, table: Table, without: tuple[str, ...]) -> Table:
        return self._made(define_like(type(self._backend), name, table, without))

    def _made(self, table: Table) -> Table:
        """Return a staging table, created on first use."""
        if table.name not in self._tables:
            self._tables[table.name] = self._backend.make(table)
        return self._tables[table.name]


@contextmanager
def staging(engine: Engine, tables: Tables, ledgers: Mapping[str, LedgerDefinition]) -> Iterator[Staging]:
    """Open the staging tables of one load over a separate connection; drop them at the end."""
    with engine.connect() as connection:
        stage = Staging(connection, tables, ledgers)
        try:
            yield stage
        finally:
            connection.rollback()
            connection.execution_options(is_writer=False)  # dropping temporary tables needs no write lock
            if not connection.invalidated:
                stage.drop()


def _number_submissions(frame: pd.DataFrame | None, submissions: pd.DataFrame) -> pd.DataFrame:
    """Replace the index in the batch by `submission_id`."""
    if frame is None:
        return pd.DataFrame(columns=["submission_id"])
    positions = submissions.index.get_indexer(frame["submission"])
    ids = pd.array(submissions["submission_id"].to_numpy()[positions], dtype="Int64")
    ids[positions < 0] = pd.NA
    numbered = frame.drop(columns="submission")
    numbered["submission_id"] = ids
    return numbered


def _add_report(frame: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of these reports, with their unit and period."""
    positions = pd.Index(reports["submission_id"]).get_indexer(frame["submission_id"])
    is_known = positions >= 0
    chosen = frame[is_known].reset_index(drop=True)
    for name in ("unit_code", "period"):
        chosen[name] = reports[name].array.take(positions[is_known])
    return chosen
