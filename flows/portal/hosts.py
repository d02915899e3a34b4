"""By which names the portal is reached, and what a trusted proxy may say of who asks."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from flows.portal.guard import App
from flows.settings import Settings

#: in a request's scope: whether a trusted proxy passed it on
IS_PROXIED = "huizong.is_proxied"


def own_names(settings: Settings) -> set[str]:
    """Return the names by which browsers may reach the portal; its addresses in numbers need none.

    A foreign name that was made to lead here ("DNS rebinding") is none of them.
    """
    by_url = urlsplit(settings.portal_url).hostname or ""
    names = {"localhost", socket.gethostname(), settings.portal_host, by_url, *settings.portal_hosts}
    return {name.lower() for name in names if name}


class AllowedHosts:
    """Answer only requests for one of the portal's own names, or for an address in numbers."""

    def __init__(self, app: App, names: Collection[str], answer: App) -> None:
        self.app, self.names, self.answer = app, names, answer

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        is_allowed = scope["type"] != "http" or self._is_allowed(Headers(scope=scope).get("host", ""))
        await (self.app if is_allowed else self.answer)(scope, receive, send)

    def _is_allowed(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
        except ValueError:
            return False
        return name in self.names or _is_address(name)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class BehindProxy:
    """Take the client's address and scheme from a trusted proxy's headers, and note that it passed the
    request on; nobody else's headers say anything.
    """

    def __init__(self, app: App, proxies: Collection[str]) -> None:
        self.app, self.trusted = app, [ipaddress.ip_network(proxy) for proxy in proxies]
        self.forwarded = ProxyHeadersMiddleware(app, list(proxies))  # type: ignore[arg-type]

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        client = scope.get("client")
        if scope["type"] != "http" or not client or not self._is_trusted(client[0]):
            await self.app(scope, receive, send)
            return
        scope[IS_PROXIED] = True
        await self.forwarded(scope, receive, send)  # type: ignore[arg-type]

    def _is_trusted(self, host: str) -> bool:
        return _is_address(host) and any(ipaddress.ip_address(host) in network for network in self.trusted)


def proxied_user(request: Request, header: str) -> str:
    """Return the user that a trusted proxy has signed in; empty without one, or without such a setting."""
    if not header or not request.scope.get(IS_PROXIED):
        return ""
    values = request.headers.getlist(header)
    return _decode(values[0]).strip() if len(values) == 1 else ""


def _decode(value: str) -> str:
    """Return a header's text: names in Chinese come as UTF-8, which the protocol reads as Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
