"""The files of receipts and load reports that are there: which are damaged, and which are too old to keep."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from flows.home import Home
from flows.outputs.receipt_files import RECEIPT_NAME

REPORT_NAME = re.compile(r"load-(\d{6,})")
#: how a workbook and a CSV end: the bytes, and how many there are from there on
_WORKBOOK_END, _TABLE_END = (b"PK\x05\x06", 22), (b"\n", 1)
#: the end of an older file is not read again, its size alone is asked
LOOKED_INTO_SECONDS = 30 * 86_400


def damaged_loads(home: Home) -> set[int]:
    """Return the loads with a receipt or report that is empty or breaks off: of a power failure, for example.

    What is whole and was changed by hand stays.
    """
    damaged = {load_id for load_id, path in _receipts(home) if not _is_whole(path, *_WORKBOOK_END)}
    for load_id, folder in _report_folders(home):
        files = list(folder.glob("*.csv"))
        if not files or not all(_is_whole(file, *_TABLE_END) for file in files):
            damaged.add(load_id)
    return damaged


def delete_receipts(home: Home, loads: Collection[int]) -> None:
    """Delete the receipts of these loads, and folders of units and months that are empty then."""
    for file in [file for load_id, file in _receipts(home) if load_id in loads]:
        file.unlink(missing_ok=True)
        with suppress(OSError):  # it holds others
            file.parent.rmdir()
            file.parent.parent.rmdir()


def delete_reports(home: Home, loads: Collection[int]) -> None:
    """Delete the reports of these loads."""
    for folder in [folder for load_id, folder in _report_folders(home) if load_id in loads]:
        shutil.rmtree(folder)


def _receipts(home: Home) -> Iterator[tuple[int, Path]]:
    for file in home.receipts.glob("*/*/*.xlsx"):
        if (name := RECEIPT_NAME.search(file.name)) and not file.name.startswith("."):
            yield int(name[1]), file


def _report_folders(home: Home) -> Iterator[tuple[int, Path]]:
    for folder in home.reports.glob("load-*"):
        if name := REPORT_NAME.fullmatch(folder.name):
            yield int(name[1]), folder


def _is_whole(file: Path, end: bytes, end_bytes: int) -> bool:
    """Whether a file is not empty and its last bytes begin with `end`, as far as it is looked into."""
    status = file.stat()
    if status.st_size < end_bytes:
        return False
    if time.time() - status.st_mtime > LOOKED_INTO_SECONDS:
        return True
    with file.open("rb") as content:
        content.seek(-end_bytes, os.SEEK_END)
        return content.read(len(end)) == end
