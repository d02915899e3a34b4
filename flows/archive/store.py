"""Store files in the archive by their hash, durably."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from flows.archive.regular_file import NotRegularError, open_below, open_regular, read_regular
from flows.atomic import replace_atomic, sync, write_atomic
from flows.errors import FlowError
from flows.storage_errors import describe_errno
from schemas.sentences import Sentence

#: files are hashed and copied in blocks of this number of bytes, so that none has to fit into memory
BLOCK_BYTES = 1 << 20
#: no report came earlier
FIRST_ARRIVAL = datetime(2000, 1, 1)  # noqa: DTZ001 - UTC without a zone, as received_at
_HASH = re.compile("[0-9a-f]{64}")
_REMEDY = Sentence("put it back from a backup, or let the unit send the file again")


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox; `path` is relative to the inbox, with forward slashes, and valid text whatever
    its bytes.

    `modified_ns` can be set by copying programs; `changed_ns` is the file system's own.
    `disk_path` is the path below `inbox` by which the system knows the file.
    """

    path: str
    size_bytes: int
    modified_ns: int
    changed_ns: int
    disk_path: str
    inbox: str

    def open(self) -> BufferedReader:
        """Open the file; what took its place since it was listed, a link or a pipe, is not opened.

        Raises OSError.
        """
        return open_below(self.inbox, self.disk_path)


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


class DamagedFileError(FlowError):
    """A file in the archive is not what its name says, or is gone; nothing may be read from it."""


def require_size(file: InboxFile, largest_bytes: int) -> None:
    """Refuse a file that is too large to be a ledger. Raises InboxReadError."""
    if file.size_bytes > largest_bytes:
        raise InboxReadError(
            Sentence(
                "{size:,.0f} MiB, more than the {most:,.0f} MiB of largest_file_mebibytes; it "
                "was not read: ask the unit for a smaller file",
                size=file.size_bytes / 2**20,
                most=largest_bytes / 2**20,
            )
        )


def archive_file(
    archive: Path, file: InboxFile, now: datetime, last_scanned_at: datetime | None = None
) -> ArchivedFile | None:
    """Copy a file into the archive under its hash; return None if it changed or vanished in the meantime.

    It arrived when it was last written, but no later than `now` and no earlier than `last_scanned_at`, when
    it was last seen to be absent (both in UTC without a zone). The caller syncs it before anything claims it.
    Raises InboxReadError; OSError if the archive cannot be written.
    """
    sha256 = _copy_if_unchanged(archive, file)
    if sha256 is None:
        return None
    written_at = _arrival(file, now)
    received_at = min(max(written_at, last_scanned_at or written_at), now)
    return ArchivedFile(
        file.path, file.size_bytes, file.modified_ns, sha256, received_at, archive_path(archive, sha256)
    )


def _copy_if_unchanged(archive: Path, file: InboxFile) -> str | None:
    """Copy a file into the archive if it is still as it was listed; return its hash.

    Raises InboxReadError; OSError if the archive cannot be written.
    """
    sha256 = _hash_if_unchanged(file)
    if sha256 is None or is_whole(archive_path(archive, sha256)):
        return sha256
    with (
        suppress(_ChangedMeanwhileError),
        replace_atomic(archive_path(archive, sha256)) as copy,
    ):
        if _hash_if_unchanged(file, copy) != sha256:
            raise _ChangedMeanwhileError
        return sha256
    return None


class _ChangedMeanwhileError(Exception):
    """A file changed between its two readings."""


def _hash_if_unchanged(file: InboxFile, copy: Path | None = None) -> str | None:
    """Hash a file in blocks, and copy it if wanted; return None if it is not as it was listed.

    Raises InboxReadError; OSError if the copy cannot be written.
    """
    digest, size = hashlib.sha256(), 0
    with ExitStack() as stack:
        if (content := _open(file)) is None:
            return None
        stack.enter_context(content)
        written = stack.enter_context(copy.open("wb")) if copy else None
        for block in _read_blocks(content):
            size += len(block)
            if size > file.size_bytes:
                return None
            digest.update(block)
            if written:
                written.write(block)
        after = os.fstat(content.fileno())
    is_as_listed = (size, after.st_size, after.st_mtime_ns) == (
        file.size_bytes,
        file.size_bytes,
        file.modified_ns,
    )
    return digest.hexdigest() if is_as_listed else None


def _open(file: InboxFile) -> BufferedReader | None:
    """Open a file of the inbox; return None if it vanished. Raises InboxReadError."""
    try:
        return file.open()
    except FileNotFoundError:
        return None
    except NotRegularError as error:
        raise InboxReadError(
            Sentence("it changed while it was read: {reason}", reason=describe_errno(error.errno))
        ) from error
    except OSError as error:
        raise InboxReadError(describe_errno(error.errno)) from error


def _read_blocks(content: BufferedReader) -> Iterator[bytes]:
    """Yield the content of a file of the inbox. Raises InboxReadError."""
    try:
        while block := content.read(BLOCK_BYTES):
            yield block
    except OSError as error:
        raise InboxReadError(describe_errno(error.errno)) from error


def _arrival(file: InboxFile, now: datetime) -> datetime:
    """Return when a file was last written, in UTC without a zone.

    `now` for a time that no clock meant: beyond all dates, or of 1970 or 1980, where clocks and archives
    without one begin.
    """
    try:
        written_at = datetime.fromtimestamp(file.modified_ns / 1e9, tz=UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        return now
    return written_at if written_at >= FIRST_ARRIVAL else now


def store(archive: Path, data: bytes) -> str:
    """Store bytes under their hash, unless they are there already; return the hash.

    What is damaged there is replaced: the right bytes are at hand.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    target = archive_path(archive, sha256)
    if not is_whole(target):
        write_atomic(target, data, is_durable=True)
    else:  # a killed run may have written and not synced it
        sync(target)
        sync(target.parent)
    return sha256


def store_text(archive: Path, text: str) -> str:
    """Store a text (a region table, the adjustments) under its hash, like a file; return the hash."""
    return store(archive, text.encode())


def is_whole(file: Path) -> bool:
    """Whether an archived file is there, a regular one, and has the content that its name says."""
    try:
        with open_regular(file) as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == file.name
    except (FileNotFoundError, NotRegularError):
        return False


def read_checked(file: Path) -> bytes:
    """Read a file; of one in an archive the name is the hash, and nothing else is taken for it.

    Raises DamagedFileError if it is not what its name says, or is gone.
    """
    if not _HASH.fullmatch(file.name) or file.parent.name != file.name[:2]:
        return file.read_bytes()  # a file to be checked before sending, wherever it lies
    try:
        data = read_regular(file)
    except FileNotFoundError as error:
        raise DamagedFileError(
            Sentence("{file} is gone from the archive: {remedy}", file=file, remedy=_REMEDY)
        ) from error
    except NotRegularError as error:
        raise DamagedFileError(
            Sentence(
                "{file} is no file of the archive ({reason}): {remedy}",
                file=file,
                reason=describe_errno(error.errno),
                remedy=_REMEDY,
            )
        ) from error
    if hashlib.sha256(data).hexdigest() != file.name:
        raise DamagedFileError(
            Sentence("{file} was altered or damaged: {remedy}", file=file, remedy=_REMEDY)
        )
    return data


def read_text(archive: Path, sha256: str) -> str:
    """Read a text of the archive. Raises DamagedFileError."""
    return read_checked(archive_path(archive, sha256)).decode("utf-8")
