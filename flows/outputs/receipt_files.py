"""Where the receipts of a submission lie."""

from __future__ import annotations

from glob import escape
from pathlib import Path

from transforms.foreign_text import safe_stem
from transforms.receipt.words import UNKNOWN


def receipt_target(period: str, unit_code: str, file_name: str, load_id: int, sha256: str) -> str:
    """Return the path of a receipt below the receipts' folder."""
    return f"{period}/{unit_code}/{safe_stem(file_name)}-回执-{load_id:06}-{sha256[:6]}.xlsx"


def find_receipt(
    receipts: Path, period: str | None, unit_code: str | None, file_name: str, load_id: int, sha256: str
) -> Path | None:
    """Return the receipt of a file as of a load: a load that found nothing else wrote none of its own.

    None if there is none: it is kept no longer, or none was wanted.
    """
    target = receipts / receipt_target(period or UNKNOWN, unit_code or UNKNOWN, file_name, load_id, sha256)
    if target.is_file():
        return target
    start, _, end = target.name.rpartition("-回执-")
    same_file = f"{escape(start)}-回执-*-{end.rpartition('-')[2]}"
    earlier = sorted(file for file in target.parent.glob(same_file) if file.name < target.name)
    return earlier[-1] if earlier else None
