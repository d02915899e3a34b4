"""Measure a command with all its child processes: wall time, CPU time, peak memory. Linux only.

`measured([...])` runs the command below a small process of its own, which adopts whatever the command
leaves behind (Python's fork server outlives who started it), so nothing of its time is lost.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
TICK = os.sysconf("SC_CLK_TCK")
EVERY_SECONDS = 0.25  # looking costs a few milliseconds, and there may be only two cores
#: how long processes left behind by a command may continue
LEFT_BEHIND_SECONDS = 30.0


@dataclass(frozen=True)
class Measured:
    """Wall time, CPU time and peak memory of one run."""

    wall: float
    cpu: float
    peak_mib: float

    def __sub__(self, other: Measured) -> Measured:
        return Measured(self.wall - other.wall, self.cpu - other.cpu, self.peak_mib)


class CommandFailedError(Exception):
    """A measured command failed."""


def measured(
    command: Sequence[str | Path],
    server_pid: int | None = None,
    may_exit: Sequence[int] = (0,),
    tree: Path | None = None,
) -> Measured:
    """Run and measure a command, including the CPU time of the processes of a server it uses.

    With `tree` its modules are taken from there.
    """
    with tempfile.TemporaryDirectory() as folder:
        result_file = Path(folder) / "result.json"
        before = tree_cpu(server_pid) if server_pid else 0.0
        environment = {**os.environ, "PYTHONPATH": str(tree)} if tree else None
        subprocess.run(
            [sys.executable, __file__, result_file, *command], check=True, cwd=tree, env=environment
        )
        served = tree_cpu(server_pid) - before if server_pid else 0.0
        result = json.loads(result_file.read_text("utf-8"))
    if result["exit_code"] not in may_exit:
        raise CommandFailedError(
            f"{' '.join(map(str, command))} ended with exit code {result['exit_code']}:\n{result['output'][-4000:]}"
        )
    return Measured(result["wall"], result["cpu"] + served, result["peak_mib"])


def processes_below(root: int) -> list[int]:
    """Return the process and its current descendants."""
    process_ids, waiting = [], [root]
    while waiting:
        process_id = waiting.pop()
        process_ids.append(process_id)
        for thread in Path(f"/proc/{process_id}/task").glob("*/children"):
            with suppress(OSError):
                waiting += map(int, thread.read_text().split())
    return process_ids


def tree_cpu(root: int) -> float:
    """Return the CPU seconds of a process and its descendants,
    including those that ended and were waited for.
    """
    ticks = 0
    for process_id in processes_below(root):
        with suppress(OSError):
            ticks += sum(
                map(int, Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[11:15])
            )
    return ticks / TICK


def _shared_fairly(process: int) -> float:
    """Return the proportional set size of a process in MiB (shared pages divided among their users)."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _resident(process: int) -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def _total(of_one: Callable[[int], float], processes: Sequence[int]) -> float:
    total = 0.0
    for process in processes:
        with suppress(OSError, IndexError):
            total += of_one(process)
    return total


class _Watch(threading.Thread):
    """A thread that samples the memory of all descendants of this process."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.over = 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(EVERY_SECONDS):
            below = processes_below(os.getpid())[1:]
            if (
                _total(_resident, below) > 1.01 * self.peak
            ):  # never less than the fair share, and known sooner
                self.peak = max(self.peak, _total(_shared_fairly, below))


def _main(result_file: Path, command: Sequence[str]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    watch = _Watch()
    watch.start()
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdout=output, stderr=output)
        _, status, spent = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        cpu = spent.ru_utime + spent.ru_stime
        until = time.monotonic() + LEFT_BEHIND_SECONDS
        with suppress(ChildProcessError):
            while time.monotonic() < until:
                process, _, spent = os.wait4(-1, os.WNOHANG)
                cpu += (spent.ru_utime + spent.ru_stime) if process else 0.0
                time.sleep(0 if process else 0.02)
        watch.over.set()
        output.seek(0)
        output_text = output.read().decode("utf-8", "replace")
    result = {
        "wall": wall,
        "cpu": cpu,
        "peak_mib": watch.peak,
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    result["output"] = output_text[-4000:]
    result_file.write_text(json.dumps(result), "utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2:])
