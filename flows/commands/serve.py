"""The command that stays: nights at their time, reruns when asked for, through Prefect's own scheduler and page."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from filelock import FileLock, Timeout

from flows.commands.common import EXIT_HELD, EXIT_OK, EXIT_OTHER, hold_lock, open_workspace
from flows.orchestration.prefect_api import persistent_prefect_api
from flows.orchestration.prefect_server import listen_on
from flows.orchestration.schedule import is_missed, next_due
from flows.workspace import Workspace
from warehouse.engine import reading
from warehouse.migrations.fingerprint import SchemaStatus
from warehouse.ops.runs import last_ended

SERVE_LOCK = "serve.lock"


@click.command()
@click.pass_obj
def serve(folder: Path) -> None:
    """Run the night at its time, every day, and take reruns from Prefect's page, until stopped."""

    place = open_workspace(folder)
    place.home.make()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: sys.exit(EXIT_OK))  # until the runner takes them over
    if place.form() is not SchemaStatus.CURRENT:
        with hold_lock(place, place.home.settings.wait_for_other_run_seconds):
            pass  # whoever has the lock has a warehouse that is up to date
    lock = FileLock(place.home.folder / SERVE_LOCK, timeout=0)
    try:
        with lock:
            sys.exit(_serve_alone(place))
    except Timeout:
        click.echo(f"serve runs already for {place.home.folder}.", err=True)
        sys.exit(EXIT_HELD)


def _serve_alone(place: Workspace) -> int:
    home, theirs = place.home, os.environ.get("PREFECT_API_URL")
    host, port = home.settings.serve_host, home.settings.serve_port
    if not theirs:
        try:
            with listen_on(host, port) as tried:
                port = tried.getsockname()[1]
        except OSError as error:
            click.echo(
                f"cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}; choose another `serve_port`.",
                err=True,
            )
            return EXIT_OTHER
    with persistent_prefect_api(
        home.folder, host, port, timeout_seconds=home.settings.prefect_timeout_seconds
    ) as url:
        if url is None:
            told = (
                f"Prefect does not answer at {theirs}"
                if theirs
                else "Prefect's server does not start; see logs/prefect-server.log"
            )
            click.echo(f"{told}.", err=True)
            return EXIT_OTHER
        from flows.orchestration.serving import serve_until_stopped

        was_missed = is_missed(
            last_night_ended(place), datetime.now(UTC), home.settings.night_at, home.timezone
        )
        place.engine.dispose()
        serve_until_stopped(
            home,
            is_missed=was_missed,
            owns_server=not theirs,
            when_up=lambda: _tell(place, url, was_missed),
        )
    click.echo("Stopped.")
    return EXIT_OK


def last_night_ended(place: Workspace) -> datetime | None:
    """When the last night began that came to its end, in UTC without a zone."""
    with reading(place.engine) as connection:
        return last_ended(connection, place.tables, "nightly")


def _tell(place: Workspace, url: str, was_missed: bool) -> None:
    settings = place.home.settings
    night = next_due(datetime.now(UTC), settings.night_at, place.home.timezone)
    click.echo(f"Prefect's page: {url.removesuffix('/api')}")
    click.echo(f"Next night: {night:%Y-%m-%d %H:%M} ({settings.timezone}), then every day.")
    if was_missed:
        click.echo("No night has ended since the last one was due: one runs now.")
    click.echo("Reruns: `Run` at the deployment `rerun` on that page, or `huizong rerun`.")
    click.echo("Ctrl-C or SIGTERM stops it.")
