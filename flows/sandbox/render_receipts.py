"""Render receipts in worker processes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.sandbox.pool import Limits, WorkerCrashed, WorkerError, map_isolated
from flows.sandbox.tasks import render_receipt
from transforms.receipt import ReceiptSubject

#: a file's name may take 255 bytes on most disks; 180 are sixty Chinese characters
LONGEST_STEM, LONGEST_STEM_BYTES = 60, 180
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def safe_stem(file_name: str) -> str:
    """Return a county's file name without its extension, safe in a file name on any system."""
    stem = _NOT_IN_NAMES.sub("_", file_name.rpartition(".")[0] or file_name).strip(" .")[:LONGEST_STEM]
    return stem.encode()[:LONGEST_STEM_BYTES].decode(errors="ignore")


@dataclass(frozen=True)
class RenderedReceipt:
    """A receipt, None if not even a summary could be made; `fault` is the internal error that kept it
    incomplete.
    """

    receipt: bytes | None
    fault: str = ""


def render_all(limits: Limits, calls: Sequence[tuple[Path, ReceiptSubject]]) -> list[RenderedReceipt]:
    """Render the receipts of these files; one that cannot be rendered over the county's workbook is a
    summary only.
    """
    results = map_isolated(limits, render_receipt, calls)
    return [
        _render_summary(limits, subject, result)
        if isinstance(result, WorkerCrashed | WorkerError)
        else RenderedReceipt(result)
        for result, (_, subject) in zip(results, calls, strict=True)
    ]


def _render_summary(
    limits: Limits, subject: ReceiptSubject, instead_of: WorkerCrashed | WorkerError
) -> RenderedReceipt:
    """Render a receipt without the county's workbook. A workbook that exceeds the limits is not an internal
    error.
    """
    [page] = map_isolated(limits, render_receipt, [(None, subject)])
    is_page = not isinstance(page, WorkerCrashed | WorkerError)
    faults = [result for result in (instead_of, page) if isinstance(result, WorkerError)] or (
        [] if is_page else [page]
    )
    details = "\n".join(
        fault.traceback_text() if isinstance(fault, WorkerError) else fault.detail for fault in faults
    )
    return RenderedReceipt(page if is_page else None, details)
