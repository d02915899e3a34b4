"""Commands on a disk that fails at its n-th call, each in a process of its own.

`python -m tests.support.failing_disk` runs under the library made of `failing_disk.c`; it reads from
its standard input in JSON what to do, and prints a line of JSON for each campaign.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_suffix(".c")
COMPILER = shutil.which("cc")


@dataclass(frozen=True)
class Campaign:
    """A command to run on copies of a home, failing at every `every`-th call from `first` on.

    `lasting`: every later call fails too, as on a full disk.
    """

    home: str
    command: Sequence[str]
    number: int
    lasting: bool
    first: int = 1
    every: int = 1


@dataclass(frozen=True)
class Outcome:
    """How a command ended whose n-th call failed, and the same command afterwards.

    `crash` is an exception that became no sentence; `files` are receipts, reports and results by hash.
    """

    call: int
    exit_code: int
    output: str
    crash: str
    next_exit_code: int
    next_output: str
    files: dict[str, str]
    next_files: dict[str, str]


def run_campaigns(campaigns: Sequence[Campaign], library: Path) -> list[list[Outcome]]:
    """Run campaigns in a process with the library, and return their outcomes; the first has no failure."""
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.failing_disk"], text=True,
        input=json.dumps([asdict(campaign) for campaign in campaigns]),
        capture_output=True, env=environment, check=False,
    )  # fmt: skip
    if run.returncode:
        raise RuntimeError(run.stderr)
    return [[Outcome(**outcome) for outcome in json.loads(line)] for line in run.stdout.splitlines()]


def compile_library(folder: Path) -> Path:
    """Compile the library that fails calls."""
    library = folder / "failing_disk.so"
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def main() -> None:
    """Run the campaigns of the standard input."""
    for campaign in json.load(sys.stdin):
        print(json.dumps([asdict(outcome) for outcome in _run_campaign(Campaign(**campaign))]), flush=True)


def _run_campaign(campaign: Campaign) -> Iterator[Outcome]:
    _prepare(campaign)
    number, is_last = 0, False
    while not is_last:
        home = Path(f"{campaign.home}-{number}")
        shutil.copytree(campaign.home, home, copy_function=shutil.copy2)
        arguments = [argument.format(home=home) for argument in campaign.command]
        code, output, crash, calls = _in_a_child(lambda: _run(home, arguments, campaign, number))  # noqa: B023
        files = _files(home)
        next_code, next_output, _, _ = _in_a_child(lambda: _run(home, arguments, campaign, 0))  # noqa: B023
        yield Outcome(number, code, output, crash, next_code, next_output, files, _files(home))
        shutil.rmtree(home)
        is_last = bool(number) and calls < number
        number = number + campaign.every if number else campaign.first


def _prepare(campaign: Campaign) -> None:
    """Run the command once in this process, so that its children do not each compile the rules."""
    home = Path(f"{campaign.home}-prepared")
    shutil.copytree(campaign.home, home, copy_function=shutil.copy2)
    _run(home, [argument.format(home=home) for argument in campaign.command], campaign, 0)
    shutil.rmtree(home)


def _run(home: Path, arguments: Sequence[str], campaign: Campaign, call: int) -> tuple[int, str, str, int]:
    """Run a command, its call with this number failing (0: none); return exit code, output, crash, calls."""
    from click.testing import CliRunner

    from flows.cli import main as command_line

    disk = ctypes.CDLL(None)
    with _without_other_processes():
        disk.failing_disk_set(os.fsencode(home), ctypes.c_long(call), campaign.number, campaign.lasting)
        result = CliRunner().invoke(command_line, ["--home", str(home), *arguments])
        disk.failing_disk_calls.restype = ctypes.c_long
        calls = disk.failing_disk_calls()
        disk.failing_disk_set(b"", ctypes.c_long(0), 0, 0)
    crash = (
        ""
        if result.exception is None or isinstance(result.exception, SystemExit)
        else repr(result.exception)
    )
    return result.exit_code, result.output, crash, calls


@contextmanager
def _without_other_processes() -> Iterator[None]:
    """Let this process alone do the work: no child processes, no Prefect."""
    import pytest

    from flows.commands import check, nightly
    from flows.ingest import read_batches
    from flows.sandbox import render_receipts

    @contextmanager
    def no_prefect(*_arguments: Any, **_options: Any) -> Iterator[bool]:
        yield False

    with pytest.MonkeyPatch.context() as patched:
        for module, name in ((render_receipts, "map_isolated"), (read_batches, "map_once")):
            patched.setattr(
                module, name, lambda _limits, function, calls, *_: [function(*call) for call in calls]
            )
        for module in (check, nightly):
            patched.setattr(module, "start_children", lambda: None)
        patched.setattr(nightly, "prefect_api", no_prefect)
        yield


def _in_a_child(work: Callable[[], tuple[int, str, str, int]]) -> tuple[int, str, str, int]:
    """Do something in a forked process: what it opened is gone afterwards."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        with os.fdopen(writing, "w") as pipe:
            json.dump(work(), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        result = json.load(pipe)
    os.waitpid(child, 0)
    return tuple(result)  # type: ignore[return-value]


def _files(home: Path) -> dict[str, str]:
    """Return the hash of every file that people read; of a manifest without its digest, made of times."""
    import hashlib

    def content(file: Path) -> bytes:
        if file.name != "report.json":
            return file.read_bytes()
        return json.dumps(json.loads(file.read_bytes())["files"]).encode()

    files = (*home.glob("receipts/*/*/[!.]*"), *home.glob("reports/[!.]*/*"), *home.glob("out/**/[!.]*.*"))
    return {
        file.relative_to(home).as_posix(): hashlib.sha256(content(file)).hexdigest()
        for file in files
        if file.is_file()
    }


if __name__ == "__main__":
    for name in ("flows.pipeline", "flows.commands.nightly", "flows.commands.check", "pandas", "pyarrow"):
        __import__(name)
    main()
