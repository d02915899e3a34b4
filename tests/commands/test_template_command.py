"""The command `template`: which workbooks it writes, and which it never overwrites."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result

from flows.cli import main
from schemas.catalogue import ledgers
from tests.support.counties import ledger_bytes
from tests.support.validation import CITY
from transforms.template import blank_workbook


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "template", *arguments])


def test_the_command_writes_the_ledgers_asked_for(home_folder: Path, tmp_path: Path) -> None:
    """The workbooks list the home's own units; nothing is written into the home."""
    before = sorted(home_folder.rglob("*"))
    out = tmp_path / "new" / "templates"
    result = run(home_folder, "cases", "罚款缴纳台账", "cases", "--out", str(out))
    assert result.exit_code == 0, result.output
    files = [out / "立案台账.xlsx", out / "罚款缴纳台账.xlsx"]
    assert result.stdout.split() == [str(file) for file in files]
    assert files[0].read_bytes() == blank_workbook("cases", ledgers(), [unit.name for unit in CITY.units])
    assert sorted(home_folder.rglob("*")) == before
    assert run(home_folder, "--out", str(out)).exit_code == 0
    assert {file.stem for file in out.iterdir()} == {ledger.title for ledger in ledgers().values()}


def test_the_command_says_which_ledgers_there_are(home_folder: Path, tmp_path: Path) -> None:
    result = run(home_folder, "case", "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "no ledger case; the nearest are 立案台账（cases）" in result.stderr
    assert not (tmp_path / "out").exists()
    (home_folder / "regions.csv").write_text("code,name\n")
    result = run(home_folder, "cases", "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "the region table needs the columns" in result.stderr


def test_the_command_never_overwrites_a_filled_in_template(home_folder: Path, tmp_path: Path) -> None:
    filled = tmp_path / "立案台账.xlsx"
    filled.write_bytes(ledger_bytes("cases", {}))
    before = filled.read_bytes()
    result = run(home_folder, "--out", str(tmp_path))
    assert result.exit_code == 1
    assert "立案台账.xlsx would be written over" in result.stderr
    assert filled.read_bytes() == before
    assert sorted(tmp_path.glob("*.xlsx")) == [filled]


MONTH = ("--unit", "星河区", "--period", "2023-06")


def test_unit_and_month_are_filled_in_and_only_what_is_owed_is_written(
    home_folder: Path, tmp_path: Path
) -> None:
    settings = home_folder / "huizong.toml"
    settings.write_text(
        settings.read_text()
        + '[[obligations]]\nevery = "never"\n[[obligations]]\nledgers = ["cases", "permits"]\n'
    )
    out = tmp_path / "out"
    assert run(home_folder, *MONTH, "--out", str(out)).exit_code == 0
    assert {file.stem for file in out.iterdir()} == {"立案台账", ledgers()["permits"].title}
    sheet = openpyxl.load_workbook(out / "立案台账.xlsx")["立案台账"]
    assert (sheet["B2"].value, sheet["B3"].value) == ("星河区", "2023年6月")
    result = run(home_folder, *MONTH, "--one-file", "--out", str(tmp_path / "one"))
    assert result.stdout.split() == [str(tmp_path / "one" / "星河区2023年6月台账.xlsx")]
    book = openpyxl.load_workbook(tmp_path / "one" / "星河区2023年6月台账.xlsx")
    assert book.sheetnames[:3] == ["本月无", "立案台账", ledgers()["permits"].title]
    assert {book[name]["B3"].value for name in book.sheetnames[:3]} == {"2023年6月"}
    settings.write_text(settings.read_text() + '[[obligations]]\nevery = "never"\n')
    nothing = run(home_folder, *MONTH, "--out", str(out))
    assert (nothing.exit_code, "owes no ledger for 2023-06" in nothing.stderr) == (1, True)


def test_one_file_needs_unit_and_month(home_folder: Path, tmp_path: Path) -> None:
    result = run(home_folder, "--one-file", *MONTH[:2], "--out", str(tmp_path / "out"))
    assert (result.exit_code, "--one-file needs --unit and --period" in result.stderr) == (2, True)
