"""Work that operators order: each piece is done by a process of its own, so that no page waits for it.

That process records how it ended (`flows.portal.job_child`), also when the portal was stopped meanwhile.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flows.home import HOME_VARIABLE
from warehouse.engine import Engine, writing
from warehouse.portal.jobs import fail_open_jobs

LOG = "portal-jobs.log"
RERUN, PUBLISH, EXPORT = "rerun", "publish", "export"
_STOPPED = "做这件事的程序中断了，不知道做完没有。请先看“早上”的最近入库，再决定要不要重做。"

#: does a job of a home, and returns when it has ended
Launch = Callable[[Path, int], None]


def launch_child(home_folder: Path, job_id: int) -> None:
    """Do a job in a process of its own, and wait for its end."""
    log = home_folder / "logs" / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        subprocess.run(
            [sys.executable, "-m", "flows.portal.job_child", str(home_folder), str(job_id)],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env={**os.environ, HOME_VARIABLE: str(home_folder)},
            start_new_session=True,  # a run goes on when the portal is stopped
            check=False,
        )


class Jobs:
    """The jobs of a home's portal."""

    def __init__(
        self,
        home_folder: Path,
        store: Engine,
        clock: Callable[[], datetime],
        launch: Launch = launch_child,
    ) -> None:
        self._home_folder, self._store, self._clock, self.launch = home_folder, store, clock, launch

    def start(self) -> None:
        """Mark what an earlier portal left unfinished; a process that is still at work says so at its end."""
        with writing(self._store) as connection:
            fail_open_jobs(connection, _STOPPED, self._clock())

    def add(self, job_id: int) -> None:
        """Do a recorded job beside the pages."""
        threading.Thread(target=self._do, args=(job_id,), name=f"job-{job_id}", daemon=True).start()

    def _do(self, job_id: int) -> None:
        self.launch(self._home_folder, job_id)
        with writing(self._store) as connection:
            fail_open_jobs(connection, _STOPPED, self._clock(), job_id)
