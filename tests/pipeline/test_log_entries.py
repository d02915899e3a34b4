"""The log of the archive: entries have all their keys, and a night says where the log is broken."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.archive.entry_form import KEYS, LOAD, NEWEST, PUBLICATION, has_form
from flows.archive.log import BEGINNING, ArchiveLog
from flows.archive.store import DamagedFileError
from flows.archive.verify import find_archive_problems
from flows.cli import main
from flows.ingest.rebuild import rebuild
from flows.outputs.publication import publish
from flows.pipeline import RunResult, run_pipeline
from flows.workspace import RunScope, Workspace
from schemas.periods import Period
from tests.support.counties import ledger_bytes, put
from tests.support.log_entries import SHA256, logged_file, logged_load, logged_publication

#: every key of an entry, with a value that it may not have
WRONG: dict[str, Any] = {
    "load_id": "1", "number": -1, "run": None, "started_at": "yesterday", "ruleset": 1, "regions": "ab", "headers": "ab",
    "adjustments": [], "selection": {"unit_code": None}, "files": [logged_file("a.csv", "ab")],
    "copies": [logged_file("a.csv", SHA256)], "resent": [1], "moved": ["a"], "returned": "a", "left_behind": [1],
    "replacement_share": "0.8",
    "outdated": [[1]], "unread": [{"path": "a.csv"}], "period": 2023, "note": None, "is_provisional": 1,
    "published_at": "2024-13-01", "figures": None, "is_imported": "no",
}  # fmt: skip
ENTRIES = {
    LOAD: {"kind": LOAD, **logged_load(1)},
    PUBLICATION: {"kind": PUBLICATION, **logged_publication(1)},
}
ADDED = [["本次报送：补充"]]


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_as_it_is_written_has_the_form_of_one(kind: str) -> None:
    assert has_form(ENTRIES[kind])
    assert not has_form({**ENTRIES[kind], "kind": "other"})
    assert not has_form({**ENTRIES[kind], "format": "2"})


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, keys in KEYS.items() for key in keys])
def test_a_key_that_is_missing_or_holds_something_else_makes_it_none(kind: str, key: str) -> None:
    newest = {**ENTRIES[kind], "format": NEWEST[kind], "is_imported": True}
    assert has_form(newest)
    assert not has_form({**newest, key: WRONG[key]})
    assert not has_form({name: value for name, value in newest.items() if name != key})


def test_older_entries_lack_keys_and_newer_ones_are_not_judged() -> None:
    later = ("format", "unread", "headers", "replacement_share", "moved", "returned", "left_behind")
    first_form = {name: value for name, value in ENTRIES[LOAD].items() if name not in later}
    assert has_form(first_form)
    assert not has_form({**first_form, "format": 2})
    assert has_form({"kind": LOAD, "format": NEWEST[LOAD] + 1, "load_id": 1, "files": "otherwise"})
    assert not has_form({"kind": LOAD, "format": NEWEST[LOAD] + 1})


def send_and_run(workspace: Workspace, day: int) -> RunResult:
    case = {"case_no": f"某环立(星)〔2023〕{day}号"}
    put(workspace.home.inbox, f"2023-06/990102/{day}.xlsx", ledger_bytes("cases", case, above=ADDED))
    return run_pipeline(workspace, RunScope(), datetime(2023, 7, 5 + day))


@pytest.fixture
def with_a_broken_line(workspace: Workspace) -> Workspace:
    """A home with a load, whose log ends with a line that is no entry."""
    assert send_and_run(workspace, 1).log_fault is None
    with ArchiveLog(workspace.home.archive).file.open("ab") as file:
        file.write(b"[]\n")
    return workspace


def test_a_night_says_where_the_log_is_broken_and_loads_all_the_same(with_a_broken_line: Workspace) -> None:
    result = send_and_run(with_a_broken_line, 2)
    assert (result.load_id, result.has_fault) == (2, True)
    assert "line 2 of the archive's log: it is no entry" in str(result.log_fault)
    (sent,) = [sent for sent in result.notifications if sent.occasion.startswith("log:")]
    assert (sent.counts, "第 2 行" in sent.body) == ({"broken_lines": 1, "first": 2}, True)
    again = send_and_run(with_a_broken_line, 3)
    assert again.log_fault
    assert sent.occasion not in {later.occasion for later in again.notifications}


def test_a_publication_of_a_load_that_was_taken_out_is_named_and_not_rebuilt(workspace: Workspace) -> None:
    send_and_run(workspace, 1)
    publish(workspace, Period.parse("2023-06"), "", as_provisional=True, now=datetime(2023, 7, 7))
    log = ArchiveLog(workspace.home.archive)
    (taken_out, publication) = log.entries()
    log.file.unlink()
    log.append(publication.kind, publication.payload)
    problem = "publication 1 is of load 1, which no entry tells of"
    assert taken_out.payload["load_id"] == 1
    assert any(problem in named for named in find_archive_problems(workspace.home, None))
    with pytest.raises(DamagedFileError, match=problem):
        rebuild(workspace.home, "sqlite://", lambda _line: None)


@pytest.mark.usefixtures("without_prefect")
def test_nightly_prints_it_and_exits_with_1(with_a_broken_line: Workspace) -> None:
    result = CliRunner().invoke(main, ["--home", str(with_a_broken_line.home.folder), "nightly"])
    assert (result.exit_code, "log.jsonl" in result.stderr) == (1, True), result.output


@pytest.mark.parametrize("left", [b'{"kind": "lo', b'{"kind": "lo\0\0\0', b"\0\0\0\0"])
def test_what_a_killed_run_or_a_power_cut_left_of_a_line_is_ignored(tmp_path: Path, left: bytes) -> None:
    log = ArchiveLog(tmp_path)
    loads = [logged_load(number) for number in (1, 2)]
    first = log.append("load", loads[0])
    with log.file.open("ab") as file:
        file.write(left)
    second = log.append("load", loads[1])
    assert [(entry.previous, entry.digest, entry.payload) for entry in log.entries()] == [
        (BEGINNING, first, loads[0]), (first, second, loads[1]),
    ]  # fmt: skip
    assert list(log.breaks()) == []


def test_an_entry_that_was_not_written_to_its_end_is_logged_again(tmp_path: Path) -> None:
    log = ArchiveLog(tmp_path)
    log.append("load", logged_load(1))
    whole = log.file.read_bytes()
    log.append("load", logged_load(2))
    log.file.write_bytes(log.file.read_bytes()[:-9] + b"\0\0")
    log.append("load", logged_load(2))
    assert [entry.payload["load_id"] for entry in log.entries()] == [1, 2]
    assert list(log.breaks()) == []
    log.file.write_bytes(whole.replace(b"{", b"\0{", 1))  # a NUL within a line is none of a power cut
    assert [broken.line for broken in log.breaks()] == [1]
    log.file.write_bytes(b"\0" * 9 + b"\n" + whole)  # nor is a whole line of them
    assert [broken.line for broken in log.breaks()] == [1]


def test_a_long_last_entry_is_found(tmp_path: Path) -> None:
    log = ArchiveLog(tmp_path)
    first = log.append("load", logged_load(1, note="文" * 700_000))
    log.append("load", logged_load(2))
    assert [entry.previous for entry in log.entries()] == [BEGINNING, first]
