"""The command `portal`: the web pages for clerks, operators and readers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.commands.common import EXIT_OTHER, open_readable_workspace
from flows.language import _, translate
from flows.render import print_line
from flows.storage_errors import describe_errno


@click.command()
@click.pass_obj
def portal(folder: Path) -> None:
    """Serve the portal until stopped: reports are sent, checked and looked at in a browser."""
    workspace = open_readable_workspace(folder)
    workspace.home.make()
    host, port = workspace.home.settings.portal_host, workspace.home.settings.portal_port
    from flows.orchestration.prefect_server import address, listen_on
    from flows.portal.server import serve_portal

    try:
        listener = listen_on(host, port)
    except OSError as error:
        print_line(
            _("cannot listen on {host} port {port}: {reason}; choose another `portal_port`.").format(
                host=host, port=port, reason=translate(describe_errno(error.errno))
            ),
            is_error=True,
        )
        sys.exit(EXIT_OTHER)
    with listener:
        url = f"{address(host, listener.getsockname()[1])}/"
        serve_portal(workspace.home, listener, when_up=lambda: _print_started(url))
    print_line(_("Stopped."))


def _print_started(url: str) -> None:
    print_line(_("The portal: {url}").format(url=url))
    print_line(_("Ctrl-C or SIGTERM stops it."))
