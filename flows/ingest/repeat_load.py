"""Make a load again as the archive's log has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flows.archive.log import LogEntry
from flows.archive.store import read_text
from flows.ingest.load import build_load
from flows.ingest.load_manifest import (
    confirms_one_arrival,
    follows_regions,
    headers_of_load,
    is_before_replacement_rules,
    parse_adjustments_of_load,
    parse_new_files,
    parse_new_paths,
    parse_scope,
    require_known_format,
    takes_repeats,
)
from flows.ingest.load_spec import plan_load
from flows.ingest.process import read_and_validate, split_into_batches
from flows.ingest.revalidate import find_revalidation_set
from flows.workspace import Workspace
from schemas.regions import RegionTable


def repeat_load(workspace: Workspace, entry: LogEntry, regions_before: RegionTable | None) -> None:
    """Make a logged load again from the archive, as it was made.

    `regions_before` is the region table of the last nightly load before it.
    """
    payload = entry.payload
    require_known_format(payload)
    workspace.use_regions(read_text(workspace.home.archive, payload["regions"]))
    workspace.use_headers(headers_of_load(workspace, payload))
    workspace.adjustments = parse_adjustments_of_load(workspace, payload)
    scope, new_files = parse_scope(payload), parse_new_files(workspace, payload)
    outdated = [tuple(identity) for identity in payload["outdated"]]
    is_older = is_before_replacement_rules(payload)
    revalidation = find_revalidation_set(
        workspace,
        scope,
        parse_new_paths(payload),
        outdated,
        is_unit_found=not is_older,
        regions_before=regions_before if scope.is_all and follows_regions(payload) else None,
    )
    unread = payload.get("unread", [])  # older entries lack it
    left_out = {(file["path"], file["sha256"]) for file in unread if "died" not in file}
    files = [
        file
        for file in revalidation.files(workspace.home.archive)
        if (file.path, file.sha256) not in left_out
    ]
    files += new_files.to_read
    crashed = {file["path"]: file["died"] for file in (*payload["files"], *unread) if "died" in file}
    started_at = datetime.fromisoformat(payload["started_at"])
    spec = plan_load(workspace, scope, new_files, revalidation, started_at)
    spec = replace(
        spec,
        kind=payload["run"],
        replacement_share=payload.get("replacement_share"),
        confirms_one_arrival=confirms_one_arrival(payload),
        takes_repeats=takes_repeats(payload),
    )
    with build_load(workspace, spec, entry.digest) as load:
        for _, batch in split_into_batches(files, workspace.home.settings.files_per_task):
            processed = read_and_validate(spec, batch, crashed)
            if processed.failed:
                raise RuntimeError(processed.failed[0])
            load.stage(processed)
        load.commit()
