"""Build a load: stage validated batches, log the load in the archive, and record it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pandas as pd

from flows.archive.store import ArchivedFile
from flows.ingest.load_doubts import find_load_doubts
from flows.ingest.load_manifest import log_load
from flows.ingest.load_spec import LoadSpec
from flows.ingest.process import ProcessedBatch
from flows.refresh.marts import refresh_materialized
from flows.workspace import Workspace
from schemas.adjustments import Adjustment
from schemas.sentences import Sentence
from schemas.version import ruleset_version
from transforms.validate.replacement import ReplacementPolicy
from warehouse.engine import Connection, reading
from warehouse.load.adjustments import recorded_loads
from warehouse.load.comparison import TakeAll
from warehouse.load.record_load import (
    LoadRecord,
    ingested_submissions,
    last_ingested,
    last_load,
    record_findings,
    record_load,
)
from warehouse.load.revalidation import Identity
from warehouse.load.staging import Staging, staging
from warehouse.schema.as_of import AsOf

FILE_COLUMNS = ["path", "size_bytes", "modified_ns", "sha256", "received_at"]
#: in place of the digest of an entry in the archive's log
REHEARSAL = "rehearsal"
NOTHING_ADJUSTED = pd.DataFrame(columns=["submission", "adjustment_id", "rows"])


class SupersededLoadError(RuntimeError):
    """Another run recorded the load's number while it was made."""


class LoadBuilder:
    """A load in progress: processed batches are staged, then recorded together in one transaction.

    `entry` is the digest of its archive-log entry when a load is being rebuilt from the archive.
    """

    def __init__(
        self, workspace: Workspace, spec: LoadSpec, staging: Staging, entry: str | None = None
    ) -> None:
        self.workspace, self.spec, self.staging, self.entry = workspace, spec, staging, entry
        new_files = spec.new_files
        with reading(workspace.engine) as connection:
            self.ingested = ingested_submissions(
                connection, workspace.tables, sorted({file.sha256 for file in new_files.to_read})
            )
            known = {sha256 for sha256, *_ in self.ingested}
            resent_paths = sorted(
                file.path
                for file in new_files.to_read
                if file.path in new_files.resent and file.sha256 in known
            )
            self.last_ingested = last_ingested(
                connection, workspace.tables, resent_paths, new_files.returned
            )
            self.load_id = last_load(connection, workspace.tables)[0] + 1
        self.is_empty, self.deferred = True, set[str]()
        self.read, self.crashed_rules = set[ArchivedFile](), dict[str, str]()
        #: paths of the new files that brought something, and the last content of each report in this load
        self.brought, self.last_of_report = set[str](), dict[tuple[Any, ...], str]()
        self.adjusted = list[pd.DataFrame]()

    def stage(self, processed: ProcessedBatch) -> None:
        """Stage a processed batch, skipping submissions already ingested (by an earlier load or another
        file of this one).
        """
        ingested = set(self.ingested)
        known_indices = [
            index
            for index, identity in enumerate(processed.identities)
            if not self._is_new(identity, ingested)
        ]
        self.staging.add(processed.batch.without(known_indices))
        self.ingested = ingested  # only after staging: a failed step may be retried
        self.read |= set(processed.files)
        self.crashed_rules |= processed.crashed_rules
        self.adjusted.append(processed.adjusted[~processed.adjusted["submission"].isin(known_indices)])
        self.is_empty &= len(known_indices) == len(processed.identities)
        self.deferred |= processed.deferred

    def _is_new(self, identity: Identity, ingested: set[tuple[Any, ...]]) -> bool:
        """Whether to stage a submission; `ingested` are those staged so far, from any path, and is updated.

        A rerun may have ingested part of a resent file already: what came later takes precedence over that.
        What another file of this load said of a report in between makes known content new again.
        """
        path, sha256, _, *report = identity
        if (path, sha256) in self.spec.revalidation.by_source:
            return True
        is_known = identity[1:] in ingested
        ingested.add(identity[1:])
        is_resent = path in self.spec.new_files.resent and identity not in self.last_ingested
        last = self.last_of_report.get(tuple(report), sha256)
        is_new = not is_known or is_resent or (self.spec.takes_repeats and last != sha256)
        if is_new:
            self.brought.add(path)
            self.last_of_report[tuple(report)] = sha256
        return is_new

    def commit(self) -> int | None:
        """Record what was staged, after logging it in the archive; return the load's number, None if there
        is nothing.
        """
        self._pass_over_repeats()
        files = self._inbox_files()
        if self.is_empty and files.empty and self.entry is None:
            return None
        workspace, spec = self.workspace, self.spec
        log_entry = self.entry or log_load(workspace, self.load_id, spec, self.read, self.crashed_rules)
        record = self._record(log_entry, files)
        with self.staging.writing() as connection:
            load_id = self._record_staged(record)
            self._record_doubts(connection, load_id)
            if self.entry is None:  # when rebuilding, only the last load will be read
                refresh_materialized(workspace, connection, spec.started_at)
        return load_id

    @contextmanager
    def rehearse(self, *, refreshes: bool) -> Iterator[AsOf]:
        """Record what was staged in a transaction that is rolled back; yield the warehouse as of that load.

        Nothing is logged. With `refreshes`, figures are as they would be; without it as they were.
        """
        self._pass_over_repeats()
        record = self._record(REHEARSAL, self._inbox_files())
        with self.staging.rolling_back() as connection:
            load_id = self._record_staged(record)
            self._record_doubts(connection, load_id)
            if refreshes:
                refresh_materialized(self.workspace, connection, self.spec.started_at)
            yield self.workspace.as_of(connection, load_id)

    def _record_doubts(self, connection: Connection, load_id: int) -> None:
        """Record what is found about the load as a whole: copies, implausible reports, doubtful rows."""
        new_files = self.spec.new_files
        for findings in find_load_doubts(self.workspace, connection, load_id, self.staging, new_files):
            record_findings(connection, self.workspace.tables, findings, load_id)

    def _record_staged(self, record: LoadRecord) -> int:
        load_id = record_load(self.staging, record)
        if load_id != self.load_id:
            raise SupersededLoadError(
                Sentence("another run recorded load {load_id} meanwhile; run again", load_id=self.load_id)
            )
        return load_id

    def _record(self, log_entry: str, files: pd.DataFrame) -> LoadRecord:
        spec = self.spec
        unread = spec.unread_for_revalidation(self.read, self.crashed_rules)
        revalidation = spec.revalidation
        adjustments = revalidation.adjustments_except(unread)
        discarded = revalidation.replayed & revalidation.reports_in(unread)
        return LoadRecord(
            kind=spec.kind,
            started_at=spec.started_at,
            ruleset=ruleset_version(),
            log_entry=log_entry,
            files=files,
            adjustments=adjustments,
            adjusted=pd.concat(self.adjusted, ignore_index=True) if self.adjusted else NOTHING_ADJUSTED,
            regions=self.workspace.regions,
            policy=self._policy(adjustments),
            replayed=revalidation.replayed - discarded,
            discarded=discarded,
            moved=spec.new_files.moved,
            units_now=revalidation.units_now,
            headers=self.workspace.headers_hash,
        )

    def _policy(self, adjustments: Sequence[Adjustment]) -> ReplacementPolicy | TakeAll:
        spec, workspace = self.spec, self.workspace
        if spec.replacement_share is None:
            return TakeAll()
        entries = [adjustment for adjustment in adjustments if not adjustment.is_about_rows]
        loads = dict[str, int]()
        if entries and spec.confirms_one_arrival:
            with reading(workspace.engine) as connection:
                earlier = recorded_loads(connection, workspace.tables)
            loads = {
                entry.adjustment_id: earlier.get(entry.adjustment_id, self.load_id) for entry in entries
            }
        return ReplacementPolicy(spec.replacement_share, entries, spec.local_day, loads)

    def _pass_over_repeats(self) -> None:
        """Treat the repeats that brought nothing as copies; as not seen yet while another file is unread,
        since that one may have arrived before them.
        """
        new_files = self.spec.new_files
        is_unread = any(file not in self.read for file in new_files.to_read)
        passed_over = {
            file
            for file in new_files.to_read
            if file in self.read and file.path in new_files.repeats.keys() - self.brought - self.deferred
        }
        self.read -= passed_over
        copies = [(file, new_files.repeats[file.path]) for file in new_files.to_read if file in passed_over]
        self.spec = replace(
            self.spec,
            new_files=replace(
                new_files,
                to_read=[file for file in new_files.to_read if file not in passed_over],
                copies=new_files.copies + ([] if is_unread else copies),
            ),
        )

    def _inbox_files(self) -> pd.DataFrame:
        """List the inbox files to remember; unread ones and those
        ingested only in part will be read again.
        """
        new_files = self.spec.new_files
        done = {file.path for file in self.read} - self.deferred
        unread = {file.path for file in new_files.to_read} - done
        files = [file for file in new_files.to_read if file.path not in unread]
        files += [copy for copy, path in new_files.copies if path not in unread]
        rows = [[getattr(file, name) for name in FILE_COLUMNS] for file in files]
        return pd.DataFrame(rows, columns=FILE_COLUMNS, dtype=object)


@contextmanager
def build_load(workspace: Workspace, spec: LoadSpec, entry: str | None = None) -> Iterator[LoadBuilder]:
    """Open a load to be recorded; its staging area is dropped at the end, recorded or not."""
    with staging(workspace.engine, workspace.tables, workspace.ledgers) as stage:
        yield LoadBuilder(workspace, spec, stage, entry)
