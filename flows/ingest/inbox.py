"""List the files of the inbox, recognise known ones, and wait for files that are still being written."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import sleep, time

from flows.archive.regular_file import list_below
from flows.archive.store import InboxFile
from flows.storage_errors import describe_errno
from schemas.sentences import Sentence
from schemas.sources import TEMPORARY_PREFIXES, TEMPORARY_SUFFIXES

_HINT_REPLACE = Sentence("; put the file itself in its place")
_HINT_REMOVE = Sentence("; move what does not belong there out of the inbox")
_HINT_RENAME = Sentence("; rename one of the two, or remove it where they are alike")

#: units file their reports less deep, and no city sends more of them
DEEPEST, MOST_FILES = 32, 1_000_000


def list_inbox(inbox: Path, unreadable: list[str], ignored: list[str]) -> Iterator[InboxFile]:
    """List every file in the inbox: a folder's files by name, then its subfolders. Links are not followed.

    Paths that cannot be read are appended to `unreadable`, as is the second of two files with the same
    path, and what lies deeper than DEEPEST folders or after MOST_FILES; links, pipes and devices are
    appended to `ignored`.
    """
    seen = set[str]()
    for file in _walk(str(inbox), unreadable, ignored):
        if len(seen) == MOST_FILES:
            unreadable.append(
                Sentence(
                    "{path}: after {most:,} files no more are read{hint}",
                    path=file.path,
                    most=MOST_FILES,
                    hint=_HINT_REMOVE,
                )
            )
            return
        if file.path in seen:
            unreadable.append(
                Sentence(
                    "{path}: another file has this name in another encoding{hint}",
                    path=file.path,
                    hint=_HINT_RENAME,
                )
            )
        else:
            seen.add(file.path)
            yield file


def _walk(inbox: str, unreadable: list[str], ignored: list[str]) -> Iterator[InboxFile]:
    """List the files of a folder and of those below it, lazily: an inbox may hold hundreds of thousands."""
    waiting = [("", "", 0)]
    while waiting:
        folder, above, depth = waiting.pop()
        if depth > DEEPEST:
            unreadable.append(
                Sentence(
                    "{above}: more than {deepest} folders deep{hint}",
                    above=above,
                    deepest=DEEPEST,
                    hint=_HINT_REMOVE,
                )
            )
            continue
        folders = list[tuple[str, str]]()
        try:
            with list_below(inbox, folder) as entries:
                for entry in entries:
                    status = _status_of_file(entry, folder, above, folders, unreadable, ignored)
                    if status is not None:
                        yield InboxFile(
                            above + decode_filename(entry.name),
                            status.st_size,
                            status.st_mtime_ns,
                            status.st_ctime_ns,
                            os.path.join(folder, entry.name),
                            inbox,
                        )
        except OSError as error:
            unreadable.append(
                Sentence(
                    "{path}: {problem}",
                    path=os.path.join(inbox, folder),
                    problem=describe_errno(error.errno),
                )
            )
        waiting += [(path, name, depth + 1) for path, name in reversed(folders)]


def _status_of_file(
    entry: os.DirEntry[str],
    folder: str,
    above: str,
    folders: list[tuple[str, str]],
    unreadable: list[str],
    ignored: list[str],
) -> os.stat_result | None:
    """Return the status of a file of a folder (`above`: its path below the inbox as text), None of all else.

    Subfolders are appended to `folders`.
    """
    path = above + decode_filename(entry.name)
    try:
        if entry.is_symlink() and not entry.name.startswith(TEMPORARY_PREFIXES):
            ignored.append(Sentence("{path}: a link{hint}", path=path, hint=_HINT_REPLACE))
        elif entry.is_dir(follow_symlinks=False):
            subfolder = (os.path.join(folder, entry.name), f"{path}/")
            folders += [] if entry.name.startswith(".") else [subfolder]
        elif not entry.name.startswith(TEMPORARY_PREFIXES) and not entry.name.lower().endswith(
            TEMPORARY_SUFFIXES
        ):
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                return status
            ignored.append(Sentence("{path}: no file{hint}", path=path, hint=_HINT_REPLACE))
    except FileNotFoundError:  # moved away since its folder was listed
        pass
    except OSError as error:  # a folder may be listed by who may not look at what is in it
        unreadable.append(Sentence("{path}: {problem}", path=path, problem=describe_errno(error.errno)))
    return None


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


def has_content(file: InboxFile, sha256: str) -> bool:
    """Whether a file has this content; not if it cannot be read."""
    try:
        with file.open() as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == sha256
    except OSError:
        return False


def wait_until_settled(files: Sequence[InboxFile], seconds: float) -> None:
    """Wait until the newest file has had time to stop growing: half a copied CSV reads like a whole one."""
    youngest = max((file.changed_ns for file in files), default=0) / 1e9
    sleep(min(max(0.0, youngest + seconds - time()), seconds))
