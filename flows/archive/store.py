"""Store files in the archive by their hash, durably."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows.atomic import write_atomic
from flows.errors import FlowError


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox; `path` is relative to the inbox, with forward slashes, and valid text whatever
    its bytes.

    `modified_ns` can be set by copying programs; `changed_ns` is the file system's own.
    `disk_path` is the path by which the system knows the file.
    """

    path: str
    size_bytes: int
    modified_ns: int
    changed_ns: int
    disk_path: str


@dataclass(frozen=True)
class ArchivedFile:
    """A file in the archive; `received_at` is when it arrived, in UTC without a zone."""

    path: str
    size_bytes: int
    modified_ns: int
    sha256: str
    received_at: datetime
    archived: Path


def archive_path(archive: Path, sha256: str) -> Path:
    """Return the archive's path for the file with this hash."""
    return archive / sha256[:2] / sha256


class InboxReadError(FlowError):
    """A file of the inbox cannot be read; the message is the system's reason."""


def archive_file(
    archive: Path, file: InboxFile, now: datetime, last_scanned_at: datetime | None = None
) -> ArchivedFile | None:
    """Copy a file into the archive under its hash; return None if it changed or vanished in the meantime.

    It arrived when it was last written, but no later than `now` and no earlier than `last_scanned_at`, when
    it was last seen to be absent (both in UTC without a zone). Raises InboxReadError; OSError if the archive
    cannot be written.
    """
    data = _read_if_unchanged(file)
    if data is None:
        return None
    sha256 = store(archive, data)
    written_at = datetime.fromtimestamp(file.modified_ns / 1e9, tz=UTC).replace(tzinfo=None)
    received_at = min(max(written_at, last_scanned_at or written_at), now)
    return ArchivedFile(
        file.path, file.size_bytes, file.modified_ns, sha256, received_at, archive_path(archive, sha256)
    )


def _read_if_unchanged(file: InboxFile) -> bytes | None:
    """Read a file if it is still as it was listed. Raises InboxReadError."""
    try:
        data = Path(file.disk_path).read_bytes()
        after = os.stat(file.disk_path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InboxReadError(error.strerror or error) from error
    is_as_listed = (len(data), after.st_size, after.st_mtime_ns) == (
        file.size_bytes,
        file.size_bytes,
        file.modified_ns,
    )
    return data if is_as_listed else None


def archive_text(archive: Path, text: str) -> str:
    """Store a text (a region table, the adjustments) under its hash, like a file; return the hash."""
    return store(archive, text.encode())


def store(archive: Path, data: bytes) -> str:
    """Store bytes under their hash, unless they are there already; return the hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    target = archive_path(archive, sha256)
    if not target.exists():
        write_atomic(target, data, is_durable=True)
    return sha256
