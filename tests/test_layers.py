"""The layers: flows -> transforms -> schemas <- warehouse <- flows."""

import subprocess
import sys
from pathlib import Path

from tests.support.check_each import check_each
from tests.support.check_layers import MAY_IMPORT, check_imports, find_breaches, find_circles

ROOT = Path(__file__).parent.parent
MODULES = {package: sorted((ROOT / package).rglob("*.py")) for package in MAY_IMPORT}


@check_each(MODULES)
def test_a_module_imports_only_what_its_layer_may(file: Path) -> None:
    assert list(check_imports(file.relative_to(ROOT).parts[0], file.read_text("utf-8"))) == []


def test_no_sub_packages_import_each_other_in_a_circle() -> None:
    assert find_circles(ROOT) == set()


def test_a_fenced_package_is_imported_by_one_module() -> None:
    assert find_breaches(ROOT) == []


def test_no_code_names_the_city_that_comes_with_the_project() -> None:
    names = ("娄底", "loudi", "4313", "娄环")
    files = [file for package in MAY_IMPORT for file in sorted((ROOT / package).rglob("*.py"))]
    files += sorted((ROOT / "schemas").rglob("*.toml"))
    named = [
        (file.name, name) for file in files for name in names if name in file.read_text("utf-8").lower()
    ]
    assert named == []


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
