"""The region table of an earlier load: figures of the past are added up as they were then."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from flows.archive.log import ArchiveLog
from flows.archive.store import read_text
from flows.workspace import Workspace
from schemas.regions import RegionTable, parse_regions
from warehouse.ops.loads import log_entry_of
from warehouse.schema.as_of import AsOf
from warehouse.schema.regions import regions_of_load


def workspace_as_of(workspace: Workspace, as_of: AsOf) -> tuple[Workspace, AsOf]:
    """Return the workspace and the warehouse with the region table by which the load was made.

    They are the given ones where it is the table of today, or before the first load.
    """
    regions = _regions_of_load(workspace, as_of)
    if regions is None or regions.regions == workspace.regions.regions:
        return workspace, as_of
    earlier = copy(workspace)
    earlier.regions = regions
    earlier.obligations = replace(workspace.obligations, reporting_months=regions.reporting_months)
    tables = replace(as_of.tables, regions=regions_of_load(as_of.connection, regions, as_of.load_id))
    return earlier, replace(as_of, warehouse=replace(as_of.warehouse, tables=tables))


def _regions_of_load(workspace: Workspace, as_of: AsOf) -> RegionTable | None:
    digest = log_entry_of(as_of)
    entry = ArchiveLog(workspace.home.archive).find(digest) if digest else None
    return parse_regions(read_text(workspace.home.archive, entry.payload["regions"])) if entry else None
