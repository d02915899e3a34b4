"""Files are read by the children in batches: what they are read by travels once a batch, and plain CSV is parsed together.

A batch that did not end well is taken apart and each of its files read alone, so that the one which did the harm is found and
named, and its neighbours are read.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.sandbox.pool import Limits, WorkerCrashed, WorkerError, map_isolated, map_with_retry
from flows.sandbox.shared_buffers import SharedPayload, unpack
from flows.sandbox.tasks import read_batch, read_from_disk
from schemas.regions import RegionTable
from transforms.read import FileRead, HeaderIndex
from transforms.read.layout.identity import IdentityHint

MOST_FILES, MOST_BYTES = 64, 8 * 2**20
#: a workbook takes so many times the room and time of a text of its size
WORKBOOK_WEIGHT = 10
TEXTS = (".csv", ".txt", ".tsv")

Outcome = FileRead | WorkerCrashed | WorkerError


def read_isolated(
    limits: Limits,
    files: Sequence[tuple[str, Path]],
    regions: RegionTable,
    index: HeaderIndex,
    given: IdentityHint | None = None,
) -> list[Outcome]:
    """Read files (where each lay below the inbox, and where it is); `given` is what an option says of their unit and month."""
    known, batches = pickle.dumps((regions, index, given)), list(_batches(files))
    outcomes: list[Outcome] = []
    with TemporaryDirectory(prefix="huizong-read-", ignore_cleanup_errors=True) as folder:
        done = map_with_retry(limits, read_batch, [(batch, known, Path(folder)) for batch in batches])
        for one, batch in zip(done, batches, strict=True):
            outcomes += unpack(one) if isinstance(one, SharedPayload) else [one] * len(batch)
    again = [at for at, one in enumerate(outcomes) if isinstance(one, WorkerCrashed | WorkerError)]
    alone = map_isolated(limits, read_from_disk, [(*files[at], regions, index, given) for at in again])
    for at, one in zip(again, alone, strict=True):
        outcomes[at] = one
    return outcomes


def _batches(files: Sequence[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    """The files in order, so many together that a batch is worth its way and soon done."""
    batch: list[tuple[str, Path]] = []
    weight = 0
    for path, found in files:
        own = _weight(path, found)
        if batch and (len(batch) == MOST_FILES or weight + own > MOST_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append((path, found))
        weight += own
    if batch:
        yield batch


def _weight(path: str, found: Path) -> int:
    with suppress(OSError):  # who reads it will tell
        return found.stat().st_size * (1 if path.lower().endswith(TEXTS) else WORKBOOK_WEIGHT)
    return 0
