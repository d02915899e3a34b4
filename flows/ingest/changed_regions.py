"""Choose the submissions to revalidate because the region table is another one than at the last load."""

from __future__ import annotations

from typing import Any

from flows.archive.log import ArchiveLog
from flows.archive.store import read_text
from flows.workspace import RunScope, Workspace
from schemas.regions import RegionTable, parse_regions
from schemas.regions.changes import units_concerned
from warehouse.engine import Connection, reading
from warehouse.load.revalidation import current_reports, last_log_entry, submissions_to_revalidate


def find_of_changed_regions(
    workspace: Workspace, connection: Connection, before: RegionTable | None
) -> list[dict[str, Any]]:
    """Read the submissions of units that the change concerns, and of reports that are another unit's now.

    `before` is the table of the nightly run before; None: there is none, or it need not be followed.
    """
    if before is None or before.regions == workspace.regions.regions:
        return []
    units = units_concerned(before, workspace.regions)
    reports = {
        report
        for report in current_reports(connection, workspace.tables)
        if report[0] in units or workspace.regions.is_of_other_unit(report[0], report[2])
    }
    return submissions_to_revalidate(connection, workspace.tables, reports)


def regions_of_last_night(workspace: Workspace, scope: RunScope) -> RegionTable | None:
    """Read the region table of the last nightly load; None before the first.

    Nightly runs alone follow a change, so that each compares with the one before: None for other runs.
    """
    if not scope.is_all:
        return None
    with reading(workspace.engine) as connection:
        digest = last_log_entry(connection, workspace.tables, scope.kind)
    entry = ArchiveLog(workspace.home.archive).find(digest) if digest else None
    return parse_regions(read_text(workspace.home.archive, entry.payload["regions"])) if entry else None
