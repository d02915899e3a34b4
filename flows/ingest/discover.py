"""Find new files in the inbox and archive them, or recognise them as copies of files already ingested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.archive.store import ArchivedFile, InboxFile, InboxReadError, archive_file
from flows.ingest.inbox import is_known, list_inbox, wait_until_settled
from flows.ingest.revalidate import RevalidationSet, find_revalidation_set
from flows.workspace import RunScope, Workspace
from transforms.read.layout.identity import hints_from_path
from transforms.read.layout.reporting_unit import settle_hints
from warehouse.engine import reading
from warehouse.ops.history import known_files
from warehouse.ops.runs import last_complete_scan


@dataclass(frozen=True)
class InboxScan:
    """The result of scanning the inbox: new files, the count of known ones, unreadable paths and ignored
    non-files.

    `revalidation` are submissions to revalidate because the bureau's corrections or waivers, or the rules,
    changed.
    """

    new: list[InboxFile]
    known: int
    unreadable: list[str]
    ignored: list[str]
    revalidation: RevalidationSet

    @property
    def is_empty(self) -> bool:
        return not self.new and not self.revalidation.submissions


def scan_inbox(workspace: Workspace, scope: RunScope) -> InboxScan:
    """Find the files that were not ingested yet, under the names they have."""
    with reading(workspace.engine) as connection:
        frame = known_files(connection, workspace.tables)
    known = {row.path: (row.size_bytes, row.modified_ns) for row in frame.itertuples()}
    new: list[InboxFile] = []
    known_count, unreadable, ignored = 0, list[str](), list[str]()
    for file in list_inbox(workspace.home.inbox, unreadable, ignored):
        if not scope.is_all and not scope.may_hold(
            *_unit_and_month_of_path(workspace, file.path, scope.period)
        ):
            continue
        if is_known(file, known):
            known_count += 1
        else:
            new.append(file)
    revalidation = find_revalidation_set(workspace, scope, {file.path for file in new})
    return InboxScan(new, known_count, unreadable, ignored, revalidation)


def _unit_and_month_of_path(
    workspace: Workspace, path: str, month: str | None = None
) -> tuple[str | None, str | None]:
    """Return unit and month from folders and file name; the same bytes for another unit or month are
    another report. With `month` the unit is that of this month where the path names none.
    """
    hints = settle_hints(hints_from_path(path, workspace.regions), workspace.regions)
    unit_code = next((hint.unit for hint in hints if hint.unit), None)
    named_month = next((hint.period for hint in hints if hint.period), None)
    if unit_code and month and named_month is None:
        unit_code = workspace.regions.report_unit(unit_code, month)
    return unit_code, named_month


@dataclass(frozen=True)
class NewFiles:
    """Archived new files to read, copies of files already ingested (with the original's path), and files
    left behind.

    `resent` are paths whose content changed: what they say is new even if it was said before, because a
    county may go back to an earlier version.
    """

    to_read: list[ArchivedFile]
    copies: list[tuple[ArchivedFile, str]]
    growing: list[str]
    unreadable: list[str]
    resent: set[str]

    @classmethod
    def none(cls) -> NewFiles:
        """Return no files."""
        return cls([], [], [], [], set())


def archive_new(workspace: Workspace, files: Sequence[InboxFile], now: datetime) -> NewFiles:
    """Archive new files in order of arrival, separating copies of files already ingested.

    A file that was not there at the last complete scan arrived after it, however old its modification time:
    many copying programs preserve that.
    """
    wait_until_settled(files, workspace.home.settings.settle_seconds)
    with reading(workspace.engine) as connection:
        seen_none_at = last_complete_scan(connection, workspace.tables)
    archived: list[ArchivedFile] = []
    growing, unreadable = [], []
    for inbox_file in files:
        try:
            archived_file = archive_file(workspace.home.archive, inbox_file, now, seen_none_at)
        except InboxReadError as error:
            unreadable.append(f"{inbox_file.path}: {error}")
            continue
        if archived_file is None:
            growing.append(inbox_file.path)
        else:
            archived.append(archived_file)
    arrived = sorted(archived, key=lambda file: (file.received_at, file.modified_ns, file.path))
    with reading(workspace.engine) as connection:
        frame = known_files(connection, workspace.tables)
    same_content = frame[frame["sha256"].isin({file.sha256 for file in arrived})]
    path_by_identity = {
        (row.sha256, _unit_and_month_of_path(workspace, row.path)): row.path
        for row in same_content.itertuples()
    }
    last_sha256 = dict(zip(frame["path"], frame["sha256"], strict=True))
    resent = {file.path for file in arrived if last_sha256.get(file.path, file.sha256) != file.sha256}
    to_read, copies = [], []
    for file in arrived:
        identity = (file.sha256, _unit_and_month_of_path(workspace, file.path))
        if file.path in resent or path_by_identity.setdefault(identity, file.path) == file.path:
            to_read.append(file)
        else:
            copies.append((file, path_by_identity[identity]))
    return NewFiles(to_read, copies, growing, unreadable, resent)
