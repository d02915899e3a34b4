"""What a load is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.ingest.discover import NewFiles
from flows.ingest.revalidate import RevalidationSet
from flows.workspace import RunScope


@dataclass(frozen=True)
class LoadSpec:
    """What a load is made from: the files that arrived and the submissions to revalidate."""

    kind: str
    scope: RunScope
    arrived: NewFiles
    reopened: RevalidationSet
    started_at: datetime
