"""The executor interface: run independent tasks, which need only the
archive, here or on workers elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Task = Callable[[], Any]
#: Runs independent tasks elsewhere. Yields, in input order, one callable per task that blocks for its result.
#: Consumes the input lazily (bounded prefetch).
Executor = Callable[[Iterable[Task]], Iterator[Task]]
