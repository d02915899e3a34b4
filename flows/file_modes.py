"""The modes of files and folders of a home, on systems that know modes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

#: modes of a home, of a file with a password or a lock, and of what readers outside the home may read
HOME_MODE, SECRET_MODE, SHARED_MODE = 0o750, 0o600, 0o644


def set_mode(path: Path, mode: int) -> None:
    """Set the mode of a file or folder, where its system knows modes and it belongs to this user."""
    with suppress(OSError):
        path.chmod(mode)
