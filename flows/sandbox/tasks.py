"""What the children do: open files of counties.

The libraries that open and draw workbooks are imported here when they are needed: in the server that the children are forked
from (`PRELOADED`), and never in the process that only hands out the work.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flows.sandbox.pool import exit_on_memory_error
from flows.sandbox.shared_buffers import SharedPayload, pack
from schemas.regions import RegionTable
from transforms.read import FileRead, HeaderIndex, Submission
from transforms.read.layout.identity import IdentityHint
from transforms.receipt import ReceiptSubject

if TYPE_CHECKING:
    import pandas as pd


@exit_on_memory_error
def read_from_disk(
    path: str, file: Path, regions: RegionTable, index: HeaderIndex, hint: IdentityHint | None = None
) -> FileRead:
    """Read one file; `path` is where it lay below the inbox, `given` what an option says of its unit and month."""
    from transforms.read.layout.read_file import read_file

    return read_file(path, file.read_bytes(), regions, index, hint)


@exit_on_memory_error
def read_batch(files: Sequence[tuple[str, Path]], shared_inputs: bytes, folder: Path) -> SharedPayload:
    """Read these files together into a parcel of FileReads, its file in this folder; `known` is the pickle of what they are
    read by: regions, headers and what an option says.
    """
    from transforms.read.bulk.read_many import read_many

    regions, index, hint = _unpickle_inputs(shared_inputs)
    return pack(
        read_many([(path, file.read_bytes()) for path, file in files], regions, index, hint), folder
    )


@lru_cache(1)
def _unpickle_inputs(shared_inputs: bytes) -> tuple[RegionTable, HeaderIndex, IdentityHint | None]:
    """The same for every batch of a run."""
    regions, index, hint = pickle.loads(shared_inputs)
    return regions, index, hint


@exit_on_memory_error
def render_receipt(file: Path | None, subject: ReceiptSubject) -> bytes:
    """The receipt of a file; without one, of a file that nothing can open."""
    from transforms.receipt.make import make_receipt

    return make_receipt(file.read_bytes() if file else b"", subject)


@exit_on_memory_error
def validate_isolated(
    submissions: Sequence[Submission], received_on: date, regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The outcome of each of these submissions, and what is told of them."""
    from schemas.catalogue import ledgers
    from transforms.validate.pipeline import validate_batch

    result = validate_batch(submissions, [received_on] * len(submissions), regions, ledgers())
    return result.submissions, result.findings
