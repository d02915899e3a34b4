"""The content of an export: every view complete and typed, described in both languages, harmless in Excel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner
from frictionless import validate
from sqlalchemy import Date, Text, column

from flows.cli import main
from flows.home import Home
from flows.outputs.export_files import write_view
from flows.outputs.exports import export_views
from flows.workspace import Workspace
from schemas.catalogue import indicators, ledgers
from schemas.english import SHARED, TITLES, english
from tests.conftest import SharedHome, on_each_database, on_postgresql
from tests.support.counties import csv_bytes, ledger_bytes, put, sheet_cells
from tests.support.counties import rows_of as good_rows
from tests.support.exports import csv_rows, export_to, package_of, parquet_rows
from tests.support.loaded_homes import COMPLETE, WITH_NAMES, loaded_home, require_good_rows, send_all
from tests.support.planted_names import MARKS
from tests.support.views import NOW, night, rows_of, views_of
from transforms.foreign_text import FORMULA_STARTS
from transforms.normalise import uscc_check_character
from warehouse.engine import open_warehouse
from warehouse.marts.core_views import core_views
from warehouse.marts.view_spec import ViewColumn, ViewSpec

COMPARED = ("value", "numerator", "denominator", "display")
FORMULA = "=cmd|'/c calc'!A0公司"


@pytest.fixture
def complete(
    shared_home: SharedHome, laid_out_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """A home with a report of each ledger, loaded."""
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
    with loaded_home(COMPLETE, shared_home, laid_out_file, tmp_path / "home") as workspace:
        yield workspace


@pytest.fixture
def with_names(shared_home: SharedHome, laid_out_file: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A home in whose files names stand everywhere, loaded."""
    with loaded_home(WITH_NAMES, shared_home, laid_out_file, tmp_path / "home") as workspace:
        yield workspace


def definitions(workspace: Workspace) -> Iterator[ViewSpec]:
    return core_views(workspace.warehouse)


@pytest.fixture
def small(workspace: Workspace) -> Workspace:
    """A warehouse with one case."""
    put(workspace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {}))
    night(workspace)
    return workspace


def test_every_view_is_complete_and_frictionless_finds_no_fault(
    complete: Workspace, tmp_path: Path
) -> None:
    out = export_to(complete, tmp_path / "out")
    for view in views_of(complete):
        rows = len(rows_of(complete, view))
        assert (len(csv_rows(out, view)), len(parquet_rows(out, view))) == (rows, rows), view
        assert (out / f"csv/{view}.csv").read_bytes().startswith(b'\xef\xbb\xbf"')
    assert {file.stem for file in out.glob("*/*")} == set(views_of(complete))
    report = validate(str(out / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    assert report.stats["tasks"] == 2 * len(views_of(complete))
    assert (
        {row["load_id"] for row in parquet_rows(out, "mart_indicators")}
        == {package_of(out)["load_id"]}
        == {1}
    )


def test_frictionless_finds_what_was_altered_since(small: Workspace, tmp_path: Path) -> None:
    out = export_to(small, tmp_path / "out")
    for kind in ("csv", "parquet"):
        file = out / f"{kind}/mart_cases.{kind}"
        file.write_bytes(file.read_bytes().replace(b"1", b"2", 1))
    report = validate(str(out / "datapackage.json"))
    assert {task.name for task in report.tasks if not task.valid} == {
        "mart-cases-csv",
        "mart-cases-parquet",
    }


def test_every_field_is_described_in_both_languages(small: Workspace, tmp_path: Path) -> None:
    package = package_of(export_to(small, tmp_path / "out"))
    resources = {item["path"]: item for item in package["resources"]}
    for mart in definitions(small):
        for kind in ("csv", "parquet"):
            resource = resources[f"{kind}/{mart.name}.{kind}"]
            fields = {field["name"]: field for field in resource["schema"]["fields"]}
            assert list(fields) == [item.name for item in mart.columns]
            for item in (resource, *fields.values()):
                chinese, _, meaning = item["description"].partition("\n")
                assert item["title"] in chinese
                assert meaning.endswith(".")
                assert meaning[0].isascii(), meaning
    schema = parquet.read_schema(tmp_path / "out/parquet/mart_penalties.parquet")
    assert "罚款金额" in schema.field("fine_fen").metadata[b"description"].decode()


def test_english_texts_are_of_existing_columns_and_no_column_is_missing(workspace: Workspace) -> None:
    views = {mart.name: {column.name for column in mart.columns} for mart in definitions(workspace)}
    texts = english().texts
    assert set(texts[TITLES]) <= set(views)
    assert all(set(texts.get(view, {})) <= columns for view, columns in views.items())
    assert set(texts[SHARED]) <= set().union(*views.values())
    assert english().column("mart_new", "weather_seen") == "Weather seen."


@on_each_database
def test_types_are_those_of_the_views(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("penalties", {}))
    night(workspace)
    out = export_to(workspace, tmp_path / "out")
    types = {
        field.name: str(field.type) for field in parquet.read_schema(out / "parquet/mart_penalties.parquet")
    }
    expected = {
        "fine_fen": "int64",
        "fine_yuan": "decimal128(20, 2)",
        "decided_on": "date32[day]",
        "is_publishable": "bool",
    }
    assert expected.items() <= types.items()
    (row,) = parquet_rows(out, "mart_penalties")
    assert (row["fine_fen"], str(row["fine_yuan"]), row["decided_on"]) == (
        3_500_000,
        "35000.00",
        date(2023, 6, 8),
    )
    (row,) = csv_rows(out, "mart_penalties")
    assert (row["fine_yuan"], row["decided_on"], row["is_publishable"]) == (
        "35000.00",
        "2023-06-08",
        "true",
    )
    received_at = parquet_rows(out, "mart_submissions")[0]["received_at"]
    assert (received_at.tzinfo.key, csv_rows(out, "mart_submissions")[0]["received_at"][-1]) == ("UTC", "Z")


def test_no_cell_of_a_csv_is_a_formula_and_parquet_has_the_text(
    workspace: Workspace, tmp_path: Path
) -> None:
    first_17 = "91110000100000001"
    organised = {"party_type": "法人及非法人组织", "party_uscc": first_17 + uscc_check_character(first_17)}
    rows = [
        {
            "party_name": start + "SUM(A1:A9)有限公司",
            "violation_type": start + "1+1",
            "decision_no": f"某环罚〔2023〕{number}号",
        }
        for number, start in enumerate((*FORMULA_STARTS[:4], FORMULA), 1)
    ]
    cells = sheet_cells("penalties", good_rows("penalties", *(row | organised for row in rows)))
    put(workspace.home.inbox, "2023-06/990102/处罚.csv", csv_bytes(cells))
    night(workspace)
    out = export_to(workspace, tmp_path / "out")
    exported = [row["violation_type"] for row in parquet_rows(out, "mart_penalties")]
    assert exported == [row["violation_type"] for row in rows], "the planted formulas were accepted"
    assert [row["violation_type"] for row in csv_rows(out, "mart_penalties")] == [
        "'" + text for text in exported
    ]
    for mart in definitions(workspace):
        texts = {column.name for column in mart.columns if column.kind == "string"}
        assert [cell for row in csv_rows(out, mart.name) for name, cell in row.items()
                if name in texts and cell.startswith(FORMULA_STARTS)] == []  # fmt: skip


def test_every_start_of_a_formula_is_defused_and_numbers_stay_numbers(tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        (tmp_path / kind).mkdir()
    texts = [*(start + "x" for start in FORMULA_STARTS), "x=1", "", None, "—"]
    columns = (
        ViewColumn("text", column("text", Text()), "文字"),
        ViewColumn("seen_on", column("seen_on", Date()), "日期"),
    )
    mart = ViewSpec("mart_x", "样品", columns, column("x").table)  # type: ignore[arg-type]
    descriptions = {"text": {"title": "文字"}, "seen_on": {"title": "日期"}}
    written = write_view(tmp_path, mart, [[(text, None)] for text in texts], descriptions)
    assert written.rows == len(texts)
    assert [row["text"] for row in parquet_rows(tmp_path, "mart_x")] == texts
    assert [row["text"] for row in csv_rows(tmp_path, "mart_x")] == [
        *(f"'{start}x" for start in FORMULA_STARTS),
        "x=1",
        "",
        "",
        "—",
    ]


def test_no_export_has_a_persons_name(with_names: Workspace, tmp_path: Path) -> None:
    out = export_to(with_names, tmp_path / "out")
    texts = {item: item.read_text("utf-8") for item in [out / "datapackage.json", *out.glob("csv/*")]}
    texts |= {item: str(parquet.read_table(item).to_pylist()) for item in out.glob("parquet/*")}
    assert len(texts) == 1 + 2 * len(views_of(with_names))
    for file, exposed in texts.items():
        for mark in MARKS:
            assert mark not in exposed, (file.name, mark)
            assert mark.encode() not in file.read_bytes(), (file.name, mark)
    assert sum(len(parquet_rows(out, f"mart_{name}")) > 0 for name in ledgers()) >= 15, (
        "the rows with planted names were accepted"
    )


@on_postgresql
@pytest.mark.usefixtures("laid_out_database")
def test_the_figures_of_a_year_are_the_same_in_every_output(
    complete: Workspace, warehouse_url: str, tmp_path: Path
) -> None:
    """In the views of SQLite and PostgreSQL, in Parquet through DuckDB, and from the command."""
    other_home = tmp_path / "other"
    other_home.mkdir()
    for name in ("regions.csv", "huizong.toml"):
        (other_home / name).write_bytes((complete.home.folder / name).read_bytes())
    other = Workspace(Home(other_home), open_warehouse(warehouse_url))
    other.prepare()
    send_all(other.home.inbox)
    night(other)
    require_good_rows(other)
    figures_by_source: dict[str, dict[str, tuple[Any, ...]]] = {}
    for workspace in (complete, other):
        dialect = workspace.engine.dialect.name
        figures_by_source[f"{dialect} views"] = figures_of_city(rows_of(workspace, "mart_indicators"))
        export_views(workspace, tmp_path / dialect, NOW)
        files = duckdb.read_parquet(f"{tmp_path / dialect}/parquet/mart_indicators.parquet")
        figures_by_source[f"{dialect} parquet"] = figures_of_city(
            [dict(zip(files.columns, row, strict=True)) for row in files.fetchall()]
        )
        workspace.engine.dispose()
    completed = CliRunner().invoke(
        main, ["--home", str(complete.home.folder), "indicators", "--period", "2023", "--json"]
    )
    figures_by_source["command"] = figures_of_city(json.loads(completed.stdout))
    assert set(figures_by_source["command"]) == set(indicators())
    assert any(value is not None and value > 0 for value, *_ in figures_by_source["command"].values())
    for figures in figures_by_source.values():
        assert figures == figures_by_source["command"]


def figures_of_city(rows: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Return the city's figures of the year, by indicator."""
    city = [row for row in rows if (row["region_code"], row["period"]) == ("990100", "2023")]
    return {row["indicator_id"]: tuple(row[name] for name in COMPARED) for row in city}
