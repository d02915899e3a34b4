"""What a load takes: the files that arrived, and what is judged again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.intake.arrivals import Arrived
from flows.intake.reopening import Reopened
from flows.workplace import Selection


@dataclass(frozen=True)
class Taking:
    """What a load takes: the files that arrived, and what is judged again."""

    kind: str
    selection: Selection
    arrived: Arrived
    reopened: Reopened
    started_at: datetime
