"""What a load is made from, and what its files are read and validated with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import partial

from flows.archive.store import ArchivedFile
from flows.ingest.discover import NewFiles
from flows.ingest.revalidate import RevalidationSet
from flows.sandbox.pool import Limits
from flows.workspace import RunScope, Workspace, to_local_time
from schemas.regions import RegionTable
from transforms.read import HeaderIndex
from transforms.validate.unit_errors import Ranges
from warehouse.engine import reading
from warehouse.ops.amount_ranges import amount_ranges


@dataclass(frozen=True)
class LoadSpec:
    """What a load is made from: the files that arrived, the submissions to revalidate, and the definitions.

    `usual_ranges` returns the usual amounts of some units: from the warehouse here, or fetched beforehand
    for workers elsewhere. It holds no connection and can be sent to another process. `replacement_share` is
    the share of rows whose loss makes a replacement wait; None: every later submission replaces the earlier
    one. `confirms_one_arrival`: a confirmation is of one arrival of its file. `takes_repeats`: known content
    that arrives after another file of its report, in the same load, is new.
    """

    kind: str
    scope: RunScope
    started_at: datetime
    new_files: NewFiles
    revalidation: RevalidationSet
    limits: Limits
    timezone: tzinfo
    regions: RegionTable
    headers: HeaderIndex
    bulk_reading: bool
    usual_ranges: Callable[[Collection[str]], Ranges]
    replacement_share: float | None
    confirms_one_arrival: bool = True
    takes_repeats: bool = True

    def arrived_on(self, file: ArchivedFile) -> date:
        """Return the day on which a file arrived, in the bureau's time zone."""
        return self.local_day(file.received_at)

    def local_day(self, instant: datetime) -> date:
        """Return the day of an instant in the bureau's time zone."""
        return to_local_time(instant, self.timezone).date()

    def unread_for_revalidation(
        self, read_files: Collection[ArchivedFile], crashed_rules: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        """Return path and hash of each file to be revalidated that could not be read or opened this time."""
        read = {(file.path, file.sha256) for file in read_files if file.path not in crashed_rules}
        return sorted(self.revalidation.by_source.keys() - read)

    def for_worker(self) -> LoadSpec:
        """Return a copy for a worker elsewhere: it has no warehouse and may start one child process."""
        ranges = self.usual_ranges(self.regions.unit_codes())
        return replace(
            self,
            new_files=NewFiles.none(),  # a task brings its own
            limits=replace(self.limits, processes=1),
            usual_ranges=partial(_return_ranges, ranges),
        )


def plan_load(
    workspace: Workspace,
    scope: RunScope,
    new_files: NewFiles,
    revalidation: RevalidationSet,
    started_at: datetime,
) -> LoadSpec:
    """Build the specification of a load over a workspace, by its definitions as they are now."""
    return LoadSpec(
        scope.kind,
        scope,
        started_at,
        new_files,
        revalidation,
        workspace.home.limits,
        workspace.home.timezone,
        workspace.regions,
        workspace.headers,
        workspace.home.settings.bulk_reading,
        partial(_read_ranges, workspace),
        workspace.home.settings.replacement_share,
    )


def _read_ranges(workspace: Workspace, units: Collection[str]) -> Ranges:
    fields = {name: ledger.ranged_fields() for name, ledger in workspace.ledgers.items()}
    with reading(workspace.engine) as connection:
        every_unit = {*units, *workspace.regions.unit_codes()}
        return amount_ranges(connection, workspace.tables, fields, every_unit)


def _return_ranges(ranges: Ranges, _units: Collection[str]) -> Ranges:
    return ranges
