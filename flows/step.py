"""The steps of a pipeline run, as people see them in Prefect's page, logs and measurements."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeVar

from flows.errors import transient_storage_errors

Result = TypeVar("Result")


class Step(Enum):
    """A step of a pipeline run, in the order in which they run; `title` is what people see."""

    SCAN = "Look into the inbox"
    ARCHIVE = "Archive"
    VALIDATE = "Read and validate"
    STAGE = "Stage"
    LOAD = "Load"
    REFRESH = "Refresh what readers see"
    SNAPSHOT = "Refresh the readers' snapshot"
    REPORT = "Write receipts and reports"
    NOTIFY = "Send notifications"

    def __init__(self, title: str) -> None:
        self.title = title


class StepRunner(Protocol):
    """Runs the work of a step, and may time, watch and retry it; `subject` says what the step is about."""

    def __call__(self, step: Step, work: Callable[[], Result], subject: str = "", /) -> Result: ...


def run_inline(_step: Step, work: Callable[[], Result], _subject: str = "") -> Result:
    """Run a step directly, without Prefect."""
    with transient_storage_errors():
        return work()
