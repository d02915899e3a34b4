"""The portal's own folder and database of a home; the mailbox uses them too."""

from __future__ import annotations

from pathlib import Path

from flows.file_modes import HOME_MODE, set_mode
from warehouse.engine import Engine
from warehouse.portal.tables import open_portal_store

PORTAL_FOLDER, STORE_FILE = "portal", "portal.sqlite"
#: below it: uploaded files, the workbooks that mark them, and what came by mail
UPLOADS, RECEIPTS, MAILS = "uploads", "receipts", "mails"


def open_store(home_folder: Path) -> Engine:
    """Open the portal's database of a home, making it if it is not there."""
    folder = home_folder / PORTAL_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    set_mode(folder, HOME_MODE)
    return open_portal_store(folder / STORE_FILE)
