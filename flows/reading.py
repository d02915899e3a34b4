"""What the children do: open files of counties. Imported by the server that they are forked from."""

from __future__ import annotations

from pathlib import Path

from flows.children import or_die
from schemas.regions import RegionTable
from transforms.read import FileRead, HeaderIndex, read_file
from transforms.read.identity import Evidence
from transforms.receipt import ReceiptSubject, make_receipt


@or_die
def read_from_disk(path: str, found: Path, regions: RegionTable, index: HeaderIndex, given: Evidence | None = None) -> FileRead:
    """Read one file; `path` is where it lay below the inbox, `given` what an option says of its unit and month."""
    return read_file(path, found.read_bytes(), regions, index, given)


@or_die
def draw_receipt(found: Path | None, subject: ReceiptSubject) -> bytes:
    """The receipt of a file; without one, of a file that nothing can open."""
    return make_receipt(found.read_bytes() if found else b"", subject)
