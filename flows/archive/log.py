"""The archive's own log: what was taken, when, by which rules, as a chain in which each entry names the one before.

One line a load or publication, in JSON, written before the warehouse commits it. So the archive alone can make the warehouse
anew, and an entry or a file that was taken out or altered is found: the chain does not close over it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOG_FILE = "log.jsonl"
#: what the first entry names as the one before it
BEGINNING = "0" * 64


@dataclass(frozen=True)
class LogEntry:
    """A line of the log; `digest` is the SHA-256 of its bytes, which the next entry and the warehouse name."""

    line: int
    digest: str
    previous: str
    kind: str
    told: Mapping[str, Any]


@dataclass(frozen=True)
class ChainError:
    """A place where the chain does not hold."""

    line: int
    problem: str


class ArchiveLog:
    """The log of one archive. Only the run that holds the home's lock appends to it."""

    def __init__(self, archive: Path) -> None:
        self.file = archive / LOG_FILE

    def append(self, kind: str, told: Mapping[str, Any]) -> str:
        """Add an entry durably; its digest."""
        last = self._last_line()
        previous = hashlib.sha256(last).hexdigest() if last else BEGINNING
        line = json.dumps(
            {"kind": kind, "previous": previous, **told}, ensure_ascii=False, sort_keys=True
        ).encode()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a+b") as log:
            if log.tell() and not _ends_line(log):
                log.write(b"\n")  # a killed run left half a line: what it began is told again whole
            log.write(line + b"\n")
            log.flush()
            os.fsync(log.fileno())
        return hashlib.sha256(line).hexdigest()

    def entries(self) -> Iterator[LogEntry]:
        """Every whole entry, in order; half a line that a killed run left is none."""
        for number, line in self._lines():
            if (entry := _entry(number, line)) is not None:
                yield entry

    def breaks(self) -> Iterator[ChainError]:
        """Where an entry does not name the one before it: something was altered, added or taken out there."""
        previous = BEGINNING
        for entry in self.entries():
            if entry.previous != previous:
                yield ChainError(
                    entry.line,
                    f"it follows {entry.previous[:12]}, but what stands before it is {previous[:12]}",
                )
            previous = entry.digest

    def _last_line(self) -> bytes | None:
        """The last whole entry, without reading the years before it."""
        if not self.file.exists():
            return None
        size = self.file.stat().st_size
        read = 1 << 20
        while True:
            with self.file.open("rb") as log:
                log.seek(max(0, size - read))
                lines = log.read().split(b"\n")
            found = next(
                (line for line in reversed(lines[0 if read >= size else 1 :]) if _parsed(line) is not None),
                None,
            )
            if found is not None or read >= size:
                return found
            read *= 2

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        if self.file.exists():
            yield from enumerate(self.file.read_bytes().split(b"\n"), start=1)


def _entry(number: int, line: bytes) -> LogEntry | None:
    if (told := _parsed(line)) is None:
        return None
    return LogEntry(
        number,
        hashlib.sha256(line).hexdigest(),
        str(told.pop("previous", "")),
        str(told.pop("kind", "")),
        told,
    )


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _ends_line(log: Any) -> bool:
    log.seek(-1, os.SEEK_END)
    is_end: bool = log.read() == b"\n"
    return is_end
