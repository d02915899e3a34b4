"""Who on this machine may read a home: its user and group, and nobody else; secrets its user alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from flows.settings import SETTINGS_FILE, Home
from warehouse.engine import has_password


def find_wide_permissions(home: Home) -> Iterator[str]:
    """Say what of a home others than its user and group may read, and how to mend it."""
    if os.name != "posix":
        return
    if _mode(home.folder) & stat.S_IRWXO:
        yield f"every user of this machine can read {home.folder}: chmod -R o-rwx {home.folder}"
    settings_file = home.folder / SETTINGS_FILE
    if _holds_password(home) and _mode(settings_file) & (stat.S_IRWXO | stat.S_IRWXG):
        yield f"others than its user can read the passwords in {settings_file}: chmod 600 {settings_file}"


def _holds_password(home: Home) -> bool:
    return bool(home.settings.notify) or has_password(home.warehouse_url)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0
