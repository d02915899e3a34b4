"""What stands before every page of the portal: strict headers, and no order from another site's page."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request

Message = MutableMapping[str, Any]
App = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[Message]],
        Callable[[Message], Awaitable[None]],
    ],
    Awaitable[None],
]

#: no script at all, nothing from another host, nothing inline; https://www.w3.org/TR/CSP3/
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
#: Referrer-Policy is not `no-referrer`, with which browsers send `Origin: null` for our own forms
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = "/static/"
#: of a declared length that are read: more of them are too large in any case
MOST_DIGITS = 15


class StrictHeaders:
    """Add the headers to every answer; pages and downloads are not kept by the browser."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                is_static = scope["path"].startswith(STATIC)
                headers["Cache-Control"] = "max-age=3600" if is_static else "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class LimitedBody:
    """Answer a request whose declared body is too large before reading it; count the others as they come."""

    def __init__(self, app: App, largest_bytes: int, answer: App) -> None:
        self.app = RequestBodyLimitMiddleware(app, largest_bytes)
        self.largest_bytes, self.answer = largest_bytes, answer

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        declared = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        is_too_large = declared.isdecimal() and int(declared[:MOST_DIGITS]) > self.largest_bytes
        await (self.answer if is_too_large else self.app)(scope, receive, send)


def is_from_own_page(request: Request) -> bool:
    """Whether a request that changes something comes from a page of the portal itself.

    Browsers say so in Sec-Fetch-Site, or, on plain http under a host's name, in Origin alone. One that says
    neither is refused: there is none that sends forms so.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    host = _host_of(request.headers.get("origin", ""))
    return bool(host) and host == request.headers.get("host", "")


def _host_of(origin: str) -> str:
    """Return the host that an Origin names; empty where it is no address."""
    try:
        return urlsplit(origin).netloc
    except ValueError:  # http://[::1
        return ""


def form_token(session_token: str) -> str:
    """Return what every form of a session must bring along; another site's page cannot know it."""
    return hmac.new(session_token.encode(), b"form", sha256).hexdigest()


def is_form_token(value: object, session_token: str) -> bool:
    """Whether a form brought the token of its session."""
    return isinstance(value, str) and hmac.compare_digest(
        value.encode(), form_token(session_token).encode()
    )
