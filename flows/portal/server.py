"""The web server of the portal."""

from __future__ import annotations

import asyncio
import signal
import socket
import tempfile
import threading
from collections.abc import Callable

import uvicorn

from flows.home import Home
from flows.portal.app import create_app
from flows.portal.clerk.previews import answer_waiting
from flows.portal.clerk.unfinished import finish_interrupted
from flows.portal.portal import Portal
from flows.sandbox.pool import start_children

#: seconds that an open connection may wait for its next request, and that a stop waits for answers
KEEP_ALIVE_SECONDS, STOPPING_SECONDS = 20, 10
POLLING_SECONDS = 0.2
#: folder of the portal in which uploads are kept while they arrive: not in a folder that others can read
INCOMING = "incoming"


def serve_portal(
    home: Home,
    listener: socket.socket,
    when_up: Callable[[], None] = lambda: None,
    ends_with: Callable[[threading.Event], None] | None = None,
) -> None:
    """Serve the portal on an open socket until SIGTERM or SIGINT.

    `ends_with` runs in a thread, and sets its event to stop the server.
    """
    portal = Portal(home)
    start_children()  # before temporary files go to the home: the path of a socket may not be long
    incoming = portal.folder / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(incoming)
    finish_interrupted(portal)
    portal.checks.start()
    answer_waiting(portal)
    portal.jobs.start()
    config = uvicorn.Config(
        create_app(portal),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )
    if threading.current_thread() is threading.main_thread():
        for stop_signal in (signal.SIGTERM, signal.SIGINT):
            # uvicorn raises a signal again after it has stopped: what follows here must still happen
            signal.signal(stop_signal, lambda *_: None)
    stop = threading.Event()
    if ends_with:
        threading.Thread(target=ends_with, args=(stop,), daemon=True).start()
    try:
        asyncio.run(_serve(uvicorn.Server(config), listener, when_up, stop))
    finally:
        portal.checks.stop()
        portal.loads.stop()


async def _serve(
    server: uvicorn.Server, listener: socket.socket, when_up: Callable[[], None], stop: threading.Event
) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not (server.started or serving.done()):
        await asyncio.sleep(POLLING_SECONDS)
    if server.started:
        when_up()
    while not serving.done():
        server.should_exit = server.should_exit or stop.is_set()
        await asyncio.wait([serving], timeout=POLLING_SECONDS)
    await serving
