"""Limits between ledgers that a test makes up: they work for any pair of ledgers that declares them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from schemas.catalogue import ledgers
from schemas.ledgers.compile_ledger import compile_ledger
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.cross_ledger_rules import check_limits, cross_rules
from schemas.ledgers.limits import ReachedLimit, SumLimit
from schemas.ledgers.model import Ledger, about, column
from schemas.ledgers.types import Category, Date, Money, Text
from tests.conftest import on_each_database
from warehouse.engine import Connection, open_warehouse, writing
from warehouse.figures.cross_checks import find_cross_ledger_rows
from warehouse.schema.as_of import AsOf
from warehouse.schema.tables import Warehouse, build_tables

UNIT = "990102"
OVER_GRANT = SumLimit(
    field_and_code="spent_fen.over_grant", problem="支出超过了拨款", expected="不超过拨款", remedy="请核对",
    reference="grant_no", amounts="spent_fen", kinds="kind", limits={"设备": "equipment_fen", "培训": "training_fen"},
)  # fmt: skip
USED_UP = ReachedLimit(
    field_and_code="grant_no.used_up", problem="申请时拨款已经用完", reference="grant_no", amounts="expenses.spent_fen",
    kinds="kind", limits={"设备": "equipment_fen"},
)  # fmt: skip


class Grants(Ledger):
    grant_no: Text = column("拨款号", required=True)
    equipment_fen: Money = column("设备拨款(元)")
    training_fen: Money = column("培训拨款(元)")
    granted_on: Date = column("拨款日期", required=True)

    class Config(Ledger.Config):
        metadata = about(title="拨款台账", row="一笔拨款", natural_key="grant_no", dated_by="granted_on")


class Expenses(Ledger):
    expense_no: Text = column("支出号", required=True)
    grant_no: Text = column("拨款号", refers_to="grants.grant_no")
    kind: Category = column("类别", allowed=("设备", "培训"))
    spent_fen: Money = column("支出(元)")
    spent_on: Date = column("支出日期", required=True)

    class Config(Ledger.Config):
        metadata = about(
            title="支出台账",
            row="一笔支出",
            natural_key="expense_no",
            dated_by="spent_on",
            limits=(OVER_GRANT,),
        )


class Renewals(Ledger):
    grant_no: Text = column("拨款号", required=True, refers_to="grants.grant_no")
    asked_on: Date = column("申请日期", required=True)

    class Config(Ledger.Config):
        metadata = about(
            title="续拨台账", row="一次续拨", natural_key="grant_no", dated_by="asked_on", limits=(USED_UP,)
        )


DEFINITIONS = {
    model.__name__.lower(): compile_ledger(model.__name__.lower(), model)
    for model in (Grants, Expenses, Renewals)
}


@pytest.fixture
def connection(warehouse_url: str, home_folder: Path) -> Iterator[Connection]:
    assert home_folder.exists()
    engine = open_warehouse(warehouse_url)
    build_tables(DEFINITIONS).metadata.create_all(engine)
    with writing(engine) as connection:
        yield connection
    engine.dispose()


def broken_rules(connection: Connection, **rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Store rows by ledger, one submission each, and return (rule, row) of what they break."""
    tables = build_tables(DEFINITIONS)
    connection.execute(
        insert(tables.loads),
        {
            "load_id": 1,
            "kind": "nightly",
            "recorded_at": datetime(2023, 7, 1),
            "ruleset": "",
            "log_entry": "",
        },
    )
    for number, (ledger, of_ledger) in enumerate(rows.items(), start=1):
        submission = {
            "submission_id": number, "load_id": 1, "unit_code": UNIT, "ledger": ledger, "period": "2023-06",
            "state": "accepted", "rows": len(of_ledger), "held_back": 0, "sha256": "", "source_file": f"{ledger}.xlsx",
            "source_sheet": "", "source_columns": {}, "received_at": datetime(2023, 7, 1), "is_revalidated": False,
        }  # fmt: skip
        connection.execute(insert(tables.submissions), submission)
        for position, row in enumerate(of_ledger, start=2):
            history = {
                "row_key": row.get("grant_no") if ledger == "grants" else f"{position}", "unit_code": UNIT,
                "period": "2023-06", "handling_rank": 0, "claimed_load": 1, "is_counted": True, "submission_id": number,
                "source_row": position, "recorded_load": 1, "recorded_by": number, "grant_no_key": row.get("grant_no"),
            }  # fmt: skip
            connection.execute(insert(tables.ledgers[ledger]), {**history, **row})
    as_of = AsOf(connection, Warehouse(tables, DEFINITIONS), 1)
    findings = find_cross_ledger_rows(as_of, [UNIT], set(DEFINITIONS))
    return list(zip(findings["rule_id"], findings["row"], strict=True))


def expense(kind: str, spent_fen: int, day: int = 1, grant_no: str = "甲") -> dict[str, Any]:
    return {"grant_no": grant_no, "kind": kind, "spent_fen": spent_fen, "spent_on": date(2023, 6, day)}


GRANT = {"grant_no": "甲", "equipment_fen": 100, "training_fen": None, "granted_on": date(2023, 1, 1)}


@on_each_database
@pytest.mark.parametrize(
    ("expenses", "rows"),
    [
        ([expense("设备", 60), expense("设备", 40)], []),
        ([expense("设备", 60), expense("设备", 41)], [2, 3]),
        ([expense("设备", 100), expense("培训", 0)], []),
        ([expense("设备", 100), expense("培训", 1)], [3]),
    ],
)
def test_a_sum_over_its_limit(
    connection: Connection, expenses: list[dict[str, Any]], rows: list[int]
) -> None:
    expected = [("expenses.spent_fen.over_grant", row) for row in rows]
    assert broken_rules(connection, grants=[GRANT], expenses=expenses) == expected


@on_each_database
def test_a_row_after_the_limit_was_reached(connection: Connection) -> None:
    expenses = [expense("设备", 60, day=1), expense("设备", 40, day=10), expense("培训", 0, day=1)]
    renewals = [{"grant_no": "甲", "asked_on": date(2023, 6, day)} for day in (9, 10)]
    assert broken_rules(connection, grants=[GRANT], expenses=expenses, renewals=renewals) == [
        ("renewals.grant_no.used_up", 3)
    ]


@on_each_database
def test_a_limit_needs_its_row(connection: Connection) -> None:
    assert broken_rules(connection, expenses=[expense("设备", 60)]) == [("expenses.grant_no.not_found", 2)]


def test_the_rules_of_limits_are_listed() -> None:
    rules = {rule.rule_id: rule for rule in cross_rules(DEFINITIONS)}
    assert set(rules) == {
        "expenses.grant_no.not_found", "renewals.grant_no.not_found", "expenses.spent_fen.over_grant",
        "renewals.grant_no.used_up",
    }  # fmt: skip
    assert rules["expenses.spent_fen.over_grant"].problem == OVER_GRANT.problem


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"limits": {"设备": "machines_fen"}}, "no field 'grants.machines_fen'"),
        ({"reference": "decision_no"}, "no field 'expenses.decision_no'"),
        ({"reference": "kind"}, "'expenses.kind' refers to no other ledger"),
        ({"amounts": "spent_yuan"}, "no field 'expenses.spent_yuan'"),
        ({"kinds": "sort"}, "no field 'expenses.sort'"),
        (
            {"amounts": "grants.equipment_fen", "kinds": "grant_no"},
            "grants does not refer to grants.grant_no",
        ),
        ({"amounts": "payments.amount_fen"}, "no field 'payments.amount_fen'"),
    ],
)
def test_a_limit_of_unknown_fields_is_rejected(changed: dict[str, Any], problem: str) -> None:
    check_limits(DEFINITIONS)
    check_limits(ledgers())
    wrong: LedgerDefinition = replace(DEFINITIONS["expenses"], limits=(replace(OVER_GRANT, **changed),))
    with pytest.raises(ValueError, match=rf"ledger expenses: limit spent_fen\.over_grant: .*{problem}"):
        check_limits({**DEFINITIONS, "expenses": wrong})


def test_no_ledger_is_named_in_the_checks_of_the_warehouse() -> None:
    """A limit of another city's ledgers needs no change there."""
    code = "".join(
        file.read_text("utf-8")
        for file in (Path(__file__).parents[2] / "warehouse" / "figures").glob("*.py")
    )
    assert [name for name in ledgers() if f'"{name}"' in code] == []
