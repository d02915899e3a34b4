"""A home opened for work, and the scope of a run over it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache

from flows.archive.log import ArchiveLog
from flows.archive.ownership import ensure_own_warehouse
from flows.errors import FlowError
from flows.home import HEADERS_FILE, Home
from schemas.catalogue import ledgers
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.local_headers import parse_local_headers
from schemas.ledgers.rules import quoted_in_rules
from schemas.regions import RegionTable, parse_regions
from schemas.reporting.obligations import Obligations
from schemas.sentences import Sentence
from schemas.sources import MaskedSources
from transforms.read import HeaderIndex, Submission
from warehouse.engine import Connection, Engine, open_warehouse, reading, writing
from warehouse.load.record_load import last_load
from warehouse.marts.create_views import has_views
from warehouse.migrations.fingerprint import SchemaStatus, schema_status
from warehouse.ops.loads import recorded_at
from warehouse.ops.units import LostUnit, lost_units
from warehouse.schema.as_of import AsOf
from warehouse.schema.regions import region_rows, store_regions, stored_regions, stored_units, unit_names
from warehouse.schema.tables import Tables, Warehouse, build_tables


@dataclass(frozen=True)
class RunScope:
    """The unit, month and ledger a run is about; None means all. `is_revalidation`: also revalidate
    what older rules validated.
    """

    unit_code: str | None = None
    period: str | None = None
    ledger: str | None = None
    is_revalidation: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, (self.unit_code, self.period, self.ledger)))

    @property
    def is_all(self) -> bool:
        return (self.unit_code, self.period, self.ledger) == (None, None, None)

    @property
    def kind(self) -> str:
        """The kind of run that has this scope."""
        if self.is_revalidation:
            return "backfill"
        return "nightly" if self.is_all else "rerun"

    def may_hold(self, unit_code: str | None, period: str | None) -> bool:
        """Whether a file that names this unit and month (or neither) can contain something in scope."""
        return _fits(self.unit_code, unit_code) and _fits(self.period, period)

    def concerns(self, unit_code: str, ledger: str, period: str) -> bool:
        """Whether a report belongs to the scope."""
        return self.may_hold(unit_code, period) and _fits(self.ledger, ledger)

    def holds(self, submission: Submission) -> bool:
        """Whether a submission belongs to the scope; one of unknown unit or month may."""
        return self.may_hold(submission.unit_code, submission.period) and _fits(
            self.ledger, submission.ledger
        )


def _fits(wanted: str | None, actual: str | None) -> bool:
    return wanted is None or actual is None or wanted == actual


class LostUnitError(FlowError):
    """The region table lacks units whose figures would vanish with them."""

    def __init__(self, lost: Sequence[LostUnit], file: str) -> None:
        units = "; ".join(
            f"{unit.name} ({unit.code}), which has {unit.reports} current reports ({unit.first_month} to {unit.last_month})"
            for unit in lost
        )
        named = f" {file}" if file else ""
        super().__init__(
            Sentence(
                "the region table{file} has no unit {units}. Its figures would vanish: put its "
                "line back. If the unit has ended, write its last day in valid_to and, if another "
                "took over, the code of that one in successor. Nothing was changed",
                file=named,
                units=units,
            )
        )


class NoWarehouseError(FlowError):
    """There is no warehouse at the URL of a home whose archive has loads."""

    def __init__(self, home: Home) -> None:
        setting = "warehouse_url" if home.settings.warehouse_url else Sentence("the home")
        super().__init__(
            Sentence(
                "the archive in {archive} has loads, but where {setting} says there is no "
                "warehouse. If the setting is mistyped, correct it; if the warehouse is lost, run "
                "`huizong rebuild` (with --replace for a SQLite warehouse of the home, with --into "
                "URL for others). Nothing was made",
                archive=home.archive,
                setting=setting,
            )
        )


def to_local_time(instant: datetime, timezone: tzinfo) -> datetime:
    """Convert a UTC instant without a zone, as the warehouse stores it, to this time zone."""
    return instant.replace(tzinfo=UTC).astimezone(timezone)


@cache
def catalogue_tables() -> Tables:
    """Return the tables of the ledgers, built once per process."""
    return build_tables(ledgers())


@lru_cache(maxsize=4)
def _masked_sources(regions: RegionTable) -> MaskedSources:
    """Build them from the names of units, ledgers and fields, and what rules quote."""
    titles = [ledger.title.removesuffix("台账") for ledger in ledgers().values()]
    headers = (
        header for ledger in ledgers().values() for field in ledger.fields for header in field.headers
    )
    return MaskedSources(regions.spellings(), titles, (*headers, *quoted_in_rules()))


class Workspace:
    """A home opened for work: settings, regions, ledgers and warehouse. What every step needs besides its
    input.
    """

    def __init__(self, home: Home, engine: Engine | None = None) -> None:
        self.home = home
        self.regions_text = (
            home.regions_text()
        )  # archived with the loads it validated, even if the file changes
        self.regions: RegionTable = parse_regions(self.regions_text)
        self.ledgers: dict[str, LedgerDefinition] = ledgers()
        self.tables = catalogue_tables()
        self.engine = engine or open_warehouse(home.warehouse_url)
        self.headers_text = home.headers_text()  # archived like the region table
        self.headers = HeaderIndex(self.ledgers, home.local_headers(self.ledgers, self.regions))
        self.obligations: Obligations = home.obligations(self.ledgers, self.regions)
        self.adjustments = home.adjustments(self.ledgers, self.regions)
        self.contacts = home.contacts(self.regions)
        #: whether `prepare` found a warehouse of an older version
        self.was_upgraded = False

    @property
    def warehouse(self) -> Warehouse:
        """The tables and ledgers that a query is built of."""
        return Warehouse(self.tables, self.ledgers)

    @property
    def headers_hash(self) -> str | None:
        """The hash by which the city's own headers are archived; None if there are none."""
        return hashlib.sha256(self.headers_text.encode()).hexdigest() if self.headers_text else None

    @property
    def masked_sources(self) -> MaskedSources:
        """What shows names of files and sheets to others than their unit and the bureau's reports."""
        return _masked_sources(self.regions)

    def form(self) -> SchemaStatus:
        """Return the state of the warehouse's schema: absent, current, older or newer."""
        return schema_status(self.engine, self.warehouse)

    def prepare(self, *, is_rebuilt: bool = False) -> None:
        """Create or upgrade folders, tables and views, and store the units' names.

        Call it under the run lock (`flows.run_lock.hold_run_lock`). `is_rebuilt`: the archive has loads that
        the warehouse does not have yet. Raises UpgradeError, LostUnitError; NoWarehouseError where it should
        be one with loads and there is none, ForeignArchiveError where it is the one of another home.
        """
        self.home.make()
        form = self.form()
        if form is SchemaStatus.ABSENT and not is_rebuilt and ArchiveLog(self.home.archive).is_begun():
            raise NoWarehouseError(self.home)
        if form is SchemaStatus.CURRENT:
            self._ensure_own()
        if form is SchemaStatus.CURRENT and not self._has_views():
            form = SchemaStatus.OLDER
        if form is not SchemaStatus.CURRENT:
            from warehouse.migrations.upgrade import (
                upgrade,  # imports Alembic, needed for upgrades only
            )

            upgrade(self.engine, self.warehouse, form)
            self._ensure_own()
            self.was_upgraded = self.was_upgraded or form is SchemaStatus.OLDER
        self.require_all_units()
        self._keep_units()

    def _ensure_own(self) -> None:
        ensure_own_warehouse(self.engine, self.tables, ArchiveLog(self.home.archive))

    def _has_views(self) -> bool:
        with reading(self.engine) as connection:
            return has_views(connection, self.warehouse)

    def use_regions(self, table: str) -> None:
        """Switch to another region table of the same city, to replay an earlier load. Raises
        RegionTableError.
        """
        self.regions_text, self.regions = table, parse_regions(table)
        self.obligations = replace(self.obligations, reporting_months=self.regions.reporting_months)
        self._keep_units()

    def use_headers(self, text: str) -> None:
        """Switch to the headers of an earlier load, to replay it. Raises LocalHeadersError."""
        self.headers_text = text
        self.headers = HeaderIndex(self.ledgers, parse_local_headers(HEADERS_FILE, text, self.ledgers))

    def require_all_units(self) -> None:
        """Raise LostUnitError if the region table lacks a unit with current reports."""
        with reading(self.engine) as connection:
            if stored_regions(connection, self.tables.regions) == region_rows(self.regions):
                return
            lost = lost_units(connection, self.tables, self.regions.unit_codes())
        if lost:
            raise LostUnitError(lost, self.home.settings.regions)

    def _keep_units(self) -> None:
        with reading(self.engine) as connection:
            is_kept = stored_regions(connection, self.tables.regions) == region_rows(
                self.regions
            ) and stored_units(connection, self.tables.units) == unit_names(self.regions)
        if not is_kept:
            with writing(self.engine) as connection:
                store_regions(connection, self.tables.regions, self.tables.units, self.regions)

    def as_of(self, connection: Connection, load_id: int) -> AsOf:
        """Return the warehouse as of a load, over an open connection."""
        return AsOf(connection, self.warehouse, load_id)

    def as_of_moment(self, connection: Connection, moment: datetime | None = None) -> AsOf:
        """Return the warehouse as of the last load; with `moment` (UTC
        without a zone) the last until then.
        """
        return self.as_of(connection, last_load(connection, self.tables, moment)[0])

    def recorded_at(self, as_of: AsOf) -> datetime | None:
        """Return when the load was recorded, in the bureau's time zone; None before the first load."""
        instant = recorded_at(as_of)
        return self.to_local_time(instant) if instant else None

    def to_local_time(self, instant: datetime) -> datetime:
        """Convert a UTC instant without a zone to the bureau's time zone."""
        return to_local_time(instant, self.home.timezone)
