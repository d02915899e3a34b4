"""The line that a terminal shows while a run works."""

from __future__ import annotations

import io
import sys
from datetime import datetime

import pytest
from rich.console import Console

from flows.commands.progress_line import ProgressLine, progress_line
from flows.pipeline import run_pipeline
from flows.progress import watched_by
from flows.step import Step
from flows.workspace import RunScope, Workspace
from tests.support.counties import ledger_bytes, put


class Recorder:
    """Remembers what a run says of its progress."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.expected: list[int] = []
        self.done = 0

    def begin(self, step: Step) -> None:
        self.steps.append(step)

    def expect(self, files: int) -> None:
        self.expected.append(files)

    def advance(self, files: int) -> None:
        self.done += files


def test_a_run_tells_its_steps_and_counts_each_file_read_and_each_receipt(workspace: Workspace) -> None:
    for number in range(3):
        row = {"case_no": f"某环立(星)〔2023〕{number}号"}
        put(workspace.home.inbox, f"2023-06/990102/立案{number}.xlsx", ledger_bytes("cases", row))
    put(workspace.home.inbox, "2023-06/990102/坏.xlsx", b"no workbook")
    recorder = Recorder()
    with watched_by(recorder):
        run_pipeline(workspace, RunScope(), datetime(2023, 7, 3))
    assert list(dict.fromkeys(recorder.steps)) == list(Step)
    assert recorder.expected == [4, 4]
    assert recorder.done == sum(recorder.expected)


def test_the_line_shows_step_files_and_what_is_left_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = io.StringIO()
    monkeypatch.setenv("COLUMNS", "100")
    with ProgressLine(Console(file=text, force_terminal=True, width=100)) as line:
        line.begin(Step.VALIDATE)
        line.expect(4)
        line.advance(3)
    shown = text.getvalue()
    assert "Read and validate" in shown
    assert "3 of 4 files, 1 left" in shown
    assert shown.endswith("\x1b[2K")  # the last thing it does is to clear the line


def test_nothing_is_shown_where_standard_error_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_line():
        pass
    assert not sys.stderr.isatty()
    assert capsys.readouterr().err == ""
