"""The nightly command's work before and after its pipeline run, without the
run: `python -m benchmarks.night_start_up HOME`.

With --with-prefect Prefect's server too comes up and goes, and a flow of one step that
does nothing runs: what the client and the server make once a process, at the first
flow, is start-up, however much the night has to do.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import flows.commands.nightly  # noqa: F401
from benchmarks.night_steps import wait_until_idle
from flows.cli import main as _command  # noqa: F401
from flows.home import Home
from flows.orchestration.prefect_api import prefect_api
from flows.sandbox.pool import start_children
from flows.workspace import Workspace


def main(home: Path, with_prefect: bool) -> None:
    workspace = Workspace(Home(home))
    workspace.prepare()
    start_children()
    if not with_prefect:
        return wait_until_idle()
    with prefect_api(
        workspace.home.folder, timeout_seconds=workspace.home.settings.prefect_timeout_seconds
    ) as is_up:
        if not is_up:
            sys.exit("Prefect does not answer")
        importlib.import_module("flows.orchestration.prefect_flows")
        importlib.import_module("benchmarks.empty_flow").empty()
        wait_until_idle()


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--with-prefect" in sys.argv)
