"""The command `worker`: a Dask worker that reads, validates and renders receipts for another machine's
runs.
"""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.common import open_home
from flows.home_folder import require_home
from flows.language import _


@click.command()
@click.pass_obj
def worker(folder: Path) -> None:
    """Read and validate for the runs of another machine (its `dask_address`), until stopped."""
    from flows.orchestration.dask_workers import run_worker

    with open_home(folder) as home:
        if not home.settings.dask_address:
            require_home(folder)
            raise click.UsageError(
                _(
                    "dask_address says nothing; write the scheduler's into huizong.toml, as "
                    '"tcp://HOST:8786"'
                )
            )
    run_worker(home)
