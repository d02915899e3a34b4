"""Results that are the same until the next load, kept so that a page is not computed for each visitor."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

Result = TypeVar("Result")
MOST = 32


class Memory:
    """The last results by what they were computed from."""

    def __init__(self) -> None:
        self._results = OrderedDict[Hashable, Any]()
        self._lock = Lock()

    def recall(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """Return the result of a key, computing it where it is not known."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                known: Result = self._results[key]
                return known
        result = compute()
        with self._lock:
            self._results[key] = result
            while len(self._results) > MOST:
                self._results.popitem(last=False)
        return result
