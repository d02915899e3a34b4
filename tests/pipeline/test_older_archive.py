"""An archive written by version 0.1.0 still rebuilds, verifies and explains, whatever was renamed since.

`data/home_of_0.1.0.zip` has archive, region table and settings of a small home that version 0.1.0 made:
resubmissions, copies, a damaged file, a waiver, a rerun of one ledger, two publications.
`data/home_of_0.1.0.json` has what that version computed: checksums of
the warehouse, and two explained figures.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from flows.archive.log import ArchiveLog
from flows.archive.verify import find_archive_problems
from flows.cli import main
from flows.home import Home
from flows.ingest.load_manifest import FORMAT, parse_scope, require_known_format
from flows.ingest.rebuild import rebuild
from flows.outputs import publication
from flows.pipeline import ingest
from flows.workspace import RunScope, Workspace
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading
from warehouse.figures.publications import published_figures
from warehouse.load.checksum import checksums, digest_rows

DATA = Path(__file__).parent / "data"
EXPECTED: dict[str, Any] = json.loads((DATA / "home_of_0.1.0.json").read_text("utf-8"))
#: tables that name the rule set of the program that rebuilt them
NAME_THE_RULESET = {"loads"}
#: columns of `findings` in 0.1.0, without the sentences: a better wording is no other finding
FINDING_COLUMNS_OF_0_1_0 = (
    "load_id", "submission_id", "rule_id", "severity", "file", "sheet", "row", "column", "cell", "value",
    "at_stake_fen",
)  # fmt: skip
#: columns of `submissions` and `publications` that 0.1.0 lacked
LATER_COLUMNS = {"delivery", "arrived_load", "is_imported"}


@pytest.fixture
def older_home(tmp_path: Path) -> Home:
    with zipfile.ZipFile(DATA / "home_of_0.1.0.zip") as file:
        file.extractall(tmp_path)
    return Home(tmp_path)


@pytest.fixture
def rebuilt(older_home: Home) -> Iterator[Workspace]:
    workspace = rebuild(older_home, older_home.warehouse_url, lambda _line: None)
    yield workspace
    workspace.engine.dispose()


def checksums_as_in_0_1_0(workspace: Workspace) -> dict[str, str]:
    """Compute the checksums of the tables that version 0.1.0 had, that of `findings` over its columns then.

    The tables of ledgers that were added since must be empty.
    """
    with reading(workspace.engine) as connection:
        actual = checksums(connection, workspace.tables)
        for name in actual.keys() - EXPECTED["checksums"].keys():
            table = workspace.tables.metadata.tables[name]
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0, name
        for table in (workspace.tables.submissions, workspace.tables.publications):
            columns = [column for column in table.columns if column.name not in LATER_COLUMNS]
            actual[table.name] = digest_rows(list(row) for row in connection.execute(select(*columns)))
        findings = [dict(row._mapping) for row in connection.execute(workspace.tables.findings.select())]
    assert findings
    rows = [[finding[name] for name in FINDING_COLUMNS_OF_0_1_0] for finding in findings]
    actual |= {"findings": digest_rows(rows)}
    return {name: actual[name] for name in EXPECTED["checksums"]}


def test_it_rebuilds_to_the_same_rows(rebuilt: Workspace) -> None:
    actual = checksums_as_in_0_1_0(rebuilt)
    differing = {name for name, checksum in actual.items() if EXPECTED["checksums"][name] != checksum}
    assert differing == NAME_THE_RULESET


def test_with_its_old_rule_set_version_every_table_has_the_same_checksum(
    older_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.ingest.load.ruleset_version", lambda: EXPECTED["ruleset"])
    workspace = rebuild(older_home, "sqlite://", lambda _line: None)
    assert checksums_as_in_0_1_0(workspace) == EXPECTED["checksums"]
    workspace.engine.dispose()


def test_it_is_verified(rebuilt: Workspace) -> None:
    assert list(find_archive_problems(rebuilt.home, rebuilt)) == []


@pytest.mark.parametrize("indicator_id", EXPECTED["explain"])
def test_its_figures_are_explained_as_before(rebuilt: Workspace, indicator_id: str) -> None:
    command = ["--home", str(rebuilt.home.folder), "explain", indicator_id, "--period", "2023", "--json"]
    answer = CliRunner().invoke(main, command)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout) == EXPECTED["explain"][indicator_id]


def test_its_publications_are_there(rebuilt: Workspace) -> None:
    with reading(rebuilt.engine) as connection:
        figures = [published_figures(connection, rebuilt.tables, number) for number in (1, 2)]
    assert [len(of_publication) > 0 for of_publication in figures] == [True, True]


def test_a_load_of_a_newer_program_is_rejected() -> None:
    require_known_format({"load_id": 1, "format": FORMAT})
    with pytest.raises(ValueError, match="install the newer version"):
        require_known_format({"load_id": 1, "format": FORMAT + 1})


def test_a_publication_of_a_newer_program_is_rejected() -> None:
    with pytest.raises(ValueError, match="install the newer version"):
        publication.parse_publication({"number": 1, "format": publication.FORMAT + 1}, "digest")


def test_the_keys_of_an_entry_are_written_by_name(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    scope = RunScope("990102", "2023-06", "cases")
    ingest(workspace, scope, datetime(2023, 7, 1, 2))
    (entry,) = ArchiveLog(workspace.home.archive).entries()
    assert entry.payload["format"] == FORMAT
    assert entry.payload["selection"] == {
        "unit_code": "990102", "period": "2023-06", "ledger": "cases", "judges_again": False,
    }  # fmt: skip
    assert parse_scope(entry.payload) == RunScope("990102", "2023-06", "cases")
