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
from warehouse.load.recorded_entries import RecordedEntry, name_entry, recorded_entries

#: what an entry and its repeat have in common, and how it is called
_UNCHANGED = {
    "adjustments": "adjustments.toml", "regions": "regions.csv", "headers": "headers.toml", "figures": "figures.json",
    "period": "period", "load_id": "load",
}  # fmt: skip


def find_repeat_problems(home: Home, workspace: Workspace | None) -> Iterator[str]:
    """Name the loads whose last entry lacks files of an earlier one, has other settings or comes too late,
    and what the warehouse made from an entry that is not the last of its number.

    The warehouse is read first: whatever a run commits in the meantime was logged before.
    """
    recorded = list[RecordedEntry]()
    if workspace is not None:
        with reading(workspace.engine) as connection:
            recorded = recorded_entries(connection, workspace.tables)
    entries = list(ArchiveLog(home.archive).entries())
    last = {name_of(entry): entry for entry in entries}
    yield from _find_lost_files(entries, last)
    yield from _find_changed_repeats(entries, last)
    yield from _find_disorder(entries)
    digests = {entry.digest for entry in entries}
    for what in recorded:
        repeat = last.get(what.name)
        if repeat and what.digest in digests and what.digest != repeat.digest:
            yield Sentence(
                "log line {line}: a later entry of {what} than the one that made it in the "
                "warehouse, {digest}: it was added by hand, or the warehouse is of an earlier state",
                line=repeat.line,
                what=what.name,
                digest=what.digest[:12],
            )


def name_of(entry: LogEntry) -> Sentence:
    """Name what an entry made, as "load 3": entries of one name are repeats."""
    is_load = entry.kind == LOAD
    return name_entry(is_load, entry.payload["load_id" if is_load else "number"])


def _find_disorder(entries: Iterable[LogEntry]) -> Iterator[str]:
    """Name the loads logged after one made on them, and those before which numbers are missing.

    A load that was begun twice is logged again before a later load, or a publication of it, begins.
    """
    newest = done = 0
    for entry in entries:
        number = entry.payload["load_id"]
        if entry.kind != LOAD:
            done = max(done, number)
        elif number < newest or number <= done:
            yield Sentence(
                "log line {line}: {entry} is logged again after load {newest}, or after a publication of it: "
                "it was added by hand",
                line=entry.line,
                entry=name_of(entry),
                newest=newest,
            )
        elif number > newest + 1:
            yield Sentence(
                "log line {line}: {entry} follows load {newest}: entries were taken out between them, or it "
                "was added by hand",
                line=entry.line,
                entry=name_of(entry),
                newest=newest,
            )
        newest = max(newest, number if entry.kind == LOAD else 0)


def _find_changed_repeats(entries: Iterable[LogEntry], last: dict[Sentence, LogEntry]) -> Iterator[str]:
    """Name the entries whose repeat has other settings, or publishes something else."""
    for entry in entries:
        repeat = last[name_of(entry)]
        if not entry.payload["load_id"]:
            continue  # older versions logged publications before the first load, and passed over them
        for key, file in _UNCHANGED.items():
            if entry.payload.get(key) != repeat.payload.get(key):
                yield Sentence(
                    "log line {line}: the later entry of {entry} has another {file} than line {earlier}: "
                    "look at both in the archive before you rebuild",
                    line=repeat.line,
                    entry=name_of(entry),
                    file=file,
                    earlier=entry.line,
                )


def _find_lost_files(entries: Iterable[LogEntry], last: dict[Sentence, LogEntry]) -> Iterator[str]:
    loaded = {file for entry in last.values() for file in _files(entry)}
    for entry in entries:
        repeat = last[name_of(entry)]
        for path, sha256 in _files(entry) if repeat is not entry else ():
            if (path, sha256) not in loaded:
                yield (
                    Sentence(
                        "log line {line}: the later entry of {entry} lacks {path} of line {earlier}, "
                        "and no load has it: it was added by hand, or the file was lost; lay the file into "
                        "the inbox again ({sha256} in the archive)",
                        line=repeat.line,
                        entry=name_of(entry),
                        path=path,
                        earlier=entry.line,
                        sha256=sha256[:12],
                    )
                )


def _files(entry: LogEntry) -> Iterator[tuple[str, str]]:
    payload: Any = entry.payload
    for file in (*payload.get("files", ()), *payload.get("copies", ())):
        yield file["path"], file["sha256"]
