"""Return large results through a memory-mapped file (pickle 5 out-of-band buffers); a pipe copies each byte
six times.
"""

from __future__ import annotations

import mmap
import os
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import Any

#: what is smaller travels with the rest
SMALLEST_APART = 1 << 14
ALIGNED = 64  # bytes, as Arrow wants its buffers


@dataclass(frozen=True)
class SharedPayload:
    """A pickled object; its large buffers are in a file, one after the other."""

    pickled: bytes
    file: Path | None
    sizes: Sequence[int]


def pack(content: object, folder: Path) -> SharedPayload:
    """Pickle an object, with its large buffers in a file in this folder."""
    buffers: list[pickle.PickleBuffer] = []

    def keep(buffer: pickle.PickleBuffer) -> bool:
        is_small = buffer.raw().nbytes < SMALLEST_APART
        if not is_small:
            buffers.append(buffer)
        return is_small

    pickled = pickle.dumps(content, 5, buffer_callback=keep)
    if not buffers:
        return SharedPayload(pickled, None, [])
    handle, name = mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as file:
        for buffer in buffers:
            written = file.write(buffer.raw())
            file.write(bytes(-written % ALIGNED))
    return SharedPayload(pickled, Path(name), [buffer.raw().nbytes for buffer in buffers])


def unpack(payload: SharedPayload) -> Any:
    """Unpickle the object; its large buffers are read-only, and the file is removed."""
    if payload.file is None:
        return pickle.loads(payload.pickled)
    with payload.file.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    payload.file.unlink()
    return pickle.loads(payload.pickled, buffers=_parts(memoryview(mapped), payload.sizes))


def _parts(whole: memoryview, sizes: Sequence[int]) -> Iterator[memoryview]:
    start = 0
    for size in sizes:
        yield whole[start : start + size]
        start += size + -size % ALIGNED
