"""A disk that is full or fails at any call: a sentence, nothing by halves, and the next run completes it."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from flows.storage_errors import describe_storage_error
from tests.pipeline.test_kill import fill
from tests.support.failing_disk import COMPILER, Campaign, compile_library, run_campaigns

needs_compiler = pytest.mark.skipif(
    COMPILER is None or not Path("/proc/self/fd").exists(),
    reason="the failing disk is a library in C, for Linux",
)
#: every which call fails; `make soak` takes smaller steps, and more kinds of errors
EVERY = int(os.environ.get("HUIZONG_FAILING_EVERY", "3000"))
FULL, FAILING = (errno.ENOSPC, True), (errno.EIO, False)
FAULTS = [FULL] if EVERY > 100 else [FULL, FAILING, (errno.EROFS, True), (errno.ESTALE, False)]


@pytest.fixture
def filled_home(home_folder: Path, laid_out_file: Path) -> Path:
    shutil.copy(laid_out_file, home_folder / "warehouse.sqlite")
    fill(home_folder / "inbox")
    return home_folder


@needs_compiler
@pytest.mark.parametrize(("number", "is_lasting"), FAULTS)
def test_a_night_ends_with_a_sentence_and_the_next_completes_it(
    filled_home: Path, tmp_path: Path, number: int, is_lasting: bool
) -> None:
    campaign = Campaign(str(filled_home), ["nightly"], number, is_lasting, first=number, every=EVERY)
    [[undisturbed, *outcomes]] = run_campaigns([campaign], compile_library(tmp_path))
    assert len(undisturbed.files) > 8
    assert {outcome.exit_code for outcome in outcomes} >= {1}
    for outcome in outcomes:
        assert outcome.crash == ""
        assert outcome.exit_code != 1 or outcome.output.count("To do: ") == 1, outcome
        assert outcome.files.items() <= undisturbed.files.items()
        assert (outcome.call, outcome.next_files) == (outcome.call, undisturbed.files), outcome.next_output


COMMANDS = ("init", "template cases --out {home}/out", "dictionary --out {home}/out.xlsx")


@needs_compiler
def test_a_full_disk_is_a_sentence_to_commands_that_write_files(home_folder: Path, tmp_path: Path) -> None:
    """One process tries all: starting it takes longer than the commands."""
    (home_folder / "huizong.toml").unlink()
    campaigns = [
        Campaign(
            str(home_folder), command.split(), errno.ENOSPC, lasting=True, every=150 if EVERY > 100 else 1
        )
        for command in COMMANDS
    ]
    outcomes_by_command = run_campaigns(campaigns, compile_library(tmp_path))
    for command, (undisturbed, *outcomes) in zip(COMMANDS, outcomes_by_command, strict=True):
        assert undisturbed.exit_code == outcomes[-1].exit_code == 0, command
        for outcome in outcomes:
            assert (outcome.crash, outcome.next_exit_code) == ("", 0), command
            assert outcome.exit_code == 0 or (
                outcome.exit_code == 1 and "the disk is full" in outcome.output
            ), command
            assert outcome.files.items() <= undisturbed.files.items(), command
            assert outcome.next_files == undisturbed.files, command


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "", "/srv/home/archive"), "the disk is full: /srv/home/archive"),
        (OSError(errno.EDQUOT, ""), "the disk is full: the output, or a temporary file,"),
        (OSError(errno.ESTALE, "", b"/mnt/\xff"), "the share with /mnt/"),
        (sqlite3.OperationalError("database or disk is full"), "the disk is full: the warehouse"),
        (
            sqlite3.OperationalError("failed to open database"),
            "the warehouse or a file beside it cannot be opened",
        ),
        (sqlite3.DatabaseError("database disk image is malformed"), "rebuild --replace"),
    ],
)
def test_an_error_of_storage_says_what_failed_where_and_what_to_do(error: Exception, words: str) -> None:
    sentence = describe_storage_error(error)
    assert sentence is not None
    assert words in sentence
    assert "To do: " in sentence


@pytest.mark.parametrize(
    "error", [OSError("odd"), ValueError("odd"), sqlite3.OperationalError("no such table: x")]
)
def test_other_errors_are_no_errors_of_storage(error: Exception) -> None:
    assert describe_storage_error(error) is None


def test_the_error_of_a_library_that_wraps_one_of_storage_is_a_sentence() -> None:
    """XlsxWriter raises an exception of its own while it handles the system's."""

    def write_workbook() -> None:
        try:
            raise OSError(errno.ENOSPC, "", "/srv/home/inbox/a.xlsx")
        except OSError as error:
            raise RuntimeError(error)  # noqa: B904 - as that library does

    with pytest.raises(RuntimeError) as raised:
        write_workbook()
    assert "the disk is full: /srv/home/inbox/a.xlsx" in str(describe_storage_error(raised.value))
