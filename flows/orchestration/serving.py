"""The process of `huizong serve`: clean up after a killed one, catch up a missed run, serve, stop.

Prefect's runner polls for due runs and starts each in its own process, one at a time. Import this module
only where a Prefect API is available.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
)
from prefect.client.schemas.filters import FlowRunFilterStateType as OfType
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.states import Cancelled, Crashed

from flows.home import Home
from flows.orchestration.deployments import deployments
from flows.orchestration.prefect_flows import SERVED_BY
from flows.queries.months import offered_months
from flows.workspace import Workspace

POLLING_SECONDS = 3
STOPPING_SECONDS = 10.0
RENEWAL_SECONDS = 12 * 3600.0
#: months back in the form of a rerun, where no report is older
FEWEST_MONTHS = 60
ACTIVE_STATES = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


class _Runner(Runner):
    """Prefect's runner, except that SIGTERM only asks it to stop: its own handler would wait for itself."""

    def handle_sigterm(self, *_: Any) -> None:
        pass


def serve_until_stopped(
    home: Home, *, is_missed: bool, owns_server: bool, when_up: Callable[[], None]
) -> None:
    """Serve the deployments until SIGTERM or SIGINT.

    On a signal the active run is asked to stop; after STOPPING_SECONDS this process exits and takes it
    along (`flows.orchestration.prefect_flows`). A run can be stopped at any point; the next one picks up its
    work.
    """
    os.environ[SERVED_BY] = str(os.getpid())
    asyncio.run(_serve(home, is_missed, owns_server, when_up))


def _build_deployments(home: Home) -> list[RunnerDeployment]:
    """Build the deployments with the months that can be reported today."""
    workspace = Workspace(home)
    try:
        today = datetime.now(home.timezone).date()
        return deployments(home, offered_months(workspace, today, FEWEST_MONTHS))
    finally:
        workspace.engine.dispose()


async def _renew_months(home: Home, runner: Runner) -> None:
    """Offer new months in the form of a rerun while this process serves, which may be for years."""
    while True:
        await asyncio.sleep(RENEWAL_SECONDS)
        for deployment in await asyncio.to_thread(_build_deployments, home):
            await runner.aadd_deployment(deployment)


async def _serve(home: Home, is_missed: bool, owns_server: bool, when_up: Callable[[], None]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    runner = _Runner(
        "huizong", query_seconds=POLLING_SECONDS, prefetch_seconds=0, limit=1, pause_on_shutdown=False
    )
    ids = [await runner.aadd_deployment(deployment) for deployment in _build_deployments(home)]
    async with get_client() as client:
        if owns_server:
            await _reset_crashed_runs(client, ids)
        was_requested = await _cancel_overdue_runs(client, ids[0])
        if is_missed or was_requested:
            await client.create_flow_run_from_deployment(ids[0], name="补收")
    running = asyncio.create_task(runner.start())
    while not (runner.started or running.done()):
        await asyncio.sleep(0.05)
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop_signal, stop.set)
    when_up()
    renewal = asyncio.create_task(_renew_months(home, runner))
    stop_requested = asyncio.create_task(stop.wait())
    await asyncio.wait([running, stop_requested], return_when=asyncio.FIRST_COMPLETED)
    renewal.cancel()
    if stop_requested.done():
        forced_exit = threading.Timer(STOPPING_SECONDS, os._exit, [0])
        forced_exit.daemon = True
        forced_exit.start()
        await runner.astop()
    await running


async def _reset_crashed_runs(client: PrefectClient, ids: list[UUID]) -> None:
    """Mark runs of a killed serve as crashed and free their concurrency slots.

    A run ends with its serve, so none of them can be active; the server that counted their slots is gone
    too.
    """
    for run in await _runs(client, ids, ACTIVE_STATES):
        await client.set_flow_run_state(run.id, Crashed(message="Serve ended while it ran."), force=True)
    for deployment_id in ids:
        limit = (await client.read_deployment(deployment_id)).global_concurrency_limit
        if limit is not None and limit.active_slots:
            await client.update_global_concurrency_limit(
                limit.name, GlobalConcurrencyLimitUpdate(active_slots=0)
            )


async def _cancel_overdue_runs(client: PrefectClient, nightly_id: UUID) -> bool:
    """Cancel runs that came due while nothing was serving, as one run does them all; return whether one was
    requested.
    """
    dropped: State[Any] = Cancelled(message="Nobody served then; a later night does its work.")
    late = [run for run in await _runs(client, [nightly_id], [StateType.SCHEDULED]) if _is_late(run)]
    for run in late:
        await client.set_flow_run_state(run.id, dropped, force=True)
    return not all(run.auto_scheduled for run in late)


def _is_late(run: FlowRun) -> bool:
    return run.expected_start_time is not None and run.expected_start_time < datetime.now(UTC)


async def _runs(client: PrefectClient, ids: list[UUID], types: list[StateType]) -> list[FlowRun]:
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=OfType(any_=types))),
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=ids)),
    )
