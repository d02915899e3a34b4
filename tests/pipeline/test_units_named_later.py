"""Files that name a unit which the region table lacks are read again, once, when the table has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.ingest import discover
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.workspace import Workspace
from tests.pipeline.test_region_history import STAR, Office
from warehouse.engine import reading

TABLES = (STAR, *(f"{STAR}990183,长宁县,unit,990100,岭,{note},,,\n" for note in ("", "备注")))


def load_and_state(workspace: Workspace) -> tuple[int, str]:
    """Return the last load, and the state of the last submission."""
    submissions = workspace.tables.submissions
    with reading(workspace.engine) as connection:
        last = connection.execute(submissions.select().order_by(submissions.c.submission_id.desc())).first()
        assert last is not None
        return workspace.as_of_moment(connection).load_id, last.state


@pytest.mark.parametrize(
    ("row", "state"),
    [({"filed_on": "2023-03-03"}, "accepted"), ({"filed_on": "2023-03-32"}, "rejected")],
)
def test_they_are_read_again_once(
    tmp_path: Path, laid_out_file: Path, row: dict[str, Any], state: str
) -> None:
    office = Office(tmp_path / "home", laid_out_file)
    office.send("长宁县", 3, "cases", {"case_no": "某环立(岭)〔2023〕1号", **row})
    assert [load_and_state(office.run(table)) for table in TABLES] == [
        (1, "rejected"), (2, state), (2, state),
    ]  # fmt: skip


def test_a_rebuild_reads_again_what_the_night_did(tmp_path: Path, laid_out_file: Path) -> None:
    """The file was sent again when the table had its unit: the earlier one is not read again."""
    office = Office(tmp_path / "home", laid_out_file)
    case = {"case_no": "某环立(岭)〔2023〕1号", "filed_on": "2023-03-03"}
    office.send("长宁县", 3, "cases", case)
    office.run(STAR)
    office.send("长宁县", 3, "cases", {**case, "filed_on": "2023-03-04"})
    workspace = office.run(TABLES[1])
    again = rebuild(workspace.home, "sqlite://", lambda _line: None)
    assert compare_warehouses(workspace, again).differing == []
    assert load_and_state(again) == load_and_state(workspace)


def test_nor_what_waits_for_a_file_that_is_still_growing(
    tmp_path: Path, laid_out_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path / "home", laid_out_file)
    case = {"case_no": "某环立(岭)〔2023〕1号", "filed_on": "2023-03-03"}
    office.send("长宁县", 3, "cases", case)
    office.run(STAR)
    office.send("长宁县", 3, "cases", {**case, "filed_on": "2023-03-04"})
    office.send("星河区", 3, "cases", {"case_no": "某环立(星)〔2023〕1号"})
    whole = discover.archive_file
    with monkeypatch.context() as patch:
        patch.setattr(
            discover,
            "archive_file",
            lambda *arguments: None if "长宁县" in arguments[1].path else whole(*arguments),
        )
        workspace = office.run(TABLES[1])
    again = rebuild(workspace.home, "sqlite://", lambda _line: None)
    assert compare_warehouses(workspace, again).differing == []
    assert load_and_state(office.run(TABLES[1])) == (3, "accepted")
