"""A real mail server on the loopback, and the messages that it received."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class MailServer:
    """Its port, and what it received; it refuses mails to the addresses in `dead`."""

    port: int
    received: list[Any] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The setting `mail_server`."""
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[Any]:
        """Return the mails that came for an address."""
        return [mail for mail in self.received if mail["To"] == address]

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.dead:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Serve until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = MailServer(free.getsockname()[1])
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()
