"""dlt merges rows by their number: `python -m benchmarks.contenders.dlt_merge INBOX FOLDER duckdb|sqlite`.

dlt validates nothing by itself, so polars reads for it and leaves out wrong rows by one expression: the
cheapest way to the same rows. What dlt then does (normalise, stage, merge) is what is measured.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.contenders.timing import Phases
from benchmarks.contenders.with_polars import all_cells_valid, convert_types, read
from benchmarks.figures import answers, query, tell

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR", "LOAD__DELETE_COMPLETED_JOBS": "true",
}  # fmt: skip


def main(inbox: Path, folder: Path, store: str) -> None:
    import dlt
    from dlt.destinations import duckdb as to_duckdb
    from dlt.destinations import sqlalchemy as to_sqlalchemy

    phases = Phases()
    with phases.of("read and leave out"):
        rows = convert_types(read(inbox).filter(all_cells_valid()).collect()).to_arrow()

    @dlt.resource(name="penalties", primary_key="decision_no", write_disposition="merge")
    def penalties() -> Iterator[Any]:
        yield rows

    path = folder / ("dlt.duckdb" if store == "duckdb" else "dlt.sqlite")
    destination = to_duckdb(str(path)) if store == "duckdb" else to_sqlalchemy(f"sqlite:///{path}")
    pipeline = dlt.pipeline(
        "bench", pipelines_dir=str(folder / "dlt"), destination=destination, dataset_name="main"
    )
    with phases.of("normalise, stage, merge"):
        pipeline.run(penalties())
    with phases.of("thirty figures"):
        connection: Any = duckdb.connect(path) if store == "duckdb" else sqlite3.connect(path)
        figures = answers(connection.execute(query("main.penalties")).fetchall())
    tell(folder, figures, phases)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
