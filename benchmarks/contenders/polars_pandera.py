"""polars reads all files at once, pandera validates the whole frame, DuckDB stores the valid rows, and
xlsxwriter returns every file with its wrong cells marked.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pandera.polars as pa
import polars as pl

from benchmarks.contenders.marked_files import write_by_xlsxwriter, wrong_cells
from benchmarks.contenders.rules import COLUMNS, DATES, FORMS, REQUIRED
from benchmarks.contenders.timing import MARKED_FILES, Phases
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


def _write_marked_files(arrived: pl.DataFrame, cases: pl.DataFrame, folder: Path) -> None:
    """Write a workbook for each unit, whose file it is."""
    cases = cases.drop_nulls("index").with_columns(pl.col("index").cast(pl.UInt32))
    units = arrived.with_row_index().select("index", "unit_code")
    units = units.with_columns(row=pl.int_range(pl.len()).over("unit_code"))
    by_unit = {
        unit: wrong_cells(*(group[name].to_list() for name in ("row", "column", "check")))
        for (unit,), group in cases.join(units, on="index").group_by("unit_code")
    }
    for (unit,), rows in arrived.group_by("unit_code", maintain_order=True):
        texts = rows.select(COLUMNS).rows()
        write_by_xlsxwriter(folder / f"{unit}.xlsx", texts, by_unit.get(unit, {}))


def main(inbox: Path, folder: Path) -> None:
    phases = Phases()
    with phases.of("read"):
        arrived = rows = read(inbox).collect()
    cases = pl.DataFrame(schema={"index": pl.Int32, "column": pl.String, "check": pl.String})
    with phases.of("judge"):
        try:
            _schema().validate(rows, lazy=True)
        except pa.errors.SchemaErrors as faults:
            cases = faults.failure_cases
            wrong = cases["index"].drop_nulls().unique()
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
    with phases.of(MARKED_FILES):
        _write_marked_files(arrived, cases, folder)
    tell(folder, figures, phases)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
