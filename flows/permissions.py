"""Who on this machine may read a home: its user and group, and nobody else; secrets its user alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from flows.settings import SETTINGS_FILE, Home
from schemas.sentences import Sentence
from warehouse.engine import has_password


def find_wide_permissions(home: Home) -> Iterator[str]:
    """Say what of a home others than its user and group may read, and how to mend it."""
    if os.name != "posix":
        return
    if _mode(home.folder) & stat.S_IRWXO:
        yield Sentence(
            "every user of this machine can read {folder}: chmod -R o-rwx {folder}", folder=home.folder
        )
    settings_file = home.folder / SETTINGS_FILE
    if _holds_password(home) and _mode(settings_file) & (stat.S_IRWXO | stat.S_IRWXG):
        yield Sentence(
            "others than its user can read the passwords in {settings_file}: chmod 600 {settings_file}",
            settings_file=settings_file,
        )


def _holds_password(home: Home) -> bool:
    return bool(home.settings.notify) or has_password(home.warehouse_url)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0
