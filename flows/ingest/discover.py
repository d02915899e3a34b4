"""Find new files in the inbox and archive them, or recognise them as copies of files already ingested."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from flows.archive.store import ArchivedFile, InboxFile, InboxReadError, archive_file, require_size
from flows.atomic import Unsynced
from flows.ingest.changed_regions import regions_of_last_night
from flows.ingest.inbox import has_content, is_known, list_inbox, wait_until_settled
from flows.ingest.revalidate import RevalidationSet, find_revalidation_set
from flows.storage_errors import describe_errno, is_in_the_way
from flows.workspace import RunScope, Workspace
from schemas.sentences import Sentence
from transforms.read.layout.identity import hints_from_path
from transforms.read.layout.reporting_unit import settle_hints
from warehouse.engine import reading
from warehouse.load.record_load import replaced_content
from warehouse.ops.loads import known_files
from warehouse.ops.runs import last_complete_scan


@dataclass(frozen=True)
class InboxScan:
    """The result of scanning the inbox: new files, the count of known ones, unreadable paths and ignored
    non-files.

    `revalidation` are submissions to revalidate because the bureau's adjustments, the rules or the region
    table changed. `vanished` are known files that are not there any more.
    """

    new: list[InboxFile]
    known: int
    unreadable: list[str]
    ignored: list[str]
    revalidation: RevalidationSet
    vanished: Collection[str] = ()
    #: every file that lay in the inbox is gone at once: a share that is not mounted looks like that
    may_be_unmounted: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.new and not self.revalidation.submissions


def scan_inbox(workspace: Workspace, scope: RunScope) -> InboxScan:
    """Find the files that were not ingested yet, under the names they have.

    A nightly run compares size and time of change. A run that the operator asked for about some files
    compares their content: copying programs can keep both.
    """
    with reading(workspace.engine) as connection:
        frame = known_files(connection, workspace.tables)
    known = {row.path: (row.size_bytes, row.modified_ns) for row in frame.itertuples()}
    hashes = dict(zip(frame["path"], frame["sha256"], strict=True))
    new: list[InboxFile] = []
    known_count, unreadable, ignored, vanished = 0, list[str](), list[str](), set(known)
    for file in list_inbox(workspace.home.inbox, unreadable, ignored):
        vanished.discard(file.path)
        if not scope.is_all and not scope.may_hold(
            *_unit_and_month_of_path(workspace, file.path, scope.period)
        ):
            continue
        if is_known(file, known) and (scope.is_all or has_content(file, hashes[file.path])):
            known_count += 1
        else:
            new.append(file)
    may_be_unmounted = bool(known) and len(vanished) == len(known) and not new
    revalidation = find_revalidation_set(
        workspace,
        scope,
        {file.path for file in new},
        regions_before=regions_of_last_night(workspace, scope),
    )
    if unreadable or may_be_unmounted:  # what could not be listed may be there still
        vanished = set()
    return InboxScan(new, known_count, unreadable, ignored, revalidation, vanished, may_be_unmounted)


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

    `resent` are paths whose content changed, or whose content was replaced since: what they say is new even
    if it was said before, because a county may go back to an earlier version. `returned` are those of them
    that were written again as they were. `moved` maps the path of a file to the one where the same bytes lay
    until now. `repeats` are files to read with the bytes of an earlier one (its path): another file that may
    be of the same report arrived in between, so only their reports show whether they say anything new.
    """

    to_read: list[ArchivedFile]
    copies: list[tuple[ArchivedFile, str]]
    growing: list[str]
    unreadable: list[str]
    resent: set[str]
    moved: Mapping[str, str] = field(default_factory=dict)
    returned: Collection[str] = ()
    repeats: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def none(cls) -> NewFiles:
        """Return no files."""
        return cls([], [], [], [], set())


def archive_new(
    workspace: Workspace, files: Sequence[InboxFile], now: datetime, vanished: Collection[str] = ()
) -> NewFiles:
    """Archive new files in order of arrival, separating copies of files already ingested.

    A file that was not there at the last complete scan arrived after it, however old its modification time:
    many copying programs preserve that.
    """
    wait_until_settled(files, workspace.home.settings.settle_seconds)
    with reading(workspace.engine) as connection:
        last_scanned_at = last_complete_scan(connection, workspace.tables)
    archived: list[ArchivedFile] = []
    growing, unreadable = list[str](), list[str]()
    unsynced = Unsynced(workspace.home.folder)
    largest_bytes = workspace.home.settings.largest_file_mebibytes * 2**20
    for inbox_file in files:
        try:
            require_size(inbox_file, largest_bytes)
            archived_file = archive_file(workspace.home.archive, inbox_file, now, last_scanned_at)
        except InboxReadError as error:
            unreadable.append(Sentence("{path}: {problem}", path=inbox_file.path, problem=error))
            continue
        except OSError as error:
            if not is_in_the_way(error):
                raise
            reason = Sentence(
                "something stands in its place in the archive, at {place}: {reason}",
                place=str(error.filename2 or error.filename), reason=describe_errno(error.errno),
            )  # fmt: skip
            unreadable.append(Sentence("{path}: {problem}", path=inbox_file.path, problem=reason))
            continue
        if archived_file is None:
            growing.append(inbox_file.path)
        else:
            archived.append(archived_file)
            unsynced.add(
                archived_file.archived
            )  # even if it was there: a killed run may not have synced it
    unsynced.sync()
    return sort_new(workspace, archived, vanished, growing, unreadable)


def sort_new(
    workspace: Workspace,
    files: Sequence[ArchivedFile],
    vanished: Collection[str] = (),
    growing: Sequence[str] = (),
    unreadable: Sequence[str] = (),
) -> NewFiles:
    """Put new files into the order of arrival, and separate copies of files already ingested."""
    arrived = sorted(files, key=lambda file: (file.received_at, file.modified_ns, file.path))
    hashes = {file.sha256 for file in arrived}
    with reading(workspace.engine) as connection:
        frame = known_files(connection, workspace.tables)
        replaced = replaced_content(connection, workspace.tables, hashes)
    same_content = frame[frame["sha256"].isin(hashes)]
    path_by_identity = {
        (row.sha256, _unit_and_month_of_path(workspace, row.path)): row.path
        for row in same_content.itertuples()
    }
    last_sha256 = dict(zip(frame["path"], frame["sha256"], strict=True))
    resent = {file.path for file in arrived if last_sha256.get(file.path, file.sha256) != file.sha256}
    to_read, copies, returned, repeats, latest = [], [], set(), dict[str, str](), _LatestFiles()
    for file in arrived:
        unit_and_month = _unit_and_month_of_path(workspace, file.path)
        identity = (file.sha256, unit_and_month)
        is_replaced = identity in replaced
        # where what replaced it is sent again too, the whole folder was copied
        if file.path not in resent and replaced.get(identity, file.sha256) not in hashes:
            resent.add(file.path)
            if file.path in last_sha256:
                returned.add(file.path)
            path_by_identity[identity] = file.path
            del replaced[identity]
        original = path_by_identity.setdefault(identity, file.path)
        if file.path in resent or original == file.path:
            to_read.append(file)
        elif not is_replaced and latest.has_other_since(identity):
            to_read.append(file)
            repeats[file.path] = original
            path_by_identity[identity] = file.path
        else:
            copies.append((file, original))
            continue
        latest.add(identity)
    moved = _find_moved(to_read, same_content, vanished)
    return NewFiles(to_read, copies, list(growing), list(unreadable), resent, moved, returned, repeats)


def _find_moved(
    to_read: Sequence[ArchivedFile], same_content: pd.DataFrame, vanished: Collection[str]
) -> dict[str, str]:
    """Return the path where the bytes of each file lay until now, for files that only changed their name."""
    lay_at = {row.sha256: row.path for row in same_content.itertuples() if row.path in vanished}
    return {file.path: lay_at[file.sha256] for file in to_read if file.sha256 in lay_at}


#: hash of a file, and the unit and month that its path names
_Identity = tuple[str, tuple[str | None, str | None]]


class _LatestFiles:
    """The latest file to read of each unit and month, as far as the paths name them."""

    def __init__(self) -> None:
        self.latest: dict[tuple[str | None, str | None], tuple[int, str]] = {}
        self.last_position: dict[_Identity, int] = {}
        self.next_position = 0

    def add(self, identity: _Identity) -> None:
        """Add the next file in order of arrival."""
        sha256, unit_and_month = identity
        self.latest[unit_and_month] = (self.next_position, sha256)
        self.last_position[identity] = self.next_position
        self.next_position += 1

    def has_other_since(self, identity: _Identity) -> bool:
        """Whether another file that may be of the same report came after the last one of these bytes."""
        sha256, (unit_code, month) = identity
        since = self.last_position.get(identity, -1)
        return any(
            position > since and other != sha256
            for (other_unit, other_month), (position, other) in self.latest.items()
            if None in (unit_code, other_unit) or unit_code == other_unit
            if None in (month, other_month) or month == other_month
        )
