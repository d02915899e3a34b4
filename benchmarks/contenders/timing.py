"""The CPU seconds of a contender's phases, threads included."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

#: the phase in which every file is written back with its wrong cells marked
MARKED_FILES = "marked files"


class Phases(dict[str, float]):
    """CPU seconds by phase, in order; `start-up` is the time before the first."""

    def __init__(self) -> None:
        super().__init__({"start-up": time.process_time()})

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self[name] = self.get(name, 0.0) + time.process_time() - began
