"""Make the receipts of a run again, and what a library makes of the same files:
`python -m benchmarks.receipts_alone HOME FOLDER`.

Of CSV files xlsxturbo writes the bare sheet, without a mark; openpyxl loads workbooks, marks and saves them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import xlsxturbo

from benchmarks.contenders.marked_files import mark_by_openpyxl
from benchmarks.contenders.timing import Phases
from benchmarks.figures import tell
from flows.archive.store import archive_path
from flows.home import Home
from flows.outputs.receipts import Receipt, receipts_of_load
from flows.workspace import Workspace
from transforms.receipt.make import make_receipt
from warehouse.engine import reading
from warehouse.ops.loads import submissions_of_load


def main(home: Path, folder: Path) -> None:
    workspace = Workspace(Home(home))
    with reading(workspace.engine) as connection:
        submissions = submissions_of_load(connection, workspace.tables, 1)
    receipts = list(receipts_of_load(workspace, 1, submissions))
    sources = [_as_sent(workspace, receipt, folder) for receipt in receipts]
    phases = Phases()
    make_receipt(sources[0].read_bytes(), receipts[0].subject)  # what is made once in a process
    with phases.of("Huizong"):
        for source, receipt in zip(sources, receipts, strict=True):
            (folder / f"{source.name}.receipt.xlsx").write_bytes(
                make_receipt(source.read_bytes(), receipt.subject)
            )
    if sources[0].suffix == ".csv":
        with phases.of("xlsxturbo"):
            for source in sources:
                xlsxturbo.csv_to_xlsx(str(source), f"{source}.xlsx")
    else:
        with phases.of("openpyxl"):
            for source, receipt in zip(sources, receipts, strict=True):
                mark_by_openpyxl(source, source.with_suffix(".marked.xlsx"), _wrong(receipt))
    phases["marks"] = sum(len(receipt.subject.findings) for receipt in receipts)
    tell(folder, {}, phases)


def _as_sent(workspace: Workspace, receipt: Receipt, folder: Path) -> Path:
    """Copy the archived file under an ending, which xlsxturbo and openpyxl look at."""
    archived = archive_path(workspace.home.archive, receipt.sha256)
    file = folder / f"{receipt.sha256}{Path(receipt.subject.file_name).suffix}"
    file.write_bytes(archived.read_bytes())
    return file


def _wrong(receipt: Receipt) -> dict[tuple[int, int], str]:
    return {
        (finding.row - 2, finding.column_number - 1): finding.problem
        for finding in receipt.subject.findings
        if finding.column_number
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
