"""A night that upgrades the database says so, once."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from flows.cli import main
from flows.workspace import Workspace
from warehouse.engine import writing


@pytest.mark.usefixtures("chinese")
def test_a_night_says_that_it_upgraded_the_database(workspace: Workspace) -> None:
    workspace.prepare()
    with writing(workspace.engine) as connection:
        connection.execute(text("UPDATE schema_form SET fingerprint = 'another'"))
    first, second = (
        CliRunner().invoke(main, ["--home", str(workspace.home.folder), "nightly"]).output
        for _night in "12"
    )
    assert "数据库已先升级到本版本。" in first
    assert "升级" not in second
