"""Manual proof that runs neither lose nor duplicate data when killed repeatedly or started concurrently.

    python tests/prove_runs.py kill 100 [POSTGRESQL_URL]
    python tests/prove_runs.py race 20 [POSTGRESQL_URL]

Both use the real command over a temporary home and print what occurred. An empty PostgreSQL database may be given.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from flows.settings import Home
from flows.workspace import Workspace
from tests.conftest import CITY_TABLE
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading
from warehouse.load.load import last_load

UNITS = ("990102", "990121", "990181")
COMMAND = [sys.executable, "-c", "from flows.cli import main; main()"]


class Trial:
    """A home that receives one file after another, and its expected content."""

    def __init__(self, folder: Path) -> None:
        (folder / "inbox").mkdir(parents=True)
        (folder / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
        (folder / "huizong.toml").write_text(
            'regions = "regions.csv"\nsettle_seconds = 0.0\n', encoding="utf-8"
        )
        self.home, self.sent = Home(folder), dict[tuple[str, str], set[str]]()
        self.files = 0

    def send(self) -> None:
        """Send another file of a unit's month, with one case more than before; the month changes after twelve files."""
        unit, month = UNITS[self.files % 3], f"2023-{self.files // 12 % 12 + 1:02}"
        cases = self.sent.setdefault((unit, month), set())
        cases.add(f"某环立({unit[-2:]})〔2023〕{self.files}号")
        rows = [{"case_no": case, "filed_on": f"{month}-03"} for case in sorted(cases)]
        sent_at = f"2024-01-01T{self.files // 60:02}:{self.files % 60:02}"
        put(self.home.inbox, f"{month}/{unit}/{self.files}.xlsx", ledger_bytes("cases", *rows), sent_at)
        self.files += 1

    def start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "HUIZONG_HOME": str(self.home.folder),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        return subprocess.Popen(
            [*COMMAND, "nightly"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def faults(self) -> list[str]:
        """Describe what was lost or duplicated; empty if nothing."""
        workspace, problems = Workspace(self.home), list[str]()
        with reading(workspace.engine) as connection:
            table, reports = workspace.tables.ledgers["cases"], workspace.tables.submissions
            rows = connection.execute(table.select().where(table.c.retired_load.is_(None))).mappings().all()
            ingested = Counter(row.source_file for row in connection.execute(reports.select()))
            loads = last_load(connection, workspace.tables)[0]
        workspace.engine.dispose()
        stands = Counter(row["case_no"] for row in rows)
        wanted = Counter(case for cases in self.sent.values() for case in cases)
        problems += [f"lost {one}" for one in wanted - stands] + [
            f"doubled {stand}" for stand in stands - wanted
        ]
        problems += [f"{file} was taken {count} times" for file, count in ingested.items() if count > 1]
        problems += (
            [f"{len(ingested)} of {self.files} files were taken"] if len(ingested) != self.files else []
        )
        reported = sum(1 for one in self.home.reports.glob("load-*"))
        return problems + ([f"{reported} reports of {loads} loads"] if reported != loads else [])

    def seen(self) -> dict[str, int]:
        """Measure what a run changes on disk, by phase."""
        home = self.home.folder
        sizes = {name: home / name for name in ("archive/log.jsonl", "warehouse.sqlite-wal")}
        return {
            "archive": len(list(home.glob("archive/??/*"))),
            **{name: file.stat().st_size if file.exists() else 0 for name, file in sizes.items()},
            "receipts": len(list(home.glob("receipts/**/*"))),
            "reports": len(list(home.glob("reports/*"))),
            "snapshot": (home / "marts.sqlite").stat().st_mtime_ns
            if (home / "marts.sqlite").exists()
            else 0,
        }


def kill(trial: Trial, times: int) -> Counter[str]:
    """Kill runs in each phase, with more to do each time, until `times` runs were killed; let one finish per round."""
    os.environ["PREFECT_API_URL"] = "http://127.0.0.1:9/api"  # no server: the run goes on without Prefect
    met, rng = Counter[str](), random.Random(7)
    phases = ["starting", *trial.seen()]
    while met.total() < times:
        for phase in phases:
            trial.send()
            met[phase] += _kill_in_phase(trial, phase, rng)
        out, _ = (run := trial.start()).communicate(timeout=300)
        assert run.returncode == 0, out.decode()
        assert trial.faults() == [], trial.faults()
    return met


def _kill_in_phase(trial: Trial, phase: str, rng: random.Random) -> bool:
    """Kill a run shortly after it reached a phase; return whether it was still running."""
    before, run = trial.seen(), trial.start()
    if phase == "starting":
        time.sleep(rng.uniform(0.0, 3.0))
    else:
        while run.poll() is None and trial.seen()[phase] == before[phase]:
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.1))
    exists = run.poll() is None
    run.send_signal(signal.SIGKILL)
    run.communicate()
    return exists


def race(trial: Trial, times: int) -> Counter[str]:
    """Start two runs at the same moment, `times` times."""
    met = Counter[str]()
    for _ in range(times):
        trial.send()
        both = [trial.start(), trial.start()]
        outputs = [run.communicate(timeout=300)[0].decode() for run in both]
        codes = sorted(run.returncode for run in both)
        assert codes in ([0, 0], [0, 4]), (codes, outputs)
        met["one stopped" if codes == [0, 4] else "one after the other"] += 1
        assert trial.faults() == [], trial.faults()
    return met


def prove() -> None:
    """Run the proof given on the command line."""
    what, times = sys.argv[1], int(sys.argv[2])
    if len(sys.argv) > 3:
        os.environ["HUIZONG_WAREHOUSE_URL"] = sys.argv[3]
    with tempfile.TemporaryDirectory(prefix="huizong-") as folder:
        trial = Trial(Path(folder) / "home")
        met = {"kill": kill, "race": race}[what](trial, times)
        run = trial.start()
        run.communicate(timeout=300)
        print(
            f"{what}: {dict(met)}; {trial.files} files; at the end: {trial.faults() or 'nothing lost, nothing doubled'}"
        )


if __name__ == "__main__":
    prove()
