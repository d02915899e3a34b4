"""A Prefect API for the length of one command, with no server for anybody to set up.

Prefect's own temporary server gives up after 20 seconds, is stopped before the last task runs are written, and can
print a traceback as the command ends. So the command starts the same server itself, as a child process on a free
loopback port with its database in ``<home>/prefect``, and stops it when everything is on disk. The record of what was
loaded is the warehouse's: if Prefect cannot come up, the caller is told and the night runs without it.

Run as a script, this file is that child. It leaves when its parent closes its standard input, and when its parent is
gone, however it went. Nothing here imports Prefect before the environment is set.
"""

import gc
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from flows.prefect_database import DATABASE, lay_out

QUIET_SECONDS = 0.4
RECORDING_SECONDS = 15.0
STOPPING_SECONDS = 10.0

NO_TELEMETRY = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}

# The operator reads what the command prints. Prefect's log lines go to its API and are read there.
NO_NOISE = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
}

# Task runs are written in batches as they come; nothing is scheduled or watched for the length of a command, and the
# catalogue of storage and notification blocks (a second and 3 MB on a fresh home) is not laid out.
LEAN_SERVER = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "0.1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.1",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


@contextmanager
def prefect_api(home: Path, *, timeout_seconds: float) -> Iterator[bool]:
    """Give the enclosed flows an API, and say whether there is one.

    Import the modules that import Prefect inside the block. On ``False`` call no flow: run the plain functions.
    A server named by ``PREFECT_API_URL`` is used as it is and nothing is started. Otherwise the caller's other
    ``PREFECT_`` variables are set aside, so that nothing is written outside ``<home>/prefect``.
    """
    prefect_home = home.resolve() / "prefect"
    prefect_home.mkdir(parents=True, exist_ok=True)
    own = {"PREFECT_HOME": str(prefect_home), "PREFECT_SERVER_EPHEMERAL_ENABLED": "false"} | NO_TELEMETRY | NO_NOISE
    if theirs := os.environ.get("PREFECT_API_URL"):
        with _environment(dict(os.environ) | own):
            yield from _use(theirs if _answers(theirs, timeout_seconds) else None)
        return
    own |= {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{lay_out(prefect_home)}",
        "PREFECT_CLIENT_MAX_RETRIES": "2",  # the default of 5 would keep a night waiting for minutes if the child died
    }
    log = home.resolve() / "logs" / "prefect-server.log"
    with _environment(_without_prefect(os.environ) | own), _server(log, timeout_seconds) as url:
        try:
            # Heartbeats are for a server that looks for dead runs. Here they would only hold each flow for a second.
            yield from _use(url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY=None)
        finally:
            if url:
                _wait_until_quiet(prefect_home / f"{DATABASE}-wal")


def _use(url: str | None, **settings: Any) -> Iterator[bool]:
    """Point Prefect at a server for the enclosed flows, even if it was imported before, and send what they queued."""
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


@contextmanager
def _server(log: Path, timeout_seconds: float) -> Iterator[str | None]:
    """Run the child and yield its URL once it answers, or ``None`` if it died or did not answer in time."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).resolve()), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=dict(os.environ) | LEAN_SERVER,
            start_new_session=True,  # the terminal's Ctrl-C is for the command, which then stops the server
        )
    try:
        yield _when_ready(child, time.monotonic() + timeout_seconds)
    finally:
        _stop(child)


def _when_ready(child: subprocess.Popen[str], deadline: float) -> str | None:
    """Read the child's two lines: its port, at once, and that it is ready. An end of file means that it died."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_pass_on, args=(child, lines), daemon=True).start()
    try:
        port = lines.get(timeout=max(0.0, deadline - time.monotonic())).strip()
        if not port:
            return None
        os.environ["PREFECT_API_URL"] = url = f"http://127.0.0.1:{port}/api"
        import prefect.flow_engine  # noqa: F401  (in the time that the server takes to start, so it costs nothing)

        if lines.get(timeout=max(0.0, deadline - time.monotonic())):
            return url
    except queue.Empty:
        pass
    os.environ.pop("PREFECT_API_URL", None)
    return None


def _pass_on(child: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    assert child.stdout is not None
    for _ in range(2):
        lines.put(child.stdout.readline())


def _stop(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    try:
        child.wait(STOPPING_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    child.stdout.close()


def _wait_until_quiet(write_ahead_log: Path) -> None:
    """Wait until the server has stopped writing: it records task runs behind the flow and loses what is queued."""
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
    """The environment without settings meant for another Prefect, and with no proxy before the loopback address."""
    kept = {name: value for name, value in environment.items() if not name.startswith("PREFECT_")}
    direct = ",".join(filter(None, [kept.get("no_proxy") or kept.get("NO_PROXY"), "127.0.0.1"]))
    return kept | {"no_proxy": direct, "NO_PROXY": direct}


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    _become(wanted)
    try:
        yield
    finally:
        _become(before)


def _become(wanted: Mapping[str, str]) -> None:
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)


def _serve(parent: int) -> None:
    """The child: serve Prefect's API until the parent closes our standard input or is gone."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what Prefect prints belongs into the log
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], file=answers, flush=True)
    serving: list[Any] = []
    for parting in (_input_closed, _parent_gone):
        threading.Thread(target=_leave_after, args=(parting, parent, serving), daemon=True).start()
    gc.disable()  # a sixth of the import is garbage collection that finds nothing
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app(ephemeral=True, final=True)
    gc.enable()
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_level="warning", timeout_graceful_shutdown=5))
    serving.append(server)
    threading.Thread(target=_announce, args=(server, answers), daemon=True).start()
    server.run(sockets=[listener])
    os._exit(0)  # all is written; taking the interpreter down in good order would cost the operator another second


def _announce(server: Any, answers: TextIO) -> None:
    while not server.started:
        time.sleep(0.02)
    print("ready", file=answers, flush=True)


def _leave_after(parting: Callable[[int], None], parent: int, serving: list[Any]) -> None:
    parting(parent)
    if not (serving and serving[0].started):
        os._exit(1)  # each migration is a transaction: the next start goes on from the last one that was done
    serving[0].should_exit = True


def _input_closed(_parent: int) -> None:
    sys.stdin.read()


def _parent_gone(parent: int) -> None:
    """Worker processes forked by a killed parent keep our input open, so its end alone would not be enough."""
    while os.getppid() == parent:
        time.sleep(0.5)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
