"""Who on this machine may read a home: its user and group, and nobody else; secrets its user alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from flows.home import Home
from flows.settings import SETTINGS_FILE
from schemas.contacts import FILE as CONTACTS_FILE
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
    for file in _files_with_passwords(home):
        if _mode(file) & (stat.S_IRWXO | stat.S_IRWXG):
            yield Sentence(
                "others than its user can read the passwords in {settings_file}: chmod 600 {settings_file}",
                settings_file=file,
            )


def _files_with_passwords(home: Home) -> Iterator[Path]:
    settings = home.settings
    if settings.notify or settings.mail_server or settings.mailbox or has_password(home.warehouse_url):
        yield home.folder / SETTINGS_FILE
    contacts = home.folder / CONTACTS_FILE
    if contacts.exists():
        yield contacts


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0
