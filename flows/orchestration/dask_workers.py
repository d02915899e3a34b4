"""The Dask executor: workers, here or on other machines, read and validate batches and render receipts.

The run itself stages batches and writes receipts, in order. Workers need the program and the archive, no
warehouse. Dask is imported only when the settings ask for it.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import FlowError
from flows.home import Home
from schemas.sentences import Sentence
from schemas.version import ruleset_version

if TYPE_CHECKING:
    from prefect_dask import DaskTaskRunner

    from flows.executor import Executor, Task

#: how long a scheduler is waited for, and how long a worker: a first one, or one in place of the last
CONNECTING_SECONDS, WAITING_SECONDS = 10.0, 60.0
#: one that it works on and one that waits for it: what is done and not yet taken takes memory
BATCHES_A_WORKER = 2
#: what a worker imports before its first work asks for it
PRELOADED_MODULE = "flows.ingest.process"
WITHOUT_DASK_HINT = 'or write task_runner = "" in huizong.toml'
#: a worker has children of its own, and Dask starts its workers as processes that may have none
ALLOW_CHILD_PROCESSES = {"distributed.worker.daemon": False}


class ExecutorUnavailableError(FlowError):
    """Dask cannot be used as the settings say; the message says what to correct."""


@contextmanager
def dask_executor(home: Home) -> Iterator[Executor | None]:
    """Yield the executor of the home's settings, or None if there is none.

    Nothing is started or connected before the first task. Raises ExecutorUnavailableError, also within the
    block.
    """
    if not home.settings.task_runner:
        yield None
        return
    try:
        import dask
        from prefect_dask import DaskTaskRunner
    except ModuleNotFoundError as error:
        raise ExecutorUnavailableError(
            Sentence('task_runner = "dask" needs huizong[dask]: {name} is not installed', name=error.name)
        ) from error
    runner = DaskTaskRunner(**_cluster_options(home), client_kwargs={"timeout": CONNECTING_SECONDS})
    with dask.config.set(ALLOW_CHILD_PROCESSES), runner:
        yield partial(_submit_in_order, runner, partial(_run_on_worker, ruleset_version(), home.archive))


def _cluster_options(home: Home) -> dict[str, Any]:
    """Return the scheduler named by the settings, or a cluster on this machine for the length of the run."""
    if address := home.settings.dask_address:
        return {"address": address}
    cluster = {"n_workers": home.settings.reading_processes, "threads_per_worker": 1}
    return {"cluster_kwargs": cluster | {"host": "127.0.0.1", "dashboard_address": None}}


def _wait_for_workers(runner: DaskTaskRunner) -> int:
    """Wait for at least one worker; return how many there are."""
    where = runner.address or "127.0.0.1"
    with _explain_fault(
        OSError,
        f"no Dask scheduler answers at {where}; start `dask scheduler` there, correct dask_address {WITHOUT_DASK_HINT}",
    ):
        count = len(runner.client.nthreads())
    with _explain_fault(
        TimeoutError,
        f"the Dask scheduler at {where} has no worker; start `huizong worker` somewhere {WITHOUT_DASK_HINT}",
    ):
        if not count:
            runner.client.wait_for_workers(1, timeout=WAITING_SECONDS)
    return count or 1


@contextmanager
def _explain_fault(fault: type[Exception], message: str) -> Iterator[None]:
    try:
        yield
    except fault as error:
        raise ExecutorUnavailableError(message) from error


def _submit_in_order(
    runner: DaskTaskRunner, run_on_worker: Callable[[Task], Any], tasks: Iterable[Task]
) -> Iterator[Task]:
    """Yield in order one callable per task that blocks for its result; submit only as many as keep workers
    busy.

    They go to Dask directly: as Prefect tasks, every worker would need to reach the API, which is the run's
    own.
    """
    remaining, pending, is_more = iter(tasks), deque[Any](), True
    while is_more or pending:
        if is_more:
            room = max(0, BATCHES_A_WORKER * _wait_for_workers(runner) - len(pending))
            batch = list(islice(remaining, room))
            pending += [runner.client.submit(run_on_worker, task, pure=False) for task in batch]
            is_more = len(batch) == room
        if pending:
            yield partial(_wait_for_result, runner, pending.popleft())


def _wait_for_result(runner: DaskTaskRunner, future: Any) -> Any:
    """Return the result of a task; work of a lost worker is repeated by another."""
    with _explain_fault(
        CancelledError, f"the Dask scheduler at {runner.address} was lost; see that it runs, then run again"
    ):
        while True:
            try:
                return future.result(timeout=WAITING_SECONDS)
            except TimeoutError:
                if future.done():
                    raise
                _wait_for_workers(runner)


def _run_on_worker(ruleset: str, archive: Path, task: Task) -> Any:
    """On the worker: check its rules and archive, then run the task."""
    if (own := ruleset_version()) != ruleset:
        raise ExecutorUnavailableError(
            Sentence(
                "the worker on {host} has other rules ({own}) than this run ({ruleset}); "
                "install the same version there and start `huizong worker` again",
                host=socket.gethostname(),
                own=own,
                ruleset=ruleset,
            )
        )
    if not archive.is_dir():
        raise ExecutorUnavailableError(
            Sentence(
                "the worker on {host} does not see {archive}; mount it there under the same path",
                host=socket.gethostname(),
                archive=archive,
            )
        )
    return task()


def run_worker(home: Home) -> None:
    """Work for the scheduler in the settings until stopped, with `reading_processes` workers.

    They listen on the interface that reaches the scheduler; their dashboards only on this machine.
    """
    import dask
    from distributed.cli.dask_worker import main
    from distributed.utils import get_ip

    address = home.settings.dask_address
    host, _, port = address.partition("://")[2].rpartition(":")
    options = {
        "--nworkers": home.settings.reading_processes,
        "--nthreads": 1,
        "--host": get_ip(host, int(port)),
        "--dashboard-address": "127.0.0.1:0",
        "--preload": PRELOADED_MODULE,
    }
    with dask.config.set(ALLOW_CHILD_PROCESSES):
        main(
            [address, *(str(part) for option in options.items() for part in option)], standalone_mode=False
        )
