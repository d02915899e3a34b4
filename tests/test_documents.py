"""What the documents name exists, and the README leaves out no folder and no command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from flows.cli import COMMANDS
from schemas.catalogue import ledgers
from schemas.deadlines import parse_deadlines
from tests.support.counties import ledger_bytes, put

ROOT = Path(__file__).parents[1]
PACKAGES = ("flows", "schemas", "transforms", "warehouse")
PAGES = [
    "README.md", "README.zh.md", "CONTRIBUTING.md", "SECURITY.md",
    *(file.relative_to(ROOT).as_posix() for file in sorted((ROOT / "docs").rglob("*.md"))),
]  # fmt: skip
NAMED = re.compile(r"`((?:flows|schemas|transforms|warehouse|tests|docs|benchmarks)/[\w./-]*)`")
#: files of the examples in `docs/extending.md`
INVENTED = re.compile(r".*(?:vehicle_uses|inspections_lose_their_weather)\.py")


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_each_named_file_and_folder_exists(page: str) -> None:
    named = {path for path in NAMED.findall(read(page)) if not INVENTED.fullmatch(path)}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("page", PAGES)
def test_each_name_that_stands_with_its_module_is_in_it(page: str) -> None:
    named = re.findall(
        r"`(?:\w+\.)?(\w+)`(?: in | \()`((?:flows|schemas|transforms|warehouse|tests)/[\w/]+\.py)`",
        read(page),
    )
    assert [pair for pair in named if not re.search(rf"\b{pair[0]}\b", read(pair[1]))] == []


def test_the_readme_names_every_folder() -> None:
    folders = {
        file.parent.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if len(file.relative_to(ROOT).parts) == 3
    }
    named = set(re.findall(r"`([\w/]+)/`", read("README.md")))
    assert sorted(folders - named) == []


def test_the_readme_names_every_command() -> None:
    text = read("README.md")
    assert [name for name in COMMANDS if not re.search(rf"`(?:huizong )?{name}\b", text)] == []


def test_each_command_has_the_module_of_its_name() -> None:
    assert {name: f"flows.commands.{name.replace('-', '_')}" for name in COMMANDS} == COMMANDS
    modules = {file.stem for file in (ROOT / "flows/commands").glob("*.py")} - {"__init__"}
    shared = modules - {name.replace("-", "_") for name in COMMANDS}
    row = next(line for line in read("README.md").splitlines() if line.startswith("| `flows/commands/` |"))
    assert {f"{name}.py" for name in shared} == set(re.findall(r"`(\w+\.py)`", row))


def test_the_time_limit_of_the_page_is_valid() -> None:
    match = re.search(r"```toml\n(\[complaint_closing\].*?)```", read("docs/extending.md"), re.DOTALL)
    assert match
    (limit,) = parse_deadlines(match[1], ledgers()).values()
    assert limit.rule().rule_id == "deadline.complaint_closing"


def test_the_code_that_debugs_a_reading_runs(home_folder: Path) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", read("CONTRIBUTING.md"), re.DOTALL)
    path = "2023-06/990102/立案台账.xlsx"
    put(home_folder / "inbox", path, ledger_bytes("cases", {}))
    names: dict[str, Any] = {}
    code = re.sub(r'path = ".*"', f'path = "{path}"', block.replace('"var"', repr(str(home_folder))))
    code = re.sub(r"\n(read_from_disk\()", r"\nresult = \1", code)
    exec(code, names)
    (submission,) = names["result"].submissions
    assert (submission.ledger, submission.is_rejected) == ("cases", False)
