"""polars reads all files at once, pandera validates the whole frame, DuckDB stores the valid rows."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pandera.polars as pa
import polars as pl

from benchmarks.contenders.rules import COLUMNS, DATES, FORMS, REQUIRED
from benchmarks.contenders.timing import Phases
from benchmarks.contenders.with_polars import convert_types, read
from benchmarks.figures import answers, query, tell


def _is_date(data: pa.PolarsData) -> pl.LazyFrame:
    return data.lazyframe.select(pl.col(data.key).str.to_date("%Y-%m-%d", strict=False).is_not_null())


def _schema() -> pa.DataFrameSchema:
    def checks(name: str) -> list[pa.Check]:
        if name in DATES:
            return [pa.Check(_is_date)]
        return [pa.Check.str_matches(FORMS[name])] if name in FORMS else []

    return pa.DataFrameSchema({
        name: pa.Column(pl.String, checks(name), nullable=name not in REQUIRED) for name in COLUMNS
    })  # fmt: skip


def main(inbox: Path, folder: Path) -> None:
    phases = Phases()
    with phases.of("read"):
        rows = read(inbox).collect()
    with phases.of("judge"):
        try:
            _schema().validate(rows, lazy=True)
        except pa.errors.SchemaErrors as faults:
            wrong = faults.failure_cases["index"].drop_nulls().unique()
            rows = (
                rows.with_row_index()
                .filter(~pl.col("index").is_in(wrong.cast(pl.UInt32).implode()))
                .drop("index")
            )
    with phases.of("parse"):
        frame = convert_types(rows).unique("decision_no", keep="first")
    store = duckdb.connect(folder / "polars.duckdb")
    with phases.of("load"):
        arrow = frame.to_arrow()
        store.register("arrived", arrow)
        store.execute("create table penalties as select * from arrived")
        store.execute("checkpoint")
    with phases.of("thirty figures"):
        figures = answers(store.execute(query("penalties")).fetchall())
    tell(folder, figures, phases)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
