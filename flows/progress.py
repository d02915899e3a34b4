"""How far a run is, for a watcher: its steps, and how many of its files are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from flows.step import Result, Step, StepRunner


class Watcher(Protocol):
    """What is shown of a run while it works."""

    def begin(self, step: Step) -> None:
        """A step begins."""

    def expect(self, files: int) -> None:
        """This number of files is to be read, or of receipts to be written, from here on."""

    def advance(self, files: int) -> None:
        """This number of them is done besides."""


_watchers: list[Watcher] = []


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Let a watcher see the runs of this process within the block."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def announce_steps(run_step: StepRunner) -> StepRunner:
    """Return a runner that lets the watchers know of each step."""

    def run(step: Step, work: Callable[[], Result], subject: str = "") -> Result:
        for watcher in _watchers:
            watcher.begin(step)
        return run_step(step, work, subject)

    return run


def expect_files(number: int) -> None:
    for watcher in _watchers:
        watcher.expect(number)


def advance_files(number: int) -> None:
    for watcher in _watchers:
        watcher.advance(number)
