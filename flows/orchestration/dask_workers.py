"""A night spread out: Dask's workers, on this machine or on others, read and judge its batches; the run stages them in order.

Workers need the program and the archive, no warehouse. Nothing of Dask is imported before a night is to be spread out.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.settings import Home
from schemas.version import ruleset_version

if TYPE_CHECKING:
    from prefect import Task
    from prefect_dask import DaskTaskRunner

    from flows.night import Spread

#: how long a scheduler, and a first or a new worker, is waited for
CONNECTING_SECONDS = 30.0
#: one that it works on and one that waits for it: what is done and not yet staged takes memory
BATCHES_A_WORKER = 2
#: a worker has children of its own, and Dask starts its workers as processes that may have none
MAY_HAVE_CHILDREN = {"distributed.worker.daemon": False}


class CannotSpread(Exception):
    """The night cannot be spread out as the settings say; the message says what to mend."""


@contextmanager
def spread_out(home: Home, task: Callable[[str], Task[..., Any]]) -> Iterator[Spread | None]:
    """How to spread a night out by the home's settings; None where it is not to be. `task` is Prefect's, of that name.

    Raises CannotSpread, also within the block.
    """
    if not home.settings.task_runner:
        yield None
        return
    try:
        import dask
        from prefect_dask import DaskTaskRunner
    except ModuleNotFoundError as error:
        raise CannotSpread(f'task_runner = "dask" needs huizong[dask]: {error.name} is not installed') from error
    runner = DaskTaskRunner(**_where(home), client_kwargs={"timeout": CONNECTING_SECONDS})
    with dask.config.set(MAY_HAVE_CHILDREN), runner:
        _wait_for_workers(runner)
        yield partial(_in_order, runner, task, partial(_by_worker, ruleset_version(), home.archive))


def _where(home: Home) -> dict[str, Any]:
    """The scheduler that the settings name, or a cluster of this machine's own for as long as the run lasts."""
    if address := home.settings.dask_address:
        return {"address": address}
    cluster = {"n_workers": home.settings.reading_processes, "threads_per_worker": 1}
    return {"cluster_kwargs": cluster | {"host": "127.0.0.1", "dashboard_address": None}}


def _wait_for_workers(runner: DaskTaskRunner) -> int:
    """How many there are, once there is one."""
    try:
        if not (count := len(runner.client.nthreads())):
            runner.client.wait_for_workers(1, timeout=CONNECTING_SECONDS)
        return count or 1
    except TimeoutError as error:
        if runner._client is None:
            raise CannotSpread(_unreached(runner)) from error
        raise CannotSpread(
            f"the Dask scheduler at {runner.address} has no worker; start `huizong worker` on the machines that "
            'are to help, or write task_runner = "" in huizong.toml'
        ) from error
    except (OSError, CancelledError) as error:
        raise CannotSpread(_unreached(runner)) from error


def _unreached(runner: DaskTaskRunner) -> str:
    return (
        f"no Dask scheduler answers at {runner.address}; start `dask scheduler` there, or mend dask_address or write "
        'task_runner = "" in huizong.toml'
    )


def _in_order(
    runner: DaskTaskRunner,
    task: Callable[[str], Task[..., Any]],
    by_worker: Callable[[Callable[[], Any]], Any],
    works: Sequence[tuple[str, Callable[[], Any]]],
) -> Iterator[Any]:
    """What the works come to, in order; no more of them are under way than the workers need. A lost worker's are done again."""
    waiting, under_way = deque(works), deque[Any]()
    while waiting or under_way:
        while waiting and len(under_way) < BATCHES_A_WORKER * _wait_for_workers(runner):
            name, work = waiting.popleft()
            under_way.append(runner.submit(task(name), {"work": partial(by_worker, work)}))
        first = under_way.popleft()
        while not first.wrapped_future.done():
            first.wait(CONNECTING_SECONDS)
            _wait_for_workers(runner)
        yield first.result()


def _by_worker(ruleset: str, archive: Path, work: Callable[[], Any]) -> Any:
    """On the worker: work, if it is fit for it."""
    if (own := ruleset_version()) != ruleset:
        raise CannotSpread(
            f"the worker on {socket.gethostname()} has other rules ({own}) than this run ({ruleset}); install the same version "
            "there and start `huizong worker` again"
        )
    if not archive.is_dir():
        raise CannotSpread(f"the worker on {socket.gethostname()} does not see {archive}; mount it there under the same path")
    return work()


def serve_as_worker(home: Home) -> None:
    """Work for the scheduler that the settings name until told to stop: as many workers as there are `reading_processes`."""
    import dask
    from distributed.cli.dask_worker import main

    with dask.config.set(MAY_HAVE_CHILDREN):
        arguments = [home.settings.dask_address, "--nworkers", str(home.settings.reading_processes), "--nthreads", "1"]
        main([*arguments, "--no-dashboard"], standalone_mode=False)
