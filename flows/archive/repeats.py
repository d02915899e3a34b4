"""Check the entries of one number: a load that was begun twice is logged twice, and the last entry made it.

A copy of an entry without its files, added at the end, would take files out of every later rebuild while the
chain is unbroken and no digest that was kept elsewhere is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flows.archive.entry_form import LOAD
from flows.archive.log import ArchiveLog, LogEntry
from flows.home import Home
from flows.workspace import Workspace
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.load.record_load import logged_entries


def find_repeat_problems(home: Home, workspace: Workspace | None) -> Iterator[str]:
    """Name the loads whose last entry lacks files of an earlier one, and what the warehouse made from an
    entry that is not the last of its number.

    The warehouse is read first: whatever a run commits in the meantime was logged before.
    """
    recorded = list[tuple[str, str]]()
    if workspace is not None:
        with reading(workspace.engine) as connection:
            recorded = logged_entries(connection, workspace.tables)
    entries = list(ArchiveLog(home.archive).entries())
    last = {name_entry(entry): entry for entry in entries}
    yield from _find_lost_files(entries, last)
    digests = {entry.digest for entry in entries}
    for what, digest in recorded:
        if what in last and digest in digests and digest != last[what].digest:
            yield (
                Sentence(
                    "log line {line}: a later entry of {what} than the one that made it in the "
                    "warehouse, {digest}: it was added by hand, or the warehouse is of an earlier state",
                    line=last[what].line,
                    what=name_entry(last[what]),
                    digest=digest[:12],
                )
            )


def name_entry(entry: LogEntry) -> str:
    """Name what an entry made, as "load 3": entries of one name are repeats."""
    if entry.kind == LOAD:
        return Sentence("load {number}", number=entry.payload["load_id"])
    return Sentence("publication {number}", number=entry.payload["number"])


def _find_lost_files(entries: Iterable[LogEntry], last: dict[str, LogEntry]) -> Iterator[str]:
    loaded = {file for entry in last.values() for file in _files(entry)}
    for entry in entries:
        repeat = last[name_entry(entry)]
        for path, sha256 in _files(entry) if repeat is not entry else ():
            if (path, sha256) not in loaded:
                yield (
                    Sentence(
                        "log line {line}: the later entry of {entry} lacks {path} of line {earlier}, "
                        "and no load has it: it was added by hand, or the file was lost; lay the file into "
                        "the inbox again ({sha256} in the archive)",
                        line=repeat.line,
                        entry=name_entry(entry),
                        path=path,
                        earlier=entry.line,
                        sha256=sha256[:12],
                    )
                )


def _files(entry: LogEntry) -> Iterator[tuple[str, str]]:
    payload: Any = entry.payload
    for file in (*payload.get("files", ()), *payload.get("copies", ())):
        yield file["path"], file["sha256"]
