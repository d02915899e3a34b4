"""A line on the terminal while a run works: its step, the files that are done, and how many are left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flows.language import _
from flows.progress import watched_by
from flows.step import Step


@contextmanager
def progress_line() -> Iterator[None]:
    """Show the line where standard error is a terminal; nothing in files and logs."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with ProgressLine(Console(stderr=True)) as line, watched_by(line):
        yield


class ProgressLine:
    """Shows the progress of a run on a console, and takes the line away at the end."""

    def __init__(self, console: object) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        assert isinstance(console, Console)
        self._display = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[files]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
        )
        self._task = self._display.add_task("", total=None, files="")
        self._done = self._expected = 0

    def __enter__(self) -> ProgressLine:
        self._display.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._display.stop()

    def begin(self, step: Step) -> None:
        self._display.update(self._task, description=_(step.title))

    def expect(self, files: int) -> None:
        self._done, self._expected = 0, files
        self._show()

    def advance(self, files: int) -> None:
        self._done = min(self._done + files, self._expected)
        self._show()

    def _show(self) -> None:
        left = self._expected - self._done
        text = _("{done} of {files} files, {left} left").format(
            done=self._done, files=self._expected, left=left
        )
        self._display.update(
            self._task,
            total=self._expected or None,
            completed=self._done,
            files=text if self._expected else "",
        )
