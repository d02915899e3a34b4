"""What came before and is judged again: where the bureau's corrections or waivers changed, or the rules did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flows.ingest.inbox import ArchivedFile, archive_path
from flows.workspace import RunScope, Workspace
from schemas.adjustments import Adjustment
from schemas.states import REJECTED
from schemas.version import ruleset_version
from warehouse.engine import reading
from warehouse.load.adjustments import current_adjustments
from warehouse.load.revalidation import (
    Identity,
    identity_of,
    is_same,
    last_validated,
    submissions_to_revalidate,
)


@dataclass(frozen=True)
class RevalidationSet:
    """`submissions` (as the warehouse keeps them) to be judged again, by the adjustments `given`; `withdrawn` were waivers.

    `outdated` are those among them that are judged again because they were judged by other rules. `previous` are the adjustments by
    which the warehouse stands.
    """

    submissions: list[dict[str, Any]]
    given: tuple[Adjustment, ...]
    withdrawn: tuple[Adjustment, ...]
    outdated: list[Identity]
    previous: tuple[Adjustment, ...]

    def files(self, workspace: Workspace) -> list[ArchivedFile]:
        """The archived files that hold them, each once, in the order in which they came."""
        archived_files = {}
        for submission in sorted(self.submissions, key=lambda row: row["submission_id"]):
            sha256, path = submission["sha256"], submission["source_file"]
            archived = archive_path(workspace.home.archive, sha256)
            archived_files[sha256, path] = ArchivedFile(
                path, 0, 0, sha256, submission["received_at"], archived
            )
        return list(archived_files.values())

    @cached_property
    def by_source(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The same by path and hash of the file that holds them."""
        submissions: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for submission in self.submissions:
            submissions.setdefault((submission["source_file"], submission["sha256"]), []).append(submission)
        return submissions

    def adjustments_except(self, unread_sources: Collection[tuple[str, str]]) -> tuple[Adjustment, ...]:
        """The adjustments; of reports that `unread` files (path, hash) hold, those of before: the next run tries them again."""
        waiting_reports = {
            _report(adjustment) for source in unread_sources for adjustment in self.by_source[source]
        }
        changed = [adjustment for adjustment in self.given if adjustment.report not in waiting_reports]
        return (
            *changed,
            *(adjustment for adjustment in self.previous if adjustment.report in waiting_reports),
        )

    def current_identities(self) -> set[Identity]:
        """Identities of those that stand, perhaps by a row that a withdrawn waiver let in; refused ones do not."""
        reports = {waiver.report for waiver in self.withdrawn}
        return {
            identity_of(submission)
            for submission in self.submissions
            if submission["state"] != REJECTED and _report(submission) in reports
        }

    def includes(self, identity: Identity, current_since: Mapping[tuple[Any, ...], datetime]) -> bool:
        """Whether a submission read from the archive is one of these: as it was told then, or as far as it could be.

        One of which it could not be told what it reports is none where a later one stands (`standing` since, by report).
        """
        matches = [
            submission
            for submission in self.by_source.get(identity[:2], ())
            if is_same(identity_of(submission), identity)
        ]
        received_later = current_since.get(identity[3:])
        return any(
            identity_of(submission) == identity
            or received_later is None
            or received_later < submission["received_at"]
            for submission in matches
        )


def find_revalidation_set(
    workspace: Workspace,
    selection: RunScope,
    new_paths: Collection[str],
    outdated: Sequence[Identity] | None = None,
) -> RevalidationSet:
    """What the adjustments in the home say otherwise than those by which the warehouse stands, and what `outdated` names:
    without it, where the selection asks for it, what was judged by other rules than those of now.

    A report whose file came again under its name in this very run waits for the next one, as do the entries of other units
    than a rerun is about.
    """
    with reading(workspace.engine) as connection:
        previous = [
            Adjustment.model_validate(adjustment["entry"])
            for adjustment in current_adjustments(connection, workspace.tables)
        ]
        changed = {item.report for item in set(previous) ^ set(workspace.adjustments)}
        chosen = {report for report in changed if selection.concerns(*report)}
        affected = submissions_to_revalidate(connection, workspace.tables, chosen)
        outdated_submissions = _outdated(workspace, connection, selection, new_paths, outdated)
    waiting_reports = changed - chosen | {
        _report(item) for item in affected if item["source_file"] in new_paths
    }
    adjustments = [
        adjustment for adjustment in workspace.adjustments if adjustment.report not in waiting_reports
    ] + [item for item in previous if item.report in waiting_reports]
    revoked_waivers = [item for item in previous if item.kind == "waiver" and item not in adjustments]
    reopened = {
        item["submission_id"]: item
        for item in (*affected, *outdated_submissions)
        if _report(item) not in waiting_reports
    }
    return RevalidationSet(
        list(reopened.values()),
        tuple(adjustments),
        tuple(revoked_waivers),
        [identity_of(item) for item in outdated_submissions],
        tuple(previous),
    )


def _outdated(
    workspace: Workspace,
    connection: Any,
    selection: RunScope,
    new_paths: Collection[str],
    identities: Sequence[Identity] | None,
) -> list[dict[str, Any]]:
    if not selection.judges_again:
        return []
    validated = last_validated(connection, workspace.tables, str(selection.period), selection.unit_code)
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
