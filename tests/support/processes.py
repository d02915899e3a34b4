"""The processes that use a home."""

from __future__ import annotations

import os
import time
from pathlib import Path

ENDING_SECONDS = 3


def left_running(home: Path) -> list[str]:
    """Return the command lines of processes that still use a home after some seconds."""
    give_up = time.monotonic() + ENDING_SECONDS
    while (processes := processes_of(home)) and time.monotonic() < give_up:
        time.sleep(0.1)
    return processes


def processes_of(home: Path) -> list[str]:
    """Return the command lines of the processes whose environment or arguments name the home."""
    processes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command_line = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in command_line and folder.name != str(os.getpid()):
            processes.append((folder / "cmdline").read_text().replace("\0", " "))
    return processes
