"""The web server of the portal."""

from __future__ import annotations

import socket
import tempfile

import uvicorn

from flows.portal.app import create_app
from flows.portal.portal import Portal
from flows.sandbox.pool import start_workers
from flows.settings import Home

#: seconds that an open connection may wait for its next request, and that a stop waits for answers
KEEP_ALIVE_SECONDS, STOPPING_SECONDS = 20, 10
#: folder of the portal in which uploads are kept while they arrive: not in a folder that others can read
INCOMING = "incoming"


def serve_portal(home: Home, listener: socket.socket) -> None:
    """Serve the portal on an open socket until SIGTERM or SIGINT."""
    portal = Portal(home)
    incoming = portal.folder / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(incoming)
    start_workers()
    portal.checks.start()
    config = uvicorn.Config(
        create_app(portal),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        portal.checks.stop()
