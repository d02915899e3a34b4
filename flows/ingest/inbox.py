"""List the inbox and archive its files by hash before anything else happens to them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import sleep, time

#: what office programs and copying programs leave behind
PASSING_NAMES = ("~$", ".", "Thumbs.db", "desktop.ini")
PASSING_SUFFIXES = (".tmp", ".part", ".crdownload")
_INSTEAD = "; put the file itself in its place"
_RENAME = "; rename one of the two, or remove it where they are alike"


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox; `path` is relative to the inbox, with forward slashes, and valid text whatever
    its bytes.

    `modified_ns` can be set by copying programs; `changed_ns` is the file system's own. `found` is the path
    by which the system knows the file.
    """

    path: str
    size_bytes: int
    modified_ns: int
    changed_ns: int
    found: str


@dataclass(frozen=True)
class ArchivedFile:
    """A file in the archive; `received_at` is when it arrived, in UTC without a zone."""

    path: str
    size_bytes: int
    modified_ns: int
    sha256: str
    received_at: datetime
    archived: Path


def list_inbox(inbox: Path, unreadable: list[str], ignored: list[str]) -> Iterator[InboxFile]:
    """List every file in the inbox: a folder's files by name, then its subfolders. Links are not followed.

    Paths that cannot be read are appended to `unreadable`, as is the second of two files with the same
    path; links, pipes and devices are appended to `ignored`.
    """
    seen = set[str]()
    for file in _list_folder(str(inbox), "", unreadable, ignored):
        if file.path in seen:
            unreadable.append(f"{file.path}: another file has this name in another encoding{_RENAME}")
        else:
            seen.add(file.path)
            yield file


def _list_folder(folder: str, above: str, unreadable: list[str], ignored: list[str]) -> Iterator[InboxFile]:
    """List the files of a folder (`above`: its path below the inbox), lazily: an inbox may hold hundreds of
    thousands.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        unreadable.append(f"{error.filename}: {error.strerror}")
        return
    folders = []
    for entry in entries:
        path = above + decode_filename(entry.name)
        try:
            if entry.is_symlink() and not entry.name.startswith(PASSING_NAMES):
                ignored.append(f"{path}: a link{_INSTEAD}")
            elif entry.is_dir(follow_symlinks=False):
                folders += [] if entry.name.startswith(".") else [(entry.path, f"{path}/")]
            elif not entry.name.startswith(PASSING_NAMES) and not entry.name.lower().endswith(
                PASSING_SUFFIXES
            ):
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    yield InboxFile(
                        path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, entry.path
                    )
                else:
                    ignored.append(f"{path}: no file{_INSTEAD}")
        except FileNotFoundError:  # moved away since its folder was listed
            continue
        except OSError as error:  # a folder may be listed by who may not look at what is in it
            unreadable.append(f"{path}: {error.strerror}")
    for subfolder, path in folders:
        yield from _list_folder(subfolder, path, unreadable, ignored)


def decode_filename(name: str) -> str:
    """Return a file name as text: Chinese names out of a ZIP are often GBK on disk, which is not valid
    UTF-8.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", errors="backslashreplace")
    return name


def is_known(file: InboxFile, known: Mapping[str, tuple[int, int]]) -> bool:
    """Whether a file of this path, size and modification time was ingested before (`known`: size and time
    by path).
    """
    return known.get(file.path) == (file.size_bytes, file.modified_ns)


def archive_path(archive: Path, sha256: str) -> Path:
    """Return the archive's path for the file with this hash."""
    return archive / sha256[:2] / sha256


def wait_until_settled(files: Sequence[InboxFile], seconds: float) -> None:
    """Wait until the newest file has had time to stop growing: half a copied CSV reads like a whole one."""
    youngest = max((file.changed_ns for file in files), default=0) / 1e9
    sleep(min(max(0.0, youngest + seconds - time()), seconds))


class InboxReadError(Exception):
    """A file of the inbox cannot be read; the message is the system's reason."""


def archive_file(
    archive: Path, file: InboxFile, now: datetime, seen_none_at: datetime | None = None
) -> ArchivedFile | None:
    """Copy a file into the archive under its hash; return None if it changed or vanished in the meantime.

    It arrived when it was last written, but no later than `now` and no earlier than `seen_none_at`, when it
    was last seen to be absent (both in UTC without a zone). Raises InboxReadError; OSError if the archive
    cannot be written.
    """
    data = _read_if_unchanged(file)
    if data is None:
        return None
    sha256 = hashlib.sha256(data).hexdigest()
    target = archive_path(archive, sha256)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_durably(target, data)
    written_at = datetime.fromtimestamp(file.modified_ns / 1e9, tz=UTC).replace(tzinfo=None)
    received_at = min(max(written_at, seen_none_at or written_at), now)
    return ArchivedFile(file.path, file.size_bytes, file.modified_ns, sha256, received_at, target)


def _read_if_unchanged(file: InboxFile) -> bytes | None:
    """Read a file if it is still as it was listed. Raises InboxReadError."""
    try:
        data = Path(file.found).read_bytes()
        after = os.stat(file.found)
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
    data = text.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    target = archive_path(archive, sha256)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_durably(target, data)
    return sha256


def _write_durably(target: Path, data: bytes) -> None:
    """Write under a temporary name, then rename: a killed run leaves no partial file under a hash."""
    passing = target.with_name(f".{target.name}.tmp")
    with passing.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(passing, target)
