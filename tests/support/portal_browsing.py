"""A portal served on this machine, and a real browser that looks at its pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from flows.orchestration.prefect_server import listen_on
from tests.support.portal_site import PASSWORD

SERIOUS = ("serious", "critical")
#: what has no fault is not described, which takes most of the time of a report
ONLY_FAULTS = {"resultTypes": ["violations"], "preload": False}
SCREEN, TELEPHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 900}


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve a portal on a free port; yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    with listen_on("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def signing_in(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Yield what opens a page as an account; whatever is asked of another host fails the test."""
    contexts, outside, complaints = [], list[str](), list[str]()

    def open_as(name: str, **options: Any) -> Any:
        context = browser.new_context(base_url=address, locale="zh-CN", java_script_enabled=True, **options)
        contexts.append(context)
        context.route(
            lambda url: not url.startswith(address),
            lambda route: (outside.append(route.request.url), route.abort()),
        )
        page = context.new_page()
        page.set_viewport_size(SCREEN)
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        page.get_by_label("账号").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("header nav")
        return page

    try:
        yield open_as
    finally:
        for context in contexts:
            context.close()
    assert (outside, complaints) == ([], [])


def require_good_pages(page: Any, paths: list[str], axe: Any) -> None:
    """Fail for a page in which axe finds something serious, or that is wider than a screen or a telephone."""
    for path in paths:
        answer = page.goto(path)
        assert answer.ok, path
        faults = axe.run(page, options=ONLY_FAULTS).response["violations"]
        serious = [fault["id"] for fault in faults if fault["impact"] in SERIOUS]
        assert serious == [], path
        for size in (TELEPHONE, SCREEN):
            page.set_viewport_size(size)
            is_wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not is_wider, (path, size)
