"""Say which figures would move if files were loaded now, and leave the warehouse as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.precheck import CheckResult
from flows.queries.moved_figures import values_moved_by_load
from flows.rehearsal import FileToLoad, paths_as_sent, rehearse, scope_of
from flows.workspace import RunScope, Workspace
from schemas.ledgers.finding import compose_messages
from schemas.ledgers.rules import WAITING_RULES
from warehouse.ops.findings import findings_of_load

#: of each moved figure, in this order
PREVIEW_COLUMNS = [
    "indicator_id", "title", "region_code", "period", "before", "after", "display_before", "display_after",
]  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """The figures that would move (PREVIEW_COLUMNS and `region_name`), and why reports would wait."""

    moved: Sequence[dict[str, Any]]
    awaiting: Sequence[str] = ()

    def as_printed(self) -> list[dict[str, Any]]:
        """Return the moved figures for programs: PREVIEW_COLUMNS alone."""
        return [{name: figure[name] for name in PREVIEW_COLUMNS} for figure in self.moved]


def preview_files(
    workspace: Workspace, files: Sequence[FileToLoad], scope: RunScope, now: datetime
) -> Preview:
    """Say what would move if these files were loaded now.

    `scope` is the unit and month that they are of, or all. Raises RunLockedError where a run is at work on
    a warehouse that is no file.
    """
    with rehearse(workspace, files, scope, now, refreshes=True) as as_of:
        if as_of is None:
            return Preview([])
        findings = findings_of_load(as_of.connection, as_of.tables, as_of.load_id)
        waiting = findings[findings["rule_id"].isin(WAITING_RULES)]
        return Preview(values_moved_by_load(workspace, as_of), compose_messages(waiting).tolist())


def preview_checked(
    workspace: Workspace, files: Sequence[Path], results: Sequence[CheckResult], now: datetime
) -> Preview:
    """Preview files that were checked, as if each lay in the inbox folder of its unit and month."""
    submissions = [result.submissions for result in results]
    return preview_files(workspace, paths_as_sent(files, submissions), scope_of(submissions), now)
