"""The lowest cost of getting the rows into PostgreSQL:
`python -m benchmarks.contenders.postgres_copy FLOOR FOLDER URL SERVER_PID`.

The floor's rows, written as CSV by Arrow and taken by COPY into a table without keys or indexes. Fetching
them from the floor is not counted, the server's own CPU time is.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import duckdb
import psycopg
from pyarrow import csv

from benchmarks.contenders.timing import Phases
from benchmarks.figures import answers, query, tell
from benchmarks.measure import tree_cpu

_TYPES = {"VARCHAR": "text", "BIGINT": "bigint", "DATE": "date", "BOOLEAN": "boolean"}


def main(floor: Path, folder: Path, url: str, server_pid: int) -> None:
    store = duckdb.connect(floor, read_only=True)
    rows = store.execute("select * from penalties").to_arrow_table()
    columns = [
        f"{name} {_TYPES[str(kind)]}" for name, kind, *_ in store.execute("describe penalties").fetchall()
    ]
    phases = Phases()
    with psycopg.connect(url) as connection:
        connection.execute("drop table if exists copied")
        connection.execute(f"create table copied ({', '.join(columns)})".encode())
        connection.commit()
        served = tree_cpu(server_pid)
        with phases.of("write CSV"):
            text = io.BytesIO()
            csv.write_csv(rows, text, csv.WriteOptions(include_header=False))
        with phases.of("COPY"):
            with connection.cursor() as cursor, cursor.copy("copy copied from stdin (format csv)") as copy:
                copy.write(text.getbuffer())
            connection.commit()
        phases["COPY, in the server"] = tree_cpu(server_pid) - served
        figures = answers(connection.execute(query("copied").encode()).fetchall())
        connection.execute("drop table copied")
    tell(folder, figures, phases)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
