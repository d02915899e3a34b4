"""Verify the archive: an unbroken log, every file present and
unaltered, every load of the warehouse logged.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from flows.archive.consistency import find_unrecorded
from flows.archive.entry_form import LOAD, PUBLICATION
from flows.archive.log import ArchiveLog, ChainBreak, LogEntry
from flows.archive.store import archive_path, is_whole
from flows.home import Home
from flows.storage_errors import describe_errno
from flows.workspace import Workspace
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.load.recorded_entries import RecordedEntry, recorded_entries


def find_log_breaks(home: Home) -> list[ChainBreak]:
    """Find the lines in which the archive's log is broken; each run looks for them, `verify` names each."""
    return list(ArchiveLog(home.archive).breaks())


def describe_log_breaks(breaks: Sequence[ChainBreak]) -> str | None:
    """Say in which line the log is broken first, in how many it is, and what to do."""
    if not breaks:
        return None
    return Sentence(
        "line {line} of the archive's log: {problem} ({count} such lines; `huizong verify` names each). To do: "
        "put log.jsonl back from a backup of the archive",
        line=breaks[0].line, problem=breaks[0].problem, count=len(breaks),
    )  # fmt: skip


def find_archive_problems(home: Home, workspace: Workspace | None) -> Iterator[str]:
    """What is wrong with the archive: a broken chain, a file that is gone
    or altered, a load that no entry tells.

    The warehouse is read first: whatever a run commits in the meantime was logged before.
    """
    recorded = list[RecordedEntry]()
    if workspace is not None:
        with reading(workspace.engine) as connection:
            recorded = recorded_entries(connection, workspace.tables)
    log = ArchiveLog(home.archive)
    yield from (
        Sentence("log line {line}: {problem}", line=broken.line, problem=broken.problem)
        for broken in find_log_breaks(home)
    )
    entries = list(log.entries())
    seen: set[str] = set()
    for entry in entries:
        for sha256, what in _needed(entry):
            if sha256 not in seen:
                seen.add(sha256)
                yield from _problem_of_file(home, sha256, f"{what} (log line {entry.line})")
    yield from _find_publications_of_no_load(entries)
    digests = {entry.digest for entry in entries}
    for made in recorded:
        if made.digest not in digests:
            yield Sentence(
                "{what} stands in the warehouse, but its entry {digest} is not in the log",
                what=made.name,
                digest=made.digest[:12],
            )
    for name in find_unrecorded(entries, recorded) if workspace is not None else ():
        yield Sentence(
            "{what} is in the log, but not in the warehouse: it was deleted there, or the warehouse is of an "
            "earlier state; `huizong rebuild --replace` makes it again",
            what=name,
        )


def _find_publications_of_no_load(entries: Sequence[LogEntry]) -> Iterator[str]:
    """Name the publications of a load that the log lacks: no warehouse made from it could hold them."""
    loads = {entry.payload["load_id"] for entry in entries if entry.kind == LOAD}
    for entry in entries:
        load_id = entry.payload["load_id"]
        if entry.kind == PUBLICATION and load_id and load_id not in loads:
            yield Sentence(
                "log line {line}: publication {number} is of load {load}, which no entry tells of: that entry was "
                "taken out",
                line=entry.line, number=entry.payload["number"], load=load_id,
            )  # fmt: skip


def find_anchor_problem(home: Home, anchor: str) -> str | None:
    """Say whether the log lacks an entry that it once ended with: it was put back to an earlier state.

    `anchor`: the digest, or its beginning, that an earlier run or `verify` printed.
    """
    digests = (entry.digest for entry in ArchiveLog(home.archive).entries())
    if any(digest.startswith(anchor.lower()) for digest in digests):
        return None
    return Sentence(
        "no entry has the digest {anchor}: the log was put back to an earlier state, or altered",
        anchor=anchor,
    )


def _needed(entry: LogEntry) -> Iterator[tuple[str, str]]:
    """Return hash and meaning of every archived file that an entry needs."""
    payload: Any = entry.payload
    for file in (*payload.get("files", ()), *payload.get("copies", ())):
        yield file["sha256"], file["path"]
    for name in ("regions", "headers", "adjustments", "figures"):
        if payload.get(name):
            yield payload[name], name


def _problem_of_file(home: Home, sha256: str, what: str) -> Iterator[str]:
    file = archive_path(home.archive, sha256)
    if not os.path.lexists(file):
        yield Sentence("{what}: {sha256} is not in the archive", what=what, sha256=sha256[:12])
        return
    try:
        if not is_whole(file):
            yield Sentence("{what}: {sha256} was altered", what=what, sha256=sha256[:12])
    except OSError as error:
        yield Sentence(
            "{what}: {sha256} cannot be read: {reason}",
            what=what,
            sha256=sha256[:12],
            reason=describe_errno(error.errno),
        )
