"""What is stored of figures and reporting states follows from the rows, or is found."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from flows.archive.verify_records import find_altered_records
from flows.cli import main
from flows.home import Home
from flows.outputs.publication import publish
from flows.outputs.verify_published import find_altered_publications
from flows.pipeline import run_pipeline
from flows.refresh.marts import refresh_marts
from flows.refresh.verify_stored import TABLE_TITLES, find_altered_results, find_deleted_rows
from flows.workspace import RunScope, Workspace
from schemas.periods import Period
from tests.conftest import SharedHome, on_each_database
from tests.support.counties import ledger_bytes, put
from warehouse.engine import writing


@pytest.fixture
def loaded(workspace: Workspace, shared_home: SharedHome) -> Workspace:
    """A home after a night; one that is made once and copied, where the warehouse is a file of it."""
    if workspace.engine.dialect.name != "sqlite":
        load(workspace)
        return workspace

    def make(folder: Path) -> None:
        load(workspace)
        workspace.engine.dispose()
        shutil.copytree(workspace.home.folder, folder, copy_function=shutil.copy2)

    home = shared_home("verified-home", make)
    workspace.engine.dispose()
    shutil.copytree(home, workspace.home.folder, copy_function=shutil.copy2, dirs_exist_ok=True)
    return workspace


def load(workspace: Workspace) -> None:
    for ledger in ("cases", "penalties", "petitions"):
        put(workspace.home.inbox, f"2023-06/990102/{ledger}.xlsx", ledger_bytes(ledger, {}))
    put(workspace.home.inbox, "2023-06/990181/立案.xlsx", ledger_bytes("cases"))
    run_pipeline(workspace, RunScope(), datetime(2023, 7, 5, 2))


def alter(workspace: Workspace, statement: str) -> None:
    with writing(workspace.engine) as connection:
        connection.execute(sa.text(statement))


@on_each_database
def test_an_unaltered_warehouse_has_no_problem(loaded: Workspace) -> None:
    assert list(find_altered_results(loaded)) == []
    put(loaded.home.inbox, "2023-05/990181/立案.xlsx", ledger_bytes("cases", {"filed_on": "2023-05-03"}))
    run_pipeline(loaded, RunScope(), datetime(2023, 7, 6, 2))
    assert list(find_altered_results(loaded)) == []
    assert list(find_deleted_rows(loaded)) == []


ALTERATIONS = [
        ("UPDATE figures SET display = '99件' WHERE indicator_id = 'case_filed_count' AND period = '2023-06'",
         "figures", "case_filed_count 2023-06 990102"),
        ("UPDATE figures SET numerator_sum = 5 WHERE indicator_id = 'case_filed_count' AND region_code = '990100'",
         "figures", "case_filed_count 2023 990100"),
        ("DELETE FROM figures WHERE indicator_id = 'fine_imposed_amount' AND period = '2023'",
         "figures", "fine_imposed_amount 2023 990102"),
        ("UPDATE penalties SET fine_fen = fine_fen * 10", "figures", "fine_imposed_amount 2023-06 990102"),
        ("UPDATE coverage SET state = 'missing' WHERE ledger = 'cases' AND unit_code = '990102' AND period = '2023-06'",
         "coverage", "990102"),
]  # fmt: skip


def test_an_altered_row_is_named_by_table_and_key(loaded: Workspace) -> None:
    warehouse = loaded.home.folder / "warehouse.sqlite"
    loaded.engine.dispose()  # the last connection puts all into the file
    unaltered = warehouse.read_bytes()
    for statement, table, key in ALTERATIONS:
        alter(loaded, statement)
        problems = list(find_altered_results(loaded))
        named = [
            problem
            for problem in problems
            if problem.startswith(f"{TABLE_TITLES[table]}, ") and key in problem
        ]
        assert named, (statement, problems)
        loaded.engine.dispose()
        warehouse.write_bytes(unaltered)
    assert list(find_altered_results(loaded)) == []


def test_deleted_rows_are_named_though_the_figures_were_made_again(loaded: Workspace) -> None:
    alter(loaded, "DELETE FROM penalties")
    alter(loaded, "DELETE FROM kept WHERE name = 'figures'")
    refresh_marts(loaded, datetime(2023, 7, 5, 3))
    assert list(find_altered_results(loaded)) == []
    (problem,) = find_deleted_rows(loaded)
    assert problem.startswith("table penalties: load 1 recorded 1 rows, 0 are there")
    assert (
        "recorded 1 rows" in CliRunner().invoke(main, ["--home", str(loaded.home.folder), "verify"]).output
    )
    alter(loaded, "UPDATE loads SET recorded_rows = NULL")  # a load of an earlier version
    assert list(find_deleted_rows(loaded)) == []


def test_verify_reports_it(loaded: Workspace) -> None:
    command = ["--home", str(loaded.home.folder), "verify"]
    assert CliRunner().invoke(main, command).exit_code == 0
    alter(loaded, "UPDATE figures SET display = '99件' WHERE indicator_id = 'case_filed_count'")
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, "stored" in result.output, "99件" in result.output) == (1, True, True)


def test_where_no_figure_is_stored_nothing_is_wrong(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", b"PK\x03\x04")
    run_pipeline(workspace, RunScope(), datetime(2023, 7, 5, 2))
    assert list(find_altered_results(workspace)) == []


def test_a_spoiled_refresh_state_hides_nothing(loaded: Workspace) -> None:
    alter(loaded, "UPDATE kept SET fingerprint = 'x', load_id = 0 WHERE name = 'figures'")
    (problem,) = find_altered_results(loaded)
    assert problem.startswith("the stored figures: computed after load 0, the last one is 1; the next")
    alter(loaded, "UPDATE kept SET load_id = 1 WHERE name = 'figures'")
    (problem,) = find_altered_results(loaded)
    assert problem.startswith("the stored figures: computed after the last load, by other definitions")
    alter(loaded, "UPDATE figures SET display = '99件' WHERE indicator_id = 'case_filed_count'")
    assert any("99件" in problem for problem in find_altered_results(loaded))
    alter(loaded, "UPDATE penalties SET fine_fen = fine_fen * 10")
    assert any("fine_imposed_amount 2023-06 990102" in problem for problem in find_altered_results(loaded))


@on_each_database
def test_an_altered_published_figure_is_named(loaded: Workspace) -> None:
    publish(loaded, Period.parse("2023-06"), "", as_provisional=True, now=datetime(2023, 7, 5, 9))
    assert list(find_altered_publications(loaded)) == []
    alter(
        loaded,
        "DELETE FROM published_figures WHERE indicator_id = 'case_filed_count' AND region_code = '990102'",
    )
    alter(loaded, "UPDATE publications SET note = '?'")
    problems = list(find_altered_publications(loaded))
    assert [problem.split(":")[0] for problem in problems] == [
        "table publications, publication 1", "table published_figures, publication 1",
    ]  # fmt: skip
    assert "case_filed_count 990102" in problems[1]


RECORDS = [
    ("UPDATE loads SET kind = 'backfill'", "table loads, load 1, kind: stored backfill, in the archive's log nightly"),
    ("UPDATE loads SET recorded_at = '2023-07-06 02:00:00.000000'", "table loads, load 1, recorded_at"),
    ("UPDATE inbox_files SET size_bytes = 1 WHERE path LIKE '%990181%'", "table inbox_files, 2023-06/990181/立案.xlsx"),
    ("UPDATE inbox_files SET path = path || 'x' WHERE path LIKE '%990181%'", "table inbox_files, 2023-06/990181/立案.xlsxx"),
    ("UPDATE units SET unit_name = '?' WHERE unit_code = '990181'", "table units, 990181"),
    ("DELETE FROM units WHERE unit_code = '990181'", "table units, 990181"),
    ("UPDATE regions SET line = '990102' WHERE region_code = '990181'", "table regions, 990181"),
]  # fmt: skip


def test_an_altered_load_file_or_region_is_named(loaded: Workspace) -> None:
    warehouse = loaded.home.folder / "warehouse.sqlite"
    loaded.engine.dispose()  # the last connection puts all into the file
    unaltered = warehouse.read_bytes()
    for statement, problem in RECORDS:
        alter(loaded, statement)
        assert [text.startswith(problem) for text in find_altered_records(loaded)] == [True], statement
        loaded.engine.dispose()
        warehouse.write_bytes(unaltered)
    assert list(find_altered_records(loaded)) == []


@on_each_database
def test_unaltered_records_are_no_problem(loaded: Workspace) -> None:
    assert list(find_altered_records(loaded)) == []
    alter(
        loaded, "DELETE FROM inbox_files"
    )  # the next night looks at the files again, and finds them known
    run_pipeline(loaded, RunScope(), datetime(2023, 7, 6, 2))
    assert list(find_altered_records(loaded)) == []
    alter(loaded, "UPDATE units SET unit_name = '?'")
    run_pipeline(loaded, RunScope(), datetime(2023, 7, 7, 2))  # and stores the units' names again
    assert list(find_altered_records(loaded)) == []


def test_a_region_table_edited_since_the_last_night_is_no_problem(loaded: Workspace) -> None:
    regions = loaded.home.folder / loaded.home.settings.regions
    regions.write_text(regions.read_text("utf-8").replace("990181,", "990181,新"), "utf-8")
    edited = Workspace(loaded.home)
    assert edited.regions.name_of("990181").startswith("新")
    assert list(find_altered_records(edited)) == []


def test_results_made_by_the_region_table_before_an_edit_are_no_problem(loaded: Workspace) -> None:
    regions = loaded.home.folder / loaded.home.settings.regions
    table = regions.read_text("utf-8")
    for edited in (
        table.replace("990181,", "990181,新"),
        f"{table.rstrip()}\n990182,新设县,unit,990100,\n",
    ):
        regions.write_text(edited, "utf-8")
        workspace = Workspace(loaded.home)
        assert workspace.regions.regions != loaded.regions.regions
        assert list(find_altered_results(workspace)) == []
    alter(loaded, "UPDATE figures SET display = '99件' WHERE indicator_id = 'case_filed_count'")
    assert any("99件" in problem for problem in find_altered_results(workspace))


def test_results_made_by_other_settings_are_named_once_and_their_sums_compared(loaded: Workspace) -> None:
    settings = loaded.home.folder / "huizong.toml"
    settings.write_text(f"due_working_day = 3\n{settings.read_text('utf-8')}", "utf-8")
    edited = Workspace(Home(loaded.home.folder))
    problems = list(find_altered_results(edited))
    assert [problem.split(":")[0] for problem in problems] == list(TABLE_TITLES.values())
    alter(loaded, "UPDATE penalties SET fine_fen = fine_fen * 10")
    assert any("fine_imposed_amount 2023-06 990102" in problem for problem in find_altered_results(edited))
