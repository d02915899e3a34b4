"""A night by the plain path, without Prefect, told by phase: `python -m benchmarks.night HOME FOLDER [--until WHEN]`.

What is told in FOLDER: the CPU seconds of each phase, those of the children that read files included. `--until open` stops
before the night (start-up alone), `read` once all files are read; `figures` runs no night and asks what stands for the thirty.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.figures import ASKED, answers, query, tell
from benchmarks.measure import tree_cpu
from flows.intake.children import start_children
from flows.night import utc_now, whole_run
from flows.settings import Home
from flows.workplace import Selection, Workplace
from warehouse.engine import reading

START_UP = "start-up"
#: the name of a phase by how the product's name for the step begins
PHASES = {
    "Look": "find", "Archive": "archive", "Read": "read", "Judge": "judge", "Load": "load", "Refresh what": "what readers see",
    "Refresh the": "snapshot for readers", "Write": "receipts and reports", "Tell": "tell people",
}  # fmt: skip
RECEIPTS, READ = PHASES["Write"], PHASES["Read"]
IDLE_SECONDS = 0.3


class Enough(BaseException):
    """What was to be measured is over. No error: nobody is to be told of it."""


class Clock:
    """CPU seconds by phase, of this process and all below it."""

    def __init__(self, until_read: bool) -> None:
        self.until_read = until_read
        self.phases: dict[str, float] = {}
        self.began = 0.0

    def note(self, phase: str) -> None:
        now = tree_cpu(os.getpid())
        self.phases[phase] = self.phases.get(phase, 0.0) + now - self.began
        self.began = now

    def call(self, name: str, work: Callable[[], Any]) -> Any:
        if self.until_read and name.startswith("Judge"):
            raise Enough
        self.note("between steps")
        result = work()
        self.note(next((phase for start, phase in PHASES.items() if name.startswith(start)), name))
        return result


def wait_until_idle() -> None:
    """Until the fork server has imported what the children need; a night's own command waits for it while Prefect starts."""
    before = -1.0
    while (now := tree_cpu(os.getpid())) - before > 0.05:
        before = now
        time.sleep(IDLE_SECONDS)


def thirty(place: Workplace) -> dict[str, list[Any]]:
    """The thirty figures, of the rows that count."""
    rows = f"(select {', '.join(ASKED)} from penalties where is_counted and retired_load is null) as counted"  # noqa: S608
    with reading(place.engine) as connection:
        return answers([tuple(row) for row in connection.execute(text(query(rows)))])


def main(home: Path, folder: Path, until: str) -> None:
    clock = Clock(until == "read")
    place = Workplace(Home(home))
    place.prepare()
    start_children()
    wait_until_idle()
    clock.note(START_UP)
    figures: dict[str, list[Any]] = {}
    if until in ("read", "end"):
        with suppress(Enough):
            whole_run(place, "nightly", Selection(), clock.call, utc_now())
        clock.note("between steps")
    if until == "figures":
        figures = thirty(place)
        clock.note("thirty figures")
    tell(folder, figures, clock.phases)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--until", choices=["open", "read", "end", "figures"], default="end")
    given = parser.parse_args()
    main(given.home, given.folder, given.until)
