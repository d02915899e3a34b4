"""Put a checked file into the inbox, whole or not at all, and take it back while no run has loaded it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from pathlib import Path

from flows.atomic import write_atomic
from flows.errors import FlowError
from flows.run_lock import hold_run_lock
from flows.workspace import Workspace
from transforms.foreign_text import safe_stem
from transforms.receipt.names import source_stem
from warehouse.engine import Connection, reading
from warehouse.ops.loads import known_files

_WAITS = "同名的另一份（或它的回执）已经报送，还没有入库。请先把那一份收回，再报送这一份。"
_CHANGED = "存在这里的文件与您上传的不一样了，可能是断电或磁盘出错造成的。请重新上传原文件。"
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


class NotLoadedYetError(FlowError):
    """Another file of this name, or the marked workbook of one, waits in the inbox at `path`: which of the
    two counts would be chance, or the one that waits would be lost.
    """

    def __init__(self, path: str) -> None:
        super().__init__(_WAITS)
        self.path = path


class ChangedFileError(FlowError):
    """A stored file is not, or not any more, what was received and checked, as after a power cut."""


class LoadedAlreadyError(FlowError):
    """A file was loaded: it can be replaced, no longer taken back."""


def stored_name(file_name: str) -> str:
    """Return the name under which a file of this name may lie on disk, here and in the inbox."""
    suffix = Path(file_name).suffix
    return safe_stem(file_name) + suffix if _SUFFIX.fullmatch(suffix) else safe_stem(f"{file_name}.")


def read_unchanged(file: Path, sha256: str) -> bytes:
    """Read a stored file that has this hash. Raises ChangedFileError if it has not, or is gone; OSError."""
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise ChangedFileError(_CHANGED) from error
    if _hash(data) != sha256:
        raise ChangedFileError(_CHANGED)
    return data


def send_to_inbox(
    workspace: Workspace, file: Path, sha256: str, unit_code: str, period: str, sent: Collection[str]
) -> str:
    """Put a checked file into the inbox; return its path there. Raises ChangedFileError if it has not the
    hash of what was received; NotLoadedYetError, OSError.

    `sent` are the paths of files that were sent and not taken back. A file of the same name that was loaded
    is replaced: that is a resubmission, and its content is archived.
    """
    path = inbox_path(unit_code, period, file)
    target, data = workspace.home.inbox / path, read_unchanged(file, sha256)
    if target.exists():
        present = _hash(target.read_bytes())
        if not is_loaded(workspace, path, present) and (path in sent or present != sha256):
            raise NotLoadedYetError(path)
    for other in sorted(target.parent.glob("*")) if target.parent.is_dir() else ():
        waiting = f"{period}/{unit_code}/{other.name}"
        if (
            is_marked_form(file.name, other.name)
            and other.is_file()
            and not is_loaded(workspace, waiting, _hash(other.read_bytes()))
        ):
            raise NotLoadedYetError(waiting)
    write_atomic(target, data, is_durable=True)
    return path


def inbox_path(unit_code: str, period: str, file: Path) -> str:
    """Return the path below the inbox to which a stored file is sent."""
    return f"{period}/{unit_code}/{file.name}"


def is_marked_form(name: str, other: str) -> bool:
    """Whether one of two different names is that of the marked workbook of the other, or both are of one."""
    stems, plain = [Path(name).stem, Path(other).stem], [source_stem(name), source_stem(other)]
    return name != other and plain[0] == plain[1] and stems != plain


def take_out_of_inbox(workspace: Workspace, path: str, sha256: str) -> None:
    """Remove a file from the inbox. Raises LoadedAlreadyError, RunLockedError while a run is active."""
    with hold_run_lock(workspace, prepares=False):
        if is_loaded(workspace, path, sha256):
            raise LoadedAlreadyError("这一份已经入库，不能收回。要更正的，请改好后重报。")
        if lies_in_inbox(workspace, path, sha256):
            (workspace.home.inbox / path).unlink()


def lies_in_inbox(workspace: Workspace, path: str, sha256: str) -> bool:
    """Whether this content lies under this path of the inbox, in a file that may be read."""
    target = workspace.home.inbox / path
    try:
        return target.is_file() and _hash(target.read_bytes()) == sha256
    except PermissionError:
        return False


def loaded_files(connection: Connection, workspace: Workspace) -> set[tuple[str, str]]:
    """Return path and hash of each file of the inbox as of the last run."""
    files = known_files(connection, workspace.tables)
    return set(zip(files["path"], files["sha256"], strict=True))


def is_loaded(workspace: Workspace, path: str, sha256: str) -> bool:
    """Whether a run has loaded this content under this path of the inbox."""
    with reading(workspace.engine) as connection:
        return (path, sha256) in loaded_files(connection, workspace)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
