"""A Prefect API for the length of one command, with no server to set up.

Prefect's own temporary server gives up after 20 seconds, is stopped before the last task runs are written,
and can print a traceback as the command ends. So the command starts the same server itself, as a child
process on a free loopback port with its database in ``<home>/prefect``, and stops it when everything is on
disk. Where `huizong serve` runs for this home, its server is used. The record of what was loaded is the
warehouse's: if Prefect cannot come up, the caller is informed and the run goes on without it.

Nothing here imports Prefect before the environment is set.
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flows.atomic import write_atomic
from flows.home import HOME_VARIABLE
from flows.orchestration.prefect_database import DATABASE, copy_blank_database
from flows.orchestration.prefect_server import SERVICE_SETTINGS, Server, running_server

QUIET_SECONDS = 0.4
RECORDING_SECONDS = 15.0
ANSWERING_SECONDS = 5.0
SERVE_FILE = "serve.json"
#: the operator's own settings of Prefect's page, such as which of its two interfaces opens
PAGE_VARIABLES = ("PREFECT_SERVER_UI_", "PREFECT_UI_")

NO_TELEMETRY = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}

# The operator reads what the command prints. Prefect's log lines go to its API and are read there.
NO_NOISE = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
}

# The default of 5 would keep a run waiting for minutes if the server died.
FEW_RETRIES = {"PREFECT_CLIENT_MAX_RETRIES": "2"}

# Heartbeats are for a server that looks for dead runs. Here they would only hold each flow for a second.
NO_HEARTBEATS = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": None}


@contextmanager
def prefect_api(home: Path, *, timeout_seconds: float) -> Iterator[bool]:
    """Give the enclosed flows an API, and say whether there is one.

    Import the modules that import Prefect inside the block. On ``False`` call no flow:
    run the plain functions. A server named by ``PREFECT_API_URL`` is used as it is and
    nothing is started. Otherwise the caller's other ``PREFECT_`` variables are set aside,
    so that nothing is written outside ``<home>/prefect``.
    """
    try:
        prefect_home = _prefect_home(home)
    except (FileExistsError, NotADirectoryError):  # monitoring must not stop the pipeline
        yield False
        return
    if external_url := os.environ.get("PREFECT_API_URL"):
        with _environment(dict(os.environ) | _client_settings(prefect_home)):
            yield from _connected_to(external_url if _answers(external_url, timeout_seconds) else None)
        return
    with _environment(_without_prefect(os.environ) | _client_settings(prefect_home) | FEW_RETRIES):
        if serving := serving_url(home):
            yield from _connected_to(serving, **NO_HEARTBEATS)
            return
        os.environ.update(_database_settings(prefect_home))
        with running_server(Server(_log(home)), timeout_seconds) as url:
            try:
                yield from _connected_to(url, **NO_HEARTBEATS)
            finally:
                if url:
                    _wait_until_quiet(prefect_home / f"{DATABASE}-wal")


@contextmanager
def persistent_prefect_api(
    home: Path,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    *,
    timeout_seconds: float,
    when_dead: Callable[[], None],
) -> Iterator[str | None]:
    """A server that schedules and shows its page for as long as the block
    lasts; its URL, or None if there is none.

    Commands over the same home find it. `hosts` are the names by which a browser may reach it; `when_dead` is
    called if it ends before the block. A server named by
    ``PREFECT_API_URL`` is used as it is and nothing is started.
    """
    prefect_home = _prefect_home(home)
    if external_url := os.environ.get("PREFECT_API_URL"):
        with _environment(dict(os.environ) | _client_settings(prefect_home)):
            yield external_url if _answers(external_url, timeout_seconds) else None
        return
    page = {
        "PREFECT_SERVER_UI_API_URL": "/api",  # by whatever name the browser reaches it
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(prefect_home / "page"),
        # no other site's scripts may ask for runs
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{host}:{port}",
    }
    own_page = {name: value for name, value in os.environ.items() if name.startswith(PAGE_VARIABLES)}
    server = Server(
        _log(home), host, port, schedules=True, hosts=hosts, environment=SERVICE_SETTINGS | own_page | page
    )
    with (
        _environment(
            _without_prefect(os.environ) | _client_settings(prefect_home) | _database_settings(prefect_home)
        ),
        running_server(server, timeout_seconds, when_dead) as url,
    ):
        serve_file = prefect_home / SERVE_FILE
        if url:
            content = json.dumps({"url": url, "pid": os.getpid()})
            write_atomic(serve_file, content.encode())
        try:
            yield url
        finally:
            serve_file.unlink(missing_ok=True)


def serving_url(home: Path) -> str | None:
    """The API of the `huizong serve` that runs for this home, if one does and answers."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        serve_info = json.loads((home.resolve() / "prefect" / SERVE_FILE).read_text("utf-8"))
        os.kill(int(serve_info["pid"]), 0)
        if _answers(serve_info["url"], ANSWERING_SECONDS):
            return str(serve_info["url"])
    return None


def _prefect_home(home: Path) -> Path:
    prefect_home = home.resolve() / "prefect"
    prefect_home.mkdir(parents=True, exist_ok=True)
    return prefect_home


def _log(home: Path) -> Path:
    return home.resolve() / "logs" / "prefect-server.log"


def _client_settings(prefect_home: Path) -> dict[str, str]:
    """Return the settings of every client; the flows learn from them which home is meant."""
    own = {HOME_VARIABLE: str(prefect_home.parent), "PREFECT_HOME": str(prefect_home)}
    return own | {"PREFECT_SERVER_EPHEMERAL_ENABLED": "false"} | NO_TELEMETRY | NO_NOISE


def _database_settings(prefect_home: Path) -> dict[str, str]:
    return {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{copy_blank_database(prefect_home)}"
    }


def _connected_to(url: str | None, **settings: Any) -> Iterator[bool]:
    """Point Prefect at a server for the enclosed flows, even if it was
    imported before, and send what they queued.
    """
    if url is None:
        yield False
        return
    import prefect.settings as known
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    settings["PREFECT_API_URL"] = url
    with known.temporary_settings({getattr(known, name): value for name, value in settings.items()}):
        try:
            yield True
        finally:
            EventsWorker.drain_all(timeout=RECORDING_SECONDS)
            APILogWorker.drain_all(timeout=RECORDING_SECONDS)


def _wait_until_quiet(write_ahead_log: Path) -> None:
    """Wait until the server stops writing: it records task runs behind the flow and loses what is queued."""
    give_up = time.monotonic() + RECORDING_SECONDS
    before, since = None, time.monotonic()
    while time.monotonic() < min(since + QUIET_SECONDS, give_up):
        now = write_ahead_log.stat() if write_ahead_log.exists() else None
        seen = (now.st_mtime_ns, now.st_size) if now else None
        if seen != before:
            before, since = seen, time.monotonic()
        time.sleep(0.05)


def _answers(api_url: str, timeout_seconds: float) -> bool:
    try:
        urllib.request.urlopen(f"{api_url.rstrip('/')}/health", timeout=timeout_seconds).close()
    except urllib.error.HTTPError:
        return True  # it wants a key, or knows no health page: a server all the same
    except (OSError, ValueError):
        return False
    return True


def _without_prefect(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without settings meant for another Prefect, and
    with no proxy before the loopback address.
    """
    remaining = {name: value for name, value in environment.items() if not name.startswith("PREFECT_")}
    direct = ",".join(filter(None, [remaining.get("no_proxy") or remaining.get("NO_PROXY"), "127.0.0.1"]))
    return remaining | {"no_proxy": direct, "NO_PROXY": direct}


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    _replace_environment(wanted)
    try:
        yield
    finally:
        _replace_environment(before)


def _replace_environment(wanted: Mapping[str, str]) -> None:
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)
