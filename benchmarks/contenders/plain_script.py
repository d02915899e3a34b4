"""The obvious script: for each file pandas reads, pandera validates, `to_sql` writes the rows to SQLite;
`to_excel` returns the file, and openpyxl marks its wrong cells.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from sqlalchemy import create_engine, text

from benchmarks.contenders.marked_files import mark_by_openpyxl, wrong_cells
from benchmarks.contenders.rules import (
    AMOUNTS,
    COLUMNS,
    DATES,
    FEN_IN_WAN_YUAN,
    FORMS,
    HEADERS,
    REQUIRED,
)
from benchmarks.contenders.timing import MARKED_FILES, Phases
from benchmarks.figures import answers, query, tell


def _schema() -> pa.DataFrameSchema:
    def checks(name: str) -> list[pa.Check]:
        if name in DATES:
            return [
                pa.Check(lambda cells: pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce").notna())
            ]
        return [pa.Check.str_matches(FORMS[name])] if name in FORMS else []

    return pa.DataFrameSchema(
        {name: pa.Column(str, checks(name), nullable=name not in REQUIRED) for name in COLUMNS}
    )


def _wrong_cells(schema: pa.DataFrameSchema, frame: pd.DataFrame) -> pd.DataFrame:
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as faults:
        cases = faults.failure_cases.dropna(subset=["index"])
        return cases.astype({"index": int, "check": str})
    return pd.DataFrame({"index": pd.Series(dtype=int), "column": [], "check": []})


def _write_marked_file(frame: pd.DataFrame, cases: pd.DataFrame, target: Path) -> None:
    frame.rename(columns=HEADERS).to_excel(target, index=False)
    wrong = wrong_cells(*(cases[name].tolist() for name in ("index", "column", "check")))
    mark_by_openpyxl(target, target, wrong)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    dates = {name: pd.to_datetime(frame[name], format="%Y-%m-%d").dt.date for name in DATES}
    amounts = {
        name: (frame[name].astype("Float64") * FEN_IN_WAN_YUAN).round().astype("Int64") for name in AMOUNTS
    }
    return frame.assign(
        **dates, **amounts, is_publishable=frame["is_publishable"].map({"是": True, "否": False})
    )


def main(inbox: Path, folder: Path) -> None:
    phases = Phases()
    schema, frames = _schema(), []
    for path in sorted(inbox.glob("*/*/*.csv")):
        with phases.of("read"):
            frame = pd.read_csv(path, dtype=str, encoding="utf-8", names=COLUMNS, header=0)
        with phases.of("judge"):
            cases = _wrong_cells(schema, frame)
            right = frame.drop(index=cases["index"].unique())
        with phases.of("parse"):
            frames.append(_typed(right).assign(unit_code=path.parent.name))
        with phases.of(MARKED_FILES):
            _write_marked_file(frame, cases, folder / f"{path.parent.name}.xlsx")
    with phases.of("deduplicate"):
        rows = pd.concat(frames, ignore_index=True).drop_duplicates("decision_no")
    engine = create_engine(f"sqlite:///{folder / 'plain.sqlite'}")
    with phases.of("load"):
        rows.to_sql("penalties", engine, index=False, if_exists="replace")
    with phases.of("thirty figures"), engine.connect() as connection:
        figures = answers([tuple(row) for row in connection.execute(text(query("penalties")))])
    tell(folder, figures, phases)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
