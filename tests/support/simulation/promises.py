"""What is promised of a home, held against the plain model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flows.archive.entry_form import LOAD
from flows.archive.log import ArchiveLog
from flows.archive.verify import find_archive_problems
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.leftovers import list_leftovers
from flows.outputs.output_files import damaged_loads
from flows.refresh.verify_stored import find_altered_results
from flows.workspace import Workspace
from tests.support.simulation.life import Life, digest_of_receipt
from tests.support.true_histories.verdict import judge
from warehouse.engine import reading
from warehouse.figures.publications import published_figures
from warehouse.ops.loads import known_files, load_instants


def broken_promises(life: Life) -> Iterator[str]:
    """Say what does not hold after a run that ended as it should."""
    yield from find_archive_problems(life.workspace.home, life.workspace)
    yield from _lost_files(life)
    yield from _missing_outputs(life)
    yield from _changed_publications(life)
    yield from (f"left half-made: {path.name}" for path in list_leftovers(life.workspace) if path.exists())
    if life.story.is_whole:
        yield from find_altered_results(life.workspace)


def broken_in_the_end(life: Life, *, rebuilds: bool) -> Iterator[str]:
    """Say what does not hold at the end: a figure that is wrong in silence, a rebuild that differs."""
    yield from judge(life, life.story.history).silent_faults()
    if rebuilds:
        with life.without_what_costs():
            again = rebuild(life.workspace.home, "sqlite://", lambda _line: None)
        try:
            differing = compare_warehouses(life.workspace, again).differing
        finally:
            again.engine.dispose()
        if differing:
            yield f"a rebuild differs in {differing}"


def _lost_files(life: Life) -> Iterator[str]:
    """Name files that lay in the inbox at a run's end and are not known, or not in the log."""
    with reading(life.workspace.engine) as connection:
        frame = known_files(connection, life.workspace.tables)
    known = dict(zip(frame["path"], frame["sha256"], strict=True))
    logged = {
        file["sha256"]
        for entry in _last_entries(life.workspace)
        for file in (*entry["files"], *entry["copies"])
    }
    for path, sha256 in life.model.accepted.items():
        if known.get(path) != sha256:
            yield f"{path} ({sha256[:6]}) was taken, and the warehouse does not know it"
        if sha256 not in logged:
            yield f"{path} ({sha256[:6]}) was taken, and no load of the log has it"


def _last_entries(workspace: Workspace) -> list[dict[str, Any]]:
    entries = {entry.payload["load_id"]: dict(entry.payload) for entry in ArchiveLog(workspace.home.archive).entries()
               if entry.kind == LOAD}  # fmt: skip
    return list(entries.values())


def _missing_outputs(life: Life) -> Iterator[str]:
    home = life.workspace.home
    receipts = {digest_of_receipt(file) for file in home.receipts.glob("*/*/*.xlsx")}
    for path, sha256 in life.model.accepted.items():
        if sha256[:6] not in receipts | life.model.lost_receipts:
            yield f"{path} ({sha256[:6]}) has no receipt"
    with reading(life.workspace.engine) as connection:
        loads = load_instants(connection, life.workspace.tables)
    if list(loads) != list(range(1, len(loads) + 1)):
        yield f"loads are numbered {list(loads)}"
    there = {int(folder.name[-6:]) for folder in home.reports.glob("load-*")}
    if there != set(loads):
        yield f"there are reports on the loads {sorted(there)} of {len(loads)}"
    if damaged := damaged_loads(home):
        yield f"outputs of the loads {damaged} are damaged"


def _changed_publications(life: Life) -> Iterator[str]:
    with reading(life.workspace.engine) as connection:
        for number, figures in life.model.published.items():
            folder = life.folder / "reports" / f"publication-{number:04}"
            now = published_figures(connection, life.workspace.tables, number)
            if now != figures:
                yield f"publication {number} has other figures than it was published with"
            file = folder / "figures.json"
            if not file.exists() or not (folder / "figures.csv").exists():
                yield f"publication {number} has no files"
            elif json.loads(file.read_text("utf-8"))["figures"] != figures:
                yield f"the files of publication {number} have other figures than it was published with"
