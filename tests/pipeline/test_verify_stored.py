"""What is stored of figures and reporting states follows from the rows, or is found."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from flows.cli import main
from flows.pipeline import run_pipeline
from flows.refresh.verify_stored import find_altered_results
from flows.workspace import RunScope, Workspace
from tests.conftest import on_sqlite
from tests.support.counties import ledger_bytes, put
from warehouse.engine import writing


@pytest.fixture
def loaded(workspace: Workspace) -> Workspace:
    for ledger in ("cases", "penalties", "petitions"):
        put(workspace.home.inbox, f"2023-06/990102/{ledger}.xlsx", ledger_bytes(ledger, {}))
    put(workspace.home.inbox, "2023-06/990181/立案.xlsx", ledger_bytes("cases"))
    run_pipeline(workspace, RunScope(), datetime(2023, 7, 5, 2))
    return workspace


def alter(workspace: Workspace, statement: str) -> None:
    with writing(workspace.engine) as connection:
        connection.execute(sa.text(statement))


def test_an_unaltered_warehouse_has_no_problem(loaded: Workspace) -> None:
    assert list(find_altered_results(loaded)) == []
    put(loaded.home.inbox, "2023-05/990181/立案.xlsx", ledger_bytes("cases", {"filed_on": "2023-05-03"}))
    run_pipeline(loaded, RunScope(), datetime(2023, 7, 6, 2))
    assert list(find_altered_results(loaded)) == []


@pytest.mark.parametrize(
    ("statement", "table", "key"),
    [
        ("UPDATE figures SET display = '99件' WHERE indicator_id = 'case_filed_count' AND period = '2023-06'",
         "figures", "case_filed_count 2023-06 990102"),
        ("UPDATE figures SET numerator_sum = 5 WHERE indicator_id = 'case_filed_count' AND region_code = '990100'",
         "figures", "case_filed_count 2023 990100"),
        ("DELETE FROM figures WHERE indicator_id = 'fine_imposed_amount' AND period = '2023'",
         "figures", "fine_imposed_amount 2023 990102"),
        ("UPDATE penalties SET fine_fen = fine_fen * 10", "figures", "fine_imposed_amount 2023-06 990102"),
        ("UPDATE coverage SET state = 'missing' WHERE ledger = 'cases' AND unit_code = '990102' AND period = '2023-06'",
         "coverage", "990102"),
    ],
)  # fmt: skip
def test_an_altered_row_is_named_by_table_and_key(
    loaded: Workspace, statement: str, table: str, key: str
) -> None:
    alter(loaded, statement)
    problems = list(find_altered_results(loaded))
    assert any(problem.startswith(f"table {table}, ") and key in problem for problem in problems), problems


@on_sqlite
def test_verify_reports_it(loaded: Workspace) -> None:
    command = ["--home", str(loaded.home.folder), "verify"]
    assert CliRunner().invoke(main, command).exit_code == 0
    alter(loaded, "UPDATE figures SET display = '99件' WHERE indicator_id = 'case_filed_count'")
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, "stored" in result.output, "99件" in result.output) == (1, True, True)


@on_sqlite
def test_where_no_figure_is_stored_nothing_is_wrong(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", b"PK\x03\x04")
    run_pipeline(workspace, RunScope(), datetime(2023, 7, 5, 2))
    assert list(find_altered_results(workspace)) == []
