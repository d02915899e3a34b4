"""Names, telephones, addresses and ID numbers that clerks put anywhere stand nowhere but where they may."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from flows.home import Home
from flows.pipeline import ingest
from flows.workspace import RunScope, Workspace
from tests.conftest import CITY_TABLE
from tests.support.every_output import EveryOutput
from tests.support.planted_everywhere import PEOPLE, adjustments, plant_everywhere, plant_resubmissions
from transforms.foreign_text import make_visible
from warehouse.engine import reading

#: a unit that sends a file of the first one as its own
COPIED_TO = "9901X0"


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
    folder = tmp_path / "home"
    (folder / "inbox").mkdir(parents=True)
    (folder / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
    (folder / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    (folder / "adjustments.toml").write_text(adjustments(), encoding="utf-8")
    workspace = Workspace(Home(folder))
    workspace.prepare()
    plant_everywhere(workspace.home.inbox)
    ingest(workspace, RunScope(), datetime(2024, 1, 15))
    plant_resubmissions(workspace.home.inbox)
    return workspace


def test_personal_data_stands_only_in_the_units_receipt_and_the_bureaus_report(
    planted: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(
        "flows.render.WIDTH_IN_FILES", 500
    )  # names of files stay whole in the cells of tables
    every = EveryOutput(planted, tmp_path / "out", monkeypatch)
    texts = every.collect(capsys, caplog)
    texts |= _without_file_names(planted, texts)
    planted.engine.dispose()
    leaks = [
        f"{mark} in {name}: {text[max(0, text.index(mark) - 60) : text.index(mark) + 30]!r}"
        for unit, person in PEOPLE.items()
        for mark in person.marks()
        for name, text in texts.items()
        if mark in text and not _may_name(name, unit)
    ]
    assert leaks == []
    own = [text for name, text in texts.items() if name.startswith("receipts/") and "/990102/" in name]
    assert any(PEOPLE["990102"].name in text for text in own), (
        "the county reads in its receipt what it wrote"
    )


def _without_file_names(workspace: Workspace, texts: dict[str, str]) -> dict[str, str]:
    """Return what the bureau reads at its command line without the names of files, which it has to find."""
    inbox = workspace.home.inbox
    paths = [file.relative_to(inbox).as_posix() for file in inbox.rglob("*")]
    with reading(workspace.engine) as connection:
        paths += connection.scalars(select(workspace.tables.submissions.c.source_file).distinct())
    names = {make_visible(name) for path in paths for name in (path, path.rsplit("/", 1)[-1])}
    printed = {
        name: text
        for name, text in texts.items()
        if name == "nightly" or name.startswith(("huizong status", "huizong backfill"))
    }
    for file_name in sorted(names, key=len, reverse=True):
        printed = {name: text.replace(file_name, "") for name, text in printed.items()}
    return printed


def _may_name(output: str, unit: str) -> bool:
    """Whether an output may show what this unit wrote: its own receipts, the bureau's reports of loads, and
    the commands by which the bureau follows a figure to its file and cell.
    """
    if output.startswith(("huizong explain", "huizong changes", "explain/")):
        return True
    is_own = any(part in (unit, "未识别", COPIED_TO) for part in output.split("/"))
    return (output.startswith("receipts/") and is_own) or output.startswith("reports/load-")
