"""What a load takes: the files that arrived, and what is judged again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.ingest.discover import NewFiles
from flows.ingest.revalidate import RevalidationSet
from flows.workspace import RunScope


@dataclass(frozen=True)
class LoadSpec:
    """What a load takes: the files that arrived, and what is judged again."""

    kind: str
    selection: RunScope
    arrived: NewFiles
    reopened: RevalidationSet
    started_at: datetime
