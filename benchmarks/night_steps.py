"""A pipeline run without Prefect, measured by phase (`benchmarks.night` is its command)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.figures import QUERIED_COLUMNS, answers, query, tell
from benchmarks.measure import tree_cpu
from flows.home import Home
from flows.ingest.discover import archive_new, scan_inbox
from flows.ingest.process import split_into_batches
from flows.ingest.read_batches import read_isolated
from flows.pipeline import run_pipeline, utc_now
from flows.sandbox.pool import map_isolated, start_children
from flows.step import Result, Step
from flows.workspace import RunScope, Workspace
from warehouse.engine import reading

START_UP = "start-up"
#: reading without validation, which is no step of a run
READ = "Read"
IDLE_SECONDS = 0.3


class Clock:
    """CPU seconds by phase, of this process and its descendants."""

    def __init__(self) -> None:
        self.phases: dict[str, float] = {}
        self.began = 0.0

    def note(self, phase: str) -> None:
        now = tree_cpu(os.getpid())
        self.phases[phase] = self.phases.get(phase, 0.0) + now - self.began
        self.began = now

    def run_step(self, step: Step, work: Callable[[], Result], _subject: str = "") -> Result:
        return self.measure(step.title, work)

    def measure(self, phase: str, work: Callable[[], Result]) -> Result:
        self.note("between steps")
        result = work()
        self.note(phase)
        return result


def wait_until_idle() -> None:
    """Wait until the fork server has finished its imports; in the nightly
    command that happens while Prefect starts.
    """
    before = -1.0
    while (now := tree_cpu(os.getpid())) - before > 0.05:
        before = now
        time.sleep(IDLE_SECONDS)


def thirty(workspace: Workspace) -> dict[str, list[Any]]:
    """Compute the thirty figures from the rows that count."""
    rows = f"(select {', '.join(QUERIED_COLUMNS)} from penalties where is_counted and retired_load is null) as counted"  # noqa: S608
    with reading(workspace.engine) as connection:
        return answers([tuple(row) for row in connection.execute(text(query(rows)))])


def read_alone(workspace: Workspace, clock: Clock) -> None:
    """Read without validating, batch by batch as a pipeline run does, in workers that are already started."""
    limits, regions, index = workspace.home.limits, workspace.regions, workspace.headers
    map_isolated(limits, os.getpid, [()] * limits.processes)
    arrived = clock.run_step(
        Step.ARCHIVE, partial(archive_new, workspace, scan_inbox(workspace, RunScope()).new, utc_now())
    )
    for _, batch in split_into_batches(arrived.to_read, workspace.home.settings.files_per_task):
        files = [(file.path, file.archived) for file in batch]
        clock.measure(READ, partial(read_isolated, limits, files, regions, index))


def main(home: Path, folder: Path, until: str) -> None:
    """Run as described in `benchmarks.night`."""
    clock = Clock()
    workspace = Workspace(Home(home))
    workspace.prepare()
    start_children()
    wait_until_idle()
    clock.note(START_UP)
    figures: dict[str, list[Any]] = {}
    if until == "read":
        read_alone(workspace, clock)
    if until == "end":
        run_pipeline(workspace, RunScope(), utc_now(), run_step=clock.run_step)
        clock.note("between steps")
    if until == "figures":
        figures = thirty(workspace)
        clock.note("thirty figures")
    tell(folder, figures, clock.phases)
