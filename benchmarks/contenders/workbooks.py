"""A library's own time to read workbooks:
`python -m benchmarks.contenders.workbooks INBOX FOLDER calamine|openpyxl|unzip [MOST]`.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from benchmarks.contenders.timing import Phases
from benchmarks.figures import tell


def _by_calamine(path: Path) -> None:
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(path)
    for name in workbook.sheet_names:
        workbook.get_sheet_by_name(name).to_python()


def _by_openpyxl(path: Path) -> None:
    import openpyxl

    for sheet in openpyxl.load_workbook(path, read_only=True).worksheets:
        list(sheet.values)


def _unzip(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            package.read(name)


def main(inbox: Path, folder: Path, library: str, most: int) -> None:
    read = {"calamine": _by_calamine, "openpyxl": _by_openpyxl, "unzip": _unzip}[library]
    paths = sorted(inbox.glob("*/*/*.xlsx"))[:most]
    read(paths[0])  # the imports
    phases = Phases()
    with phases.of("read"):
        for path in paths:
            read(path)
    tell(folder, {}, phases)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]) if sys.argv[4:] else sys.maxsize
    )
