"""The files of receipts and load reports that are there: which are damaged, and which are too old to keep."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from flows.home import Home
from flows.outputs.receipt_files import RECEIPT_NAME
from flows.outputs.report_manifest import read_manifest

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
    return damaged | {load_id for load_id, folder in _report_folders(home) if not _is_whole_report(folder)}


def reports_of_other_entries(home: Home, log_entries: Mapping[int, str]) -> set[int]:
    """Return the loads whose report tells of another log entry: of a load of that number that is lost."""
    other = set()
    for load_id, folder in _report_folders(home):
        with suppress(ValueError):  # it is damaged, and made again anyway
            manifest = read_manifest(folder)
            if manifest and manifest.log_entry != log_entries.get(load_id, manifest.log_entry):
                other.add(load_id)
    return other


def is_whole_publication(folder: Path) -> bool:
    """Whether the files of a publication are there and do not break off.

    A line of the CSV may be several: a text may hold a line end.
    """
    figures, table = folder / "figures.json", folder / "figures.csv"
    if not (_is_whole(figures, *_TABLE_END) and _is_whole(table, *_TABLE_END)):
        return False
    if time.time() - max(figures.stat().st_mtime, table.stat().st_mtime) > LOOKED_INTO_SECONDS:
        return True
    try:
        count = len(json.loads(figures.read_bytes())["figures"])
    except (ValueError, LookupError, TypeError):
        return False
    return table.read_bytes().count(b"\n") > count


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
        name = RECEIPT_NAME.search(file.name)
        if name and not file.name.startswith(".") and _is_regular(file):
            yield int(name[1]), file


def _report_folders(home: Home) -> Iterator[tuple[int, Path]]:
    for folder in home.reports.glob("load-*"):
        if (name := REPORT_NAME.fullmatch(folder.name)) and folder.is_dir() and not folder.is_symlink():
            yield int(name[1]), folder


def _is_whole_report(folder: Path) -> bool:
    """Whether a report has the files that its manifest names, none of them cut."""
    try:
        manifest = read_manifest(folder)
    except ValueError:
        return False
    sizes = manifest.sizes if manifest else dict.fromkeys((file.name for file in folder.glob("*.csv")), 0)
    return bool(sizes) and all(
        _is_whole(folder / name, *_TABLE_END) and (folder / name).stat().st_size >= size
        for name, size in sizes.items()
    )


def _is_regular(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


def _is_whole(file: Path, end: bytes, end_bytes: int) -> bool:
    """Whether a file is not empty and its last bytes begin with `end`, as far as it is looked into."""
    if not _is_regular(file):
        return False
    status = file.stat()
    if status.st_size < end_bytes:
        return False
    if time.time() - status.st_mtime > LOOKED_INTO_SECONDS:
        return True
    with file.open("rb") as content:
        content.seek(-end_bytes, os.SEEK_END)
        return content.read(len(end)) == end
