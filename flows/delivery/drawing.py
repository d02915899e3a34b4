"""Drawing receipts in child processes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.intake.children import Died, Failed, in_children
from flows.intake.reading import draw_receipt
from transforms.receipt import ReceiptSubject

LONGEST_STEM = 60
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def safe_stem(file_name: str) -> str:
    """A county's file name without its ending, as part of another file's name on any system."""
    return _NOT_IN_NAMES.sub("_", file_name.rpartition(".")[0] or file_name).strip(" .")[:LONGEST_STEM]


def draw_all(limits: Any, calls: Sequence[tuple[Path, ReceiptSubject]]) -> list[bytes]:
    """The receipts of these files; one that cannot be drawn over the county's workbook comes as a summary alone."""
    drawn = in_children(limits, draw_receipt, calls)
    for at, one in enumerate(drawn):
        if isinstance(one, Died):
            [drawn[at]] = in_children(limits, draw_receipt, [(None, calls[at][1])])
        if isinstance(drawn[at], Died | Failed):
            raise RuntimeError(f"no receipt could be made of {calls[at][0]}: {drawn[at]}")
    return drawn
