"""The obvious script: for each file pandas reads, pandera validates, `to_sql` writes the rows to SQLite."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from sqlalchemy import create_engine, text

from benchmarks.contenders.rules import AMOUNTS, COLUMNS, DATES, FEN_IN_WAN_YUAN, FORMS, REQUIRED
from benchmarks.contenders.timing import Phases
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


def _right_rows(schema: pa.DataFrameSchema, frame: pd.DataFrame) -> pd.DataFrame:
    try:
        return schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as faults:
        return frame.drop(index=faults.failure_cases["index"].dropna().astype(int).unique())


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
            frame = _right_rows(schema, frame)
        with phases.of("parse"):
            frames.append(_typed(frame).assign(unit_code=path.parent.name))
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
