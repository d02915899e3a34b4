"""What the design's choices are worth, as ratios measured side by side in one run: `make bench`."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
from python_calamine import CalamineWorkbook

from flows.output import print_table
from schemas.catalogue import ledgers
from schemas.regions import default_regions
from schemas.states import ACCEPTED
from schemas.types import STR
from transforms.batch import Judged, judge
from transforms.read import SOURCE_ROW, Submission
from warehouse.engine import open_warehouse, writing
from warehouse.load import NewLoad, record_load
from warehouse.tables import build_tables

FILES, ROWS_A_FILE = 300, 60
ARRIVED_ON = date(2024, 1, 5)


def cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def case_submissions(files: int, rows: int, period: str = "2023-06", first: int = 0) -> list[Submission]:
    """Reports of good cases, a file each."""
    units = default_regions().unit_codes()
    fields = ledgers()["cases"].field_names()
    made = []
    for file in range(first, first + files):
        frame = pd.DataFrame({
            "case_no": [f"某环立〔2023〕{file * rows + row}号" for row in range(rows)],
            "party_name": "甲某", "party_type": "自然人", "filed_on": f"{period}-03", "cause": "超标排放",
        }).reindex(columns=fields).astype(STR)  # fmt: skip
        frame[SOURCE_ROW] = range(2, rows + 2)
        made.append(Submission(f"{file}.xlsx", "立案台账", "cases", units[file % len(units)], period, frame=frame))
    return made


def judged(submissions: list[Submission]) -> Judged:
    return judge(submissions, [ARRIVED_ON] * len(submissions), default_regions(), ledgers())


def batch_against_files() -> tuple[float, float]:
    """Judging all files at once, and one by one."""
    submissions = case_submissions(FILES, ROWS_A_FILE)
    return cpu_seconds(lambda: judged(submissions)), cpu_seconds(lambda: [judged([one]) for one in submissions])


def calamine_against_openpyxl() -> tuple[float, float]:
    """Reading a workbook of 5,000 rows."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in range(5_000):
        sheet.append([f"某环立〔2023〕{row}号", row, row / 7, "超标排放"] * 5)
    data = io.BytesIO()
    workbook.save(data)

    def by_openpyxl() -> None:
        list(openpyxl.load_workbook(io.BytesIO(data.getvalue()), read_only=True).worksheets[0].values)

    def by_calamine() -> None:
        CalamineWorkbook.from_filelike(io.BytesIO(data.getvalue())).get_sheet_by_index(0).to_python()

    return cpu_seconds(by_calamine), cpu_seconds(by_openpyxl)


def late_county_against_all() -> tuple[float, float]:
    """Recording 300 rows of a late county beside 60,000 rows that stand, and recording those 60,000."""
    tables = build_tables(ledgers())
    with tempfile.TemporaryDirectory() as folder:
        engine = open_warehouse(f"sqlite:///{Path(folder) / 'warehouse.sqlite'}")
        tables.metadata.create_all(engine)

        def record(submissions: list[Submission]) -> None:
            outcome = judged(submissions)
            rows = pd.DataFrame(
                [
                    {
                        "unit_code": one.unit_code, "ledger": one.ledger, "period": one.period, "sha256": one.file,
                        "source_file": one.file, "source_sheet": one.sheet, "source_columns": {},
                        "received_at": datetime(2023, 7, 5),  # noqa: DTZ001 - UTC, as the warehouse keeps it
                        "is_judged_again": False,
                    }
                    for one in submissions
                ],
                dtype=object,
            ).join(outcome.submissions)  # fmt: skip
            assert set(rows["state"]) == {ACCEPTED}
            files = pd.DataFrame(columns=["path"])
            new = NewLoad(
                "bench", datetime(2023, 7, 5), "", "", rows, outcome.rows, outcome.held, outcome.findings, files,  # noqa: DTZ001
                (), outcome.adjusted,
            )  # fmt: skip
            with writing(engine) as connection:
                record_load(connection, tables, new, {})

        units = len(default_regions().units)
        everything = [one for month in range(1, 13) for one in case_submissions(units, 625, f"2023-{month:02}", month * units)]
        all_seconds = cpu_seconds(lambda: record(everything))
        late = case_submissions(1, 300, "2022-12", 10_000)
        late_seconds = cpu_seconds(lambda: record(late))
        engine.dispose()
    return late_seconds, all_seconds


BENCHMARKS = {
    "judge 300 files at once / one by one": batch_against_files,
    "read a workbook: calamine / openpyxl": calamine_against_openpyxl,
    "record 300 late rows beside 60,000 / record the 60,000": late_county_against_all,
}


def main() -> None:
    rows = []
    for title, benchmark in BENCHMARKS.items():
        ours, other = benchmark()
        row = {"what": title, "first": f"{ours:.2f} s", "second": f"{other:.2f} s", "ratio": f"1 : {other / ours:.1f}"}
        rows.append(row)
    print_table("CPU seconds, side by side", rows, {name: name for name in rows[0]}, right=["first", "second", "ratio"])


if __name__ == "__main__":
    main()
