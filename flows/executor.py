"""The executor interface: run independent tasks, which need only the archive, here or on workers elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Work = Callable[[], Any]
#: has pieces of work that need nothing of each other done elsewhere; for each, in order, what waits for what it comes to.
#: It takes no more of them than are soon under way
Spread = Callable[[Iterable[Work]], Iterator[Work]]
