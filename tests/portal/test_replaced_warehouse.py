"""A portal that is open while the warehouse is rebuilt: its pages are of the new one."""

from __future__ import annotations

from click.testing import CliRunner

from flows.cli import main
from flows.home import Home
from flows.pipeline import run_pipeline
from flows.workspace import RunScope, Workspace
from tests.portal.test_uploads import inbox_files
from tests.support.portal_site import Site, cases_workbook


def night_of_another_program(site: Site) -> None:
    workspace = Workspace(Home(site.portal.folder.parent))
    run_pipeline(workspace, RunScope(), site.now)
    workspace.engine.dispose()


def test_after_a_rebuild_pages_show_the_new_warehouse_and_nothing_loaded_is_taken_back(site: Site) -> None:
    clerk = site.visitor("star")
    first = clerk.checked("a.xlsx", cases_workbook(1))
    clerk.post(f"{first}/send")
    night_of_another_program(site)
    assert "已读入" in clerk.get(first).text
    memory = site.portal.memory
    folder = site.portal.folder.parent
    rebuilt = CliRunner().invoke(main, ["--home", str(folder), "rebuild", "--replace"])
    assert rebuilt.exit_code == 0, rebuilt.output
    second = clerk.checked("b.xlsx", cases_workbook(1, 2))
    assert site.portal.memory is not memory
    clerk.post(f"{second}/send")
    night_of_another_program(site)
    assert "已读入（第 2 批）" in clerk.get(second).text
    assert clerk.post(f"{second}/take-back").status_code == 409
    assert inbox_files(site) == ["2023-06/990102/a.xlsx", "2023-06/990102/b.xlsx"]
