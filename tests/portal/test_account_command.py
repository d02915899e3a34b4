"""The command `account`: who may sign in, shown once, reset, disabled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from tests.support.portal_site import use_cheap_hasher


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    use_cheap_hasher(monkeypatch)


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "account", *arguments])


def first_password(result: Result) -> str:
    assert result.exit_code == 0, result.output
    match = re.search(r"first password (\S+)", result.output)
    assert match
    return match[1]


def test_an_account_is_added_listed_reset_and_disabled(home_folder: Path) -> None:
    first = first_password(run(home_folder, "add", "star", "--role", "clerk", "--unit", "星河区"))
    assert first_password(run(home_folder, "reset", "star")) != first
    assert run(home_folder, "disable", "star").exit_code == 0
    listed = run(home_folder, "list").output
    assert "星河区" in listed
    assert "disabled" in listed
    assert first not in (home_folder / "portal" / "portal.sqlite").read_bytes().decode("latin-1")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "a", "--role", "clerk"], "at least one unit"),
        (["add", "a", "--role", "reader", "--unit", "990102"], "other roles have none"),
        (["add", "a", "--role", "clerk", "--unit", "火星"], "no unit 火星"),
        (["add", " ", "--role", "reader"], "must not be empty"),
        (["reset", "nobody"], "no account nobody"),
        (["disable", "nobody"], "there are star"),
        (["add", "star", "--role", "reader"], "already"),
    ],
)
def test_what_cannot_be_done_is_said(home_folder: Path, arguments: list[str], words: str) -> None:
    run(home_folder, "add", "star", "--role", "clerk", "--unit", "990102")
    result = run(home_folder, *arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_a_folder_that_is_no_home_gets_no_database(tmp_path: Path) -> None:
    assert run(tmp_path, "list").exit_code != 0
    assert not (tmp_path / "portal").exists()
