"""The Prefect flows, for monitoring, scheduling and retries. The work itself is in `flows.pipeline`.

Import this module only where a Prefect API is available (`prefect_api`). A flow works on the home named by
the environment (`HUIZONG_HOME`), here and in its own process. Prefect builds the form of `rerun` from its
signature and docstring.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas import State
from prefect.events import emit_event
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from flows.errors import transient_storage_errors
from flows.home import Home
from flows.home_folder import require_home
from flows.language import _, choose_language, language_of, ngettext, translate
from flows.notify.messages import unknown_automations_notification, unusable_home_notification
from flows.notify.send import notify, send_pending
from flows.orchestration.dask_workers import dask_executor
from flows.orchestration.prefect_server import wait_for_parent_exit
from flows.orchestration.run_artifacts import show_run, show_status
from flows.pipeline import RunResult, run_pipeline, utc_now
from flows.step import Result, Step
from flows.workspace import RunScope, Workspace
from schemas.errors import TransientError
from schemas.periods import Period
from schemas.states import NotificationEvent
from transforms.foreign_text import make_visible

RUN_TITLES = {"nightly": "每夜入库", "rerun": "重新入库", "backfill": "重新校验"}
RETRY_DELAYS_SECONDS = [2.0, 10.0, 30.0]
#: the name of a run's state where files were left that somebody has to see to
FILES_LEFT = "FilesLeft"
MOST_NAMED = 20
#: the choice in the form of a rerun that stands for every ledger
EVERY_LEDGER = "全部台账"
#: in the environment of a run of `huizong serve`: the process of serve, without which the run shall not go on
SERVED_BY = "HUIZONG_SERVED_BY"


def _is_transient_failure(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Return whether a retry can help: only transient errors are retried, not bad code or bad data."""
    return isinstance(state.result(raise_on_failure=False), TransientError)


@task(
    retries=len(RETRY_DELAYS_SECONDS), retry_delay_seconds=RETRY_DELAYS_SECONDS, retry_condition_fn=_is_transient_failure,
    cache_policy=NO_CACHE, persist_result=False,
)  # fmt: skip
def step_task(work: Callable[[], Any]) -> Any:
    """One step of the pipeline; its name is given with each call."""
    with transient_storage_errors():
        return work()


def _run_as_task(step: Step, work: Callable[[], Result], subject: str = "") -> Result:
    name = f"{step.title} {subject}".rstrip()
    named_task: Any = step_task.with_options(name=name, task_run_name=name)
    result: Result = named_task(work)
    return result


def _run(workspace: Workspace, scope: RunScope) -> State[Any]:
    """Run the pipeline and its artifacts; the returned state's name says how it went, `data` is the
    RunResult.
    """
    _exit_when_serve_exits()
    gc.freeze()  # spare the collector what Prefect imported, which stays
    wait_seconds = workspace.home.settings.wait_for_other_run_seconds
    try:
        with dask_executor(workspace.home) as executor:
            result = run_pipeline(
                workspace,
                scope,
                utc_now(),
                run_step=_run_as_task,
                executor=executor,
                wait_seconds=wait_seconds,
            )
        unknown = [*unknown_automations_notification(_unknown_automations(workspace), utc_now())]
        result = replace(
            result, notifications=[*result.notifications, *notify(workspace, unknown, utc_now())]
        )
        return _finish(workspace, result)
    except Exception as error:
        _emit(workspace, NotificationEvent.FAILED, {"run": scope.kind, "error": type(error).__name__})
        raise
    finally:
        workspace.engine.dispose()


def _unknown_automations(workspace: Workspace) -> list[str]:
    """List the automations that are not in `known_automations`, by name: one of them can cancel each night.

    Nothing for the server of one command, which has none.
    """
    if not os.environ.get(SERVED_BY):
        return []
    with get_client(sync_client=True) as client:
        names = [automation.name for automation in client.read_automations()]
    return sorted(set(names) - set(workspace.home.settings.known_automations))


def _emit(workspace: Workspace, event: str, payload: Mapping[str, Any]) -> None:
    """Emit a Prefect event, for automations there; units and counts only."""
    resource = {
        "prefect.resource.id": f"huizong.home.{workspace.home.folder.name}",
        "prefect.resource.name": make_visible(workspace.regions.top.name),
    }
    emit_event(event=event, resource=resource, payload=dict(payload))


def _exit_when_serve_exits() -> None:
    """End a run started by serve when serve is gone; the next start of serve begins again."""
    if serve := os.environ.get(SERVED_BY):

        def leave() -> None:
            wait_for_parent_exit(int(serve))
            os._exit(1)

        threading.Thread(target=leave, daemon=True).start()


def _finish(workspace: Workspace, result: RunResult) -> State[Any]:
    for notification in result.notifications:
        _emit(workspace, notification.event, {"title": notification.title, **notification.counts})
    left_files = _left_behind(workspace, result)
    if result.load_id is not None:
        show_run(workspace, result.report_on(workspace, result.load_id), left_files)
    show_status(workspace, result)
    if result.load_id is None:
        message = left_files or _("Nothing new in the inbox.")
        return Completed(name=FILES_LEFT if left_files else "NothingNew", message=message, data=result)
    report = result.report_on(workspace, result.load_id)
    name = FILES_LEFT if left_files else "LoadedWithRejections" if report.has_rejected else "Loaded"
    return Completed(
        name=name, message=" ".join(filter(None, (translate(report.headline()), left_files))), data=result
    )


def _left_behind(workspace: Workspace, result: RunResult) -> str:
    """Describe the files that somebody has to act on, each in a line at most."""
    messages = []
    files_by_reason = {
        _("Could not be read"): result.unreadable,
        _("Not read because of an internal error"): result.failed,
        _("Receipts incomplete because of an internal error"): result.faulty_receipts,
        _("Not written, because something else stands in their place"): result.output_faults,
    }
    for reason, files in files_by_reason.items():
        if files:
            lines = (file.partition("\n")[0].partition(": ") for file in files[:MOST_NAMED])
            named = "; ".join(
                make_visible(workspace.masked_sources.path(path) + separator + why)
                for path, separator, why in lines
            )
            messages.append(
                ngettext(
                    "{reason}, {count} file: {files}{more}.",
                    "{reason}, {count} files: {files}{more}.",
                    len(files),
                ).format(
                    reason=reason,
                    count=len(files),
                    files=named,
                    more="; …" if len(files) > MOST_NAMED else "",
                )
            )
    return " ".join(messages)


def _open_workspace() -> Workspace:
    """Open the home that the environment of this process names.

    A mistake in one of its files (region table, adjustments, headers) is notified: the night does not run.
    Raises NoHomeError and the errors of these files.
    """
    home = Home.of_this_process()
    require_home(home.folder)
    choose_language(language_of(home.folder))
    try:
        return Workspace(home)
    except Exception as error:
        send_pending(home.settings, unusable_home_notification(utc_now(), error))
        raise


def name_run() -> str:
    """Name the active run for what it does, as the page lists it: `重新入库 某区 2023-06`."""
    kind, parameters = str(flow_run.flow_name), flow_run.parameters
    if kind == "nightly":
        return f"{RUN_TITLES[kind]} {datetime.now(Home.of_this_process().timezone):%Y-%m-%d %H:%M}"
    unit, ledger = parameters.get("unit_code") or "", parameters.get("ledger") or ""
    # a choice of the form is `990102 某区` or `cases 立案台账`
    unit = unit.partition(" ")[2] or _name_of_unit(unit)
    ledger = "" if ledger == EVERY_LEDGER else ledger.rpartition(" ")[2]
    return make_visible(" ".join(filter(None, (RUN_TITLES[kind], unit, parameters["period"], ledger))))


def _name_of_unit(code: str) -> str:
    try:
        regions = Workspace(Home.of_this_process()).regions
        return regions.name_of(code) if code in regions.unit_codes() else code
    except Exception:  # the run itself reports what is wrong with its home; it must begin to do so
        return code


@flow(name="nightly", flow_run_name=name_run, persist_result=False, validate_parameters=False)
def nightly() -> State[Any]:
    """Load new files of the inbox; safe to run again at any time.

    收取收件箱里的新文件并重新计算指标；可随时重复运行。
    """
    workspace = _open_workspace()
    if workspace.home.settings.mailbox:
        from flows.mailbox.take_mails import take_mails_if_any

        take_mails_if_any(workspace, utc_now())
    return _run(workspace, RunScope())


@flow(name="rerun", flow_run_name=name_run, persist_result=False, validate_parameters=False)
def rerun(
    unit_code: str,
    period: Annotated[str, Field(examples=["2023-06"], pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")],
    ledger: Annotated[str | None, Field(examples=["cases"])] = None,
) -> State[Any]:
    """Load what one unit sent late or again for one month.

    收取某一单位某个月迟报或重报的台账，只重新计算受影响的指标。

    Args:
        unit_code: The unit whose reports are loaded, by its code. 报送单位（单位代码）。
        period: The month that the reports are about, written as 2023-06. 所属月份，写作 2023-06。
        ledger: One ledger only; empty for all ledgers. 只收某一台账；留空则收全部台账。
    """
    workspace = _open_workspace()
    return _run(workspace, parse_scope_request(workspace, unit_code, period, ledger))


@flow(name="backfill", flow_run_name=name_run, persist_result=False, validate_parameters=False)
def backfill(period: str, unit_code: str | None = None) -> State[Any]:
    """Load new files of one month, and revalidate submissions that other rules validated."""
    return _run(_open_workspace(), RunScope(unit_code, period, is_revalidation=True))


def parse_scope_request(workspace: Workspace, unit: str, month: str, ledger: str | None) -> RunScope:
    """Parse the parameters of a form or request; a choice is a code and a name. Raises ValueError with
    valid values.
    """
    code = workspace.regions.find_unit(unit)
    if code is None:
        raise ValueError(f"no unit '{unit}'; there are {workspace.regions.valid_units()} 没有这个单位")
    period = Period.parse(month)
    if not period.is_month:
        raise ValueError(f"'{month}' is no month; write it as 2023-06 请写成 2023-06")
    name = ledger.split()[0] if ledger and ledger.strip() else None
    if name == EVERY_LEDGER:
        name = None
    if name is not None and name not in workspace.ledgers:
        raise ValueError(f"no ledger '{ledger}'; there are {', '.join(workspace.ledgers)} 没有这个台账")
    return RunScope(workspace.regions.report_unit(code, str(period)), str(period), name)


def run_flow(scope: RunScope) -> RunResult:
    """Run the flow for a scope in this process. Raises the flow's error."""
    if scope.is_revalidation:
        state: Any = backfill(str(scope.period), scope.unit_code, return_state=True)
    elif scope.is_all:
        state = nightly(return_state=True)
    else:
        state = rerun(str(scope.unit_code), str(scope.period), scope.ledger, return_state=True)
    result: RunResult = state.result()
    return result
