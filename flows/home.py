"""The home of an installation: its folders, and what the bureau has written in its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flows.sandbox.pool import Limits
from flows.settings import SETTINGS_FILE, read_settings, read_text
from schemas.adjustments import Adjustment, parse_adjustments
from schemas.contacts import FILE as CONTACTS_FILE
from schemas.contacts import NO_CONTACTS, Contacts, parse_contacts
from schemas.ledgers.local_headers import LocalHeaders, parse_local_headers
from schemas.regions import RegionTable, default_regions_text, parse_regions
from schemas.reporting.obligations import Obligations
from schemas.reporting.parse_obligations import parse_obligations

if TYPE_CHECKING:
    from schemas.ledgers.compiled import LedgerDefinition
    from schemas.statistics import Statistics

ADJUSTMENTS_FILE = "adjustments.toml"
HEADERS_FILE = "headers.toml"
HOME_VARIABLE = "HUIZONG_HOME"


class Home:
    """The folder that holds everything of one installation."""

    @classmethod
    def of_this_process(cls) -> Home:
        """Return the home named by the environment: how a flow finds it, wherever it runs."""
        return cls(Path(os.environ.get(HOME_VARIABLE) or "var"))

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.inbox = self.folder / "inbox"
        self.archive = self.folder / "archive"
        self.reports = self.folder / "reports"
        self.receipts = self.folder / "receipts"
        self.settings = read_settings(self.folder / SETTINGS_FILE)

    def make(self) -> None:
        """Create missing folders."""
        for folder in (self.inbox, self.archive, self.reports, self.receipts):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def warehouse_url(self) -> str:
        """The URL of the warehouse: that of the settings, else a SQLite file in the home."""
        return self.settings.warehouse_url or f"sqlite:///{self.folder / 'warehouse.sqlite'}"

    @property
    def timezone(self) -> tzinfo:
        """The time zone in which days begin and end."""
        return ZoneInfo(self.settings.timezone)

    @property
    def limits(self) -> Limits:
        """Limits of a child process that opens a county's file."""
        settings = self.settings
        return Limits(settings.reading_seconds, settings.reading_mebibytes, settings.reading_processes)

    def regions_text(self) -> str:
        """Read the text of the city's region table. Raises OSError."""
        if not self.settings.regions:
            return default_regions_text()
        return read_text(self.folder / self.settings.regions)

    def regions(self) -> RegionTable:
        """Load the city's region table. Raises OSError or RegionTableError, both naming the file."""
        return parse_regions(self.regions_text())

    def adjustments(
        self, ledgers: Mapping[str, LedgerDefinition], regions: RegionTable
    ) -> tuple[Adjustment, ...]:
        """Load the bureau's adjustments, none if there is no file. Raises OSError or
        AdjustmentError.
        """
        file = self.folder / ADJUSTMENTS_FILE
        if not file.exists():
            return ()
        return parse_adjustments(file.name, read_text(file), ledgers, regions.unit_codes())

    def contacts(self, regions: RegionTable) -> Contacts:
        """Load the addresses of the units, none if there is no file. Raises OSError or ContactsError."""
        file = self.folder / CONTACTS_FILE
        return parse_contacts(read_text(file), regions.unit_codes()) if file.exists() else NO_CONTACTS

    def headers_text(self) -> str:
        """Read the city's own headers, empty if there is no file. Raises OSError or NotUtf8Error."""
        file = self.folder / HEADERS_FILE
        return read_text(file) if file.exists() else ""

    def local_headers(self, ledgers: Mapping[str, LedgerDefinition], regions: RegionTable) -> LocalHeaders:
        """Load the city's own headers and constants. Raises OSError or LocalHeadersError."""
        return parse_local_headers(HEADERS_FILE, self.headers_text(), ledgers, regions.unit_codes())

    def obligations(self, ledgers: Mapping[str, LedgerDefinition], regions: RegionTable) -> Obligations:
        """Build the obligations: who owes which report by when. Raises ObligationError naming the entry."""
        settings = self.settings
        units = regions.unit_codes()
        obligations = parse_obligations(
            settings.obligations, settings.holidays, settings.due_working_day, ledgers, units
        )
        return replace(obligations, reporting_months=regions.reporting_months)

    def statistics(self, ledgers: Mapping[str, LedgerDefinition]) -> Statistics:
        """Load the home's own statistics tables, else the project's. Raises StatisticsError with file and
        key.
        """
        from schemas.statistics import FILE, default_statistics, parse_statistics

        file = self.folder / FILE
        return (
            parse_statistics(str(file), read_text(file), ledgers)
            if file.exists()
            else default_statistics(ledgers)
        )
