"""Files are read in child processes, in batches: a file that crashes its process is rejected alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from flows.ingest.read_batches import MOST_FILES, read_isolated
from flows.sandbox.pool import OUT_OF_MEMORY, ChildCrashed, ChildError, Limits
from flows.sandbox.shared_buffers import SMALLEST_APART, pack, unpack
from tests.support.counties import csv_bytes, rows_of, sheet_cells
from tests.support.validation import CITY, INDEX
from transforms.read import FileRead

LIMITS = Limits(seconds=60.0, mebibytes=96, processes=1)
GOOD = csv_bytes(sheet_cells("cases", rows_of("cases", {})))


def test_only_the_harmful_file_of_a_batch_is_rejected(tmp_path: Path) -> None:
    contents = {"a.csv": GOOD, "harmful.csv": b"x,y\n" * 1_500_000, "c.csv": GOOD}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    files = [(f"2023-06/临江市/{name}", tmp_path / name) for name in [*contents, "gone.csv"]]
    first, harmful, third, missing = read_isolated(LIMITS, files, CITY, INDEX)
    assert isinstance(first, FileRead)
    assert isinstance(third, FileRead)
    assert (first.submissions[0].ledger, third.submissions[0].accepted_span.count) == ("cases", 1)
    assert harmful == ChildCrashed(OUT_OF_MEMORY)
    assert isinstance(missing, ChildError)
    assert isinstance(missing.error, FileNotFoundError)


def test_files_beyond_one_batch_come_back_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    files = [(f"2023-06/临江市/{number}.csv", tmp_path / "a.csv") for number in range(MOST_FILES + 3)]
    results = read_isolated(LIMITS, files, CITY, INDEX)
    assert [file_read.submissions[0].file for file_read in results if isinstance(file_read, FileRead)] == [
        path for path, _ in files
    ]
    assert read_isolated(LIMITS, [], CITY, INDEX) == []


def test_without_bulk_reading_the_results_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    files = [(f"2023-06/临江市/{number}.csv", tmp_path / "a.csv") for number in range(2)]
    for in_bulk in (True, False):
        read = read_isolated(LIMITS, files, CITY, INDEX, in_bulk=in_bulk)
        assert [
            (file_read.submissions[0].file, len(file_read.submissions[0].rows))
            for file_read in read
            if isinstance(file_read, FileRead)
        ] == [(path, 1) for path, _ in files]


def test_a_parcel_has_what_was_packed_and_leaves_no_file(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"text": pd.Series(["甲", None] * SMALLEST_APART, dtype="str"), "row": range(2 * SMALLEST_APART)}
    )
    small, odd = np.arange(3), np.arange(SMALLEST_APART + 1, dtype="int8")
    parcel = pack([frame, frame, small, odd], tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    first, second, third, last = unpack(parcel)
    assert list(tmp_path.iterdir()) == []
    assert first is second
    pd.testing.assert_frame_equal(first, frame)
    assert third.tolist() == [0, 1, 2]
    assert (last == odd).all()
    assert pack(["nothing large"], tmp_path).file is None
