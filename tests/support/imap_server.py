"""A real mailbox on the loopback, served by pymap in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imap_tools import MailBoxUnencrypted

USER, PASSWORD = "demouser", "demopass"
#: pymap, whose sign-in would hash the password a million times
SERVER = """
from functools import partial
from pymap import config
from pymap.main import main
config.BuiltinHash = partial(config.BuiltinHash, rounds=1)
main()
"""


@contextmanager
def running_mailbox() -> Iterator[int]:
    """Serve a mailbox with a few mails of strangers until the end of the block; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        SERVER,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-tls",
        "dict",
        "--demo-data",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


@contextmanager
def signed_in(port: int) -> Iterator[MailBoxUnencrypted]:
    """Look into the mailbox as its owner."""
    with MailBoxUnencrypted("127.0.0.1", port).login(USER, PASSWORD) as mailbox:
        yield mailbox
