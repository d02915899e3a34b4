"""Guard a page that asks for no password: what another site's page sends through a browser is refused.

A browser lets any page send requests to an address of its own machine or network. It says where they come
from (Origin, Sec-Fetch-Site), and which name it was given for the address (Host: a foreign name that was
made to lead here, "DNS rebinding", shows in it). https://fetch.spec.whatwg.org/#origin-header
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
READING_METHODS = ("GET", "HEAD", "OPTIONS")
FORBIDDEN, UNSUPPORTED_MEDIA_TYPE = 403, 415
#: What a browser may load for this page, and from where: from this server alone. Prefect's interface builds
#: its scripts and styles in the browser, so those are allowed; its newer one calls a host for analytics at
#: every load, although analytics are off. https://www.w3.org/TR/CSP3/
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
#: the second is for browsers that do not know the policy's last directive
PAGE_HEADERS = ((b"content-security-policy", CONTENT_POLICY.encode()), (b"x-frame-options", b"DENY"))

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class LocalPageGuard:
    """An ASGI application before another one, which gets only requests that no other site can have sent.

    `hosts`: the names and addresses, without port, by which browsers and programs reach this server.
    """

    def __init__(self, application: Application, hosts: Collection[str]) -> None:
        self.application, self.hosts = application, {host.lower() for host in hosts}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        refusal = self.find_refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self.application(scope, receive, _with_page_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[1]})
        else:
            status, reason = refusal
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": reason.encode()})

    def find_refusal(self, scope: Message) -> tuple[int, str] | None:
        """Return status and reason where a request is refused."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "").lower()
        if _without_port(host) not in self.hosts:
            return FORBIDDEN, f"Host '{host}' is none of serve_hosts."
        origin = headers.get(b"origin")
        is_reading = scope["type"] == "http" and scope["method"] in READING_METHODS
        if origin is not None and urlsplit(origin).netloc.lower() != host:
            return FORBIDDEN, "This page takes no requests from other sites."
        if is_reading:
            return None
        if headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
            return FORBIDDEN, "This page takes no requests from other sites."
        has_body = headers.get(b"content-length", "0") != "0" or b"transfer-encoding" in headers
        if (
            has_body
            and headers.get(b"content-type", "").split(";")[0].strip().lower() != "application/json"
        ):
            return UNSUPPORTED_MEDIA_TYPE, "Send application/json."
        return None


def _with_page_headers(send: Send) -> Send:
    """Let a browser ask no other host for anything, and no other site show an answer in a frame, where a
    click of its visitor would be an order.
    """

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *PAGE_HEADERS]}
        await send(message)

    return send_with_headers


def _without_port(host: str) -> str:
    """Return the name or address in a Host header; an address of IPv6 with its brackets."""
    name, separator, port = host.rpartition(":")
    return name if separator and port.isdigit() else host


def page_hosts(host: str, names: Collection[str]) -> tuple[str, ...]:
    """Return the names of a server that listens on a host: of this machine, its own and the `names` given."""
    own = f"[{host}]" if ":" in host else host
    return tuple(dict.fromkeys((*LOOPBACK_HOSTS, own, *names)))
