"""The process that does one job of the portal: `python -m flows.portal.job_child HOME NUMBER`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from flows.errors import FlowError
from flows.home import Home
from flows.language import say_in_chinese
from flows.logs import get_logger
from flows.outputs.exports import export_views
from flows.outputs.publication import MissingReportsError, find_unchanged_publication, publish
from flows.outputs.snapshot import refresh_snapshot
from flows.pipeline import run_pipeline, utc_now
from flows.portal.jobs import EXPORT, PUBLISH, RERUN
from flows.portal_store import PORTAL_FOLDER, open_store
from flows.run_lock import RunLockedError, hold_run_lock
from flows.workspace import RunScope, Workspace
from schemas.errors import DefinitionError
from schemas.periods import Period
from warehouse.engine import Engine, reading, writing
from warehouse.errors import WarehouseError
from warehouse.load.record_load import last_load
from warehouse.portal.jobs import Job, begin_job, end_job, find_job

EXPORTS = "exports"
#: exports that stay to be downloaded
KEPT_EXPORTS = 3
_FAILED = "程序出了错，没有做完。请看 logs/portal-jobs.log；再出现的，请与系统管理员联系。"

logger = get_logger(__name__)


class UnchangedError(FlowError):
    """The period was published before with the same figures, and nobody asked to publish it once more."""


class ChangedMeanwhileError(FlowError):
    """There is a newer load than the one whose figures were shown before they were to be published."""


def main(home_folder: Path, job_id: int) -> None:
    """Do a job and record how it ended."""
    store = open_store(home_folder)
    with reading(store) as connection:
        job = find_job(connection, job_id)
    if job is None or not job.is_open:
        return
    try:
        outcome, has_failed = do_job(Workspace(Home(home_folder)), store, job), False
    except RunLockedError:
        outcome, has_failed = {"sentence": "另一次运行一直没有结束，这一件没有做。请等它结束后再来。"}, True
    except MissingReportsError as error:
        outcome, has_failed = {"sentence": f"还缺 {len(error.missing)} 条报送，没有公布。"}, True
    except (FlowError, WarehouseError, DefinitionError) as error:
        outcome, has_failed = {"sentence": say_in_chinese(error)}, True
    except Exception:
        logger.exception("job %d failed", job_id)
        outcome, has_failed = {"sentence": _FAILED}, True
    with writing(store) as connection:
        end_job(connection, job_id, outcome, utc_now(), has_failed=has_failed)


def do_job(workspace: Workspace, store: Engine, job: Job) -> dict[str, Any]:
    """Do a job; return its outcome as it is stored. Raises RunLockedError, FlowError and others."""
    work = {RERUN: _rerun, PUBLISH: _publish, EXPORT: _export}[job.kind]
    if job.kind == EXPORT:
        return _begun(store, job, lambda: work(workspace, job))
    with hold_run_lock(workspace, workspace.home.settings.wait_for_other_run_seconds):
        return _begun(store, job, lambda: work(workspace, job))


def _begun(store: Engine, job: Job, work: Any) -> dict[str, Any]:
    with writing(store) as connection:
        begin_job(connection, job.job_id, utc_now())
    outcome: dict[str, Any] = work()
    return outcome


def _rerun(workspace: Workspace, job: Job) -> dict[str, Any]:
    subject = job.subject
    scope = RunScope(subject["unit"], subject["period"], subject.get("ledger"))
    result = run_pipeline(workspace, scope, utc_now())
    return {
        "load_id": result.load_id,
        "growing": len(result.growing),
        "unreadable": len(result.unreadable),
        "failed": len(result.failed),
    }


def _publish(workspace: Workspace, job: Job) -> dict[str, Any]:
    subject, period = job.subject, Period.parse(job.subject["period"])
    with reading(workspace.engine) as connection:
        if last_load(connection, workspace.tables)[0] != subject["load_id"]:
            raise ChangedMeanwhileError(
                "公布以前又有新的入库，数可能变了。请重新打开公布的页面看过再公布。"
            )
        as_of = workspace.as_of_moment(connection)
        before = None if subject.get("is_again") else find_unchanged_publication(workspace, as_of, period)
    if before is not None:
        raise UnchangedError(
            f"第 {before.number} 号已经公布了同样的数，没有再公布。要再公布一次的，请在公布的页面上勾选。"
        )
    published = publish(
        workspace,
        period,
        job.reason,
        as_provisional=bool(subject["is_provisional"]),
        now=utc_now(),
    )
    refresh_snapshot(workspace)
    return {
        "number": published.publication.number,
        "is_provisional": published.publication.is_provisional,
        "moved": len(published.moved),
    }


def _export(workspace: Workspace, job: Job) -> dict[str, Any]:
    folder = workspace.home.folder / PORTAL_FOLDER / EXPORTS
    folder.mkdir(parents=True, exist_ok=True)
    views = folder / f"{job.job_id}"
    result = export_views(workspace, views, utc_now())
    shutil.make_archive(str(views), "zip", views)
    shutil.rmtree(views)
    kept = sorted(folder.glob("*.zip"), key=lambda file: int(file.stem))
    for file in kept[:-KEPT_EXPORTS]:
        file.unlink()
    return {"views": len(result.views), "load_id": result.load_id}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
