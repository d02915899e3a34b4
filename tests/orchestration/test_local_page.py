"""The guard of pages without a password: what another site can make a browser send is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flows.orchestration.local_page import LocalPageGuard, page_hosts

JSON = "application/json"


def send(method: str, headers: dict[str, str], kind: str = "http") -> list[dict[str, Any]]:
    """Send a request through the guard; return what is answered, by it or by what it guards."""
    answers: list[dict[str, Any]] = []

    async def application(_scope: Any, _receive: Any, answer: Any) -> None:
        await answer({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request"}

    async def answer(message: Any) -> None:
        answers.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": method, "headers": raw}
    asyncio.run(
        LocalPageGuard(application, page_hosts("10.0.0.5", ["Huizong.intranet"]))(scope, receive, answer)
    )
    return answers


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"host": "127.0.0.1:4200"}, 200),
        ("GET", {"host": "localhost"}, 200),
        ("GET", {"host": "[::1]:4200"}, 200),
        ("GET", {"host": "10.0.0.5:4200"}, 200),
        ("GET", {"host": "huizong.intranet:4200"}, 200),
        ("GET", {"host": "evil.example:4200"}, 403),
        ("GET", {"host": "127.0.0.1.evil.example"}, 403),
        ("GET", {}, 403),
        ("GET", {"host": "localhost", "sec-fetch-site": "cross-site"}, 200),  # a link to the page
        ("GET", {"host": "localhost:4200", "origin": "http://localhost:8600"}, 403),
        ("POST", {"host": "localhost:4200", "origin": "http://localhost:4200", "content-type": JSON, "content-length": "2"}, 200),
        ("POST", {"host": "localhost:4200", "content-type": f"{JSON}; charset=utf-8", "content-length": "2"}, 200),
        ("POST", {"host": "localhost:4200", "origin": "null", "content-type": JSON, "content-length": "2"}, 403),
        ("POST", {"host": "localhost:4200", "origin": "http://evil.example", "content-type": JSON}, 403),
        ("POST", {"host": "localhost:4200", "sec-fetch-site": "same-site", "content-type": JSON}, 403),
        ("POST", {"host": "localhost:4200", "content-length": "2"}, 415),
        ("POST", {"host": "localhost:4200", "content-type": "text/plain", "transfer-encoding": "chunked"}, 415),
        ("DELETE", {"host": "localhost:4200", "origin": "http://evil.example"}, 403),
        ("DELETE", {"host": "localhost:4200"}, 200),
    ],
)  # fmt: skip
def test_requests(method: str, headers: dict[str, str], status: int) -> None:
    assert send(method, headers)[0]["status"] == status


def test_sockets_of_other_sites_are_closed() -> None:
    own = {"host": "localhost:4200", "origin": "http://localhost:4200"}
    assert send("", own, "websocket")[0]["status"] == 200
    assert send("", {"host": "localhost:4200"}, "websocket")[0]["status"] == 200
    [closed] = send("", own | {"origin": "http://evil.example"}, "websocket")
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    assert send("", {}, "lifespan")[0]["status"] == 200


def test_no_other_site_shows_the_page_in_a_frame() -> None:
    [answer] = send("GET", {"host": "127.0.0.1:4200"})
    headers = dict(answer["headers"])
    assert headers[b"x-frame-options"] == b"DENY"
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]
