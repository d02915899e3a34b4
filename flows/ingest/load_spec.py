"""What a load takes: the files that arrived, and what is judged again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.ingest.discover import Arrived
from flows.ingest.revalidate import Reopened
from flows.workspace import Selection


@dataclass(frozen=True)
class Taking:
    """What a load takes: the files that arrived, and what is judged again."""

    kind: str
    selection: Selection
    arrived: Arrived
    reopened: Reopened
    started_at: datetime
