"""Checks between ledgers over the rows that counted when a load had committed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, select

from schemas.cross_rules import ALREADY_PAID, OVER_DECIDED, SURCHARGE_OVER_FINE, reference_rule
from schemas.finding import FINDING_COLUMNS, Cell, cell_findings
from schemas.rules import Rule
from warehouse.parts import Warehouse, stood_at

CROSS_COLUMNS = ["unit_code", "submission_id", *FINDING_COLUMNS]


def cross_findings(connection: Connection, warehouse: Warehouse, load_id: int) -> pd.DataFrame:
    """CROSS_COLUMNS of every row that breaks a rule between ledgers as of a load."""
    parts = [_told(connection, warehouse, load_id, *check) for check in _checks(warehouse, load_id)]
    return pd.concat(parts, ignore_index=True)[CROSS_COLUMNS]


Check = tuple[Rule, str, str, ColumnElement[bool]]


def _checks(warehouse: Warehouse, load_id: int) -> Iterator[Check]:
    """(rule, ledger, field it points at, condition that a row breaks it)."""
    for name, ledger in warehouse.ledgers.items():
        for field in (field for field in ledger.fields if field.refers_to):
            other_name, other_field = str(field.refers_to).split(".")
            other = warehouse.tables.ledgers[other_name]
            value = warehouse.tables.ledgers[name].c[field.compared_by]
            same = other.c[warehouse.ledgers[other_name].compared_by(other_field)] == value
            is_known = exists().where(same, _counts(other, load_id))
            rule = reference_rule(ledger, field, warehouse.ledgers[other_name])
            yield rule, name, field.name, value.is_not(None) & ~is_known
    yield from _payment_checks(warehouse, load_id)


def _payment_checks(warehouse: Warehouse, load_id: int) -> Iterator[Check]:
    payments, penalties = warehouse.tables.ledgers["payments"], warehouse.tables.ledgers["penalties"]
    court = warehouse.tables.ledgers["court_enforcements"]
    limits = ((OVER_DECIDED, "罚款", "fine_fen"), (OVER_DECIDED, "没收", "confiscated_fen"),
              (SURCHARGE_OVER_FINE, "加处罚款", "fine_fen"))  # fmt: skip
    for rule, kind, limit in limits:
        paid = _paid(payments, load_id, kind, payments.c.decision_no_key)
        decided = select(penalties.c.decision_no_key).where(_counts(penalties, load_id))
        exceeded = decided.join(paid, paid.c.decision_no_key == penalties.c.decision_no_key).where(
            paid.c.paid_fen > func.coalesce(penalties.c[limit], 0)
        )
        yield rule, "payments", "amount_fen", payments.c.decision_no_key.in_(exceeded) & (payments.c.kind == kind)
    before = payments.alias("before")
    paid_then = (
        select(func.sum(before.c.amount_fen))
        .where(_counts(before, load_id), before.c.kind == "罚款", before.c.paid_on <= court.c.applied_on)
        .where(before.c.decision_no_key == court.c.decision_no_key)
        .scalar_subquery()
    )
    cleared = exists().where(
        _counts(penalties, load_id),
        penalties.c.decision_no_key == court.c.decision_no_key,
        penalties.c.fine_fen > 0,
        paid_then >= penalties.c.fine_fen,
    )
    yield ALREADY_PAID, "court_enforcements", "decision_no", cleared


def _paid(payments: Table, load_id: int, kind: str, decision: ColumnElement[str]) -> Any:
    """What was paid of one kind, by decision."""
    total = func.sum(payments.c.amount_fen).label("paid_fen")
    return select(decision, total).where(_counts(payments, load_id), payments.c.kind == kind).group_by(decision).subquery()


def _counts(table: Any, load_id: int) -> ColumnElement[bool]:
    return and_(stood_at(table, load_id), table.c.is_counted.is_(True))


def _told(
    connection: Connection, warehouse: Warehouse, load_id: int, rule: Rule, name: str, field_name: str,
    breaks: ColumnElement[bool],
) -> pd.DataFrame:  # fmt: skip
    """The rows that break one rule, each with the cell that it points at."""
    table, reports = warehouse.tables.ledgers[name], warehouse.tables.submissions
    columns = [table.c.unit_code, table.c.submission_id, table.c.source_row, table.c[field_name].label("value"),
               reports.c.source_file, reports.c.source_sheet, reports.c.source_columns]  # fmt: skip
    query = select(*columns).join(reports, reports.c.submission_id == table.c.submission_id)
    rows = [
        row._mapping for row in connection.execute(query.where(_counts(table, load_id), breaks).order_by(table.c.version_id))
    ]
    field = warehouse.ledgers[name].field(field_name)
    is_money = field.type.kind == "money"
    cells = [
        Cell(
            row["source_file"], row["source_sheet"], row["source_row"], field.header,
            f"{letter}{row['source_row']}" if (letter := row["source_columns"].get(field_name)) else "",
            f"{row['value'] / 100:g} 元" if is_money else row["value"],
        )
        for row in rows
    ]  # fmt: skip
    told = zip(rows, cell_findings(rule, cells, is_private=field.private), strict=True)
    return pd.DataFrame([(row["unit_code"], row["submission_id"], *found) for row, found in told], columns=CROSS_COLUMNS)
