"""`huizong serve` in a real process: scheduled runs, requested reruns, and no process left when it stops."""

from __future__ import annotations

import json
import os
import re
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
import yaml
from click.testing import CliRunner, Result
from filelock import FileLock
from sqlalchemy import select

from flows.cli import main
from flows.commands.serve import SERVE_LOCK, _exit_without_server
from flows.home import Home
from flows.orchestration.prefect_api import serving_url
from flows.orchestration.prefect_server import listen_on
from flows.orchestration.schedule import daily_cron, is_missed, last_due, next_due
from flows.pipeline import RunResult
from flows.workspace import RunScope, Workspace
from schemas.states import NotificationEvent
from tests.conftest import CITY_TABLE
from tests.support.browser import CHROMIUM, start_browser
from tests.support.counties import ledger_bytes, put
from tests.support.processes import left_running
from warehouse.engine import reading

REPOSITORY = Path(__file__).parents[2]
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
        put(
            tmp_path / "inbox",
            f"2023-06/{unit}/a.xlsx",
            ledger_bytes("cases", {"case_no": f"某环立〔2023〕{unit}号"}),
        )
    return tmp_path


@pytest.fixture
def start(home: Path) -> Iterator[Started]:
    """Start a command on the home; kill what still runs when the test ends."""
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


def wait_for(poll: Callable[[], Any], seconds: float = 120) -> Any:
    give_up = time.monotonic() + seconds
    while not (answer := poll()):
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(1.5)  # each poll costs Prefect's server much
    return answer


def list_runs(api: httpx.Client, **properties: Any) -> list[dict[str, Any]]:
    response: list[dict[str, Any]] = api.post("/flow_runs/filter", json={}).json()
    return [run for run in response if all(run[name] == value for name, value in properties.items())]


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_serve_runs_nightly_runs_and_reruns_and_leaves_no_process(home: Path, start: Started) -> None:
    serve = start("serve", HUIZONG_SERVE_EVERY_SECONDS="30")
    assert serve.stdout is not None
    page = serve.stdout.readline().removeprefix("Prefect's page: ").strip()
    assert serving_url(home) == f"{page}/api"
    portal = serve.stdout.readline().removeprefix("The portal: ").strip()
    assert "<h1>登录</h1>" in httpx.get(portal, trust_env=False).text
    with httpx.Client(base_url=f"{page}/api", trust_env=False) as api:
        response = httpx.get(page, trust_env=False, headers={"accept": "text/html"}, follow_redirects=True)
        assert "<html" in response.text
        check_that_other_sites_are_refused(api)
        authorise(api)
        api.post("/automations/", json=AUTOMATION).raise_for_status()
        wait_for(lambda: list_runs(api, auto_scheduled=False, state_name="Loaded"))  # the missed night
        for month in (7, 8):  # the rerun takes July, a scheduled run August
            case = ledger_bytes("cases", {"case_no": f"某环立〔2023〕{month}号"})
            put(home / "inbox", f"2023-0{month}/{STAR}/late.xlsx", case)
        request_rerun(api)
        check_pages_in_a_browser(page, api)
        wait_for(lambda: list_runs(api, auto_scheduled=True, state_name="Loaded"))
    began = time.monotonic()
    serve.send_signal(signal.SIGTERM)
    assert serve.communicate()[0].endswith("Stopped.\n")
    assert unknown_automations(home) == [AUTOMATION["name"]]
    assert (serve.returncode, time.monotonic() - began < 15) == (0, True)
    assert left_running(home) == []
    figures = invoke(home, "indicators", "--period", "2023", "--indicator", "case_filed_count", "--json")
    assert json.loads(figures.output)[0]["display"] == "4件"


#: what another site's page could install: it cancels every run
AUTOMATION = {
    "name": "cancels every night",
    "trigger": {
        "type": "event",
        "posture": "Reactive",
        "expect": ["prefect.flow-run.Running"],
        "threshold": 1,
    },
    "actions": [{"type": "cancel-flow-run"}],
    "enabled": False,
}


def check_that_other_sites_are_refused(api: httpx.Client) -> None:
    """Send what a page of another site can make a browser send."""
    body = json.dumps(AUTOMATION)
    for headers, status in (
        ({"host": "evil.example"}, 403),
        ({"host": "evil.example", "origin": "http://evil.example"}, 403),
        ({"origin": "http://evil.example", "content-type": "application/json"}, 403),
        ({"sec-fetch-site": "cross-site", "content-type": "text/plain"}, 403),
        ({}, 415),
        ({"content-type": "application/json"}, 403),  # it has no token
    ):
        assert api.post("/automations/", content=body, headers=headers).status_code == status, headers
    assert api.get("/health", headers={"host": "evil.example"}).status_code == 403


def check_pages_in_a_browser(page: str, api: httpx.Client) -> None:
    """Prefect's page shows the form of a rerun as lists; neither it nor the newer one, which is switched off,
    asks another host for anything.
    """
    if not CHROMIUM:
        return
    rerun = api.get("/deployments/name/rerun/rerun").json()["id"]
    with start_browser() as browser:
        context = browser.new_context()
        outside: list[str] = []
        context.on("request", lambda request: outside.append(request.url))
        tab = context.new_page()
        tab.goto(f"{page}/v2/runs")
        tab.get_by_text("重新入库 星河区 2023-07").first.wait_for()
        tab.goto(f"{page}/deployments/deployment/{rerun}/run")
        tab.get_by_text("全部台账").first.wait_for()
        # the only lines to write into are the name of the run and its tags
        assert tab.locator("textarea").count() == 0
        tab.close()  # an open page asks the server again and again
    assert [url for url in outside if not url.startswith((page, "data:", "blob:"))] == []


def authorise(api: httpx.Client) -> None:
    """Give a client the token without which Prefect takes no change."""
    token = api.get("/csrf-token", params={"client": "test"}).json()["token"]
    api.headers.update({"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "test"})


def request_rerun(api: httpx.Client) -> None:
    """Request a rerun as the form does, once with an unknown unit."""
    deployment = api.get("/deployments/name/rerun/rerun").json()
    path = f"/deployments/{deployment['id']}/create_flow_run"
    choice = deployment["parameter_openapi_schema"]["properties"]["unit_code"]["enum"][1]
    parameters = {"unit_code": choice, "period": "2023-07", "ledger": "全部台账"}
    rejection = api.post(path, json={"parameters": parameters | {"unit_code": "星河"}})
    assert rejection.status_code == 409
    assert f"'星河' is not one of ['9901X0 某市本级', '{choice}'" in rejection.json()["detail"]
    # the server answers 503 when SQLite is busy; Prefect's own clients try again, and so does this one
    created = wait_for(
        lambda: (
            (response := api.post(path, json={"parameters": parameters})).status_code != 503 and response
        )
    )
    assert created.status_code == 201, created.text
    [run] = wait_for(lambda: list_runs(api, id=created.json()["id"], state_type="COMPLETED"))
    assert run["name"] == "重新入库 星河区 2023-07"


def unknown_automations(home: Path) -> list[str]:
    """Return the names in the last notification of automations that nobody of the bureau made."""
    workspace = Workspace(Home(home))
    table = workspace.tables.notices
    query = select(table.c.body).where(table.c.event == NotificationEvent.UNKNOWN_AUTOMATION)
    with reading(workspace.engine) as connection:
        bodies = connection.execute(query).scalars().all()
    workspace.engine.dispose()
    return [name for name in bodies[-1].splitlines() if name == AUTOMATION["name"]] if bodies else []


def test_serve_ends_with_a_sentence_when_its_server_dies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is called then; `test_prefect_api.py` tests that it is."""
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(SystemExit) as ended:
        _exit_without_server()
    assert (ended.value.code, "Prefect's server ended" in capsys.readouterr().err) == (1, True)


def invoke(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


@pytest.fixture
def handlers() -> Iterator[None]:
    """Restore the signal handlers that the command sets."""
    before = {stop_signal: signal.getsignal(stop_signal) for stop_signal in (signal.SIGTERM, signal.SIGINT)}
    yield
    for stop_signal, handler in before.items():
        signal.signal(stop_signal, handler)


@pytest.mark.usefixtures("handlers")
def test_a_second_serve_of_one_home_is_rejected(home: Path) -> None:
    with FileLock(home / SERVE_LOCK):
        result = invoke(home, "serve")
    assert result.output == f"serve runs already for {home}.\n"
    assert result.exit_code == 4


@pytest.mark.usefixtures("handlers")
def test_a_port_in_use_is_reported(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with listen_on("127.0.0.1", 0) as occupied:
        port = occupied.getsockname()[1]
        monkeypatch.setenv("HUIZONG_SERVE_PORT", str(port))
        serve = invoke(home, "serve")
    expected = (
        f"cannot listen on 127.0.0.1 port {port}: the address is in use; choose another `serve_port`.\n"
    )
    assert (serve.output, serve.exit_code) == (expected, 1)


def test_the_form_of_a_rerun_explains_its_fields(home: Path) -> None:
    from flows.orchestration.deployments import deployments
    from flows.orchestration.prefect_flows import EVERY_LEDGER

    night, rerun = deployments(Home(home), ["2023-07", "2023-06"])
    form = rerun._parameter_openapi_schema.model_dump_for_openapi()
    assert form["required"] == ["unit_code", "period"]
    unit, month, ledger = form["properties"].values()
    assert unit["enum"] == ["9901X0 某市本级", "990102 星河区", "990121 长岭县", "990181 临江市"]
    assert "cases 立案台账" in ledger["enum"]
    assert (ledger["enum"][0], ledger["default"]) == (EVERY_LEDGER, EVERY_LEDGER)
    assert month["enum"] == ["2023-07", "2023-06"]
    for field in (unit, month, ledger):
        assert re.search(r"[一-龥]", field["title"] + field["description"])
        assert (
            field["type"] == "string"
        )  # anything else is shown as an empty line to write into, not as a list
    assert night._parameter_openapi_schema.model_dump_for_openapi()["properties"] == {}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (("990102 星河区", "2023-06", None), RunScope("990102", "2023-06")),
        (("990102", "2023-06", "cases 立案台账"), RunScope("990102", "2023-06", "cases")),
        (("990102", "2023-06", ""), RunScope("990102", "2023-06")),
        (("990102", "2023-06", "全部台账"), RunScope("990102", "2023-06")),
    ],
)
def test_parameters_of_the_form_are_parsed(
    home: Path, parameters: tuple[str, str, str | None], expected: RunScope
) -> None:
    from flows.orchestration.prefect_flows import parse_scope_request

    assert parse_scope_request(Workspace(Home(home)), *parameters) == expected


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (("431399", "2023-06", None), "no unit '431399'; there are 某市本级（9901X0）"),
        (("990102", "2023-13", None), "'2023-13' is no period"),
        (("990102", "2023", None), "'2023' is no month; write it as 2023-06"),
        (("990102", "2023-06", "case"), "no ledger 'case'; there are activities, cases"),
    ],
)
def test_wrong_parameters_of_the_form_are_rejected(
    home: Path, parameters: tuple[str, str, str | None], message: str
) -> None:
    from flows.orchestration.prefect_flows import parse_scope_request

    with pytest.raises(ValueError, match=re.escape(message)):
        parse_scope_request(Workspace(Home(home)), *parameters)


def test_prefect_yaml_names_the_deployments_that_serve_runs(tmp_path: Path) -> None:
    from prefect.flows import load_flow_from_entrypoint

    from flows.orchestration.deployments import deployments

    entries = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text("utf-8"))["deployments"]
    assert [entry["name"] for entry in entries] == [
        served.name for served in deployments(Home(tmp_path), [])
    ]
    for entry, served in zip(entries, deployments(Home(tmp_path), []), strict=True):
        file, flow = entry["entrypoint"].split(":")
        assert served.entrypoint == f"{file.removesuffix('.py').replace('/', '.')}.{flow}"
        assert entry["concurrency_limit"]["limit"] == served.concurrency_limit
        assert (
            entry["concurrency_limit"]["collision_strategy"]
            == served.concurrency_options.collision_strategy.value
        )
        schedules = [
            (schedule.schedule.cron, schedule.schedule.timezone) for schedule in served.schedules or []
        ]
        assert [
            (schedule["cron"], schedule["timezone"]) for schedule in entry.get("schedules", [])
        ] == schedules
        assert load_flow_from_entrypoint(str(REPOSITORY / file) + f":{flow}").name == entry["name"]


def instant_of(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_the_schedule_is_written_for_cron() -> None:
    assert [daily_cron("02:00"), daily_cron("23:05")] == ["0 2 * * *", "5 23 * * *"]


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2024-03-02T01:59", "2024-03-01T02:00", "2024-03-02T02:00"),
        ("2024-03-02T02:00", "2024-03-02T02:00", "2024-03-03T02:00"),
        ("2024-02-29T23:00", "2024-02-29T02:00", "2024-03-01T02:00"),
    ],
)
def test_when_nightly_runs_are_due(now: str, last: str, following: str) -> None:
    now_utc = instant_of(now).astimezone(UTC)
    assert last_due(now_utc, "02:00", SHANGHAI) == instant_of(last)
    assert next_due(now_utc, "02:00", SHANGHAI) == instant_of(following)


@pytest.mark.parametrize(
    ("ended", "missed"),
    [(None, True), ("2024-02-29T18:30", True), ("2024-03-01T18:01", False), ("2024-03-02T05:00", False)],
)
def test_a_nightly_run_is_missed_when_none_ended_since_it_was_due(ended: str | None, missed: bool) -> None:
    last_ended = datetime.fromisoformat(ended) if ended else None
    assert (
        is_missed(last_ended, instant_of("2024-03-02T09:00").astimezone(UTC), "02:00", SHANGHAI) is missed
    )


def test_a_run_that_left_files_names_them_in_its_state(home: Path) -> None:
    from flows.orchestration.prefect_flows import _left_behind

    workspace = Workspace(Home(home))
    unreadable, faulty = (
        "2023-06/990181/立案台账.xlsx: Input/output error",
        "2023-06/990181/罚款缴纳台账.xlsx: KeyError\nTraceback …",
    )
    message = _left_behind(workspace, RunResult(None, [], [unreadable], [faulty]))
    assert (
        message == f"Could not be read, 1 file: {unreadable}. "
        "Not read because of an internal error, 1 file: 2023-06/990181/罚款缴纳台账.xlsx: KeyError."
    )
    assert _left_behind(workspace, RunResult(1, ["2023-06/990181/立案台账.xlsx"], [], [])) == ""
    receipt = "2023-06/990181/立案台账-回执-000001-abcdef.xlsx"
    left = _left_behind(workspace, RunResult(1, [], [], [], faulty_receipts=[receipt]))
    assert left.startswith("Receipts incomplete because of an internal error, 1 file: 2023-06/990181/")
