"""Where the settings say so, what is sent is loaded at once: by a process of its own, one at a time."""

from __future__ import annotations

import threading
import time
from typing import Any, ClassVar

import pytest

from flows.portal import loads
from flows.portal.loads import FAILED, RUNNING, WAITING, Loads
from flows.run_lock import hold_run_lock
from tests.support.portal_site import Site, cases_workbook


@pytest.fixture
def at_once(site: Site) -> Site:
    with (site.portal.workspace().home.folder / "huizong.toml").open("a") as settings:
        settings.write('portal_loads = "at_once"\n')
    return site


def wait_for(words: str, read: Any) -> str:
    for _ in range(1200):
        if words in (text := read()):
            return str(text)
        time.sleep(0.05)
    raise AssertionError(f"never: {words}")


def test_what_is_sent_is_loaded_when_another_run_has_ended(at_once: Site) -> None:
    """A process of its own imports the whole program: this takes some seconds."""
    clerk = at_once.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1))
    assert "报送后马上入库" in clerk.get(page).text
    with hold_run_lock(at_once.portal.workspace()):
        clerk.post(f"{page}/send")
        text = wait_for("正在入库。别处正在入库的，等它结束就开始", lambda: clerk.get(page).text)
        assert 'http-equiv="refresh"' in text
        assert "已报送，等待入库" in text
    assert "已读入（第 1 批）：收下 1 张" in wait_for("已读入", lambda: clerk.get(page).text)
    at_once.portal.loads.stop(waits=True)
    assert "/receipts/2023-06/990102/a-" in clerk.get("/month?period=2023-06").text


def test_by_default_the_night_loads(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1))
    assert "报送后，夜里入库" in clerk.get(page).text
    clerk.post(f"{page}/send")
    assert site.portal.loads.state_of("990102", "2023-06") is None


class FakeProcess:
    """A rerun that ends when the test says so."""

    started: ClassVar[list[tuple[str, ...]]] = []
    may_end = threading.Event()
    code = 0

    def __init__(self, arguments: list[str], **_options: object) -> None:
        self.started.append(tuple(arguments[-2:]))

    def wait(self) -> int:
        assert self.may_end.wait(20)
        return self.code

    def terminate(self) -> None:
        self.may_end.set()


def test_one_runs_at_a_time_and_what_failed_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads.subprocess, "Popen", FakeProcess)
    FakeProcess.started, FakeProcess.may_end, FakeProcess.code = [], threading.Event(), 4
    queue = Loads(site.portal.workspace().home.folder)
    for period in ("2023-05", "2023-06", "2023-06"):
        queue.add("990102", period)
    wait_for("True", lambda: str(len(FakeProcess.started) == 1))
    assert queue.state_of("990102", "2023-05") == RUNNING
    assert queue.state_of("990102", "2023-06") == WAITING
    FakeProcess.may_end.set()
    queue.stop(waits=True)
    assert FakeProcess.started == [("990102", "2023-05"), ("990102", "2023-06")]
    assert queue.state_of("990102", "2023-06") == FAILED


def test_a_stopped_portal_leaves_the_rest_to_the_night(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads.subprocess, "Popen", FakeProcess)
    FakeProcess.started, FakeProcess.may_end, FakeProcess.code = [], threading.Event(), 0
    queue = Loads(site.portal.workspace().home.folder)
    queue.add("990102", "2023-05")
    wait_for("True", lambda: str(len(FakeProcess.started) == 1))
    queue.add("990102", "2023-06")
    queue.stop()
    assert FakeProcess.started == [("990102", "2023-05")]
