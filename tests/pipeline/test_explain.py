"""Every figure and the rows that explain it: they add up, are in the
files, and excluded rows have a reason.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.home import Home
from flows.pipeline import ingest
from flows.queries.explain import explain_figure
from flows.queries.explained_rows import LEFT_OUT_COLUMNS, ROW_COLUMNS, SIDES
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators, ledgers
from schemas.figures.describe import part_words, rule_words
from schemas.figures.indicator import Indicator, Part
from schemas.ledgers.finding import MASKED
from schemas.periods import Period
from tests.conftest import CITY_TABLE, on_postgresql
from tests.pipeline.test_second_city import CITY, NIGHTS, differences, ingest_reports
from tests.support.counties import ledger_bytes, put
from tests.support.second_city import make_year
from tests.support.second_city_cases import BUREAU, RIVER, STAR, UNITS
from transforms.read.containers.grid import cell_text
from warehouse.engine import reading

BRACKETS = str.maketrans("〔〕()", "[][]")
REQUESTS = [(CITY, "2023", None), (STAR, "2023-05", None), (CITY, "2023", NIGHTS[1])]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Two months of an invented city with two silent units, loaded by two nightly runs."""
    folder = tmp_path_factory.mktemp("city") / "home"
    (folder / "inbox").mkdir(parents=True)
    (folder / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
    (folder / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    workspace = Workspace(Home(folder))
    workspace.prepare()
    ingest_reports(
        workspace,
        [report for report in make_year(2) if report.month in (5, 6) and report.unit in (BUREAU, STAR)],
    )
    yield workspace
    workspace.engine.dispose()


def explain(
    workspace: Workspace, indicator: Indicator, region: str, period: str, as_of: str | None = None
) -> dict[str, Any]:
    with reading(workspace.engine) as connection:
        as_of_instant = datetime.fromisoformat(as_of) if as_of else None
        as_of = workspace.as_of_moment(connection, as_of_instant)
        return explain_figure(workspace, as_of, indicator, region, Period.parse(period))


@cache
def cells_of(file: Path, sheet: str) -> list[list[str]]:
    book = openpyxl.load_workbook(file, read_only=True)
    return [[cell_text(cell) for cell in row] for row in book[sheet].iter_rows(values_only=True)]


def cell_at(workspace: Workspace, row: Mapping[str, Any]) -> str:
    column = openpyxl.utils.column_index_from_string(row["cell"].rstrip("0123456789"))
    return cells_of(workspace.home.inbox / row["source_file"], row["source_sheet"])[row["source_row"] - 1][
        column - 1
    ]


def has_same_value(cell: str, row: Mapping[str, Any]) -> bool:
    """Check a cell without the parsers: amounts in the unit of its
    header, document numbers by their brackets.
    """
    if isinstance(row["value"], Decimal):
        in_wan = row["ledger"] in ("penalties", "measures", "court_enforcements")
        return Decimal(cell) * (10_000 if in_wan else 1) == row["value"]
    cell, value = (
        unicodedata.normalize("NFKC", text).translate(BRACKETS) for text in (cell, str(row["value"]))
    )
    return cell == value


@pytest.mark.parametrize("indicator", indicators().values(), ids=lambda indicator: indicator.indicator_id)
def test_the_rows_add_up_and_are_in_the_files(city: Workspace, indicator: Indicator) -> None:
    # each of the city's year; a third of a unit's month, another third as of the first night
    other = list(indicators()).index(indicator.indicator_id) % 3
    for region, period, as_of in {REQUESTS[0], REQUESTS[other]}:
        explanation = explain(city, indicator, region, period, as_of)
        for side in SIDES:
            expected = explanation[side] or 0
            assert sum(row["counts"] for row in explanation["rows"] if row["side"] == side) == expected
            assert sum(share[side] or 0 for share in explanation["by_unit"]) == expected
        units = [region] if region != CITY else list_units(city)
        assert {row["unit_code"] for row in (*explanation["rows"], *explanation["left_out"])} <= set(units)
        unlike = [
            row
            for row in explanation["rows"]
            if row["cell"] and not has_same_value(cell_at(city, row), row)
        ]
        assert unlike == []
        assert all(row["cell"] for row in explanation["rows"])
        assert list(explanation["rows"][0] if explanation["rows"] else ROW_COLUMNS) == ROW_COLUMNS
        listed: dict[tuple[str, str], int] = {}
        for row in explanation["left_out"]:
            listed[row["code"], row["side"]] = listed.get((row["code"], row["side"]), 0) + 1
        counted: dict[tuple[str, str], int] = {}
        for left_out_count in explanation["left_out_counts"]:
            counted[left_out_count["code"], left_out_count["side"]] = (
                counted.get((left_out_count["code"], left_out_count["side"]), 0) + left_out_count["rows"]
            )
        assert listed == counted


def list_units(workspace: Workspace) -> list[str]:
    return workspace.regions.unit_codes()


@pytest.mark.parametrize("indicator", indicators().values(), ids=lambda indicator: indicator.indicator_id)
def test_the_rule_in_words_names_ledger_fields_and_values(indicator: Indicator) -> None:
    for part in indicator.parts():
        words = part_words(part, ledgers())
        assert words.startswith(ledgers()[part.ledger].title)
        values = [condition.value for condition in part.where if condition.value is not None]
        assert all(
            f"“{text}”" in words
            for value in values
            for text in ([value] if isinstance(value, str) else value)
        )
        assert "_" not in words
        assert part.stock == ("最近一次报送" in words)
    assert len(rule_words(indicator, ledgers())) >= len(indicator.parts())


FINES = indicators()["fine_imposed_amount"]
OTHER = {"decision_no": "某环罚(星)〔2023〕2号", "fine_fen": 1, "penalty_text": "罚款 1 万元"}
THIRD = {"decision_no": "某环罚(星)〔2023〕3号", "fine_fen": 2, "penalty_text": "罚款 2 万元"}


def night(workspace: Workspace, day: int) -> None:
    ingest(workspace, RunScope(), datetime(2023, 8, day))


def penalties(
    workspace: Workspace, path: str, *rows: Mapping[str, Any], arrived: str = "2023-07-05T10:00"
) -> None:
    put(workspace.home.inbox, path, ledger_bytes("penalties", *rows), arrived)


@pytest.fixture
def excluded_rows(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """The rows that a figure of June excludes, by code, after a history with one row for each reason."""
    broken = {**THIRD, "decision_no": "某环罚(星)〔2023〕4号", "decided_on": "2023-02-30"}
    early = {**THIRD, "decision_no": "某环罚(星)〔2023〕5号", "decided_on": "2023-04-11"}
    no_fine = {
        "decision_no": "某环罚(星)〔2023〕6号",
        "penalty_kinds": "警告",
        "penalty_text": "警告",
        "fine_fen": None,
    }
    penalties(workspace, "2023-06/990102/1.xlsx", {}, OTHER, THIRD)
    night(workspace, 1)
    again = "2023-07-06T10:00"
    penalties(workspace, "2023-06/990102/2.xlsx", {"fine_fen": 4.5, "penalty_text": "罚款 4.5 万元"}, THIRD, early, no_fine,
              broken, arrived=again)  # fmt: skip
    penalties(workspace, "2023-06/990181/1.xlsx", THIRD, arrived=again)
    penalties(workspace, "2023-07/990102/3.xlsx", THIRD, arrived="2023-08-01T10:00")
    put(workspace.home.inbox, "2023-06/990121/不是台账.xlsx", b"x", again)
    night(workspace, 2)
    explanation = explain(workspace, FINES, CITY, "2023-06")
    assert explanation["value"] == Decimal("65000.00") == sum(row["counts"] for row in explanation["rows"])
    row_by_code = {}
    for row in explanation["left_out"]:
        assert list(row) == LEFT_OUT_COLUMNS
        assert row["code"] not in row_by_code
        row_by_code[row["code"]] = row
    return row_by_code


def test_every_reason_has_its_row(excluded_rows: dict[str, dict[str, Any]]) -> None:
    assert set(excluded_rows) == {
        "replaced", "withdrawn", "other_unit", "reported_again", "held_back", "refused", "out_of_period", "empty",
    }  # fmt: skip
    reasons = {
        code: (row["unit_code"], row["source_file"], row["source_row"], row["value"])
        for code, row in excluded_rows.items()
    }
    first, second = "2023-06/990102/1.xlsx", "2023-06/990102/2.xlsx"
    assert reasons["replaced"] == (STAR, first, 2, Decimal("35000.00"))
    assert "星河区 2023-06" in excluded_rows["replaced"]["reason"]
    assert reasons["withdrawn"] == (STAR, first, 3, Decimal("10000.00"))
    assert reasons["other_unit"] == (RIVER, "2023-06/990181/1.xlsx", 2, Decimal("20000.00"))
    assert "星河区" in excluded_rows["other_unit"]["reason"]
    assert reasons["reported_again"][0] == STAR
    assert "2023-07" in excluded_rows["reported_again"]["reason"]
    assert reasons["held_back"][:3] == (STAR, second, 6)
    assert "日历上没有这一天" in excluded_rows["held_back"]["reason"]
    assert reasons["out_of_period"][2] == 4
    assert "2023-04-11" in excluded_rows["out_of_period"]["reason"]
    assert reasons["empty"][2:] == (5, None)
    assert excluded_rows["refused"]["unit_code"] == "990121"


def test_conditions_that_are_not_met_are_counted(city: Workspace) -> None:
    explanation = explain(city, indicators()["five_kinds_count"], CITY, "2023")
    unmet = [
        left_out_count
        for left_out_count in explanation["left_out_counts"]
        if left_out_count["code"] == "condition"
    ]
    assert [row["reason"] for row in unmet] == ["不符合条件：移送类型是“行政拘留”；移送类型是“涉嫌犯罪”"]
    assert unmet[0]["rows"] == sum(row["code"] == "condition" for row in explanation["left_out"]) > 0


def test_what_is_missing_is_named(city: Workspace) -> None:
    explanation = explain(city, FINES, CITY, "2023")
    missing = {(item["unit_code"], item["month"]) for item in explanation["missing"]}
    assert {(BUREAU, "2023-01"), (STAR, "2023-12")} <= missing
    assert explanation["is_provisional"]
    assert explanation["units_reported"] < explanation["units_expected"] == 4
    assert next(item for item in explanation["by_unit"] if item["month"] == "2023-01")["numerator"] is None


def test_private_values_are_masked(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/1.xlsx", ledger_bytes("hearings", {"head_name": "张三"}))
    night(workspace, 1)
    heads = Part(ledger="hearings", aggregate="count_distinct", fields=("head_name",), dated_by="heard_on")
    indicator = FINES.model_copy(update={"numerator": (heads,), "unit": "人", "display": "count"})
    explanation = explain(workspace, indicator, CITY, "2023-06")
    assert [(row["value"], row["counts"]) for row in explanation["rows"]] == [(MASKED, 1)]
    assert "张三" not in json.dumps(explanation, default=str, ensure_ascii=False)


def query_form(indicator: Indicator) -> tuple[Any, ...]:
    """Return what makes the queries about a figure differ, without names and values."""
    return tuple(
        (part.aggregate, part.stock, len(part.fields), [condition.test for condition in part.where])
        for part in indicator.parts()
    )


@on_postgresql
def test_figures_are_as_by_hand_and_explained_on_postgresql_too(workspace: Workspace) -> None:
    """A month of an invented city, and each form of query about its figures."""
    reports = [report for report in make_year(2) if report.month == 6]
    ingest_reports(workspace, reports)
    assert list(differences(workspace, reports, [CITY, *UNITS])) == []
    forms = {str(query_form(indicator)): indicator for indicator in indicators().values()}
    explanations = [explain(workspace, indicator, CITY, "2023-06") for indicator in forms.values()]
    for explanation in explanations:
        for side in SIDES:
            assert sum(row["counts"] for row in explanation["rows"] if row["side"] == side) == (
                explanation[side] or 0
            )
    assert sum(bool(explanation["rows"]) for explanation in explanations) > 10
    assert {"other_unit", "condition"} <= {
        row["code"] for explanation in explanations for row in explanation["left_out"]
    }


def run_explain(workspace: Workspace, *options: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(workspace.home.folder), "explain", *options])


def test_json_and_csv_have_every_row(city: Workspace) -> None:
    options = ("case_filed_count", "--period", "2023")
    explanation = json.loads(run_explain(city, *options, "--json").stdout)
    named = [
        "indicator_id",
        "definition",
        "source",
        "value",
        "numerator",
        "denominator",
        "display",
        "by_unit",
        "rows",
        "left_out",
    ]
    assert list(explanation)[: len(named)] == named
    text = run_explain(city, *options, "--csv").stdout
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert sum(int(row["counts"]) for row in rows if not row["reason"]) == explanation["value"]
    assert len([row for row in rows if row["reason"]]) == len(explanation["left_out"])


def test_the_workbook_has_no_formula(city: Workspace, tmp_path: Path) -> None:
    result = run_explain(
        city, "head_appearance_rate", "--period", "2023", "--out", str(tmp_path / "a.xlsx")
    )
    assert result.exit_code == 0, result.output
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["说明", "各单位", "计入的行", "未计入的行"]
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    explanation = explain(city, indicators()["head_appearance_rate"], CITY, "2023")
    assert book["计入的行"].max_row == len(explanation["rows"]) + 1


@pytest.mark.usefixtures("chinese")
def test_the_terminal_output(city: Workspace) -> None:
    printed = run_explain(city, "case_filed_count", "--period", "2023")
    assert printed.exit_code == 0, printed.output
    places = [
        printed.stdout.index(word)
        for word in ("某市 2023年 立案：", "口径：", "算法：", "各单位（件）", "计入的行", "未计入的行")
    ]
    assert places == sorted(places)


def test_the_workbook_is_fit_to_print(city: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "explain.xlsx"
    assert run_explain(city, "case_filed_count", "--period", "2023", "--out", str(out)).exit_code == 0
    book = openpyxl.load_workbook(out)
    for page in book:
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.sheet_properties.pageSetUpPr.fitToPage
    assert [page.print_title_rows for page in book][1:] == ["$1:$1"] * 3


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("no_such", "--period", "2023"), "huizong dictionary"),
        (("case_filed_count", "--period", "2023", "--region", "1"), STAR),
    ],
)
def test_unknown_names_are_wrong_usage(city: Workspace, options: tuple[str, ...], named: str) -> None:
    result = run_explain(city, *options)
    assert result.exit_code == 2
    assert named in result.output
