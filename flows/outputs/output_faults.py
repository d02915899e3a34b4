"""What was wrong with single outputs of a run: none of them ends the night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flows.storage_errors import describe_errno, is_in_the_way
from schemas.sentences import Sentence


@dataclass
class OutputFaults:
    """Receipts that could not be drawn whole, and sentences on places where something else stands."""

    receipts: list[str] = field(default_factory=list)
    in_the_way: list[str] = field(default_factory=list)

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Note an output that could not be written because something stands in its place, and go on."""
        try:
            yield
        except OSError as error:
            if not is_in_the_way(error):
                raise
            self.in_the_way.append(
                Sentence(
                    "{path}: {reason}. Move away what stands there; if a receipt is missing then, delete its load's "
                    "folder in `reports`",
                    path=str(error.filename2 or error.filename),
                    reason=describe_errno(error.errno),
                )
            )

    def without_repeats(self) -> OutputFaults:
        """Return each once: a step that was tried again lists them again."""
        return OutputFaults(list(dict.fromkeys(self.receipts)), list(dict.fromkeys(self.in_the_way)))
