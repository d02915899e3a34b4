"""Ids may be given as Chinese names; for a wrong one the nearest are offered."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.commands.common import parse_indicator, parse_ledger, parse_unit
from flows.commands.names import find_id
from schemas.catalogue import indicators, ledgers
from schemas.regions import default_regions_text, parse_regions

REGIONS = parse_regions(default_regions_text())


@pytest.mark.parametrize("ledger", ledgers())
def test_every_ledger_is_found_by_its_name_and_title(ledger: str) -> None:
    title = ledgers()[ledger].title
    assert {parse_ledger(text, "NAME") for text in (ledger, title, title.removesuffix("台账"))} == {ledger}


@pytest.mark.parametrize("indicator", indicators())
def test_every_indicator_is_found_by_its_id_and_title(indicator: str) -> None:
    ids = {parse_indicator(text, "ID").indicator_id for text in (indicator, indicators()[indicator].title)}
    assert ids == {indicator}


@pytest.mark.parametrize("unit", REGIONS.unit_codes())
def test_every_unit_is_found_by_its_code_and_name(unit: str) -> None:
    assert {parse_unit(REGIONS, text) for text in (unit, REGIONS.name_of(unit))} == {unit}


@pytest.mark.parametrize(
    ("text", "offered"),
    [("penalty", "行政处罚决定台账（penalties）"), ("罚款交纳", "罚款缴纳台账（payments）")],
)
def test_the_nearest_are_offered(text: str, offered: str) -> None:
    with pytest.raises(click.BadParameter, match=f"no ledger {text}; the nearest are .*{offered}"):
        parse_ledger(text, "NAME")


def test_what_is_near_to_nothing_gets_all() -> None:
    with pytest.raises(click.BadParameter, match="no thing zzz; there are 甲（a）、乙（b）"):
        find_id("zzz", {"a": "甲", "b": "乙"}, "thing", "X")


def test_of_many_it_is_said_where_they_are_listed() -> None:
    with pytest.raises(click.BadParameter, match=r"`huizong dictionary --out FILE\.html` lists them all"):
        find_id("zzz", {str(number): "甲" for number in range(50)}, "thing", "X")


def test_a_title_of_two_is_not_guessed() -> None:
    with pytest.raises(click.BadParameter, match="the nearest are 甲（a）、甲（b）"):
        find_id("甲", {"a": "甲", "b": "甲", "c": "丙"}, "thing", "X")


def test_commands_take_names(home_folder: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["--home", str(home_folder), "template", "立案", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 0, result.output
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["立案台账.xlsx"]
