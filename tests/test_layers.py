"""The doors between the rooms: flows -> transforms -> schemas <- warehouse <- flows."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "schemas": set(),
    "transforms": {"schemas"},
    "warehouse": {"schemas"},
    "flows": {"schemas", "transforms", "warehouse"},
}
ONLY_IN = {"prefect": "flows", "sqlalchemy": "warehouse", "alembic": "warehouse"}
#: what knows the disk, the clock or the environment
OUTSIDE_WORLD = {"os", "pathlib", "time", "subprocess", "shutil", "tempfile"}
MODULES = [(room, file) for room in MAY_IMPORT for file in sorted((ROOT / room).rglob("*.py"))]


def imported(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(
    ("room", "file"), MODULES, ids=lambda one: one.name if isinstance(one, Path) else one
)
def test_a_module_imports_only_what_its_room_may(room: str, file: Path) -> None:
    names = imported(file)
    assert names & set(MAY_IMPORT) <= MAY_IMPORT[room] | {room}
    for library, home in ONLY_IN.items():
        if room != home:
            assert library not in names
    if room in ("schemas", "transforms"):
        assert not names & OUTSIDE_WORLD


def test_no_code_names_the_city_that_comes_with_the_project() -> None:
    names = ("娄底", "loudi", "4313", "娄环")
    files = [file for _, file in MODULES] + sorted((ROOT / "schemas").rglob("*.toml"))
    told = [
        (file.name, name) for file in files for name in names if name in file.read_text("utf-8").lower()
    ]
    assert told == []


def test_reading_commands_do_not_import_prefect() -> None:
    code = "import sys, flows.cli, flows.commands.indicators, flows.commands.status; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_ledgers_cost_no_command_what_pandera_would_import() -> None:
    code = (
        "import sys, pandas; from schemas.catalogue import ledgers; schema = ledgers()['cases'].schema\n"
        "try: schema.validate(pandas.DataFrame(), lazy=True)\n"
        "except Exception: pass\n"
        "sys.exit('dask.dataframe' in sys.modules or 'hypothesis' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
