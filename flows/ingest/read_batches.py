"""Read files in child processes in batches, to send shared inputs once
per batch and read regular files in bulk.

If a batch crashes or times out, its files are retried one by one so that only the offending file is
rejected.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from flows.progress import advance_files
from flows.sandbox.pool import ChildCrashed, ChildError, Limits, map_isolated, map_once
from flows.sandbox.scratch import scratch_folder
from flows.sandbox.shared_buffers import SharedPayload, unpack
from flows.sandbox.tasks import read_batch, read_from_disk
from schemas.regions import RegionTable
from transforms.read import FileRead, HeaderIndex
from transforms.read.layout.identity import IdentityHint

MOST_FILES, MOST_WEIGHT = 64, 8 * 2**20
#: how much more memory and time a workbook takes than a text file of its size
WORKBOOK_WEIGHT = 10
TEXTS = (".csv", ".txt", ".tsv")

ReadOutcome = FileRead | ChildCrashed | ChildError


def read_isolated(
    limits: Limits,
    files: Sequence[tuple[str, Path]],
    regions: RegionTable,
    index: HeaderIndex,
    hint: IdentityHint | None = None,
    *,
    in_bulk: bool = True,
) -> list[ReadOutcome]:
    """Read files, given as (path below the inbox, path on disk); `hint`
    is what an option says of unit and month.
    """
    shared_inputs, batches = pickle.dumps((regions, index, hint)), list(_batches(files))
    outcomes: list[ReadOutcome] = []
    with scratch_folder() as folder:
        batch_results = map_once(
            limits,
            read_batch,
            [(batch, shared_inputs, in_bulk, folder) for batch in batches],
            lambda index: advance_files(len(batches[index])),
        )
        for result, batch in zip(batch_results, batches, strict=True):
            outcomes += unpack(result) if isinstance(result, SharedPayload) else [result] * len(batch)
    failed_indices = [
        position
        for position, result in enumerate(outcomes)
        if isinstance(result, ChildCrashed | ChildError)
    ]
    retried = map_isolated(
        limits, read_from_disk, [(*files[position], regions, index, hint) for position in failed_indices]
    )
    for position, result in zip(failed_indices, retried, strict=True):
        outcomes[position] = result
    return outcomes


def _batches(files: Sequence[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    """Group the files in order into batches that are worth sending and finish soon."""
    batch: list[tuple[str, Path]] = []
    weight = 0
    for path, file in files:
        file_weight = _weight(path, file)
        if batch and (len(batch) == MOST_FILES or weight + file_weight > MOST_WEIGHT):
            yield batch
            batch, weight = [], 0
        batch.append((path, file))
        weight += file_weight
    if batch:
        yield batch


def _weight(path: str, file: Path) -> int:
    with suppress(OSError):  # the error is reported when it is read
        return file.stat().st_size * (1 if path.lower().endswith(TEXTS) else WORKBOOK_WEIGHT)
    return 0
