"""The steps of a pipeline run, as people see them in Prefect's page, logs and measurements."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeVar

from flows.errors import transient_storage_errors
from flows.language import mark

Result = TypeVar("Result")


class Step(Enum):
    """A step of a pipeline run, in the order in which they run; `title` is what people see."""

    SCAN = mark("Look into the inbox")
    ARCHIVE = mark("Archive")
    VALIDATE = mark("Read and validate")
    STAGE = mark("Stage")
    LOAD = mark("Load")
    REFRESH = mark("Refresh what readers see")
    SNAPSHOT = mark("Refresh the readers' snapshot")
    REPORT = mark("Write receipts and reports")
    NOTIFY = mark("Send notifications")

    def __init__(self, title: str) -> None:
        self.title = title


class StepRunner(Protocol):
    """Runs the work of a step, and may time, watch and retry it; `subject` says what the step is about."""

    def __call__(self, step: Step, work: Callable[[], Result], subject: str = "", /) -> Result: ...


def run_inline(_step: Step, work: Callable[[], Result], _subject: str = "") -> Result:
    """Run a step directly, without Prefect."""
    with transient_storage_errors():
        return work()
