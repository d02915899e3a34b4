"""Notice that another file was put in the place of a SQLite database that is open.

A program that outlives a command, as the portal does, keeps its connections. After a rebuild or a backup put
back they would go on reading the file that was there before, which has no name any more.
"""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

#: device and inode of a file
FileIdentity = tuple[int, int]
_KEY = "file_identity"


def identify_file(engine: Engine) -> FileIdentity | None:
    """Say by device and inode which file an engine's URL names now; None where it names none."""
    name = engine.url.database or ""
    if engine.dialect.name != "sqlite" or name in ("", ":memory:"):
        return None
    try:
        details = os.stat(name)
    except OSError:
        return None
    return details.st_dev, details.st_ino


def follow_replacements(engine: Engine) -> None:
    """Let the engine open its database again once another file has its name.

    While there is no file of the name, what is open is kept: to connect would make an empty one.
    """

    def note_before(_dialect: Any, record: Any, _arguments: Any, _options: Any) -> None:
        record.info[_KEY] = identify_file(engine)

    def note_made(_connection: Any, record: Any) -> None:
        record.info[_KEY] = record.info.get(_KEY) or identify_file(engine)

    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        present = identify_file(engine)
        if present is not None and present != record.info.get(_KEY):
            raise InvalidatePoolError

    event.listen(engine, "do_connect", note_before)
    event.listen(engine, "connect", note_made)
    event.listen(engine, "checkout", compare)
