"""The Prefect flows: what people watch, schedule and run again. The work itself stands in `flows.night`.

Import this module only where a Prefect API is at hand (`flows.prefect_api`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import State
from prefect.states import Completed

from flows.night import Outcome, is_transient_fault, utc_now, whole_run
from flows.reports import read_report
from flows.settings import Home
from flows.status import last_year, local_day, status_of
from flows.workplace import Selection, Workplace
from warehouse.engine import reading
from warehouse.load import last_load

RETRY_DELAYS_SECONDS = [2.0, 10.0, 30.0]


def _can_help(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Only what may pass by itself is tried again; bad code and bad data are not."""
    try:
        state.result()
    except BaseException as error:
        return is_transient_fault(error)
    return False


@task(
    retries=len(RETRY_DELAYS_SECONDS), retry_delay_seconds=RETRY_DELAYS_SECONDS, retry_condition_fn=_can_help,
    cache_policy=NO_CACHE, persist_result=False,
)  # fmt: skip
def step(work: Callable[[], Any]) -> Any:
    """One step of the night; its name is given with each call."""
    return work()


def _as_task(name: str, work: Callable[[], Any]) -> Any:
    return step.with_options(name=name, task_run_name=name)(work)


def _run(home: str, kind: str, selection: Selection) -> State[Any]:
    """The run, its reports and artifact, and a state whose name says how it went; `data` is the outcome."""
    place = Workplace(Home(Path(home)))
    try:
        return _finish(place, whole_run(place, kind, selection, _as_task, utc_now()))
    finally:
        place.engine.dispose()


def _finish(place: Workplace, outcome: Outcome) -> State[Any]:
    _show_status(place, outcome)
    if outcome.load_id is None:
        return Completed(name="NothingNew", message="Nothing new in the inbox.", data=outcome)
    report = read_report(place, outcome.load_id, every_region=False)
    create_table_artifact(
        key="night", table=report.by_unit(place), description=f"Load {report.load_id}: submissions by unit and state"
    )
    name = "LoadedWithRejections" if report.has_rejected else "Loaded"
    return Completed(name=name, message=report.headline(), data=outcome)


def _show_status(place: Workplace, outcome: Outcome) -> None:
    """Who has reported what, and whom to chase, as of this night."""
    if outcome.status_fault:
        create_markdown_artifact(key="status", markdown=outcome.status_fault, description="No status tonight")
        return
    today = local_day(place, utc_now())
    period = last_year(place, today)
    with reading(place.engine) as connection:
        load_id, _ = last_load(connection, place.tables)
        found = status_of(place, connection, period.months(), load_id, today, f"{today:%Y-%m}")
    create_table_artifact(key="status", table=found.matrix(place, is_full=False), description=f"Who has reported {period}")
    chase = [{**one, "due_on": str(one["due_on"] or "")} for one in found.chase(place)]
    create_table_artifact(key="chase", table=chase, description=f"Whom to chase for {period}")


@flow(name="nightly", persist_result=False, validate_parameters=False)
def nightly(home: str) -> State[Any]:
    """Take in what is new in the inbox of `home`."""
    return _run(home, "nightly", Selection())


@flow(name="rerun", persist_result=False, validate_parameters=False)
def rerun(home: str, unit_code: str, period: str, ledger: str | None = None) -> State[Any]:
    """Take in what one unit sent late or again for one month (and one ledger)."""
    return _run(home, "rerun", Selection(unit_code, period, ledger))


@flow(name="backfill", persist_result=False, validate_parameters=False)
def backfill(home: str, period: str, unit_code: str | None = None) -> State[Any]:
    """Take in what came for one month, and judge again what was judged by other rules than those of now."""
    return _run(home, "backfill", Selection(unit_code, period, judges_again=True))


def run_flow(home: Home, selection: Selection) -> Outcome:
    """The flow that a selection asks for, run here and now. Raises what made it fail."""
    folder = str(home.folder)
    if selection.judges_again:
        state: Any = backfill(folder, str(selection.period), selection.unit_code, return_state=True)
    elif selection.is_all:
        state = nightly(folder, return_state=True)
    else:
        state = rerun(folder, str(selection.unit_code), str(selection.period), selection.ledger, return_state=True)
    outcome: Outcome = state.result()
    return outcome
