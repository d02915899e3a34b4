"""A Prefect API for the length of one command, with no server for anybody to set up.

Prefect's own temporary server gives up after 20 seconds, counts the time it sleeps rather than the time that passes,
is stopped before the last task runs are written, and can print a traceback as the command ends. So the command starts
the same server itself, as a child process on a free loopback port with its database in ``<home>/prefect``, and stops
it when everything is on disk. The record of what was loaded is the warehouse's; if Prefect cannot come up, the caller
is told and the night runs without it.

Run as a script, this file is that child. It leaves when its parent closes its standard input or is gone, even if the
parent was killed. Nothing here imports Prefect before the environment is set, and commands that only read never do.
"""

import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

QUIET_SECONDS = 0.4
RECORDING_SECONDS = 15.0
STOPPING_SECONDS = 10.0

NO_TELEMETRY = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}

# The operator reads what the command prints; Prefect's log lines go to its API and are read there.
NO_NOISE = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_CLI_PROMPT": "false",
}

# One short-lived writer: task runs are written in batches, nothing is scheduled, no automations are watched.
LEAN_SERVER = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "0.1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.1",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


@contextmanager
def prefect_api(home: Path, *, timeout_seconds: float) -> Iterator[bool]:
    """Give the enclosed flows an API, and say whether there is one.

    Import the modules that import Prefect inside the block. On ``False`` do not call flows: run the plain functions.
    A server named by ``PREFECT_API_URL`` is used as it is and nothing is started; otherwise other ``PREFECT_*``
    variables of the caller are set aside, so that nothing is written outside ``<home>/prefect``.
    """
    prefect_home = home / "prefect"
    prefect_home.mkdir(parents=True, exist_ok=True)
    own = {"PREFECT_HOME": str(prefect_home), "PREFECT_SERVER_EPHEMERAL_ENABLED": "false"} | NO_TELEMETRY | NO_NOISE
    if remote := os.environ.get("PREFECT_API_URL"):
        with _environment(os.environ | own), _prefect_client({}):
            yield _answers(f"{remote.rstrip('/')}/health", timeout_seconds)
            _send_what_is_queued()
        return
    with _environment(_without_prefect(os.environ) | own), _local_server(home, timeout_seconds) as url:
        if url is None:
            yield False
            return
        # Heartbeats tell a server that watches for dead runs; this one does not, and they hold each flow for a second.
        with _prefect_client({"PREFECT_API_URL": url, "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": None}):
            yield True
            _send_what_is_queued()
            _wait_until_quiet(prefect_home)
