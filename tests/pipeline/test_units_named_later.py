"""Files that name a unit which the region table lacks are read again, once, when the table has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
