"""Render receipts in child processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.sandbox.pool import ChildCrashed, ChildError, Limits, map_isolated
from flows.sandbox.tasks import render_receipt
from transforms.receipt import ReceiptSubject


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
        if isinstance(result, ChildCrashed | ChildError)
        else RenderedReceipt(result)
        for result, (_, subject) in zip(results, calls, strict=True)
    ]


def _render_summary(
    limits: Limits, subject: ReceiptSubject, instead_of: ChildCrashed | ChildError
) -> RenderedReceipt:
    """Render a receipt without the county's workbook. A workbook that exceeds the limits is not an internal
    error.
    """
    [page] = map_isolated(limits, render_receipt, [(None, subject)])
    is_page = not isinstance(page, ChildCrashed | ChildError)
    faults = [result for result in (instead_of, page) if isinstance(result, ChildError)] or (
        [] if is_page else [page]
    )
    details = "\n".join(
        fault.traceback_text() if isinstance(fault, ChildError) else fault.detail for fault in faults
    )
    return RenderedReceipt(page if is_page else None, details)
