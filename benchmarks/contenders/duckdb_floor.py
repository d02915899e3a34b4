"""The floor: DuckDB alone, columns given, nothing but SQL. Nothing that ends
with rows in a database is known to be faster.

`python -m benchmarks.contenders.duckdb_floor INBOX FOLDER [read]`; with
`read` the files are read as text and that is all.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from benchmarks.contenders.rules import AMOUNTS, COLUMNS, DATES, FEN_IN_WAN_YUAN, FORMS, REQUIRED
from benchmarks.contenders.timing import Phases
from benchmarks.figures import answers, query, tell


def _typed(name: str) -> str:
    if name in DATES:
        return f"try_cast({name} as date) as {name}"
    if name in AMOUNTS:
        return f"cast(round(try_cast({name} as decimal(18, 4)) * {FEN_IN_WAN_YUAN}) as bigint) as {name}"
    return f"({name} = '是') as {name}" if name == "is_publishable" else name


def _is_right(name: str) -> str:
    if name in DATES:
        held = f"try_cast({name} as date) is not null"
    else:
        held = f"regexp_full_match({name}, '{FORMS[name]}')" if name in FORMS else "true"
    return f"({name} is not null and {held})" if name in REQUIRED else f"({name} is null or {held})"


def _files(inbox: Path) -> str:
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    return (
        f"read_csv('{inbox}/*/*/*.csv', columns = {{{columns}}}, header = true, delim = ',', quote = '\"', "
        "auto_detect = false, filename = true)"
    )


def read(inbox: Path, folder: Path) -> None:
    phases = Phases()
    with phases.of("read"):
        duckdb.connect().execute(f"create temp table arrived as select * from {_files(inbox)}")  # noqa: S608
    tell(folder, {}, phases)


def main(inbox: Path, folder: Path) -> None:
    phases = Phases()
    store = duckdb.connect(folder / "floor.duckdb")
    with phases.of("read, judge, load"):
        store.execute(f"""
            create table penalties as
            select parse_path(filename)[-2] as unit_code, {", ".join(map(_typed, COLUMNS))}
            from {_files(inbox)}
            where {" and ".join(map(_is_right, COLUMNS))}
            qualify row_number() over (partition by decision_no) = 1
        """)  # noqa: S608
        store.execute("checkpoint")
    with phases.of("thirty figures"):
        figures = answers(store.execute(query("penalties")).fetchall())
    store.close()
    tell(folder, figures, phases)


if __name__ == "__main__":
    (read if sys.argv[3:] == ["read"] else main)(Path(sys.argv[1]), Path(sys.argv[2]))
