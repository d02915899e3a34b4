"""Figures as of a day before the region table changed, and what `changes` says of such a change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import main
from tests.pipeline.test_region_history import HEADER, STAR, Office

RIVER = "990181,江州市,unit,990100,江,,,,\n"
SECOND = "990200,乙市,city,990000,乙,,,,\n990202,前川县,unit,990200,川,,,,\n"
EMPTY = "990300,丙市,city,990000,丙,,,,\n"
PROVINCE = "990000,某省,province,,,,,,\n990100,某市,city,990000,某环,,,,\n" + SECOND
NOT_YET_MOVED = STAR + RIVER
MOVED = (
    STAR + RIVER.replace(",,,\n", ",,2023-03-31,990281\n") + "990281,江州市,unit,990200,江,,2023-04-01,,\n"
)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, laid_out_file: Path) -> Office:
    """江州 goes to another city in April, which the table says from the second night on."""
    office = Office(tmp_path_factory.mktemp("moved") / "home", laid_out_file)
    for month in (3, 4):
        office.send_cases("990102", month, [month], mark="星")
        office.send_cases("990181", month, [10 + month], mark="江")
    office.run(NOT_YET_MOVED, of=PROVINCE)
    office.run(MOVED, of=PROVINCE)
    return office


def answer(office: Office, *command: str) -> Any:
    result = CliRunner().invoke(main, ["--home", str(office.home), *command], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if "--json" in command else result.stdout


def cases_in_april(office: Office, region: str, *options: str) -> tuple[Any, int]:
    (row,) = answer(
        office, "indicators", "--period", "2023-04", "--region", region, "--indicator", "case_filed_count",
        "--json", *options,
    )  # fmt: skip
    return row["value"], row["units_expected"]


class TestAsOfADayBeforeTheChange:
    def test_figures_are_those_of_the_table_of_that_day(self, moved: Office) -> None:
        assert cases_in_april(moved, "990100") == (1, 1)
        assert cases_in_april(moved, "990100", "--as-of", "2024-01-01") == (2, 2)
        assert cases_in_april(moved, "990200") == (1, 2)
        assert cases_in_april(moved, "990100", "--as-of", "2024-01-02") == (1, 1)

    def test_an_explanation_has_the_units_of_that_day(self, moved: Office) -> None:
        command = ("explain", "case_filed_count", "--period", "2023-04", "--region", "990100", "--json")
        then = answer(moved, *command, "--as-of", "2024-01-01")
        assert {share["unit_code"] for share in then["by_unit"] if share["numerator"]} == {
            "990102",
            "990181",
        }
        now = answer(moved, *command)
        assert {share["unit_code"] for share in now["by_unit"] if share["numerator"]} == {"990102"}

    @pytest.mark.parametrize("command", [("indicators",), ("explain", "case_filed_count")])
    def test_before_the_first_load_there_is_nothing(self, moved: Office, command: tuple[str, ...]) -> None:
        command = (*command, "--period", "2023-04", "--as-of", "2020-01-01")
        assert answer(moved, *command).strip() == "Nothing had been loaded by 2020-01-01."
        assert "null" in CliRunner().invoke(main, ["--home", str(moved.home), *command, "--json"]).stdout

    def test_a_region_that_there_was_not_yet_is_named_as_such(self, moved: Office) -> None:
        command = ("indicators", "--period", "2023-04", "--region", "990281", "--as-of", "2024-01-01")
        result = CliRunner().invoke(main, ["--home", str(moved.home), *command])
        assert result.exit_code == 2
        assert "no region 990281" in result.stderr


def test_a_city_without_units_has_no_figures(moved: Office) -> None:
    (moved.home / "regions.csv").write_text(HEADER + PROVINCE + MOVED + EMPTY, encoding="utf-8")
    assert cases_in_april(moved, "990300") == (None, 0)


class TestChanges:
    def test_name_the_region_table_as_the_reason(self, moved: Office) -> None:
        command = (
            "changes",
            "--since",
            "2024-01-02",
            "--period",
            "2023-04",
            "--indicator",
            "case_filed_count",
        )
        printed = answer(moved, *command, "--region", "990100")
        assert "2件 → 1件 (-1件)" in printed
        assert "the region table changed" in printed
        assert "市局" not in printed
        for change in answer(moved, *command, "--json"):
            assert {part["cause"] for part in change["parts"]} == {"definition"}
            before, after = (change[name] or 0 for name in ("before", "after"))
            assert sum(part["delta"] for part in change["parts"]) == after - before
