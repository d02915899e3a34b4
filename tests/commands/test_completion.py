"""What the shell completes, and how the commands are listed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from flows.cli import COMMANDS, GROUPS, main
from schemas.catalogue import indicators, ledgers
from tests.conftest import CITY_TABLE


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
    (tmp_path / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    return tmp_path


def complete(home: Path, arguments: list[str], incomplete: str) -> list[str]:
    shell = BashComplete(main, {}, "huizong", "_HUIZONG_COMPLETE")
    return [item.value for item in shell.get_completions(["--home", str(home), *arguments], incomplete)]


@pytest.mark.parametrize(
    ("arguments", "incomplete", "offered"),
    [
        ([], "ind", {"indicators"}),
        (["rerun", "--unit"], "", {"9901X0", "990102", "990121", "990181"}),
        (["rerun", "--unit"], "星", {"星河区"}),
        (["indicators", "--region"], "990100", {"990100"}),
        (["rerun", "--dataset"], "", set(ledgers())),
        (["template"], "case", {"cases"}),
        (["explain"], "case_filed", {"case_filed_count"}),
        (["indicators", "--indicator"], "", set(indicators())),
        (["account", "add", "a", "--unit"], "99012", {"990121"}),
    ],
)
def test_ids_and_names_are_completed(
    home: Path, arguments: list[str], incomplete: str, offered: set[str]
) -> None:
    assert set(complete(home, arguments, incomplete)) == offered


def test_a_home_that_cannot_be_read_completes_nothing(home: Path) -> None:
    os.remove(home / "regions.csv")
    assert complete(home, ["rerun", "--unit"], "") == []


def test_commands_are_listed_by_what_they_are_for() -> None:
    lines = CliRunner().invoke(main, ["--help"], prog_name="huizong").output.splitlines()
    headings = [lines.index(f"{title}:") for title in GROUPS]
    assert headings == sorted(headings)
    listed = [line.split()[0] for line in lines[headings[0] :] if line.startswith("  ") and line[2] != " "]
    assert listed == list(COMMANDS)
