"""A preview says which figures would move, the night moves just these, and the preview changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from flows.preview import Preview, preview_files
from flows.queries.moved_figures import values_moved_by_load
from flows.rehearsal import FileToLoad
from flows.run_lock import RunLockedError
from flows.workspace import RunScope, Workspace
from tests.conftest import on_each_database, on_postgresql
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import CITY, RIVER, STAR, case, inbox, night
from warehouse.advisory_lock import database_lock
from warehouse.engine import reading

NOW = datetime(2024, 2, 2)
OF_STAR = RunScope(STAR, "2023-06")
PATH = f"2023-06/{STAR}/new.xlsx"


def state_of(workspace: Workspace) -> dict[str, int]:
    """Return the number of rows of each table, and of the files of the home."""
    with reading(workspace.engine) as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in workspace.tables.metadata.sorted_tables
        }
    files = [file for file in workspace.home.folder.rglob("*") if file.is_file()]
    names = {file.name for file in files if not file.name.startswith("warehouse.sqlite-")}
    return counts | dict.fromkeys(names, 1)


def preview(workspace: Workspace, folder: Path, data: bytes, path: str = PATH) -> Preview:
    file = folder / "new.xlsx"
    file.write_bytes(data)
    return preview_files(workspace, [FileToLoad(path, file)], OF_STAR, NOW)


def figure(
    rows: Sequence[dict[str, Any]], indicator: str, region: str, period: str = "2023"
) -> tuple[Any, ...]:
    """Return before and after of one figure, as values and as displayed."""
    [row] = [
        row
        for row in rows
        if (row["indicator_id"], row["region_code"], row["period"]) == (indicator, region, period)
    ]
    return tuple(row[name] for name in ("before", "after", "display_before", "display_after"))


OFFICERS = [{"officer_no": f"R{number:03}", "certificate_no": f"Z-{number}"} for number in range(9)]
#: by case: the file, and some figures that it moves
CASES: dict[str, tuple[bytes, dict[tuple[str, str], tuple[Any, ...]]]] = {
    "new": (ledger_bytes("lawsuits", {}), {("lawsuit_count", CITY): (None, 1, "—", "1起")}),
    "added": (
        ledger_bytes("cases", *(case(number) for number in (1, 2, 3))),
        {
            ("case_filed_count", STAR): (2, 3, "2件", "3件"),
            ("case_filed_count", CITY): (3, 4, "3件", "4件"),
        },
    ),
    "corrected": (
        ledger_bytes("penalties", {"penalty_text": "罚款 4 万元", "fine_fen": 4}),
        {("fine_imposed_amount", STAR): (35000.0, 40000.0, "3.5万元", "4万元")},
    ),
    "zero": (ledger_bytes("measures"), {("seizure_count", STAR): (None, 0, "—", "0件")}),
    "refused": (b"PK no workbook", {}),
    "held back": (ledger_bytes("lawsuits", {"accepted_on": "待定"}), {}),
    "waiting": (ledger_bytes("officers", {}), {}),
    "taken from another unit": (ledger_bytes("payments", {}), {("fine_collected_amount", STAR): (None, 35000.0, "—", "3.5万元")}),
}  # fmt: skip
#: a corrected row, and one whose unit changes
ON_POSTGRESQL = ("corrected", "taken from another unit")


@pytest.fixture
def reported(workspace: Workspace) -> Workspace:
    """A warehouse with reports of two units."""
    files = {
        f"2023-06/{STAR}/a.xlsx": ledger_bytes("cases", case(1), case(2)),
        f"2023-06/{STAR}/b.xlsx": ledger_bytes("penalties", {}),
        f"2023-06/{STAR}/c.xlsx": ledger_bytes("officers", *OFFICERS),
        f"2023-06/{RIVER}/a.xlsx": ledger_bytes("cases", case(7, case_no="某环立(江)〔2023〕7号")),
    }  # fmt: skip
    for path, data in files.items():
        put(inbox(workspace), path, data)
    night(workspace)
    return workspace


@on_each_database
def test_the_night_moves_what_the_preview_said(reported: Workspace, tmp_path: Path) -> None:
    """One warehouse for all cases: each is previewed, then loaded; on PostgreSQL two that move figures."""
    is_sqlite = reported.engine.dialect.name == "sqlite"
    cases = {name: case for name, case in CASES.items() if is_sqlite or name in ON_POSTGRESQL}
    for number, (name, (data, expected)) in enumerate(cases.items(), start=2):
        before = state_of(reported)
        path = PATH.replace("new", name)
        promised = preview(reported, tmp_path, data, path)
        assert state_of(reported) == before, name
        put(inbox(reported), path, data, "2024-02-01T12:00")
        assert night(reported, now=f"2024-02-{number:02}T00:00") is not None
        with reading(reported.engine) as connection:
            moved = values_moved_by_load(reported, reported.as_of(connection, number))
        assert promised.moved == moved, name
        assert {key: figure(promised.moved, *key) for key in expected} == expected
        assert bool(promised.moved) == bool(expected), name
        assert bool(promised.awaiting) == (name == "waiting"), name
        assert preview(reported, tmp_path, data, path).moved == [], name


def test_files_are_previewed_together_and_a_copy_moves_nothing(reported: Workspace, tmp_path: Path) -> None:
    files = []
    for unit, number in ((STAR, 3), (RIVER, 4)):
        file = tmp_path / f"{unit}.xlsx"
        file.write_bytes(ledger_bytes("lawsuits", {"case_no": f"(2023)某01行初{number}号"}))
        files.append(FileToLoad(f"2023-06/{unit}/new.xlsx", file))
    promised = preview_files(reported, files, RunScope(), NOW)
    assert figure(promised.moved, "lawsuit_count", CITY) == (None, 2, "—", "2起")
    same = ledger_bytes("cases", case(1), case(2))
    assert preview(reported, tmp_path, same, f"2023-06/{STAR}/again.xlsx").moved == []


def test_the_warehouse_file_is_only_read(reported: Workspace, tmp_path: Path) -> None:
    file = reported.home.folder / "warehouse.sqlite"
    reported.engine.dispose()  # the last connection writes the log back into the file
    before = hashlib.sha256(file.read_bytes()).digest()
    preview(reported, tmp_path, CASES["added"][0])
    reported.engine.dispose()
    assert hashlib.sha256(file.read_bytes()).digest() == before


@on_postgresql
def test_a_run_at_work_is_not_disturbed(reported: Workspace, tmp_path: Path) -> None:
    with database_lock(reported.engine, 0.0), pytest.raises(RunLockedError, match="ask again"):
        preview(reported, tmp_path, CASES["added"][0])


@on_postgresql
def test_a_run_that_begins_meanwhile_goes_first(reported: Workspace, tmp_path: Path) -> None:
    """Rows that an open transaction changed are not waited for."""
    tables = reported.tables
    with reported.engine.connect() as other, other.begin():
        other.execute(tables.submissions.update().values(state=tables.submissions.c.state))
        with pytest.raises(RunLockedError, match="ask again"):
            preview(reported, tmp_path, CASES["corrected"][0], f"2023-06/{STAR}/b.xlsx")
    assert preview(reported, tmp_path, CASES["corrected"][0], f"2023-06/{STAR}/b.xlsx").moved


def test_a_load_recorded_meanwhile_does_not_matter_to_a_copy(
    reported: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.rehearsal as module

    read: Callable[..., Any] = module.read_and_validate

    def load_meanwhile(*arguments: Any) -> Any:
        put(inbox(reported), f"2023-06/{RIVER}/late.xlsx", ledger_bytes("lawsuits", {}))
        monkeypatch.setattr(module, "read_and_validate", read)
        assert night(reported, now="2024-02-03T00:00") is not None
        return read(*arguments)

    monkeypatch.setattr(module, "read_and_validate", load_meanwhile)
    assert figure(preview(reported, tmp_path, CASES["added"][0]).moved, "case_filed_count", STAR)[1] == 3
