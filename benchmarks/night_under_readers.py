"""How much five readers slow a pipeline run of the sample year:
`python -m benchmarks.night_under_readers [URL of a PostgreSQL]`.

The first half of the year is loaded, so that there is something to read; then the night of the
second half is run twice, each time over a copy of the same home: alone, and while five
processes read the views about a thousand times in all.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from benchmarks.measure import measured

READERS, PAUSE_SECONDS = 5, 0.15
HUIZONG = [sys.executable, "-c", "from flows.cli import main; main()", "--home"]
QUESTIONS = (
    "SELECT max(load_id), min(load_id) FROM mart_indicators WHERE period = '2023'",
    "SELECT max(load_id), min(load_id) FROM mart_coverage",
    "SELECT max(load_id), min(load_id) FROM mart_penalties",
)


def read_on(
    home: Path, url: str, is_over: Event, results: multiprocessing.SimpleQueue[tuple[int, int]]
) -> None:
    """Query until the run is over; return how often, and how often the views showed two different states."""
    reads = mixed = 0
    while not is_over.is_set():
        states = _ask_server(url) if url else _ask_file(home / "marts.sqlite")
        reads, mixed = reads + 1, mixed + (len(set(states)) > 1)
        time.sleep(PAUSE_SECONDS)
    results.put((reads, mixed))


def _ask_file(file: Path) -> list[int]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return [state for question in QUESTIONS for state in connection.execute(question).fetchone()]


def _ask_server(url: str) -> list[int]:
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        states = [state for question in QUESTIONS for state in connection.execute(text(question)).one()]
    engine.dispose()
    return states


def night(home: Path, url: str, readers: int) -> tuple[float, float, int, int]:
    """Return wall and CPU seconds of a run over a home, and the readers' counts."""
    context = multiprocessing.get_context("spawn")
    is_over, results = context.Event(), context.SimpleQueue()
    processes = [
        context.Process(target=read_on, args=(home, url, is_over, results)) for _ in range(readers)
    ]
    for other in processes:
        other.start()
    time.sleep(3 if readers else 0)  # until they are reading
    took = measured([*HUIZONG, home, "nightly"], may_exit=(0, 3))
    is_over.set()
    answers = [results.get() for _ in processes]
    for process in processes:
        process.join()
    return took.wall, took.cpu, sum(reads for reads, _ in answers), sum(mixed for _, mixed in answers)


def half_a_year(home: Path, url: str) -> None:
    """Make a home with the first half of the year loaded and the second half in the inbox."""
    subprocess.run([*HUIZONG, home, "demo"], check=True, stdout=subprocess.DEVNULL)
    if url:
        (home / "huizong.toml").write_text(f'warehouse_url = "{url}"\n', "utf-8")
    later = home.with_name("later")
    later.mkdir()
    for folder in sorted((home / "inbox").iterdir()):
        if folder.name >= "2023-07":
            shutil.move(folder, later / folder.name)
    measured([*HUIZONG, home, "nightly"], may_exit=(0, 3))
    for folder in later.iterdir():
        shutil.move(folder, home / "inbox" / folder.name)


def main(server: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for readers in (0, READERS):
            home = Path(folder) / str(readers) / "home"
            home.mkdir(parents=True)
            url = _database(server, f"readers_{readers}") if server else ""
            half_a_year(home, url)
            wall, cpu, reads, mixed = night(home, url, readers)
            print(
                f"{readers} readers: {wall:.1f} s wall, {cpu:.1f} s CPU; {reads} reads, {mixed} of mixed states",
                flush=True,
            )


def _database(server: str, name: str) -> str:
    """Create a database on the server of a URL and return its URL."""
    with create_engine(server, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
