"""The views of the ledgers: one each, the rows that count, nothing private."""

from __future__ import annotations

from datetime import datetime

import pytest
from counties import GOOD_ROWS, ledger_bytes, put
from sqlalchemy import MetaData, Table, inspect, select

from flows.night import run
from flows.workplace import Selection, Workplace
from schemas.catalogue import ledgers
from transforms.normalise import uscc_check_character
from warehouse.engine import reading
from warehouse.views import view_name


def rows_of_view(place: Workplace, ledger: str) -> list[dict[str, object]]:
    view = Table(view_name(ledger), MetaData(), autoload_with=place.engine)
    with reading(place.engine) as connection:
        return [dict(row) for row in connection.execute(select(view)).mappings()]


def night(place: Workplace) -> None:
    run(place, "nightly", Selection(), lambda _name, work: work(), datetime(2024, 2, 1))


def test_every_ledger_has_its_view_without_private_fields(workplace: Workplace) -> None:
    inspector = inspect(workplace.engine)
    for name, ledger in ledgers().items():
        columns = {column["name"] for column in inspector.get_columns(view_name(name))}
        assert {"unit_code", "unit_name", "period", "submission_id", "source_file", "source_sheet", "source_row"} <= columns
        assert {field.name for field in ledger.fields if not field.private} <= columns
        assert not {field.name for field in ledger.fields if field.private} & columns


@pytest.mark.parametrize("ledger", ledgers())
def test_a_good_row_stands_in_its_view(workplace: Workplace, ledger: str) -> None:
    put(workplace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes(ledger, {}))
    night(workplace)
    (row,) = rows_of_view(workplace, ledger)
    assert (row["unit_name"], row["period"], row["source_row"]) == ("星河区", "2023-06", 2)
    shown = {name: row[name] for name in GOOD_ROWS[ledger] if "name" in name}
    assert all(len(str(one)) == 2 and str(one).endswith("*") for one in shown.values())


def test_money_in_yuan_and_names_of_organisations(workplace: Workplace) -> None:
    first_17 = "91110000100000001"
    uscc = first_17 + uscc_check_character(first_17)
    organised = {"party_type": "法人及非法人组织", "party_name": "某市星河水泥有限公司", "party_uscc": uscc}
    put(workplace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("penalties", {"fine_fen": "3.50001"} | organised))
    night(workplace)
    (row,) = rows_of_view(workplace, "penalties")
    assert (row["party_name"], row["fine_fen"], float(str(row["fine_yuan"]))) == ("某市星河水泥有限公司", 3_500_010, 35_000.10)


def test_only_rows_that_count_are_shown(workplace: Workplace) -> None:
    for unit in ("990102", "990181"):
        put(workplace.home.inbox, f"2023-06/{unit}/a.xlsx", ledger_bytes("cases", {}))
    night(workplace)
    assert [row["unit_code"] for row in rows_of_view(workplace, "cases")] == ["990102"]
