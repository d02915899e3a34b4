"""Which folders are homes: `init` and `demo` make one, every other command refuses a folder that is none."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import COMMANDS, main
from flows.home_folder import EXAMPLE_REGIONS, settings_text
from flows.settings import SETTINGS_FILE, Settings
from schemas.regions import default_regions_text

pytestmark = pytest.mark.usefixtures("chinese")

#: the rest of each command line that needs a home
NEEDS_A_HOME = {
    "nightly": [],
    "rerun": ["--unit", "431322", "--period", "2023-06"],
    "backfill": ["--from", "2023-01", "--to", "2023-02"],
    "status": [],
    "indicators": ["--period", "2023"],
    "explain": ["case_filed_count", "--period", "2023"],
    "changes": ["--period", "2023", "--since", "2024-01-01"],
    "statistics": ["--year", "2023"],
    "deadlines": [],
    "disclosure": ["--kind", "penalties", "--out", "out.xlsx"],
    "publish": ["--period", "2023"],
    "report": ["--period", "2023", "--out", "report.html"],
    "proofread": [str(Path(__file__).parents[2] / "README.md"), "--period", "2023"],
    "verify": [],
    "rebuild": [],
    "export": ["--out", "out"],
    "grant-reader": ["reader"],
    "serve": [],
    "portal": [],
    "account": ["list"],
    "mailbox": [],
    "worker": [],
}
NEEDS_NONE = {"init", "demo", "check", "template", "dictionary"}


def run(home: Path, *arguments: str, **options: Any) -> SimpleNamespace:
    result = CliRunner().invoke(main, ["--home", str(home), *arguments], **options)
    return SimpleNamespace(code=result.exit_code, output=result.output, error=result.stderr)


def everything(folder: Path) -> list[tuple[str, bytes]]:
    return sorted(
        (str(path.relative_to(folder)), path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    )


def test_every_command_is_said_to_need_a_home_or_not() -> None:
    assert set(NEEDS_A_HOME) | NEEDS_NONE == set(COMMANDS)


@pytest.mark.parametrize("command", NEEDS_A_HOME)
def test_a_mistyped_home_makes_nothing(command: str, tmp_path: Path) -> None:
    result = run(tmp_path / "homme", command, *NEEDS_A_HOME[command])
    assert result.code == 2, result.output
    assert f"没有 {tmp_path / 'homme'} 这个文件夹。" in result.error
    assert f"huizong --home {tmp_path / 'homme'} init" in result.error
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_a_file_and_a_folder_of_something_else_are_no_homes(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "photo.jpg").write_text("x")
    before = everything(tmp_path)
    for name, reason in (("empty", "是空文件夹"), ("file", "是一个文件"), ("other", "没有 huizong.toml")):
        result = run(tmp_path / name, "nightly")
        assert (result.code, reason in result.error) == (2, True), result.error
    for name in ("file", "other"):
        for command in ("init", "demo"):
            result = run(tmp_path / name, command)
            assert (result.code, "请另选" in result.error) == (2, True), result.output
    assert "photo.jpg" in result.error
    assert everything(tmp_path) == before


@pytest.mark.parametrize("variable", ["HUIZONG_HOME"])
def test_the_home_of_the_environment_is_held_to_the_same(variable: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["status"], env={variable: str(tmp_path / "none")})
    assert result.exit_code == 2
    assert "HUIZONG_HOME" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_home_that_was_probably_meant_is_proposed(tmp_path: Path) -> None:
    run(tmp_path / "huizong", "init")
    assert f"是不是 {tmp_path / 'huizong'}？" in run(tmp_path / "huizon", "status").error
    assert f"是不是 {tmp_path / 'huizong'}？" in run(tmp_path / "huizong" / "inbox", "status").error
    assert "是不是" not in run(tmp_path / "elsewhere", "status").error


def test_init_makes_a_home_whose_settings_are_all_commented(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    result = run(home, "init")
    assert result.code == 0, result.output
    assert {path.name for path in home.iterdir()} == {
        "inbox", "archive", "reports", "receipts", SETTINGS_FILE, EXAMPLE_REGIONS,
    }  # fmt: skip
    assert tomllib.loads((home / SETTINGS_FILE).read_text("utf-8")) == {}
    assert (home / EXAMPLE_REGIONS).read_text("utf-8-sig") == default_regions_text()
    assert run(home, "nightly").code == 0


def test_a_settings_file_with_every_key_uncommented_says_the_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HUIZONG_SETTLE_SECONDS", "HUIZONG_PORTAL_PORT", "HUIZONG_LANGUAGE"):
        monkeypatch.delenv(name)
    keys, examples = settings_text().split("# [[obligations]]")
    lines = [line.removeprefix("# ") for line in keys.splitlines()]
    lines = [line for line in lines if line.split(" = ")[0] in Settings.model_fields]
    tables = ("obligations", "holidays")
    assert {line.split(" = ")[0] for line in lines} == {
        name for name in Settings.model_fields if name not in tables
    }
    assert (
        Settings(**tomllib.loads("\n".join(lines))).model_dump() == Settings.model_validate({}).model_dump()
    )
    assert set(tomllib.loads(f"[[obligations]]{examples}".replace("\n# ", "\n"))) == set(tables)


def test_init_leaves_a_home_as_it_is(tmp_path: Path) -> None:
    run(tmp_path, "init")
    (tmp_path / SETTINGS_FILE).write_text("due_working_day = 6\n")
    (tmp_path / EXAMPLE_REGIONS).unlink()
    before = everything(tmp_path)
    result = run(tmp_path, "init")
    assert (result.code, "已经是数据目录" in result.output) == (0, True)
    assert everything(tmp_path) == before


def test_init_gives_settings_to_a_home_that_has_none_and_to_prepared_files(tmp_path: Path) -> None:
    old, prepared = tmp_path / "old", tmp_path / "prepared"
    (old / "inbox" / "2023-06").mkdir(parents=True)
    (old / "anything.txt").write_text("x")
    prepared.mkdir()
    (prepared / "regions.csv").write_text("mine")
    for home in (old, prepared):
        assert run(home, "init").code == 0
        assert (home / SETTINGS_FILE).exists()
    assert (prepared / "regions.csv").read_text() == "mine"


@pytest.mark.parametrize("sign", ["inbox/", "archive/log.jsonl", "warehouse.sqlite", SETTINGS_FILE])
def test_a_home_from_before_init_goes_on(sign: str, tmp_path: Path) -> None:
    path = tmp_path / sign
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if sign.endswith("/") else path.touch()
    assert "数据目录" not in run(tmp_path, "status").error


def test_demo_makes_its_home_but_not_for_a_year_that_is_not_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run(home, "demo", "--year", "2100").code == 2
    assert not home.exists()


def test_commands_that_need_no_home_say_when_the_one_named_is_none(tmp_path: Path) -> None:
    named = run(tmp_path / "homme", "template", "cases", "--out", str(tmp_path / "out"))
    assert (named.code, "按程序自带的设置" in named.error) == (0, True)
    default = CliRunner().invoke(main, ["template", "cases", "--out", str(tmp_path / "out")])
    assert (default.exit_code, default.stderr) == (0, "")
    assert not (tmp_path / "homme").exists()


def test_demo_refuses_a_home_with_files_of_counties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(inbox: Path, year: int, _regions: Any) -> list[Path]:
        files = [inbox / f"{year}-01" / name for name in ("a.csv", "b.csv")]
        for file in files[: 2 - is_killed]:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        if is_killed:
            raise KeyboardInterrupt
        return files

    is_killed = True
    monkeypatch.setattr("flows.sample_year.write_demo_year", write)
    home = tmp_path / "home"
    assert run(home, "demo", "--year", "2021").code == 1
    is_killed = False
    for year in ("2021", "2022", "2021"):
        assert run(home, "demo", "--year", year).code == 0
    real = home / "inbox" / "2024-01" / "立案台账.csv"
    real.parent.mkdir()
    real.touch()
    refused = run(home, "demo", "--year", "2023")
    assert refused.code == 2
    assert "2024-01/立案台账.csv" in refused.output
    assert not (home / "inbox" / "2023-01").exists()
    real.unlink()
    (home / "sample-files.txt").unlink()
    for file in home.glob("inbox/*/*"):
        file.unlink()
    assert run(home, "demo", "--year", "2023").code == 0
    (home / "sample-files.txt").unlink()
    for file in home.glob("inbox/*/*"):
        file.unlink()
    (home / "archive" / "log.jsonl").touch()
    assert run(home, "demo", "--year", "2023").code == 2
