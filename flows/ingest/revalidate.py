"""Choose the submissions to revalidate: those whose corrections, waivers or rules have changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from flows.archive.store import ArchivedFile, archive_path
from flows.workspace import RunScope, Workspace
from schemas.adjustments import Adjustment
from schemas.states import REJECTED
from schemas.version import ruleset_version
from warehouse.engine import reading
from warehouse.load.adjustments import current_adjustments
from warehouse.load.revalidation import (
    Identity,
    current_since,
    identity_of,
    is_same,
    last_validated,
    submissions_to_revalidate,
)


@dataclass(frozen=True)
class RevalidationSet:
    """The submissions to revalidate, with the adjustments to apply; `withdrawn` are waivers that were
    revoked.

    `outdated` are those among them that an older rule set validated. `previous` are the adjustments that
    the warehouse reflects now. `current_since` is when each current report arrived, where some are outdated.
    """

    submissions: list[dict[str, Any]]
    adjustments: tuple[Adjustment, ...]
    withdrawn: tuple[Adjustment, ...]
    outdated: list[Identity]
    previous: tuple[Adjustment, ...]
    current_since: Mapping[tuple[Any, ...], datetime]

    def files(self, archive: Path) -> list[ArchivedFile]:
        """Return the archived files that contain them, each once, in order of arrival."""
        archived_files = {}
        for submission in sorted(self.submissions, key=lambda row: row["submission_id"]):
            sha256, path = submission["sha256"], submission["source_file"]
            archived = archive_path(archive, sha256)
            archived_files[sha256, path] = ArchivedFile(
                path, 0, 0, sha256, submission["received_at"], archived
            )
        return list(archived_files.values())

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
        waiting_reports = {
            _report(adjustment) for source in unread_sources for adjustment in self.by_source[source]
        }
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
        reports = {waiver.report for waiver in self.withdrawn}
        return {
            identity_of(submission)
            for submission in self.submissions
            if submission["state"] != REJECTED and _report(submission) in reports
        }

    def includes(self, identity: Identity) -> bool:
        """Whether a re-read submission is queued for revalidation; identity fields unknown at first ingest
        match anything.

        A submission of unknown identity is skipped if a later one is current.
        """
        matches = [
            submission
            for submission in self.by_source.get(identity[:2], ())
            if is_same(identity_of(submission), identity)
        ]
        received_later = self.current_since.get(identity[3:])
        return any(
            identity_of(submission) == identity
            or received_later is None
            or received_later < submission["received_at"]
            for submission in matches
        )


def find_revalidation_set(
    workspace: Workspace,
    scope: RunScope,
    new_paths: Collection[str],
    outdated: Sequence[Identity] | None = None,
) -> RevalidationSet:
    """Find submissions whose adjustments changed, and those an older rule set validated if the scope asks
    for it.

    `outdated` names the latter explicitly instead. A report whose file was sent again under its name in
    this run waits for the next one, as do adjustments for units outside a rerun's scope.
    """
    with reading(workspace.engine) as connection:
        previous = [
            Adjustment.model_validate(adjustment["entry"])
            for adjustment in current_adjustments(connection, workspace.tables)
        ]
        changed = {item.report for item in set(previous) ^ set(workspace.adjustments)}
        chosen = {report for report in changed if scope.concerns(*report)}
        affected = submissions_to_revalidate(connection, workspace.tables, chosen)
        outdated_submissions = _outdated(workspace, connection, scope, new_paths, outdated)
        arrivals = current_since(connection, workspace.tables) if outdated_submissions else {}
    waiting_reports = changed - chosen | {
        _report(item) for item in affected if item["source_file"] in new_paths
    }
    adjustments = [
        adjustment for adjustment in workspace.adjustments if adjustment.report not in waiting_reports
    ] + [item for item in previous if item.report in waiting_reports]
    revoked_waivers = [item for item in previous if item.kind == "waiver" and item not in adjustments]
    submissions = {
        item["submission_id"]: item
        for item in (*affected, *outdated_submissions)
        if _report(item) not in waiting_reports
    }
    return RevalidationSet(
        list(submissions.values()),
        tuple(adjustments),
        tuple(revoked_waivers),
        [identity_of(item) for item in outdated_submissions],
        tuple(previous),
        arrivals,
    )


def _outdated(
    workspace: Workspace,
    connection: Any,
    scope: RunScope,
    new_paths: Collection[str],
    identities: Sequence[Identity] | None,
) -> list[dict[str, Any]]:
    if not scope.is_revalidation:
        return []
    validated = last_validated(connection, workspace.tables, str(scope.period), scope.unit_code)
    if identities is not None:
        return [
            submission
            for submission in validated
            if any(is_same(identity, identity_of(submission)) for identity in identities)
        ]
    version = ruleset_version()
    return [
        submission
        for submission in validated
        if submission["ruleset"] != version and submission["source_file"] not in new_paths
    ]


def _report(submission: dict[str, Any]) -> tuple[str, str, str]:
    return submission["unit_code"], submission["ledger"], submission["period"]
