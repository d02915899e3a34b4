"""Load what clerks send at once, where the settings say so: reruns in processes of their own, one at a time.

Run as a module, this file is such a process: `python -m flows.portal.loads HOME UNIT MONTH`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from flows.home import HOME_VARIABLE, Home
from flows.logs import get_logger

#: the value of the setting `portal_loads`
AT_ONCE = "at_once"
#: states of a load that was asked for
WAITING, RUNNING, FAILED = "waiting", "running", "failed"
RunKey = tuple[str, str]

logger = get_logger(__name__)


class Loads:
    """The reruns that the portal asked for: each of a unit and month, in the order in which they were sent.

    A process of its own holds the run lock, as the portal's threads would share it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._states = dict[RunKey, str]()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopped = False
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="load")

    def add(self, unit_code: str, period: str) -> None:
        """Load what lies in the inbox for a unit and month, after what was asked for before."""
        with self._lock:
            if self._states.get((unit_code, period)) == WAITING:
                return
            self._states[unit_code, period] = WAITING
        self._pool.submit(self._load, (unit_code, period))

    def state_of(self, unit_code: str, period: str) -> str | None:
        """Return whether a load waits, runs or failed; None if there is nothing to say of it."""
        with self._lock:
            return self._states.get((unit_code, period))

    def stop(self, *, waits: bool = False) -> None:
        """End the loads, with `waits` after they are done; what is not loaded is left to the night."""
        if not waits:
            with self._lock:
                self._is_stopped = True
                if self._process is not None:
                    self._process.terminate()
        self._pool.shutdown(cancel_futures=not waits)

    def _load(self, key: RunKey) -> None:
        with self._lock:
            if self._is_stopped:
                return
            self._states[key] = RUNNING
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(self._folder), *key],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, HOME_VARIABLE: str(self._folder)},
            )
        code = self._process.wait()
        if code:
            logger.error("the load of %s %s ended with code %d", *key, code)
        with self._lock:
            self._process = None
            if self._states.get(key) == RUNNING:
                del self._states[key]
            if code:
                self._states.setdefault(key, FAILED)


def main(folder: str, unit_code: str, period: str) -> None:
    """Rerun a unit and month, after another run has ended."""
    from flows.pipeline import run_pipeline, utc_now
    from flows.workspace import RunScope, Workspace

    workspace = Workspace(Home(Path(folder)))
    wait_seconds = workspace.home.settings.wait_for_other_run_seconds
    run_pipeline(workspace, RunScope(unit_code, period), utc_now(), wait_seconds=wait_seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
