"""Write the last digest of the archive's log to a second place, where nobody of this machine alters it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flows.archive.log import BEGINNING, ArchiveLog
from flows.settings import Home


def write_anchor(home: Home, now: datetime) -> str | None:
    """Append the last digest to the file of the setting `anchor_file`, unless it ends with it already.

    Return why it could not be written: a disk that is away must not end the night.
    """
    digest = ArchiveLog(home.archive).last_digest()
    if not home.settings.anchor_file or digest == BEGINNING:
        return None
    file = Path(home.settings.anchor_file)
    try:
        lines = file.read_text("utf-8").split() if file.exists() else []
        if digest not in lines[-1:]:
            with file.open("a", encoding="utf-8") as anchors:
                anchors.write(f"{now:%Y-%m-%dT%H:%M:%SZ} {digest}\n")
    except OSError as error:
        return f"the digest {digest} could not be written to {file}: {error.strerror}"
    return None
