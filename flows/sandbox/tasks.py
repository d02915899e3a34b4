"""The tasks of child processes: open files of counties, and fill templates of the bureau's own.

Libraries that open and write workbooks are imported by the server that children are forked from
(`flows.sandbox.preload`), and never in the process that only distributes the work.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flows.archive.store import read_checked
from flows.sandbox.pool import exit_on_memory_error
from flows.sandbox.shared_buffers import SharedPayload, pack
from schemas.regions import RegionTable
from transforms.read import FileRead, HeaderIndex, Submission
from transforms.read.layout.identity import IdentityHint
from transforms.receipt import ReceiptSubject

if TYPE_CHECKING:
    import pandas as pd

    from transforms.bulletin.model import Bulletin
    from transforms.bulletin.template_problems import TemplateProblem
    from transforms.bulletin.word import FilledTemplate


@exit_on_memory_error
def read_from_disk(
    path: str, file: Path, regions: RegionTable, index: HeaderIndex, hint: IdentityHint | None = None
) -> FileRead:
    """Read one file; `path` is its path below the inbox, `hint` what an option says of its unit and month."""
    from transforms.read.layout.read_file import read_file

    return read_file(path, read_checked(file), regions, index, hint)


@exit_on_memory_error
def read_batch(
    files: Sequence[tuple[str, Path]], shared_inputs: bytes, in_bulk: bool, folder: Path
) -> SharedPayload:
    """Read files and return the packed FileReads; `shared_inputs` pickles regions, headers and the hint."""
    from transforms.read.read_files import read_files

    regions, index, hint = _unpickle_inputs(shared_inputs)
    contents = [(path, read_checked(file)) for path, file in files]
    return pack(read_files(contents, regions, index, hint, in_bulk=in_bulk), folder)


@lru_cache(1)
def _unpickle_inputs(shared_inputs: bytes) -> tuple[RegionTable, HeaderIndex, IdentityHint | None]:
    """Unpickle the inputs shared by every batch of a run."""
    regions, index, hint = pickle.loads(shared_inputs)
    return regions, index, hint


@exit_on_memory_error
def render_receipt(file: Path | None, subject: ReceiptSubject) -> bytes:
    """Render the receipt of a file, or a summary without one."""
    from transforms.receipt.make import make_receipt

    return make_receipt(read_checked(file) if file else b"", subject)


@exit_on_memory_error
def validate_isolated(
    submissions: Sequence[Submission], received_on: date, regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Validate submissions; return their results and findings."""
    from schemas.catalogue import ledgers
    from transforms.validate.batch import ValidationInput
    from transforms.validate.pipeline import validate_batch

    received_days = [received_on] * len(submissions)
    result = validate_batch(ValidationInput(submissions, received_days, regions, ledgers()))
    return result.submissions, result.findings


@exit_on_memory_error
def fill_template_isolated(
    bulletin: Bulletin, template: bytes, made_at: datetime
) -> FilledTemplate | list[TemplateProblem]:
    """Fill a Word template, whose loops may have no end; return its problems if it has any."""
    from transforms.bulletin.template_problems import TemplateRefusedError
    from transforms.bulletin.word import fill_template

    try:
        return fill_template(bulletin, template, made_at)
    except TemplateRefusedError as error:
        return error.problems
