"""The Prefect server of one command: it ends with the command, and the command learns whether it can be used.

`test_cli` checks after a whole nightly run that flows are recorded, that no process is
left running and that the operator sees no noise.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.orchestration import prefect_api
from flows.orchestration.prefect_api import prefect_api as api
from flows.orchestration.prefect_server import Server, running_server

REPOSITORY = Path(__file__).parents[2]

COMMAND = """
import os, sys, time
from pathlib import Path
from flows.orchestration.prefect_api import prefect_api

assert "prefect" not in sys.modules, "commands that only read must not pay for Prefect"
with prefect_api(Path(sys.argv[1]), timeout_seconds=120) as usable:
    print(usable, os.environ["PREFECT_API_URL"], flush=True)
    time.sleep(60)
"""


def start_command(*arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def server_answers(line: str) -> bool:
    return prefect_api._answers(line.split()[1], timeout_seconds=1)


def test_the_server_ends_when_the_command_is_killed(tmp_path: Path) -> None:
    command = start_command(str(tmp_path))
    assert command.stdout is not None
    line = command.stdout.readline()
    assert line.startswith("True http://127.0.0.1:")
    assert server_answers(line)
    command.send_signal(signal.SIGKILL)
    command.communicate()
    give_up = time.monotonic() + 5
    while server_answers(line) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not server_answers(line)


def test_a_server_that_cannot_start_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "prefect" / "prefect.db").mkdir(parents=True)
    before = dict(os.environ)
    with api(tmp_path, timeout_seconds=60) as usable:
        assert usable is False
        assert "PREFECT_API_URL" not in os.environ
    assert dict(os.environ) == before
    assert "unable to open database file" in (tmp_path / "logs" / "prefect-server.log").read_text()


def test_a_server_that_is_too_slow_is_not_used(tmp_path: Path) -> None:
    with api(tmp_path, timeout_seconds=0.1) as usable:
        assert usable is False


def test_a_server_that_dies_later_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start, children = subprocess.Popen, list[subprocess.Popen[str]]()

    def start_another(_command: object, **options: Any) -> subprocess.Popen[str]:
        ready = "print(1, flush=True); print('ready', flush=True); input()"
        children.append(start([sys.executable, "-c", ready], **options))
        return children[0]

    monkeypatch.setattr(subprocess, "Popen", start_another)
    monkeypatch.setenv("PREFECT_API_URL", "")  # what the server sets is undone
    is_dead = threading.Event()
    with running_server(Server(tmp_path / "log"), 10, is_dead.set) as url:
        assert url == "http://127.0.0.1:1/api"
        assert not is_dead.is_set()
        children[0].kill()
        assert is_dead.wait(10)


@pytest.fixture
def no_new_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a server was started"))


@pytest.fixture
def other_server() -> Iterator[str]:
    class Guarded(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(401)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Guarded) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()


@pytest.mark.usefixtures("no_new_server")
def test_a_server_named_in_the_environment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other_server: str
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", other_server)
    with api(tmp_path, timeout_seconds=5) as usable:
        from prefect.settings import get_current_settings

        assert usable is True
        assert get_current_settings().api.url == other_server
        assert os.environ["PREFECT_HOME"] == str(tmp_path / "prefect")
        assert (
            os.environ["DO_NOT_TRACK"],
            os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"],
        ) == ("1", "false")


@pytest.mark.usefixtures("no_new_server")
def test_the_server_of_serve_is_used_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other_server: str
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    serve_file = tmp_path / "prefect" / prefect_api.SERVE_FILE
    serve_file.parent.mkdir()
    serve_file.write_text(json.dumps({"url": other_server, "pid": os.getpid()}))
    with api(tmp_path, timeout_seconds=5) as usable:
        from prefect.settings import get_current_settings

        assert (usable, get_current_settings().api.url) == (True, other_server)


@pytest.mark.usefixtures("no_new_server")
def test_a_server_named_in_the_environment_that_does_not_answer_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with api(tmp_path, timeout_seconds=5) as usable:
        assert usable is False


def test_settings_of_another_prefect_are_ignored() -> None:
    environment = {
        "PREFECT_PROFILE": "work",
        "PREFECT_API_KEY": "x",
        "HTTP_PROXY": "http://proxy",
        "PATH": "/bin",
    }
    assert prefect_api._without_prefect(environment) == {
        "HTTP_PROXY": "http://proxy",
        "PATH": "/bin",
        "no_proxy": "127.0.0.1",
        "NO_PROXY": "127.0.0.1",
    }
