"""Read several files, in bulk or each by itself. The results are equal; only the time differs.

This is the only module that imports `transforms.read.bulk`.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.regions import RegionTable
from transforms.read.bulk.read_in_bulk import read_in_bulk
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.identity import IdentityHint
from transforms.read.layout.read_file import read_file
from transforms.read.layout.submission import FileRead


def read_files(
    files: Sequence[tuple[str, bytes]],
    regions: RegionTable,
    index: HeaderIndex,
    hint: IdentityHint | None = None,
    *,
    in_bulk: bool = True,
) -> list[FileRead]:
    """Read files, given as (path below the inbox, bytes), in order; `hint` is what an option says of unit
    and month.
    """
    if in_bulk:
        return read_in_bulk(files, regions, index, hint)
    return [read_file(path, data, regions, index, hint) for path, data in files]
