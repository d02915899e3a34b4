"""A small city whose June is reported in two years, for the tests of its reports."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.bulletin.contents import open_source, read_bulletin
from flows.cli import main
from flows.home import Home
from flows.pipeline import run_pipeline
from flows.workspace import RunScope, Workspace
from schemas.periods import Period
from tests.conftest import CITY_TABLE
from tests.support.counties import ledger_bytes, put
from transforms.bulletin.model import Bulletin
from warehouse.engine import reading
from warehouse.figures.publications import Publication

STAR, UNITS = "990102", ("9901X0", "990102", "990121", "990181")


class City:
    """A home whose reports a test makes."""

    def __init__(self, folder: Path) -> None:
        self.workspace, self.folder = Workspace(Home(folder)), folder
        self.loads = 0

    def send_cases(self, month: str, counts: dict[str, int], name: str = "立案") -> None:
        """Put cases of these units into the inbox; a count of zero is a zero report."""
        year = month[:4]
        for unit, count in counts.items():
            rows = [
                {"case_no": f"某环立({unit})〔{year}〕{number}号", "filed_on": f"{month}-{number + 1:02}"}
                for number in range(1, count + 1)
            ]
            put(self.workspace.home.inbox, f"{month}/{unit}/{name}.xlsx", ledger_bytes("cases", *rows))

    def night(self) -> None:
        self.loads += 1
        run_pipeline(self.workspace, RunScope(), datetime(2024, 2, self.loads, 1))

    def reopen(self) -> None:
        """Read the files of the home again."""
        self.workspace.engine.dispose()
        self.workspace = Workspace(Home(self.folder))

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(self.folder), *arguments])

    def bulletin(
        self, period: str, region: str = "990100", publication: Publication | None = None
    ) -> Bulletin:
        with reading(self.workspace.engine) as connection:
            source = open_source(self.workspace, connection, publication, datetime(2024, 2, 20))
            return read_bulletin(source, Period.parse(period), region)


@pytest.fixture(scope="module")
def city(laid_out_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """June of 2022 and 2023: cases of every unit, a fine of one unit."""
    folder = tmp_path_factory.mktemp("city")
    (folder / "inbox").mkdir()
    (folder / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
    (folder / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    shutil.copy(laid_out_file, folder / "warehouse.sqlite")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
        city = City(folder)
        city.workspace.prepare()
        city.send_cases("2022-06", dict.fromkeys(UNITS, 0) | {STAR: 2})
        city.send_cases("2023-06", dict.fromkeys(UNITS, 0) | {STAR: 3})
        put(folder / "inbox", f"2023-06/{STAR}/处罚.xlsx", ledger_bytes("penalties", {}))
        city.night()
        yield city
        city.workspace.engine.dispose()
