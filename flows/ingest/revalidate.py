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

    `outdated` are those among them that are judged again because they were judged by other rules. `kept` are the adjustments by
    which the warehouse stands.
    """

    submissions: list[dict[str, Any]]
    given: tuple[Adjustment, ...]
    withdrawn: tuple[Adjustment, ...]
    outdated: list[Identity]
    kept: tuple[Adjustment, ...]

    def files(self, workspace: Workspace) -> list[ArchivedFile]:
        """The archived files that hold them, each once, in the order in which they came."""
        found = {}
        for submission in sorted(self.submissions, key=lambda one: one["submission_id"]):
            sha256, path = submission["sha256"], submission["source_file"]
            archived = archive_path(workspace.home.archive, sha256)
            found[sha256, path] = ArchivedFile(path, 0, 0, sha256, submission["received_at"], archived)
        return list(found.values())

    @cached_property
    def by_source(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The same by path and hash of the file that holds them."""
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for submission in self.submissions:
            found.setdefault((submission["source_file"], submission["sha256"]), []).append(submission)
        return found

    def given_but_for(self, unread: Collection[tuple[str, str]]) -> tuple[Adjustment, ...]:
        """The adjustments; of reports that `unread` files (path, hash) hold, those of before: the next run tries them again."""
        waiting = {_report(one) for source in unread for one in self.by_source[source]}
        given = [one for one in self.given if one.report not in waiting]
        return (*given, *(one for one in self.kept if one.report in waiting))

    def standing(self) -> set[Identity]:
        """Identities of those that stand, perhaps by a row that a withdrawn waiver let in; refused ones do not."""
        reports = {one.report for one in self.withdrawn}
        return {
            identity_of(submission)
            for submission in self.submissions
            if submission["state"] != REJECTED and _report(submission) in reports
        }

    def holds(self, read: Identity, standing: Mapping[tuple[Any, ...], datetime]) -> bool:
        """Whether a submission read from the archive is one of these: as it was told then, or as far as it could be.

        One of which it could not be told what it reports is none where a later one stands (`standing` since, by report).
        """
        same = [one for one in self.by_source.get(read[:2], ()) if is_same(identity_of(one), read)]
        later = standing.get(read[3:])
        return any(identity_of(one) == read or later is None or later < one["received_at"] for one in same)


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
        kept = [
            Adjustment.model_validate(adjustment["entry"])
            for adjustment in current_adjustments(connection, workspace.tables)
        ]
        changed = {one.report for one in set(kept) ^ set(workspace.adjustments)}
        chosen = {report for report in changed if selection.concerns(*report)}
        found = submissions_to_revalidate(connection, workspace.tables, chosen)
        old = _outdated(workspace, connection, selection, new_paths, outdated)
    waiting = changed - chosen | {_report(one) for one in found if one["source_file"] in new_paths}
    given = [adjustment for adjustment in workspace.adjustments if adjustment.report not in waiting] + [
        one for one in kept if one.report in waiting
    ]
    withdrawn = [one for one in kept if one.kind == "waiver" and one not in given]
    reopened = {one["submission_id"]: one for one in (*found, *old) if _report(one) not in waiting}
    return RevalidationSet(
        list(reopened.values()),
        tuple(given),
        tuple(withdrawn),
        [identity_of(one) for one in old],
        tuple(kept),
    )


def _outdated(
    workspace: Workspace,
    connection: Any,
    selection: RunScope,
    new_paths: Collection[str],
    told: Sequence[Identity] | None,
) -> list[dict[str, Any]]:
    if not selection.judges_again:
        return []
    judged = last_validated(connection, workspace.tables, str(selection.period), selection.unit_code)
    if told is not None:
        return [one for one in judged if any(is_same(then, identity_of(one)) for then in told)]
    version = ruleset_version()
    return [one for one in judged if one["ruleset"] != version and one["source_file"] not in new_paths]


def _report(submission: dict[str, Any]) -> tuple[str, str, str]:
    return submission["unit_code"], submission["ledger"], submission["period"]
