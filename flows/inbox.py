"""Finding what is new in the inbox and archiving it by its hash before anything else happens to it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

#: what office programs and copying programs leave behind
PASSING_NAMES = ("~$", ".", "Thumbs.db", "desktop.ini")
PASSING_SUFFIXES = (".tmp", ".part", ".crdownload")
LOG_FILE = "received.jsonl"


@dataclass(frozen=True)
class InboxFile:
    """A file as it was found; `path` says where below the inbox, with forward slashes, and is text whatever its bytes are."""

    path: str
    size_bytes: int
    modified_ns: int
    found: Path


@dataclass(frozen=True)
class ArchivedFile:
    """A file that lies in the archive; `received_at` is when it arrived, in UTC without a zone."""

    path: str
    size_bytes: int
    modified_ns: int
    sha256: str
    received_at: datetime
    archived: Path


def list_inbox(inbox: Path, unreadable: list[str]) -> Iterator[InboxFile]:
    """Every file in the inbox, in the order of their paths. Links are not followed; links, pipes and devices are not read.

    Folders that the system does not let be read are appended to `unreadable`.
    """

    def tell(error: OSError) -> None:
        unreadable.append(f"{error.filename}: {error.strerror}")

    for folder, folders, names in os.walk(inbox, onerror=tell):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.startswith(PASSING_NAMES) or name.lower().endswith(PASSING_SUFFIXES):
                continue
            try:
                status = file.lstat()
            except FileNotFoundError:
                continue  # moved away since its folder was listed
            if stat.S_ISREG(status.st_mode):
                path = "/".join(map(_readable, file.relative_to(inbox).parts))
                yield InboxFile(path, status.st_size, status.st_mtime_ns, file)


def _readable(name: str) -> str:
    """A name as text: Chinese names out of a ZIP often stand on the disk in GBK, which is no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", errors="backslashreplace")
    return name


def is_known(file: InboxFile, known: Mapping[str, tuple[int, int]]) -> bool:
    """Whether a file of this path, size and time of change was taken before (`known`: size and time by path)."""
    return known.get(file.path) == (file.size_bytes, file.modified_ns)


def archived_at(archive: Path, sha256: str) -> Path:
    """Where the archive keeps the file with this hash."""
    return archive / sha256[:2] / sha256


def archive_file(archive: Path, file: InboxFile, now: datetime) -> ArchivedFile | None:
    """Copy a file into the archive under its hash; None where it changed or went meanwhile: the next run sees to it.

    A file arrives when it was last written in the inbox, at the latest now (`now` in UTC without a zone).
    """
    try:
        data = file.found.read_bytes()
        after = file.found.stat()
    except FileNotFoundError:
        return None
    if (len(data), after.st_size, after.st_mtime_ns) != (file.size_bytes, file.size_bytes, file.modified_ns):
        return None
    sha256 = hashlib.sha256(data).hexdigest()
    target = archived_at(archive, sha256)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_durably(target, data)
    written_at = datetime.fromtimestamp(file.modified_ns / 1e9, tz=UTC).replace(tzinfo=None)
    return ArchivedFile(file.path, file.size_bytes, file.modified_ns, sha256, min(written_at, now), target)


def log_received(archive: Path, files: list[ArchivedFile]) -> None:
    """Append to the archive's own log what arrived, when and where, so that the archive alone tells the whole story."""
    if not files:
        return
    lines = [
        json.dumps({"sha256": file.sha256, "path": file.path, "received_at": file.received_at.isoformat()}, ensure_ascii=False)
        for file in files
    ]
    with (archive / LOG_FILE).open("a+b") as log:
        log.write(_torn_line_end(log) + "".join(line + "\n" for line in lines).encode())
        log.flush()
        os.fsync(log.fileno())


def _torn_line_end(log: BinaryIO) -> bytes:
    """What ends the half line that a killed run or a full disk left; its file is told again whole."""
    if log.tell() == 0:
        return b""
    log.seek(-1, os.SEEK_END)
    return b"" if log.read() == b"\n" else b"\n"


def _write_durably(target: Path, data: bytes) -> None:
    """Write under a passing name, then move: a killed run leaves no half file under a hash, and its next run overwrites."""
    passing = target.with_name(f".{target.name}.tmp")
    with passing.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(passing, target)
