"""Choose the submissions to revalidate: their adjustments, rules, headers or region table have changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from flows.archive.store import ArchivedFile, archive_path
from flows.ingest.changed_regions import find_of_changed_regions
from flows.workspace import RunScope, Workspace
from schemas.adjustments import Adjustment
from schemas.regions import RegionTable
from schemas.states import REJECTED
from schemas.version import ruleset_version
from warehouse.engine import Connection, reading
from warehouse.load.adjustments import current_adjustments
from warehouse.load.revalidation import (
    Identity,
    Report,
    current_since,
    identity_of,
    is_same_submission,
    last_validated,
    rejected_for_their_unit,
    report_of,
    submissions_to_revalidate,
)


@dataclass(frozen=True)
class RevalidationSet:
    """The submissions to revalidate, with the adjustments to apply and the waivers that were revoked.

    `outdated` are those among them that an older rule set or other headers read. `previous` are the
    adjustments that the warehouse reflects now. `current_since` is when each current report arrived, where
    some are outdated. `units_now` maps unit and month of reports that are another unit's now to that unit.
    `new_paths` are the files of the inbox that were new: their earlier submissions wait.
    """

    submissions: list[dict[str, Any]]
    adjustments: tuple[Adjustment, ...]
    revoked_waivers: tuple[Adjustment, ...]
    outdated: list[Identity]
    previous: tuple[Adjustment, ...]
    current_since: Mapping[tuple[Any, ...], datetime]
    units_now: Mapping[tuple[str, str], str] = field(default_factory=dict)
    new_paths: frozenset[str] = frozenset()

    def files(self, archive: Path) -> list[ArchivedFile]:
        """Return the archived files that contain them, in order of arrival; one that came twice is there
        twice.
        """
        archived_files = dict[tuple[Any, ...], ArchivedFile]()
        for submission in sorted(self.submissions, key=lambda row: row["arrival_id"]):
            sha256, path, received_at = (
                submission[name] for name in ("sha256", "source_file", "received_at")
            )
            file = ArchivedFile(path, 0, 0, sha256, received_at, archive_path(archive, sha256))
            archived_files.setdefault((sha256, path, received_at), file)
        return list(archived_files.values())

    @property
    def replayed(self) -> set[Report]:
        """The reports that are decided again from all that came for them."""
        return {report_of(submission) for submission in self.submissions if submission["is_replayed"]}

    def reports_in(self, sources: Collection[tuple[str, str]]) -> set[Report]:
        """Return the reports to revalidate that some files (path, hash) contain."""
        return {report_of(submission) for source in sources for submission in self.by_source[source]}

    def arrived_load(self, file: ArchivedFile) -> int | None:
        """Return the load with which a file came first; None if it comes now."""
        submissions = self.by_source.get((file.path, file.sha256), ())
        loads = [
            item["arrived_load"] or item["load_id"]
            for item in submissions
            if item["received_at"] == file.received_at
        ]
        return min(loads, default=None)

    @cached_property
    def by_source(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The submissions by path and hash of their file."""
        submissions: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for submission in self.submissions:
            submissions.setdefault((submission["source_file"], submission["sha256"]), []).append(submission)
        return submissions

    def adjustments_except(self, unread_sources: Collection[tuple[str, str]]) -> tuple[Adjustment, ...]:
        """Return the adjustments; for reports in `unread_sources` (path, hash) the previous ones, until the
        next run.
        """
        waiting_reports = self.reports_in(unread_sources)
        changed = [
            adjustment for adjustment in self.adjustments if adjustment.report not in waiting_reports
        ]
        return (
            *changed,
            *(adjustment for adjustment in self.previous if adjustment.report in waiting_reports),
        )

    def current_identities(self) -> set[Identity]:
        """Return the identities of current submissions in reports with a revoked waiver; rejected ones are
        not current.
        """
        reports = {waiver.report for waiver in self.revoked_waivers}
        return {
            identity_of(submission)
            for submission in self.submissions
            if submission["state"] != REJECTED and report_of(submission) in reports
        }

    def includes(self, identity: Identity) -> bool:
        """Whether a re-read submission is queued for revalidation; identity fields unknown at first ingest
        match anything.

        A submission of unknown identity is skipped if a later one is current.
        """
        matches = [
            submission
            for submission in self.by_source.get(identity[:2], ())
            if is_same_submission(self._identity_now(submission), identity)
        ]
        received_later = self.current_since.get(identity[3:])
        return any(
            identity_of(submission) == identity
            or received_later is None
            or received_later < submission["received_at"]
            for submission in matches
        )

    def _identity_now(self, submission: Mapping[str, Any]) -> Identity:
        unit_code = self.units_now.get(
            (submission["unit_code"], submission["period"]), submission["unit_code"]
        )
        return identity_of({**submission, "unit_code": unit_code})


def find_revalidation_set(
    workspace: Workspace,
    scope: RunScope,
    new_paths: Collection[str],
    outdated: Sequence[Identity] | None = None,
    *,
    is_unit_found: bool = True,
    regions_before: RegionTable | None = None,
) -> RevalidationSet:
    """Find submissions whose adjustments changed, and if the scope asks for it those read by an older rule
    set or by other headers of the city.

    `outdated` names the latter explicitly instead. A report whose file was sent again under its name in
    this run waits for the next one, as do adjustments for units outside a rerun's scope. With
    `is_unit_found`, also those rejected because their unit was not in the region table, where it is now;
    with `regions_before`, those that the change of the region table since concerns.
    """
    with reading(workspace.engine) as connection:
        previous = [
            Adjustment.model_validate(adjustment["entry"])
            for adjustment in current_adjustments(connection, workspace.tables)
        ]
        changed_entries = set(previous) ^ set(workspace.adjustments)
        changed = {entry.report for entry in changed_entries}
        decided = {entry.report for entry in changed_entries if not entry.is_about_rows}
        chosen = {report for report in changed if _concerns(scope, report)}
        affected = submissions_to_revalidate(connection, workspace.tables, chosen, decided)
        outdated_submissions = _outdated(workspace, connection, scope, new_paths, outdated)
        of_new_units = _of_new_units(workspace, connection, scope, new_paths) if is_unit_found else []
        of_regions = find_of_changed_regions(workspace, connection, regions_before)
        needs_arrivals = outdated_submissions or of_new_units or of_regions
        arrivals = current_since(connection, workspace.tables) if needs_arrivals else {}
    waiting_reports = changed - chosen | {
        report_of(item) for item in affected if item["source_file"] in new_paths
    }
    adjustments = [
        adjustment for adjustment in workspace.adjustments if adjustment.report not in waiting_reports
    ] + [item for item in previous if item.report in waiting_reports]
    revoked_waivers = [item for item in previous if item.kind == "waiver" and item not in adjustments]
    submissions = {
        item["submission_id"]: item
        for item in (*of_new_units, *of_regions, *outdated_submissions, *affected)
        if report_of(item) not in waiting_reports
    }
    return RevalidationSet(
        list(submissions.values()),
        tuple(adjustments),
        tuple(revoked_waivers),
        [identity_of(item) for item in outdated_submissions],
        tuple(previous),
        arrivals,
        _units_now(workspace, of_regions),
        frozenset(new_paths),
    )


def _units_now(
    workspace: Workspace, submissions: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], str]:
    regions = workspace.regions
    reports = {(item["unit_code"], item["period"]) for item in submissions}
    return {
        (unit, month): regions.report_unit(unit, month)
        for unit, month in reports
        if regions.is_of_other_unit(unit, month)
    }


def _outdated(
    workspace: Workspace,
    connection: Connection,
    scope: RunScope,
    new_paths: Collection[str],
    identities: Sequence[Identity] | None,
) -> list[dict[str, Any]]:
    """Read the submissions of a backfill's month that were not read by today's rules and headers."""
    if not scope.is_revalidation:
        return []
    validated = last_validated(connection, workspace.tables, str(scope.period), scope.unit_code)
    if identities is not None:
        return [
            submission
            for submission in validated
            if any(is_same_submission(identity, identity_of(submission)) for identity in identities)
        ]
    made_by = (ruleset_version(), workspace.headers_hash)
    outdated = [
        submission for submission in validated if (submission["ruleset"], submission["headers"]) != made_by
    ]
    # a report is replayed as a whole or not at all
    replayed = {report_of(submission) for submission in outdated if submission["is_replayed"]}
    replayed -= {
        report_of(submission) for submission in validated if submission["source_file"] in new_paths
    }
    return [
        *(submission for submission in validated if report_of(submission) in replayed),
        *(
            submission
            for submission in outdated
            if not submission["is_replayed"] and submission["source_file"] not in new_paths
        ),
    ]


def _of_new_units(
    workspace: Workspace, connection: Connection, scope: RunScope, new_paths: Collection[str]
) -> list[dict[str, Any]]:
    """Read the submissions that were rejected because their unit was not in the region table, and is now."""
    submissions = rejected_for_their_unit(connection, workspace.tables)
    return [
        submission
        for submission in submissions
        if (unit_code := workspace.regions.find_unit(submission["unknown_unit"])) is not None
        and scope.may_hold(unit_code, submission["period"])
        and submission["source_file"] not in new_paths
    ]


def _concerns(scope: RunScope, report: Report) -> bool:
    unit_code, ledger, period = report
    return scope.concerns(unit_code, ledger, period)
