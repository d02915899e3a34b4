"""The floor: DuckDB alone, columns given, nothing but SQL. Nothing that ends with rows in a database is known to be faster."""

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


def main(inbox: Path, folder: Path) -> None:
    phases = Phases()
    store = duckdb.connect(folder / "floor.duckdb")
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    with phases.of("read, judge, load"):
        store.execute(f"""
            create table penalties as
            select parse_path(filename)[-2] as unit_code, {", ".join(map(_typed, COLUMNS))}
            from read_csv('{inbox}/*/*/*.csv', columns = {{{columns}}}, header = true, delim = ',', quote = '"',
                          auto_detect = false, filename = true)
            where {" and ".join(map(_is_right, COLUMNS))}
            qualify row_number() over (partition by decision_no) = 1
        """)  # noqa: S608
        store.execute("checkpoint")
    with phases.of("thirty figures"):
        figures = answers(store.execute(query("penalties")).fetchall())
    store.close()
    tell(folder, figures, phases)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
