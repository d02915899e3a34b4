"""The views for report tools: their columns and meanings, and that no person's name appears in them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect

from flows.queries.figures import figure_rows
from flows.workspace import Workspace
from schemas.catalogue import indicators, ledgers
from schemas.periods import Period
from tests.conftest import SharedHome, on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.loaded_homes import COMPLETE, WITH_NAMES, loaded_home, require_good_rows
from tests.support.planted_names import MARKS
from tests.support.views import night, rows_of, rows_of_snapshot, snapshot_of, views_of
from transforms.normalise import uscc_check_character
from transforms.report.status import STATUS_COLUMNS
from warehouse.engine import reading

AS_JSON = [
    "indicator_id", "title", "unit", "region_code", "region_name", "period", "value", "numerator", "denominator", "display",
    "units_expected", "units_reported", "is_provisional", "as_of",
]  # fmt: skip
WHERE_FROM = {
    "unit_code",
    "unit_name",
    "period",
    "submission_id",
    "source_file",
    "source_sheet",
    "source_row",
}


def columns_of(workspace: Workspace, view: str) -> list[str]:
    return [column["name"] for column in inspect(workspace.engine).get_columns(view)]


@on_each_database
def test_the_views_are_those_of_the_interface(workspace: Workspace) -> None:
    named = {
        "mart_indicators",
        "mart_submissions",
        "mart_coverage",
        "mart_findings",
        "mart_units",
        "mart_indicator_series",
        "mart_indicator_definitions",
        "mart_ledgers",
        "mart_periods",
        "mart_publications",
        "mart_published_figures",
        "mart_changes",
        "mart_adjustments",
        "mart_timeliness",
        "mart_deadlines",
        "mart_dictionary",
    }
    assert set(views_of(workspace)) == named | {ledger.view for ledger in ledgers().values()}
    assert columns_of(workspace, "mart_indicators") == [
        *AS_JSON,
        "region_level",
        "period_type",
        "period_start",
        "load_id",
    ]
    assert set(STATUS_COLUMNS) <= set(columns_of(workspace, "mart_coverage"))
    assert {"submission_id", "unit_code", "ledger", "period", "state"} <= set(
        columns_of(workspace, "mart_submissions")
    )
    finding_columns = {
        "rule_id",
        "severity",
        "unit_code",
        "ledger",
        "period",
        "sheet",
        "row",
        "column",
        "cell",
        "value",
        "expected",
    }
    assert finding_columns <= set(columns_of(workspace, "mart_findings"))
    for view in views_of(workspace):
        assert "load_id" in columns_of(workspace, view)


@on_each_database
def test_every_ledger_has_its_view_without_private_fields(workspace: Workspace) -> None:
    for ledger in ledgers().values():
        columns = set(columns_of(workspace, ledger.view))
        assert columns >= WHERE_FROM
        assert {field.name for field in ledger.fields if not field.private} <= columns
        assert not {field.name for field in ledger.fields if field.private} & columns


@on_each_database
def test_every_column_of_every_view_is_described(workspace: Workspace) -> None:
    """Check the dictionary on both databases, and the comments where the database has them."""
    night(workspace)
    described = {
        (row["view_name"], row["column_name"]): row for row in rows_of(workspace, "mart_dictionary")
    }
    inspector = inspect(workspace.engine)
    columns = {
        (view, column["name"]): column
        for view in views_of(workspace)
        for column in inspector.get_columns(view)
    }
    assert set(described) == set(columns)
    assert all(
        row["title"] and row["type"] and row["source"] and row["view_title"] for row in described.values()
    )
    if workspace.engine.dialect.name == "postgresql":
        assert all(
            str(columns[key]["comment"]).startswith(str(row["title"])) for key, row in described.items()
        )
        assert all(inspector.get_table_comment(view)["text"] for view in views_of(workspace))


@on_each_database
def test_views_are_recreated_when_their_definitions_change(workspace: Workspace) -> None:
    before = {view: columns_of(workspace, view) for view in views_of(workspace)}
    with workspace.engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW mart_cases")
        connection.exec_driver_sql("CREATE VIEW mart_gone AS SELECT 1 AS one")
    workspace.prepare()
    assert {view: columns_of(workspace, view) for view in views_of(workspace)} == before


def test_a_good_row_of_each_ledger_is_in_its_view(
    shared_home: SharedHome, laid_out_file: Path, tmp_path: Path
) -> None:
    """On PostgreSQL too, where they are exported (`test_exports.py`)."""
    with loaded_home(COMPLETE, shared_home, laid_out_file, tmp_path / "home") as workspace:
        require_good_rows(workspace)


@on_each_database
def test_money_in_yuan_and_names_of_organisations(workspace: Workspace) -> None:
    first_17 = "91110000100000001"
    uscc = first_17 + uscc_check_character(first_17)
    organised = {"party_type": "法人及非法人组织", "party_name": "某市星河水泥有限公司", "party_uscc": uscc}
    put(
        workspace.home.inbox,
        "2023-06/990102/a.xlsx",
        ledger_bytes("penalties", {"fine_fen": "3.50001"} | organised),
    )
    night(workspace)
    (row,) = rows_of(workspace, "mart_penalties")
    assert (row["party_name"], row["fine_fen"], float(row["fine_yuan"])) == (
        "某市星河水泥有限公司",
        3_500_010,
        35_000.10,
    )


#: what a party is called, what a cause says, and what of it may be read
SPELLINGS = [
    ("张　伟", "张伟未批先建养猪场", "（不显示）"),
    ("周平", "周 平 超标", "（不显示）"),
    ("周平", "周平超标", "（不显示）"),
    ("赵军、钱勇", "赵军、钱勇倾倒废液；钱勇逃逸", "（不显示）"),
    ("孙丽（身份证号略）", "孙丽噪声扰民", "（不显示）"),
    ("王强等2人", "超标排放废水", "超标排放废水"),
    ("某市星河水泥有限公司", "有限公司超标排放", "有限公司超标排放"),
]


def test_a_name_in_another_spelling_is_masked(workspace: Workspace) -> None:
    first_17 = "91110000100000001"
    firm = {"party_type": "法人及非法人组织", "party_uscc": first_17 + uscc_check_character(first_17)}
    for number, (party, cause, _) in enumerate(SPELLINGS):  # each in a file of its own: names are a file's
        row = {
            "party_name": party,
            "cause": cause,
            "filed_on": f"2023-{number + 1:02}-03",
            "case_no": f"某环立(星)〔2023〕{number}号",
            **(firm if "公司" in party else {"party_type": "自然人"}),
        }
        put(workspace.home.inbox, f"2023-{number + 1:02}/990102/a.xlsx", ledger_bytes("cases", row))
    night(workspace)
    shown = {row["period"]: row["cause"] for row in rows_of(workspace, "mart_cases")}
    assert shown == {f"2023-{number + 1:02}": masked for number, (*_, masked) in enumerate(SPELLINGS)}


def test_a_residents_number_that_looks_like_a_credit_code_is_hidden(workspace: Workspace) -> None:
    """Both codes end in a check character: one number in about thirty passes the other's check."""
    persons, firms = "43130219850101066", "91110000100000001"
    codes = {
        name: first + uscc_check_character(first)
        for name, first in (("甲", persons), ("某市星河水泥有限公司", firms))
    }
    rows = [
        {"case_no": f"某环立(星)〔2023〕{index}号", "party_name": name, "party_uscc": code}
        for index, (name, code) in enumerate(codes.items(), 1)
    ]
    put(workspace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", *rows))
    night(workspace)
    assert [row["party_uscc"] for row in rows_of(workspace, "mart_cases")] == [
        "（不显示）",
        codes["某市星河水泥有限公司"],
    ]


@on_each_database
def test_only_rows_that_count_are_shown(workspace: Workspace) -> None:
    for unit in ("990102", "990181"):
        put(workspace.home.inbox, f"2023-06/{unit}/a.xlsx", ledger_bytes("cases", {}))
    night(workspace)
    assert [row["unit_code"] for row in rows_of(workspace, "mart_cases")] == ["990102"]


@on_each_database
def test_indicators_are_those_that_the_command_gives(workspace: Workspace) -> None:
    for ledger in ("cases", "penalties", "officers", "petitions"):
        put(workspace.home.inbox, f"2023-06/990102/{ledger}.xlsx", ledger_bytes(ledger, {}))
    night(workspace)
    expected = {
        (row["indicator_id"], row["region_code"], row["period"]): row
        for row in rows_of(workspace, "mart_indicators")
    }
    assert len(expected) == len(indicators()) * len(workspace.regions.regions) * 3
    with reading(workspace.engine) as connection:
        for region in ("990100", "990102", "990181"):
            for row in figure_rows(
                workspace,
                workspace.as_of_moment(connection),
                list(indicators().values()),
                [region],
                Period.parse("2023"),
            ):
                figure = expected[row["indicator_id"], region, "2023"]
                for name in AS_JSON:
                    value = (
                        float(row[name])
                        if row[name] is not None and name in ("value", "numerator")
                        else row[name]
                    )
                    assert figure[name] == value, (row["indicator_id"], name)


def test_nobodys_name_comes_through_a_view(
    shared_home: SharedHome, laid_out_file: Path, tmp_path: Path
) -> None:
    with loaded_home(WITH_NAMES, shared_home, laid_out_file, tmp_path / "home") as workspace:
        for view in views_of(workspace):
            text = f"{rows_of(workspace, view)}{rows_of_snapshot(snapshot_of(workspace), view)}"
            for mark in MARKS:
                assert mark not in text, (view, mark)
        non_empty = [name for name in ledgers() if rows_of(workspace, ledgers()[name].view)]
        assert len(non_empty) >= 15, "the rows with planted names were accepted"
        assert len(rows_of(workspace, "mart_findings")) > 40
