"""A portal that is killed while it sends: what the clerk then tries again is sent once, whole and audited."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from flows.portal.clerk.unfinished import finish_interrupted
from tests.portal.test_uploads import inbox_files
from tests.support.portal_site import Site, Visitor, cases_workbook

FORK = multiprocessing.get_context("fork")


def is_killed_at(moment: int, site: Site, clerk: Visitor, address: str) -> bool:
    """Post a form in a process that is killed at the n-th call to disk or database; return whether it was."""

    def die() -> None:
        steps = itertools.count(1)

        def step(*_: Any) -> None:
            if next(steps) == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        def counted(function: Any) -> Any:
            def call(*arguments: Any, **options: Any) -> Any:
                step()  # what is after a call is before the next
                return function(*arguments, **options)

            return call

        for engine in (site.portal.store, site.portal.workspace().engine):
            engine.dispose(close=False)  # connections are of the process that made them
        event.listen(site.portal.store, "commit", step)
        with pytest.MonkeyPatch.context() as patch:
            for name in ("replace", "fsync", "unlink"):
                patch.setattr(os, name, counted(getattr(os, name)))
            clerk.post(address)
        os._exit(0)

    child = FORK.Process(target=die)
    child.start()
    child.join()
    assert child.exitcode in (-signal.SIGKILL, 0)
    return child.exitcode != 0


def test_what_was_sent_is_whole_and_audited_wherever_it_was_killed(site: Site) -> None:
    clerk = site.visitor("star")
    data, path = cases_workbook(1, 2), "2023-06/990102/a.xlsx"
    page = clerk.checked("a.xlsx", data)
    for moment in itertools.count(1):
        was_killed = is_killed_at(moment, site, clerk, f"{page}/send")
        if "已报送" not in clerk.get(page).text:
            assert clerk.post(f"{page}/send").status_code == 303
        assert inbox_files(site) == [path]
        assert (site.portal.workspace().home.inbox / path).read_bytes() == data
        assert site.audited().count(("star", "send", path)) == moment
        if not was_killed:
            break
        assert clerk.post(f"{page}/take-back").status_code == 303
    assert moment > 5


def test_wherever_it_was_killed_the_next_start_says_what_lies_in_the_inbox(site: Site) -> None:
    clerk = site.visitor("star")
    page, path = clerk.checked("a.xlsx", cases_workbook(1, 2)), "2023-06/990102/a.xlsx"
    for action, was_sent in (("send", False), ("take-back", True)):
        for moment in itertools.count(1):
            was_killed = is_killed_at(moment, site, clerk, f"{page}/{action}")
            finish_interrupted(site.portal)
            is_there = inbox_files(site) == [path]
            assert (">收回</button>" in clerk.get(page).text) == is_there
            assert (">报送</button>" in clerk.get(page).text) == (not is_there)
            actions = [entry[1] for entry in site.audited() if entry[2] == path]
            assert actions == ["send", "take_back"] * (len(actions) // 2) + ["send"] * is_there
            if is_there == was_sent and was_killed:
                continue
            if not was_killed:
                assert is_there != was_sent
                break
            assert clerk.post(f"{page}/{'take-back' if is_there else 'send'}").status_code == 303
        assert moment > 2


def inbox_file(site: Site, name: str = "a.xlsx") -> Path:
    return site.portal.workspace().home.inbox / "2023-06/990102" / name


def kill_when_the_file_is_there(site: Site, clerk: Visitor, page: str, data: bytes) -> None:
    """Send until a kill leaves the content in the inbox and nothing said of it."""
    for moment in itertools.count(1):
        assert is_killed_at(moment, site, clerk, f"{page}/send")
        if inbox_file(site).exists() and inbox_file(site).read_bytes() == data:
            return


def actions(site: Site) -> list[tuple[str, str]]:
    return [(entry[0], entry[1]) for entry in site.audited() if entry[1] in ("send", "take_back")]


def test_a_correction_is_finished_beside_what_was_loaded(site: Site) -> None:
    clerk, data = site.visitor("star"), cases_workbook(1, 2, 3)
    clerk.post(f"{clerk.checked('a.xlsx', cases_workbook(1, 2))}/send")
    site.night()
    site.wait(minutes=60)
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", data)
    kill_when_the_file_is_there(site, clerk, page, data)
    finish_interrupted(site.portal)
    assert ">收回</button>" in clerk.get(page).text
    assert actions(site) == [("star", "send"), ("star", "send")]


def test_the_audit_log_names_who_sent_it(site: Site) -> None:
    site.add("star2", "clerk", ["990102"])
    first, second, data = site.visitor("star"), site.visitor("star2"), cases_workbook(1, 2)
    page = first.checked("a.xlsx", data)
    kill_when_the_file_is_there(site, second, page, data)
    finish_interrupted(site.portal)
    assert actions(site) == [("star2", "send")]


def test_what_nobody_sent_or_took_back_is_left_as_it_is(site: Site) -> None:
    clerk, data = site.visitor("star"), cases_workbook(1, 2)
    inbox_file(site).parent.mkdir(parents=True)
    inbox_file(site).write_bytes(data)  # by a shared folder
    looked_at = clerk.checked("a.xlsx", data)
    sent = clerk.checked("b.xlsx", cases_workbook(3))
    clerk.post(f"{sent}/send")
    inbox_file(site, "b.xlsx").unlink()  # by hand
    finish_interrupted(site.portal)
    assert ">报送</button>" in clerk.get(looked_at).text
    assert actions(site) == [("star", "send")]


def test_nothing_is_finished_while_the_share_is_away(site: Site) -> None:
    clerk, inbox = site.visitor("star"), site.portal.workspace().home.inbox
    clerk.post(f"{clerk.checked('b.xlsx', cases_workbook(9))}/send")
    site.night()
    data = cases_workbook(1, 2)
    page = clerk.checked("a.xlsx", data)
    kill_when_the_file_is_there(site, clerk, page, data)
    inbox.rename(inbox.with_name("share"))
    inbox.mkdir()
    finish_interrupted(site.portal)
    inbox.rmdir()
    inbox.with_name("share").rename(inbox)
    assert len(actions(site)) == 1
    finish_interrupted(site.portal)
    assert ">收回</button>" in clerk.get(page).text


def test_a_folder_where_a_file_belongs_ends_nothing(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1, 2))
    clerk.post(f"{page}/send")
    inbox_file(site).unlink()
    inbox_file(site).mkdir()
    other = clerk.checked("b.xlsx", cases_workbook(3))
    assert (clerk.get(page).status_code, clerk.get(other).status_code) == (200, 200)
    assert clerk.post(f"{page}/take-back").status_code == 303
    assert ">报送</button>" in clerk.get(page).text
