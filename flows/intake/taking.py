"""What a run has in hand before it is recorded: what was read, and what a load takes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.intake.arrivals import Arrived
from flows.intake.inbox import ArchivedFile
from flows.intake.reopening import Reopened
from flows.workplace import Selection
from transforms.read import FileRead


@dataclass(frozen=True)
class Read:
    """Some files and in the same order what they hold; what a fault of ours kept from being read; and which no child could
    open. What is judged again may have lain at one path one after the other, so a path does not say which file it is.
    """

    files: list[ArchivedFile]
    read: list[FileRead]
    failed: list[str]
    died: dict[str, str]


@dataclass(frozen=True)
class Taking:
    """What a load takes: the files that arrived, and what is judged again."""

    kind: str
    selection: Selection
    arrived: Arrived
    reopened: Reopened
    started_at: datetime
