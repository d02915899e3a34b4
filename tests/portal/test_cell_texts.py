"""A figure's rows show what stands in each cell beside what was read from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flows.archive.store import archive_path
from flows.queries.cell_texts import add_cell_texts, describe_content
from flows.queries.explain import explain_figure
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.ledgers.finding import MASKED
from schemas.periods import Period
from tests.support.portal_site import Site
from warehouse.engine import reading


def rows_of_fines(workspace: Workspace) -> list[dict[str, Any]]:
    with reading(workspace.engine) as connection:
        explained = explain_figure(
            workspace, workspace.as_of_moment(connection), indicators()["fine_imposed_amount"], "990102",
            Period.parse("2023"),
        )  # fmt: skip
    return [*explained["rows"], *explained["left_out"]]


def test_an_amount_is_shown_as_written_and_as_read(reported_once: Site) -> None:
    page = reported_once.visitor("bureau").get("/figures/fine_imposed_amount/rows?year=2023").text
    assert "<td>3.5（万元）</td><td>35,000.00元</td>" in page


def test_what_is_not_read_again_stays_empty(reported_once: Site) -> None:
    workspace = reported_once.portal.workspace()
    rows = rows_of_fines(workspace)
    assert not add_cell_texts(workspace, rows, most_files=0)
    assert [row["written"] for row in rows] == [""] * len(rows)


def test_a_file_that_is_gone_from_the_archive_has_no_texts(reported_once: Site) -> None:
    workspace = reported_once.portal.workspace()
    rows = rows_of_fines(workspace)
    with reading(workspace.engine) as connection:
        hashes = connection.execute(workspace.tables.submissions.select()).mappings().all()
    file = archive_path(workspace.home.archive, hashes[0]["sha256"])
    moved = file.rename(file.with_suffix(".moved"))
    try:
        assert add_cell_texts(workspace, rows, most_files=9)
    finally:
        moved.rename(file)
    assert {row["written"] for row in rows} == {""}


@pytest.mark.parametrize(
    ("row", "counts", "words"),
    [
        ({"written": "3.5（万元）", "value": Decimal("35000.00")}, Decimal("35000.00"), "3.5（万元）"),
        (
            {"written": "3.5（万元）", "value": Decimal("35000.00")},
            None,
            "3.5（万元）, read as 35,000.00元",
        ),
        ({"written": "", "value": Decimal("35000.00")}, None, "35,000.00元"),
        ({"written": "２号", "value": "2号"}, 1, "２号, read as 2号"),
        ({"written": "2号", "value": "2号"}, 1, "2号"),
        ({"written": MASKED, "value": MASKED}, 1, MASKED),
        ({"written": "", "value": None}, None, ""),
    ],
)
def test_a_terminal_says_how_a_cell_was_read_where_nothing_else_does(
    row: dict[str, Any], counts: Any, words: str
) -> None:
    assert describe_content(row, counts) == words
