"""The command `serve`: scheduled nightly runs, and requested reruns, through Prefect's scheduler and page."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from filelock import FileLock, Timeout

from flows.commands.common import EXIT_HELD, EXIT_OK, EXIT_OTHER, open_workspace
from flows.language import _, translate
from flows.orchestration.local_page import page_hosts
from flows.orchestration.prefect_api import persistent_prefect_api
from flows.orchestration.prefect_server import listen_on
from flows.orchestration.schedule import is_missed, next_due
from flows.portal.child import describe_start, running_portal
from flows.render import print_line
from flows.run_lock import hold_run_lock
from flows.storage_errors import describe_errno
from flows.words import format_instant
from flows.workspace import Workspace
from warehouse.engine import reading
from warehouse.migrations.fingerprint import SchemaStatus
from warehouse.ops.runs import last_ended

SERVE_LOCK = "serve.lock"


@click.command()
@click.pass_obj
def serve(folder: Path) -> None:
    """Run the pipeline every day at its time and reruns on request, and serve the portal, until stopped."""

    workspace = open_workspace(folder)
    workspace.home.make()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda *_: sys.exit(EXIT_OK))  # until the runner takes them over
    if workspace.form() is not SchemaStatus.CURRENT:
        with hold_run_lock(workspace, workspace.home.settings.wait_for_other_run_seconds):
            pass  # taking the lock upgrades the warehouse
    lock = FileLock(workspace.home.folder / SERVE_LOCK, timeout=0)
    try:
        with lock:
            sys.exit(_serve_alone(workspace))
    except Timeout:
        print_line(
            _("serve runs already for {folder}.").format(folder=workspace.home.folder), is_error=True
        )
        sys.exit(EXIT_HELD)


def _serve_alone(workspace: Workspace) -> int:
    home, external_url = workspace.home, os.environ.get("PREFECT_API_URL")
    host, port = home.settings.serve_host, home.settings.serve_port
    if not external_url:
        try:
            with listen_on(host, port) as listener:
                port = listener.getsockname()[1]
        except OSError as error:
            print_line(
                _("cannot listen on {host} port {port}: {reason}; choose another `serve_port`.").format(
                    host=host, port=port, reason=translate(describe_errno(error.errno))
                ),
                is_error=True,
            )
            return EXIT_OTHER
    with persistent_prefect_api(
        home.folder,
        host,
        port,
        page_hosts(host, home.settings.serve_hosts),
        timeout_seconds=home.settings.prefect_timeout_seconds,
        when_dead=_exit_without_server,
    ) as url:
        if url is None:
            problem = (
                _("Prefect does not answer at {url}.").format(url=external_url)
                if external_url
                else _("Prefect's server does not start; see logs/prefect-server.log.")
            )
            print_line(problem, is_error=True)
            return EXIT_OTHER
        from flows.orchestration.serving import serve_until_stopped

        was_missed = is_missed(
            last_night_ended(workspace), datetime.now(UTC), home.settings.night_at, home.timezone
        )
        workspace.engine.dispose()
        with running_portal(home) as portal:
            serve_until_stopped(
                home,
                is_missed=was_missed,
                owns_server=not external_url,
                when_up=lambda: _print_started(workspace, url, was_missed, describe_start(portal)),
            )
    print_line(_("Stopped."))
    return EXIT_OK


def _exit_without_server() -> None:
    """End at once: without its server nothing is scheduled, and an active run ends with this process."""
    print_line(_("Prefect's server ended, see logs/prefect-server.log; start serve again."), is_error=True)
    os._exit(EXIT_OTHER)


def last_night_ended(workspace: Workspace) -> datetime | None:
    """Return when the last completed nightly run began, in UTC without a zone."""
    with reading(workspace.engine) as connection:
        return last_ended(connection, workspace.tables, "nightly")


def _print_started(workspace: Workspace, url: str, was_missed: bool, portal: str) -> None:
    settings = workspace.home.settings
    night = next_due(datetime.now(UTC), settings.night_at, workspace.home.timezone)
    print_line(_("Prefect's page: {address}").format(address=url.removesuffix("/api")))
    print_line(portal)
    print_line(
        _("Next night: {night} ({timezone}), then every day.").format(
            night=format_instant(f"{night:%Y-%m-%dT%H:%M}"), timezone=settings.timezone
        )
    )
    if was_missed:
        print_line(_("No night has ended since the last one was due: one runs now."))
    print_line(_("Reruns: `Run` at the deployment `rerun` on that page, or `huizong rerun`."))
    print_line(_("Ctrl-C or SIGTERM stops it."))
