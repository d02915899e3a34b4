"""Which files of an inbox are of the sample year, so that it is never mixed with what counties sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.archive.log import LOG_FILE
from flows.atomic import write_atomic
from flows.errors import FlowError
from flows.home import Home
from flows.ingest.inbox import list_inbox

#: in a home with sample years: their files, a path below the inbox a line
LIST_FILE = "sample-files.txt"
#: stands in the list while `demo` is at work; if it is killed, what lies there is all of the sample year
UNFINISHED = "*"


class RealFilesError(FlowError):
    """A home holds files that are not of a sample year."""

    exit_code = 2


def require_no_real_files(home: Home) -> None:
    """Raise RealFilesError if a home holds files that `demo` did not write, or has loaded such."""
    sample = _sample_files(home)
    if UNFINISHED in sample:
        return
    real = next((file.path for file in list_inbox(home.inbox, [], []) if file.path not in sample), None)
    if real is None and not sample and (home.archive / LOG_FILE).exists():
        real = f"archive/{LOG_FILE}"
    if real:
        raise RealFilesError(
            f"{home.folder} 里已有真实的报送（{real}），不能混入示例数据。"
            "请用另一个文件夹：huizong --home 文件夹 demo。没有建立或改动任何文件。"
        )


@contextmanager
def sample_files_listed(home: Home) -> Iterator[set[Path]]:
    """Yield a set for the files that are written; at the end add them to the home's list."""
    earlier, written = _sample_files(home), set[Path]()
    _write_list(home, {*earlier, UNFINISHED})
    yield written
    paths = {file.relative_to(home.inbox).as_posix() for file in written}
    _write_list(home, (paths | earlier) - {UNFINISHED})


def _write_list(home: Home, paths: set[str]) -> None:
    write_atomic(home.folder / LIST_FILE, "\n".join(sorted(paths)).encode())


def _sample_files(home: Home) -> set[str]:
    file = home.folder / LIST_FILE
    return set(file.read_text("utf-8").splitlines()) if file.exists() else set()
