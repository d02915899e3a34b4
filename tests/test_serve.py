"""`huizong serve` for real: nights at their time, reruns when asked for, and nothing left behind when it stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from conftest import CITY_TABLE
from counties import ledger_bytes, put

from flows.prefect_api import serving_url
from flows.prefect_server import listener_on
from flows.schedule import cron, is_missed, last_due, next_due

REPOSITORY = Path(__file__).parents[1]
HUIZONG = [sys.executable, "-c", "from flows.cli import main; main()"]
STAR, RIVER = "990102", "990181"
SHANGHAI = ZoneInfo("Asia/Shanghai")
Started = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of a small city, two counties' first reports in its inbox."""
    (tmp_path / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
    (tmp_path / "huizong.toml").write_text('regions = "regions.csv"\nserve_port = 0\n', encoding="utf-8")
    for unit in (STAR, RIVER):
        put(tmp_path / "inbox", f"2023-06/{unit}/a.xlsx", ledger_bytes("cases", {"case_no": f"某环立〔2023〕{unit}号"}))
    return tmp_path


@pytest.fixture
def start(home: Path) -> Iterator[Started]:
    """Start the command over the home; what still runs when the test ends is killed."""
    processes: list[subprocess.Popen[str]] = []

    def started(*arguments: str, **settings: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        processes.append(subprocess.Popen(
            [*HUIZONG, "--home", str(home), *arguments], cwd=REPOSITORY, env=environment | settings,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        ))  # fmt: skip
        return processes[-1]

    yield started
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(asked: Callable[[], Any], seconds: float = 60) -> Any:
    give_up = time.monotonic() + seconds
    while not (answer := asked()):
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.2)
    return answer


def processes_of(home: Path) -> list[str]:
    """The command lines of all processes whose environment or arguments name the home."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in said and folder.name != str(os.getpid()):
            found.append((folder / "cmdline").read_text().replace("\0", " "))
    return found


def runs(api: httpx.Client, **wanted: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = api.post("/flow_runs/filter", json={}).json()
    return [run for run in told if all(run[name] == value for name, value in wanted.items())]


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_serve_runs_nights_and_reruns_and_leaves_nothing(home: Path, start: Started) -> None:
    serve = start("serve", HUIZONG_SERVE_EVERY_SECONDS="15")
    assert serve.stdout is not None
    page = serve.stdout.readline().removeprefix("Prefect's page: ").strip()
    with httpx.Client(base_url=f"{page}/api", trust_env=False) as api:
        assert "<html" in httpx.get(page, trust_env=False, headers={"accept": "text/html"}, follow_redirects=True).text
        wait_for(lambda: runs(api, auto_scheduled=False, state_name="Loaded"))  # the missed night
        put(home / "inbox", f"2023-07/{STAR}/late.xlsx", ledger_bytes("cases", {"case_no": "某环立〔2023〕7号"}))
        deployment = api.get("/deployments/name/rerun/rerun").json()
        choice = deployment["parameter_openapi_schema"]["properties"]["unit_code"]["enum"][1]
        asked = {"unit_code": choice, "period": "2023-07"}
        refused = api.post(
            f"/deployments/{deployment['id']}/create_flow_run", json={"parameters": asked | {"unit_code": "星河"}}
        )
        assert refused.status_code == 409
        assert f"'星河' is not one of ['9901X0 某市本级', '{choice}'" in refused.json()["detail"]
        made = api.post(f"/deployments/{deployment['id']}/create_flow_run", json={"parameters": asked | {"ledger": None}})
        assert made.status_code == 201, made.text
        wait_for(lambda: runs(api, id=made.json()["id"], state_type="COMPLETED"))
        wait_for(lambda: runs(api, auto_scheduled=True, state_type="COMPLETED"))
        again = start("serve")
        assert "serve runs already" in again.communicate()[0]
        assert again.returncode == 4
        assert serving_url(home) == f"{page}/api"
        by_hand, _ = start("nightly").communicate()
        assert "Nothing new" in by_hand
    began = time.monotonic()
    serve.send_signal(signal.SIGTERM)
    assert serve.communicate()[0].endswith("Stopped.\n")
    assert (serve.returncode, time.monotonic() - began < 15) == (0, True)
    wait_for(lambda: not processes_of(home), 3)
    figures, _ = start("indicators", "--period", "2023", "--indicator", "case_filed_count", "--json").communicate()
    assert json.loads(figures)[0]["display"] == "3件"


def test_a_port_that_is_taken_is_told(start: Started) -> None:
    with listener_on("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        serve = start("serve", HUIZONG_SERVE_PORT=str(port))
        said, _ = serve.communicate()
    assert said == f"cannot listen on 127.0.0.1 port {port}: Address already in use; choose another `serve_port`.\n"
    assert serve.returncode == 1


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_the_schedule_as_cron_writes_it() -> None:
    assert [cron("02:00"), cron("23:05")] == ["0 2 * * *", "5 23 * * *"]


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2024-03-02T01:59", "2024-03-01T02:00", "2024-03-02T02:00"),
        ("2024-03-02T02:00", "2024-03-02T02:00", "2024-03-03T02:00"),
        ("2024-02-29T23:00", "2024-02-29T02:00", "2024-03-01T02:00"),
    ],
)
def test_when_nights_are_due(now: str, last: str, following: str) -> None:
    moment = at(now).astimezone(UTC)
    assert last_due(moment, "02:00", SHANGHAI) == at(last)
    assert next_due(moment, "02:00", SHANGHAI) == at(following)


@pytest.mark.parametrize(
    ("ended", "missed"), [(None, True), ("2024-02-29T18:30", True), ("2024-03-01T18:01", False), ("2024-03-02T05:00", False)]
)
def test_a_night_is_missed_when_none_ended_since_it_was_due(ended: str | None, missed: bool) -> None:
    last_ended = datetime.fromisoformat(ended) if ended else None
    assert is_missed(last_ended, at("2024-03-02T09:00").astimezone(UTC), "02:00", SHANGHAI) is missed
