"""The portal of one home: its workspace, its own database, its folder, and the checks that run for it."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock

from pydantic import ValidationError

from flows.home import ADJUSTMENTS_FILE, HEADERS_FILE, Home
from flows.language import say_in_chinese
from flows.logs import get_logger
from flows.pipeline import utc_now
from flows.portal.checks import Checks
from flows.portal.jobs import Jobs
from flows.portal.loads import Loads
from flows.portal.memory import Memory
from flows.portal_store import PORTAL_FOLDER, open_store
from flows.settings import SETTINGS_FILE
from flows.workspace import Workspace
from schemas.contacts import FILE as CONTACTS_FILE
from schemas.problems import describe_first_problem, describe_toml_error
from warehouse.engine import Engine, writing
from warehouse.portal.accounts import Account
from warehouse.portal.audit import add_audit_entry
from warehouse.replaced_file import identify_file

logger = get_logger(__name__)

#: a session ends after so long without a request, and after so long in all
IDLE, LONGEST = timedelta(minutes=60), timedelta(hours=12)


class Portal:
    """What the pages need besides a request."""

    def __init__(self, home: Home, clock: Callable[[], datetime] = utc_now) -> None:
        self._folder, self.clock = home.folder, clock
        self._lock = Lock()
        #: held while a file goes into the inbox or out of it, and is marked so
        self.inbox_lock = Lock()
        #: held while a decision is added to those of the home
        self.decisions_lock = Lock()
        self._workspace = Workspace(home)
        self._memory = Memory()
        self._seen = self._changed_at()
        self._file = identify_file(self._workspace.engine)
        #: what is wrong with the files of the home since they were edited
        self.fault = ""

    @property
    def folder(self) -> Path:
        """The folder of the portal in its home."""
        return self._folder / PORTAL_FOLDER

    @cached_property
    def checks(self) -> Checks:
        """The checks of uploads that run beside the pages."""
        return Checks(self.folder, self.store, self.workspace)

    @cached_property
    def loads(self) -> Loads:
        """The loads of what was sent, where it is not left to the night."""
        return Loads(self._folder)

    @cached_property
    def jobs(self) -> Jobs:
        """The work that operators ordered, done beside the pages."""
        return Jobs(self._folder, self.store, self.clock)

    @cached_property
    def store(self) -> Engine:
        """The portal's own database."""
        return open_store(self._folder)

    def workspace(self) -> Workspace:
        """Return the workspace as the files of the home say now; they may be edited, and the warehouse
        replaced, while the portal runs.

        With a mistake in one of them the pages go on with what was valid before, and `fault` says what is
        wrong.
        """
        with self._lock:
            seen = self._changed_at()
            if seen != self._seen:
                self._seen = seen
                self._renew()
            self._forget_replaced_file()
            return self._workspace

    def _forget_replaced_file(self) -> None:
        """Close what is open of a warehouse that another file has replaced, and forget what it said."""
        present = identify_file(self._workspace.engine)
        if present is not None and present != self._file:
            self._workspace.engine.dispose()
            self._memory, self._file = Memory(), present

    def _renew(self) -> None:
        try:
            renewed = Workspace(Home(self._folder))
        except Exception as error:  # each file has errors of its own, and none of them may end the portal
            logger.error("the files of the home have a mistake: %s", error)
            self.fault = say_in_chinese(_describe_fault(error))
            return
        self._workspace.engine.dispose()
        self._workspace, self._memory, self.fault = renewed, Memory(), ""

    @property
    def memory(self) -> Memory:
        """What was computed already by the workspace as it is now."""
        return self._memory

    def record(self, account: Account, address: str, action: str, subject: str, **detail: object) -> None:
        """Add an entry to the audit log."""
        with writing(self.store) as connection:
            add_audit_entry(connection, account, address, action, subject, self.clock(), **detail)

    def _changed_at(self) -> list[int]:
        """Return when the files that describe the city were last changed."""
        regions = self._workspace.home.settings.regions
        names = [
            SETTINGS_FILE,
            ADJUSTMENTS_FILE,
            HEADERS_FILE,
            CONTACTS_FILE,
            *([regions] if regions else []),
        ]
        changed_at = []
        for name in names:
            changed_at.append(0)
            with suppress(OSError):
                changed_at[-1] = (self._folder / name).stat().st_mtime_ns
        return changed_at


def new_token() -> str:
    """Make the secret of a session."""
    return secrets.token_urlsafe(32)


def _describe_fault(error: Exception) -> Exception | str:
    """Name the file of the home that has a mistake; errors of other files than the settings name them."""
    if isinstance(error, tomllib.TOMLDecodeError):
        return describe_toml_error(SETTINGS_FILE, error)
    if isinstance(error, ValidationError):
        return describe_first_problem(SETTINGS_FILE, error)
    return error
