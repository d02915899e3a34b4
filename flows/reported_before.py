"""Compare checked files with what was reported before: the findings that a run would add, and the states it
would give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pandas as pd

from flows.ingest.inbox import decode_filename
from flows.ingest.into_inbox import loaded_files
from flows.precheck import Checked
from flows.rehearsal import FileToLoad, paths_as_sent, rehearse, scope_of
from flows.run_lock import RunLockedError
from flows.workspace import RunScope, Workspace
from schemas.sources import is_temporary
from warehouse.engine import reading
from warehouse.migrations.fingerprint import SchemaStatus
from warehouse.ops.findings import findings_of_load
from warehouse.ops.submissions import submissions_of_load

#: what a submission is of, in the frames of a check and in the warehouse
_REPORT = ["sheet", "ledger", "unit_code", "period"]
_STORED_REPORT = ["source_sheet", *_REPORT[1:]]
_OUTCOME = ["state", "rows", "held_back"]


class Comparison:
    """Adds to checked files the findings and states that a run would give them now.

    `is_made` says whether it could be made: there is no warehouse of this version yet, or a run is at work on
    one that is no file.
    """

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        self._workspace, self._now, self.is_made = workspace, now, False

    def __call__(self, files: Sequence[Path], checked: Sequence[Checked]) -> list[Checked]:
        """Return the files as a run would take them; as they are where that cannot be known."""
        self.is_made = False
        if self._workspace.form() is not SchemaStatus.CURRENT:
            return list(checked)
        with suppress(RunLockedError):
            compared = _compare(self._workspace, files, checked, self._now)
            self.is_made = True
            return compared
        return list(checked)


def _compare(
    workspace: Workspace, files: Sequence[Path], checked: Sequence[Checked], now: datetime
) -> list[Checked]:
    """Compare files; those that wait in the inbox for the same unit and month are loaded with them."""
    submissions = [of_file.submissions for of_file in checked]
    arriving, scope = paths_as_sent(files, submissions), scope_of(submissions)
    waiting = list(_waiting_files(workspace, scope, {file.path for file in arriving}))
    with rehearse(workspace, [*waiting, *arriving], scope, now, refreshes=False) as as_of:
        if as_of is None:
            return list(checked)
        findings = findings_of_load(as_of.connection, as_of.tables, as_of.load_id)
        loaded = submissions_of_load(as_of.connection, as_of.tables, as_of.load_id)
    loaded = loaded.rename(columns=dict(zip(_STORED_REPORT, _REPORT, strict=True)))
    return [
        _adopt(
            of_file, loaded[loaded["source_file"].eq(file.path)], findings[findings["file"].eq(file.path)]
        )
        for file, of_file in zip(arriving, checked, strict=True)
    ]


def _waiting_files(workspace: Workspace, scope: RunScope, arriving: set[str]) -> Iterator[FileToLoad]:
    """Yield the files in the inbox folder of a unit and month that no run has loaded."""
    if scope.is_all:
        return
    with reading(workspace.engine) as connection:
        known = loaded_files(connection, workspace)
    folder = f"{scope.period}/{scope.unit_code}"
    for file in sorted((workspace.home.inbox / folder).glob("*")):
        path = f"{folder}/{decode_filename(file.name)}"
        if path in arriving or is_temporary(file.name) or file.is_symlink() or not file.is_file():
            continue
        if (path, hashlib.sha256(file.read_bytes()).hexdigest()) not in known:
            yield FileToLoad(path, file)


def _adopt(checked: Checked, loaded: pd.DataFrame, findings: pd.DataFrame) -> Checked:
    """Return a checked file as the load took it; as it was checked where the load read it as something else.

    A copy of what was loaded before has findings, and no submission of its own.
    """
    submissions, own = checked
    keys = pd.Series(_finding_keys(findings), findings.index, dtype=object)
    own_keys = pd.Series(_finding_keys(own), own.index, dtype=object)
    extra = findings[~keys.isin(set(own_keys))].reindex(columns=own.columns)
    if loaded.empty:
        return Checked(submissions, _joined(own, extra))
    outcomes = dict(zip(_report_keys(loaded), loaded[_OUTCOME].itertuples(index=False), strict=True))
    reports = _report_keys(submissions)
    if set(outcomes) != set(reports):
        return checked
    columns = zip(*(outcomes[report] for report in reports), strict=True)
    accepted = submissions.assign(**dict(zip(_OUTCOME, map(list, columns), strict=True)))
    return Checked(accepted, _joined(own[own_keys.isin(set(keys))], extra))


def _joined(own: pd.DataFrame, extra: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([own, extra], ignore_index=True) if len(extra) else own


def _report_keys(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return _texts_of(frame, _REPORT)


def _finding_keys(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    rows = pd.to_numeric(frame["row"], errors="coerce").astype("Int64")
    return _texts_of(frame.assign(row=rows), ["rule_id", "sheet", "row", "cell", "column"])


def _texts_of(frame: pd.DataFrame, columns: list[str]) -> list[tuple[str, ...]]:
    texts = frame[columns].astype(object)
    return list(texts.where(texts.notna(), "").astype(str).itertuples(index=False, name=None))
