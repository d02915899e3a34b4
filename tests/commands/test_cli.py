"""The commands as people run them: the demo year through Prefect and back out as the published figures."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from filelock import FileLock

from flows.cli import main
from flows.home import Home
from flows.pipeline import ingest
from flows.queries.figures import figure_rows
from flows.run_lock import LOCK_FILE
from flows.sample_year import published_figures, write_demo_year
from flows.step import Step
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators, ledgers
from schemas.periods import Period
from tests.conftest import CITY_TABLE
from tests.support.counties import ledger_bytes, put
from tests.support.processes import left_running
from warehouse.engine import reading

HUIZONG = str(Path(sys.executable).with_name("huizong"))
LATE = "2023-06/431322"


def run_huizong(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HUIZONG, "--home", str(home), *arguments], capture_output=True, text=True, timeout=240, check=False
    )


def run_command(home: Path, *arguments: str) -> Any:
    """Run a command in this process: starting another takes longer than the command."""
    result = CliRunner().invoke(main, ["--home", str(home), *arguments])
    return SimpleNamespace(returncode=result.exit_code, stdout=result.stdout, stderr=result.stderr)


#: months and units of the sample year; `make run` shows all of it, up to the published figures
MONTHS = ("2023-06", "2023-11")
UNITS = ("4313X0", "431322", "4313X1")


@dataclass
class DemoYear:
    """Months of some units of the demo year, loaded without one county's June, and what the run printed."""

    home: Path
    withheld: Path
    nightly: subprocess.CompletedProcess[str]
    left_running: list[str]


@pytest.fixture(scope="module")
def demo_year(sample_year: Path, tmp_path_factory: pytest.TempPathFactory) -> DemoYear:
    home = tmp_path_factory.mktemp("demo") / "home"
    for sent in (f"{month}/{unit}" for month in MONTHS for unit in UNITS):
        if sent != LATE:
            shutil.copytree(sample_year / sent, home / "inbox" / sent, copy_function=shutil.copy2)
    regions = (resources.files("schemas") / "regions.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in regions if line.startswith(("code", "431300", *UNITS))]
    (home / "regions.csv").write_text("".join(kept), encoding="utf-8")
    (home / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    result = run_huizong(home, "nightly")
    return DemoYear(home, sample_year / LATE, result, left_running(home))


def figures_of_city(home: Path, period: str) -> dict[str, dict[str, Any]]:
    """Compute what `indicators --json` prints, without starting a process for each call."""
    workspace = Workspace(Home(home))
    with reading(workspace.engine) as connection:
        rows = figure_rows(
            workspace,
            workspace.as_of_moment(connection),
            list(indicators().values()),
            [workspace.regions.top.code],
            Period.parse(period),
        )
    return {row["indicator_id"]: row for row in rows}


#: counts a petition in the month in which it is due, which is later than that of its acceptance
DUE_LATER = {"petition_on_time_rate"}
PERIODS = ("2023", "2023-06", "2023-11")


@pytest.mark.usefixtures("without_prefect")
def test_a_late_county_moves_only_what_it_should(demo_year: DemoYear) -> None:
    home = demo_year.home
    assert demo_year.nightly.returncode == 0, demo_year.nightly.stdout + demo_year.nightly.stderr
    assert demo_year.nightly.stderr == ""
    before = {period: figures_of_city(home, period) for period in PERIODS}
    assert before["2023-06"]["case_filed_count"]["units_reported"] == len(UNITS) - 1
    assert before["2023-06"]["case_filed_count"]["is_provisional"]

    shutil.copytree(demo_year.withheld, home / "inbox" / LATE, copy_function=shutil.copy2)
    result = run_command(home, "rerun", "--unit", "431322", "--period", "2023-06")
    assert result.returncode == 0, result.stdout + result.stderr
    after = {period: figures_of_city(home, period) for period in PERIODS}
    sums = ("numerator", "denominator")
    moved = {
        period for period in PERIODS for name in after[period]
        if name not in DUE_LATER and any(before[period][name][column] != after[period][name][column] for column in sums)
    }  # fmt: skip
    assert moved == {"2023", "2023-06"}
    assert not any(row["is_provisional"] for row in after["2023-06"].values())


def test_a_second_nightly_run_loads_and_writes_nothing(demo_year: DemoYear) -> None:
    home = demo_year.home
    assert run_command(home, "nightly").returncode == 0

    def modification_times() -> dict[str, int]:
        return {
            str(file): file.stat().st_mtime_ns
            for file in home.rglob("*")
            if file.is_file() and ".sqlite" not in file.name
        }

    before = modification_times()
    result = run_command(home, "nightly")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Nothing new: the ")
    assert {name for name, time in modification_times().items() if before.get(name) != time} <= {
        str(home / LOCK_FILE)
    }


def test_prefect_shows_the_nightly_run(demo_year: DemoYear) -> None:
    with closing(sqlite3.connect(demo_year.home / "prefect" / "prefect.db")) as database:
        (flow,) = database.execute("SELECT state_name, state_type FROM flow_run ORDER BY created LIMIT 1")
        tasks = dict(database.execute("SELECT name, state_type FROM task_run").fetchall())
        artifacts = database.execute("SELECT count(*) FROM artifact WHERE key = 'night'").fetchone()
        lines = database.execute(
            "SELECT count(*) FROM log WHERE message LIKE 'Finished in state %'"
        ).fetchone()
    assert flow == ("Loaded", "COMPLETED")
    assert {Step.SCAN.title, Step.LOAD.title, Step.REPORT.title} <= set(tasks)
    assert set(tasks.values()) == {"COMPLETED"}
    assert artifacts[0] >= 1
    assert lines[0] >= len(tasks)


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_nothing_is_left_running_and_the_operator_sees_no_noise(demo_year: DemoYear) -> None:
    assert (demo_year.nightly.returncode, demo_year.nightly.stderr, demo_year.left_running) == (0, "", [])
    assert "prefect" not in demo_year.nightly.stdout.lower()


def test_figures_for_programs(demo_year: DemoYear) -> None:
    keys = ["indicator_id", "title", "unit", "region_code", "region_name", "period", "value", "numerator", "denominator",
            "display", "units_expected", "units_reported", "is_provisional", "as_of"]  # fmt: skip
    choice = ("--period", "2023-Q4", "--region", "4313X0", "--indicator", "head_appearance_rate")
    (row,) = json.loads(run_command(demo_year.home, "indicators", *choice, "--json").stdout)
    assert list(row) == keys
    assert (row["region_name"], row["period"], row["units_expected"]) == ("娄底市本级", "2023-Q4", 1)
    result = run_command(demo_year.home, "indicators", "--period", "2023", "--csv")
    assert result.stdout.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(result.stdout.lstrip("\ufeff"))))
    assert list(rows[0]) == keys


def test_status_of_a_year_and_for_programs(demo_year: DemoYear) -> None:
    result = run_command(demo_year.home, "status")
    assert result.returncode == 0
    assert "娄底经济技术开发区" in result.stdout
    rows = json.loads(run_command(demo_year.home, "status", "--period", "2023-11", "--json").stdout)
    assert len(rows) == len(UNITS) * len(ledgers())
    late = {row["unit_code"] for row in rows if row["days_late"]}
    assert late == {"4313X1"}
    assert {row["state"] for row in rows} <= {"on_time", "late", "zero"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["indicators", "--period", "2023-13"], "'2023-13' is no period; write a year 2023"),
        (["indicators", "--period", "2023", "--region", "1"], "no region 1; there are 娄底市（431300）"),
        (
            ["indicators", "--period", "2023", "--indicator", "x"],
            "no indicator x; `huizong dictionary --out FILE.html` lists them all",
        ),
        (
            ["rerun", "--unit", "431300", "--period", "2023-06"],
            "no unit 431300; the nearest are 娄底市本级（4313X0）",
        ),
        (["rerun", "--unit", "431322", "--period", "2023"], "'2023' is no month; write it as 2023-06"),
        (
            ["rerun", "--unit", "431322", "--period", "2023-06", "--dataset", "x"],
            "no ledger x; there are activities（法治活动台账）、cases",
        ),
        (["demo", "--year", "2099"], "2099 is not over yet"),
    ],
)
def test_wrong_usage_is_explained(
    tmp_path: Path, demo_year: DemoYear, arguments: list[str], message: str
) -> None:
    result = run_command(tmp_path if arguments[0] == "demo" else demo_year.home, *arguments)
    assert result.returncode == 2
    assert message in result.stderr


def test_a_home_with_wrong_settings_or_no_warehouse(tmp_path: Path) -> None:
    (tmp_path / "huizong.toml").touch()
    result = run_command(tmp_path, "indicators", "--period", "2023")
    assert (result.returncode, [path.name for path in tmp_path.iterdir()]) == (1, ["huizong.toml"])
    assert "run `huizong nightly` first" in result.stderr
    wrong = {"due_workingday = 3": "due_workingday"}
    wrong |= {
        f'timezone = "{name}"': f"no time zone '{name}'"
        for name in ("Asia/Nowhere", "Asia", "", "../etc/passwd")
    }
    for written, message in wrong.items():
        (tmp_path / "huizong.toml").write_text(f"{written}\n")
        result = run_command(tmp_path, "nightly")
        assert (result.returncode, message in result.stderr) == (2, True), result.stderr
    (tmp_path / "inbox").mkdir()  # it stays a home without settings
    for name, text in {
        "huizong.toml": '# 娄底\nregions = "own.csv"',
        "own.csv": "代码,名称",
        "adjustments.toml": "# 更正",
    }.items():
        for lies in ("huizong.toml", "own.csv", "adjustments.toml"):
            (tmp_path / lies).unlink(missing_ok=True)
        if name == "own.csv":
            (tmp_path / "huizong.toml").write_text(
                'regions = "own.csv"', "utf-8-sig"
            )  # as Windows' editor writes it
        (tmp_path / name).write_text(text, "gbk")
        result = run_command(tmp_path, "nightly")
        assert (result.returncode, f"{name} is not written in UTF-8" in result.stderr) == (2, True), (
            result.stderr
        )


@pytest.mark.usefixtures("without_prefect")
def test_exit_codes_of_a_rejection_and_of_a_held_lock(home_folder: Path) -> None:
    put(home_folder / "inbox", "2023-06/990102/a.xlsx", b"\x00\x01\x02")
    put(home_folder / "inbox", "2023-06/990181/b.xlsx", ledger_bytes("cases", {}))
    with FileLock(home_folder / LOCK_FILE):
        locked = run_command(home_folder, "nightly")
    assert locked.returncode == 4
    assert "another run is at work" in locked.stderr
    result = run_command(home_folder, "nightly")
    assert result.returncode == 3
    assert "既不是工作簿" in result.stdout
    assert "1件" in result.stdout


@pytest.mark.usefixtures("without_prefect")
def test_the_nightly_run_does_not_need_prefect(home_folder: Path) -> None:
    put(home_folder / "inbox", "2023-06/990181/b.xlsx", ledger_bytes("cases", {}))
    result = run_command(home_folder, "nightly")
    assert result.returncode == 0
    assert "running without it" in result.stderr
    assert "1件" in result.stdout


def test_another_city_needs_only_its_region_table(home_folder: Path) -> None:
    """A small one, of a bureau and two units."""
    small = "".join(line for line in CITY_TABLE.splitlines(keepends=True) if "990181" not in line)
    (home_folder / "regions.csv").write_text(small, encoding="utf-8")
    workspace = Workspace(Home(home_folder))
    workspace.prepare()
    write_demo_year(workspace.home.inbox, 2022, workspace.regions)
    ingest(workspace, RunScope(), datetime(2024, 2, 1))
    with reading(workspace.engine) as connection:
        rows = figure_rows(
            workspace,
            workspace.as_of_moment(connection),
            list(indicators().values()),
            ["990100"],
            Period.parse("2022"),
        )
    published = {
        published_figure.indicator_id: published_figure.published_text
        for published_figure in published_figures()
    }
    assert {row["display"] for row in rows if row["indicator_id"] == "case_filed_count"} == {"248件"}
    assert all(row["display"] == published.get(row["indicator_id"], row["display"]) for row in rows)
    (filed,) = (row for row in rows if row["indicator_id"] == "case_filed_count")
    assert small.count("unit,990100") == filed["units_reported"]
