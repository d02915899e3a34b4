"""The archive log: a chain of entries, one JSON line for each load and
publication, written before the warehouse commits it.

Each entry names the hash of the entry before it. So the warehouse can be rebuilt from the archive alone,
and an entry or a file that was altered or removed is found.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.archive.entry_form import has_form
from flows.archive.regular_file import open_regular, read_regular
from flows.atomic import make_folders, sync
from schemas.sentences import Sentence

LOG_FILE = "log.jsonl"
#: what the first entry names as the one before it
BEGINNING = "0" * 64
#: bytes that are read at once from the end
READ_BACK = 1 << 20


@dataclass(frozen=True)
class LogEntry:
    """A line of the log, by its number (0: not counted); `digest` is the SHA-256 of its bytes, which
    the next entry and the warehouse name.
    """

    line: int
    digest: str
    previous: str
    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class ChainBreak:
    """A line that does not name the entry before it."""

    line: int
    problem: str


class ArchiveLog:
    """The log of one archive. Only the run that holds the home's lock appends to it."""

    def __init__(self, archive: Path) -> None:
        self.file = archive / LOG_FILE

    def append(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Append an entry, flush it to the disk and return its digest."""
        last = self._last_line()
        previous = hashlib.sha256(last).hexdigest() if last else BEGINNING
        line = json.dumps(
            {"kind": kind, "previous": previous, **payload}, ensure_ascii=False, sort_keys=True
        ).encode()
        changed = make_folders(self.file.parent)
        with self.file.open("a+b", buffering=0) as log:
            size = log.seek(0, os.SEEK_END)
            if unwritten := _count_unwritten(log, size):
                size -= unwritten
                log.truncate(size)
                log.seek(size)
            # a killed run may have left half a line; what it began is logged again
            start = b"\n" if size and not _ends_line(log) else b""
            try:
                _write_whole(log, start + line + b"\n")
                os.fsync(log.fileno())
            except OSError as error:
                with suppress(OSError):
                    log.truncate(size)
                error.filename = error.filename or str(self.file)
                raise
        for folder in () if size else (self.file.parent, *changed):
            sync(folder)
        return hashlib.sha256(line).hexdigest()

    def entries(self) -> Iterator[LogEntry]:
        """Return every complete entry in order; half a line left by a killed run is skipped."""
        for number, line in self._lines():
            if (entry := _entry(number, line)) is not None:
                yield entry

    def is_begun(self) -> bool:
        """Whether the log has an entry."""
        return self._last_line() is not None

    def last_digest(self) -> str:
        """Return the digest of the last entry; it changes with every entry before it."""
        last = self._last_line()
        return hashlib.sha256(last).hexdigest() if last else BEGINNING

    def breaks(self) -> Iterator[ChainBreak]:
        """Return where the chain breaks: an entry there was altered, added or removed.

        A line that is no entry is one too, unless it is half a one left by a killed run.
        """
        previous = BEGINNING
        for number, line in self._lines():
            entry = _entry(number, line)
            if entry is None:
                if line.strip() and not _is_half(line):
                    yield ChainBreak(number, Sentence("it is no entry: it was altered or damaged"))
                continue
            if entry.previous != previous:
                problem = Sentence(
                    "it follows {named}, but what stands before it is {before}",
                    named=entry.previous[:12], before=previous[:12],
                )  # fmt: skip
                yield ChainBreak(number, problem)
            previous = entry.digest

    def find(self, digest: str) -> LogEntry | None:
        """Return the entry with a digest; one near the end is found without reading the whole log."""
        line = self._search_back(lambda line: hashlib.sha256(line).hexdigest() == digest)
        return _entry(0, line) if line is not None else None

    def _last_line(self) -> bytes | None:
        """Return the last complete entry without reading the whole log."""
        return self._search_back(lambda line: _parsed(line) is not None)

    def _search_back(self, is_wanted: Callable[[bytes], bool]) -> bytes | None:
        """Return the last line that is wanted, reading more of the log only as needed."""
        if not self.file.exists():
            return None
        size = self.file.stat().st_size
        read = READ_BACK
        while True:
            with open_regular(self.file) as log:
                log.seek(max(0, size - read))
                lines = log.read().rstrip(b"\0").split(b"\n")
            wanted = next(filter(is_wanted, reversed(lines[0 if read >= size else 1 :])), None)
            if wanted is not None or read >= size:
                return wanted
            read *= 2

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        if self.file.exists():
            yield from enumerate(read_regular(self.file).rstrip(b"\0").split(b"\n"), start=1)


def _entry(number: int, line: bytes) -> LogEntry | None:
    if (payload := _parsed(line)) is None:
        return None
    return LogEntry(
        number,
        hashlib.sha256(line).hexdigest(),
        str(payload.pop("previous", "")),
        str(payload.pop("kind", "")),
        payload,
    )


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return an entry's keys; None for a line that is none: what reads entries relies on these."""
    try:
        payload = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) and has_form(payload) else None


def _is_half(line: bytes) -> bool:
    """Whether a line is the beginning of an entry: it breaks off where nothing was wrong yet."""
    try:
        text = line.decode("utf-8", errors="ignore")
        json.loads(text)
    except json.JSONDecodeError as error:
        return text.startswith("{") and (
            error.pos >= len(text.rstrip()) - len(r"\u12") or error.msg.startswith("Unterminated")
        )
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets without end
        return False
    return False


def _write_whole(log: Any, data: bytes) -> None:
    """Write all bytes; the system may take only a part of them at once."""
    while data:
        data = data[log.write(data) :]


def _count_unwritten(log: Any, size: int) -> int:
    """Count the NUL bytes at the end: after a power cut a file can be longer than what was written of it."""
    count = 0
    while count < size:
        start = max(0, size - count - READ_BACK)
        log.seek(start)
        tail = log.read(size - count - start)
        zeros = len(tail) - len(tail.rstrip(b"\0"))
        count += zeros
        if zeros < len(tail):
            break
    return count


def _ends_line(log: Any) -> bool:
    log.seek(-1, os.SEEK_END)
    is_end: bool = log.read() == b"\n"
    return is_end
