"""Prefect's server as a child process: on one address, with its
database in the home, gone when its parent is.

For the length of one command it is lean and on a free port; for
`huizong serve` it schedules and shows its page.

Run as a script, this file is that child. It leaves when its parent closes its standard input, and when its
parent is gone, however it went. Nothing here imports Prefect before the environment is set.
"""

import gc
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from flows.orchestration.local_page import LOOPBACK_HOSTS, LocalPageGuard

STOPPING_SECONDS = 10.0

# The flush interval of task runs must be whole seconds: Prefect 3.8 rounds 0.5 down to 0 and then loops.
FAST_WRITES = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.1",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
    "PREFECT_LOGGING_COLORS": "false",
}

# Nothing is scheduled or watched for the length of a command, and the catalogue of storage and notification
# blocks (a second and 3 MB on a fresh home) is not laid out.
COMMAND_SETTINGS = FAST_WRITES | {
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
}

# The page, and automations with their blocks, so that a failed run can be notified. Old records are
# deleted: events after a week, runs after ninety days; the record of what was loaded is the warehouse's.
SERVICE_SETTINGS = FAST_WRITES | {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # calls a host for analytics at every load
}


@dataclass(frozen=True)
class Server:
    """What to start: where it listens (port 0 takes a free one), whether it schedules, the names by which
    browsers may reach it, and what is added to its environment.
    """

    log: Path
    host: str = "127.0.0.1"
    port: int = 0
    schedules: bool = False
    hosts: tuple[str, ...] = LOOPBACK_HOSTS
    environment: Mapping[str, str] = field(default_factory=lambda: COMMAND_SETTINGS)


@contextmanager
def running_server(
    server: Server, timeout_seconds: float, when_dead: Callable[[], None] | None = None
) -> Iterator[str | None]:
    """Start the child, yield its URL once it answers, and stop it at the end.

    Yields None if it died or did not answer in time. `when_dead` is called, in a thread, if it dies later.
    """
    server.log.parent.mkdir(parents=True, exist_ok=True)
    with server.log.open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).resolve()), str(os.getpid()), server.host, str(server.port),
             "schedules" if server.schedules else "records", *server.hosts],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **server.environment},
            start_new_session=True,  # the terminal's Ctrl-C is for the command, which then stops the server
        )  # fmt: skip
    is_stopping = threading.Event()
    try:
        url = _wait_until_ready(child, server.host, time.monotonic() + timeout_seconds)
        if url and when_dead:
            threading.Thread(target=_watch, args=(child, is_stopping, when_dead), daemon=True).start()
        yield url
    finally:
        is_stopping.set()
        _stop(child)


def _watch(
    child: subprocess.Popen[str], is_stopping: threading.Event, when_dead: Callable[[], None]
) -> None:
    child.wait()
    if not is_stopping.is_set():
        when_dead()


def _wait_until_ready(child: subprocess.Popen[str], host: str, deadline: float) -> str | None:
    """Read the child's two lines: its port, at once, and that it is ready.

    An end of file means that it died.
    """
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_forward_lines, args=(child, lines), daemon=True).start()
    try:
        port = lines.get(timeout=max(0.0, deadline - time.monotonic())).strip()
        if not port:
            return None
        os.environ["PREFECT_API_URL"] = url = f"{address(host, int(port))}/api"
        import prefect.flow_engine  # noqa: F401  (in the time that the server takes to start, so it costs nothing)

        if lines.get(timeout=max(0.0, deadline - time.monotonic())):
            return url
    except queue.Empty:
        pass
    os.environ.pop("PREFECT_API_URL", None)
    return None


def address(host: str, port: int) -> str:
    """Return the URL at which a client on this machine finds a server that listens on a host and port."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{reachable}:{port}"


def listen_on(host: str, port: int) -> socket.socket:
    """Open a listening socket. Raises OSError if the port is taken or the host is not this machine's."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def _forward_lines(child: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    """Pass on the child's two lines; nobody else closes what this thread may be reading."""
    assert child.stdout is not None
    with child.stdout as answers:
        for _ in range(2):
            lines.put(answers.readline())


def _stop(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.close()
    try:
        child.wait(STOPPING_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _run_child(parent: int, host: str, port: int, schedules: bool, hosts: Sequence[str]) -> None:
    """In the child: serve Prefect's API until the parent closes the standard input or is gone."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what Prefect prints belongs into the log
    listener = listen_on(host, port)
    print(listener.getsockname()[1], file=answers, flush=True)
    serving: list[Any] = []
    for wait_for_end in (_wait_for_input_end, wait_for_parent_exit):
        threading.Thread(target=_exit_after, args=(wait_for_end, parent, serving), daemon=True).start()
    gc.disable()  # a sixth of the import is garbage collection that finds nothing
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app(ephemeral=not schedules, final=True)
    gc.freeze()  # nor is it looked through ever again
    gc.enable()
    server = uvicorn.Server(
        uvicorn.Config(
            LocalPageGuard(app, hosts), lifespan="on", log_level="warning", timeout_graceful_shutdown=5
        )
    )
    serving.append(server)
    threading.Thread(target=_announce, args=(server, answers), daemon=True).start()
    server.run(sockets=[listener])
    # all is written; taking the interpreter down in good order would cost the operator another second
    os._exit(0)


def _announce(server: Any, answers: TextIO) -> None:
    while not server.started:
        time.sleep(0.02)
    print("ready", file=answers, flush=True)


def _exit_after(wait_for_end: Callable[[int], None], parent: int, serving: list[Any]) -> None:
    wait_for_end(parent)
    if not (serving and serving[0].started):
        # each migration is a transaction: the next start goes on from the last one that was done
        os._exit(1)
    serving[0].should_exit = True


def _wait_for_input_end(_parent: int) -> None:
    sys.stdin.read()


def wait_for_parent_exit(parent: int) -> None:
    """Wait until the parent has exited.

    Workers forked by a killed parent hold the standard input open, so its end is not enough.
    """
    while os.getppid() == parent:
        time.sleep(0.5)


if __name__ == "__main__":
    _run_child(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "schedules", sys.argv[5:])
