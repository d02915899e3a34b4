"""Write the last digest of the archive's log to a second place, where nobody of this machine alters it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from flows.archive.log import BEGINNING, ArchiveLog
from flows.archive.regular_file import require_regular
from flows.file_modes import SHARED_MODE
from flows.home import Home
from flows.storage_errors import describe_errno
from schemas.sentences import Sentence

#: of an anchor file, whatever it is, no more is read; a line has 86 bytes
TAIL_BYTES = 4096
# a pipe is not waited for, and Windows translates no line ends
_OPENING = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def write_anchor(home: Home, now: datetime) -> str | None:
    """Append the last digest to the file of the setting `anchor_file`, unless it ends with it already.

    Return why it could not be written: a disk that is away must not end the night.
    """
    digest = ArchiveLog(home.archive).last_digest()
    if not home.settings.anchor_file or digest == BEGINNING:
        return None
    try:
        _append(Path(home.settings.anchor_file), digest, now)
    except OSError as error:
        reason = describe_errno(error.errno)
    except UnicodeDecodeError:
        reason = Sentence("it holds something else than digests: name another file")
    else:
        return None
    return Sentence(
        "the digest {digest} could not be written to {anchor_file}: {reason}",
        digest=digest,
        anchor_file=home.settings.anchor_file,
        reason=reason,
    )


def _append(file: Path, digest: str, now: datetime) -> None:
    """Append a digest to a regular file that does not end with it; of what stands there, the end is read.

    Raises OSError, UnicodeDecodeError.
    """
    handle = os.open(file, _OPENING, SHARED_MODE)
    with os.fdopen(handle, "r+b", buffering=0) as anchors:
        require_regular(handle, file)
        size = anchors.seek(0, os.SEEK_END)
        anchors.seek(max(0, size - TAIL_BYTES))
        end = anchors.read(TAIL_BYTES)
        last_line = end.rstrip().rpartition(b"\n")[2].decode()
        if digest in last_line.split()[-1:]:
            return
        start = "" if not end or end.endswith(b"\n") else "\n"
        anchors.write(f"{start}{now:%Y-%m-%dT%H:%M:%SZ} {digest}\n".encode())
