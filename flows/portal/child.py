"""The portal beside the schedule of `huizong serve`: a process of its own, gone when its parent is.

Run as a module, this file is that process: `python -m flows.portal.child HOME`. It leaves when its standard
input ends, which it does when the parent closes it or is gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.home import HOME_VARIABLE, Home
from flows.language import _, choose_language, language_of, translate
from flows.orchestration.prefect_server import address, listen_on
from flows.storage_errors import describe_errno

LOG = "portal.log"
STOPPING_SECONDS = 15.0


@contextmanager
def running_portal(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Start the portal, yield its process, and stop it at the end."""
    log = home.folder / "logs" / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", __name__, str(home.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, HOME_VARIABLE: str(home.folder)},
            start_new_session=True,  # the terminal's Ctrl-C is for `serve`, which then stops the portal
        )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield child
    finally:
        child.stdin.close()
        try:
            child.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


def describe_start(child: subprocess.Popen[str]) -> str:
    """Wait until the portal answers or has failed; return the sentence that says which."""
    assert child.stdout is not None
    return child.stdout.readline().strip() or _("The portal does not start; see logs/{log}.").format(
        log=LOG
    )


def main(folder: Path) -> None:
    """Serve the portal of a home until standard input ends."""
    from flows.portal.server import serve_portal

    choose_language(language_of(folder))
    home = Home(folder)
    host, port = home.settings.portal_host, home.settings.portal_port
    try:
        listener = listen_on(host, port)
    except OSError as error:
        text = _("No portal: cannot listen on {host} port {port}: {reason}; choose another `portal_port`.")
        print(text.format(host=host, port=port, reason=translate(describe_errno(error.errno))))
        return
    with listener:
        url = f"{address(host, listener.getsockname()[1])}/"
        serve_portal(
            home,
            listener,
            when_up=lambda: print(_("The portal: {url}").format(url=url), flush=True),
            ends_with=_watch_input,
        )


def _watch_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
