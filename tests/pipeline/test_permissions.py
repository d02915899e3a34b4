"""Who may read a home, and who can hold its locks."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.home import Home
from flows.home_folder import create_home
from flows.outputs.snapshot import SNAPSHOT, refresh_snapshot
from flows.permissions import find_wide_permissions
from flows.run_lock import LOCK_FILE, hold_run_lock
from flows.settings import SETTINGS_FILE
from flows.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs modes of files")


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """Restore the mask that the command line sets."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    result = CliRunner().invoke(main, ["--home", str(folder), "init"])
    assert result.exit_code == 0, result.output
    assert (mode(folder), mode(folder / SETTINGS_FILE)) == (0o750, 0o600)
    assert {mode(path) & 0o007 for path in folder.rglob("*")} == {0}
    assert list(find_wide_permissions(Home(folder))) == []


def test_wide_permissions_are_reported(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    create_home(folder)
    folder.chmod(0o755)
    settings_file = folder / SETTINGS_FILE
    settings_file.write_text('notify = ["json://u:p@localhost"]\n', encoding="utf-8")
    settings_file.chmod(0o640)
    problems = list(find_wide_permissions(Home(folder)))
    assert ["chmod -R o-rwx" in problems[0], "chmod 600" in problems[1]] == [True, True]
    printed = CliRunner().invoke(main, ["--home", str(folder), "nightly"])
    assert ("Every user of this machine can read" in printed.output, printed.exit_code) == (True, 0)


def test_only_the_user_of_a_home_can_open_its_lock(workspace: Workspace) -> None:
    file = workspace.home.folder / LOCK_FILE
    file.touch(0o644)
    with hold_run_lock(workspace):
        assert mode(file) == 0o600


def test_readers_can_have_a_folder_of_their_own(workspace: Workspace, tmp_path: Path) -> None:
    readers = tmp_path / "readers"
    workspace.home.settings.readers_folder = str(readers)
    os.umask(0o027)
    with hold_run_lock(workspace):
        assert refresh_snapshot(workspace)
        assert not refresh_snapshot(workspace)
    assert mode(readers / SNAPSHOT) == 0o644
    assert not (workspace.home.folder / SNAPSHOT).exists()
