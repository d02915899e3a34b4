"""Where the receipts of a submission lie, and how they are named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from glob import escape
from pathlib import Path

from transforms.foreign_text import safe_stem
from transforms.receipt.words import UNKNOWN

#: how the name of a receipt ends: load, content, and the verdict, which receipts of former versions lack
RECEIPT_NAME = re.compile(r"-回执-(\d{6,})-([0-9a-f]{6})(?:-[^-/]+)?\.xlsx$")


def receipt_target(
    period: str, unit_code: str, file_name: str, load_id: int, sha256: str, verdict: str
) -> str:
    """Return the path of a receipt below the receipts' folder."""
    return f"{period}/{unit_code}/{safe_stem(file_name)}-回执-{load_id:06}-{sha256[:6]}-{verdict}.xlsx"


def find_receipt(
    receipts: Path, period: str | None, unit_code: str | None, file_name: str, load_id: int, sha256: str
) -> Path | None:
    """Return the receipt of a file as of a load: a load that found nothing else wrote none of its own.

    None if there is none: it is kept no longer, or none was wanted.
    """
    target = receipts / receipt_target(
        period or UNKNOWN, unit_code or UNKNOWN, file_name, load_id, sha256, UNKNOWN
    )
    existing = [(load, file) for load, file in _receipts_of_same_content(target) if load <= load_id]
    return max(existing)[1] if existing else None


def find_earlier_receipt(target: Path) -> Path | None:
    """Return the last receipt of the same file and content from a load before that of `target`."""
    load_id = _load_of(target)
    earlier = [(load, file) for load, file in _receipts_of_same_content(target) if load < load_id]
    return max(earlier)[1] if earlier else None


def remove_other_verdicts(target: Path) -> None:
    """Remove the receipts of the same load that say something else: they were written by a former run."""
    for load, file in list(_receipts_of_same_content(target)):
        if load == _load_of(target) and file.name != target.name:
            file.unlink(missing_ok=True)


def _load_of(target: Path) -> int:
    match = RECEIPT_NAME.search(target.name)
    assert match is not None
    return int(match[1])


def _receipts_of_same_content(target: Path) -> Iterator[tuple[int, Path]]:
    """Yield the load and path of each receipt of a file with the same content, whatever it says."""
    wanted = RECEIPT_NAME.search(target.name)
    assert wanted is not None
    stem, digest = target.name[: wanted.start()], wanted[2]
    for file in target.parent.glob(f"{escape(stem)}-回执-*-{digest}*.xlsx"):
        match = RECEIPT_NAME.search(file.name)
        if match and (file.name[: match.start()], match[2]) == (stem, digest):
            yield int(match[1]), file
