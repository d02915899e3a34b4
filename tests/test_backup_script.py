"""The script of a backup in docs/operations.md copies all that the page says a backup has."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "operations.md").read_text("utf-8")
#: files of a home, by what the table calls them
FILES = {
    "the warehouse": ["warehouse.sqlite"],
    "archive/": ["archive/00/abc", "archive/log.jsonl"],
    "huizong.toml": ["huizong.toml", "adjustments.toml", "headers.toml", "statistics.toml", "our-city.csv"],
    "inbox/": ["inbox/2023-06/990102/a.xlsx"],
    "portal/portal.sqlite": ["portal/portal.sqlite"],
    "the other files of `portal/`": ["portal/uploads/1/a.xlsx", "portal/mails/2023/1.eml"],
}
NOT_COPIED = ("not needed", "can be made again")


def section() -> str:
    return PAGE.split("## Backup")[1].split("\n## ")[0]


def copied_rows() -> list[str]:
    """List what the table says is copied, by the first words of each row."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", section(), re.MULTILINE)[2:]
    return [what for what, how in rows if not how.startswith(NOT_COPIED)]


def test_the_table_names_what_this_test_knows() -> None:
    rows = copied_rows()
    assert len(rows) == len(FILES)
    for row, name in zip(rows, FILES, strict=True):
        assert row.replace("`", "").startswith(name.replace("`", "")), row


@pytest.mark.skipif(
    not (shutil.which("sqlite3") and shutil.which("flock")), reason="no sqlite3 or no flock"
)
@pytest.mark.parametrize("has_portal", [True, False])
def test_the_script_copies_what_the_table_says(tmp_path: Path, has_portal: bool) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    backup.mkdir()
    files = [
        name for names in FILES.values() for name in names if has_portal or not name.startswith("portal")
    ]
    for name in files:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".sqlite"):
            with sqlite3.connect(home / name) as connection:
                connection.execute("CREATE TABLE a (b)")
        else:
            (home / name).write_text(name, encoding="utf-8")
    [script] = [block for block in re.findall(r"```\n(.*?)```", section(), re.DOTALL) if "flock" in block]
    script = script.replace("/srv/huizong", str(home)).replace("/backup", str(backup))
    subprocess.run(["sh", "-e", "-c", script], check=True, timeout=60)
    for name in files:
        if name.endswith(".sqlite"):
            with sqlite3.connect(backup / name) as connection:
                assert connection.execute("SELECT count(*) FROM a").fetchone() == (0,)
        else:
            assert (backup / name).read_text("utf-8") == name
