"""Cross-ledger checks over the rows that count as of a load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Table, and_, exists, func, select

from schemas.ledgers.cross_ledger_rules import (
    ALREADY_PAID,
    OVER_DECIDED,
    SURCHARGE_OVER_FINE,
    reference_rule,
)
from schemas.ledgers.finding import FINDING_COLUMNS, Cell, cell_findings
from schemas.ledgers.rules import Rule
from warehouse.figures.filters import look_up
from warehouse.frames import values_list
from warehouse.schema.as_of import AsOf, row_current_at

CROSS_COLUMNS = ["unit_code", "submission_id", *FINDING_COLUMNS]


def find_cross_ledger_rows(as_of: AsOf, units: Sequence[str], known: Set[str]) -> pd.DataFrame:
    """Return CROSS_COLUMNS of every row of these units that breaks a cross-ledger rule.

    Checks against a ledger that is not in `known` are skipped: nobody reports it.
    """
    checks = [check for check in _checks(as_of) if {check[0], check[2]} <= known]
    frames = [_find_rows(as_of, units, check) for check in checks]
    return (
        pd.concat(frames, ignore_index=True)[CROSS_COLUMNS]
        if frames
        else pd.DataFrame(columns=CROSS_COLUMNS)
    )


Check = tuple[str, Rule, str, str, ColumnElement[bool]]


def _checks(as_of: AsOf) -> Iterator[Check]:
    """Yield (ledger looked up, rule, ledger checked, field to mark, condition that a row breaks the rule)."""
    warehouse, load_id = as_of.warehouse, as_of.load_id
    for name, ledger in warehouse.ledgers.items():
        for field in (field for field in ledger.fields if field.refers_to):
            other_name, other_field = str(field.refers_to).split(".")
            other = as_of.ledger(other_name)
            value = as_of.ledger(name).c[field.compared_by]
            same = look_up(warehouse, other_name, other_field, other) == value
            is_known = exists().where(same, _counts(other, load_id))
            rule = reference_rule(ledger, field, warehouse.ledgers[other_name])
            yield other_name, rule, name, field.name, value.is_not(None) & ~is_known
    yield from _payment_checks(as_of)


def _payment_checks(as_of: AsOf) -> Iterator[Check]:
    load_id = as_of.load_id
    payments, penalties = as_of.ledger("payments"), as_of.ledger("penalties")
    court = as_of.ledger("court_enforcements")
    decision = look_up(as_of.warehouse, "penalties", "decision_no", penalties)
    limits = ((OVER_DECIDED, "罚款", "fine_fen"), (OVER_DECIDED, "没收", "confiscated_fen"),
              (SURCHARGE_OVER_FINE, "加处罚款", "fine_fen"))  # fmt: skip
    for rule, kind, limit in limits:
        exceeded = exists().where(
            _counts(penalties, load_id),
            decision == payments.c.decision_no_key,
            _paid(payments, load_id, kind) > func.coalesce(penalties.c[limit], 0),
        )
        yield "penalties", rule, "payments", "amount_fen", and_(payments.c.kind == kind, exceeded)
    before = payments.alias("before")
    paid_then = (
        select(func.sum(before.c.amount_fen))
        .where(_counts(before, load_id), before.c.kind == "罚款", before.c.paid_on <= court.c.applied_on)
        .where(before.c.decision_no_key == court.c.decision_no_key)
        .correlate(court)
        .scalar_subquery()
    )
    cleared = exists().where(
        _counts(penalties, load_id),
        decision == court.c.decision_no_key,
        penalties.c.fine_fen > 0,
        paid_then >= penalties.c.fine_fen,
    )
    yield "penalties", ALREADY_PAID, "court_enforcements", "decision_no", cleared


def _paid(payments: Table, load_id: int, kind: str) -> Any:
    """Sum what was paid of one kind for the decision of a payment."""
    other = payments.alias("other")
    same_decision = and_(
        other.c.decision_no_key == payments.c.decision_no_key, other.c.kind == kind, _counts(other, load_id)
    )
    return select(func.sum(other.c.amount_fen)).where(same_decision).correlate(payments).scalar_subquery()


def _counts(table: Any, load_id: int) -> ColumnElement[bool]:
    return and_(row_current_at(table, load_id), table.c.is_counted.is_(True))


def _find_rows(as_of: AsOf, units: Sequence[str], check: Check) -> pd.DataFrame:
    """Return a finding for each row that breaks one rule, with the cell to mark."""
    _, rule, name, field_name, breaks = check
    table, field = as_of.ledger(name), as_of.warehouse.ledgers[name].field(field_name)
    query = select(table.c.unit_code, table.c.submission_id, table.c.source_row, table.c[field_name])
    is_broken = and_(_counts(table, as_of.load_id), table.c.unit_code.in_(values_list(units)), breaks)
    rows = as_of.connection.execute(query.where(is_broken).order_by(table.c.version_id)).tuples().all()
    sources = _read_sources(as_of, units, name, field_name) if rows else {}
    is_money = field.type.kind == "money"
    cells = []
    for _, submission_id, row, value in rows:
        file, sheet, letter = sources[submission_id]
        written = f"{Decimal(value).scaleb(-2):f} 元" if is_money else value
        cells.append(Cell(file, sheet, row, field.header, f"{letter}{row}" if letter else "", written))
    findings = zip(rows, cell_findings(rule, cells, is_private=field.private), strict=True)
    return pd.DataFrame(
        [(unit, submission_id, *finding) for (unit, submission_id, *_), finding in findings],
        columns=CROSS_COLUMNS,
    )


def _read_sources(
    as_of: AsOf, units: Sequence[str], name: str, field_name: str
) -> dict[int, tuple[str, str, str | None]]:
    """Map the submissions of a ledger to (file, sheet, column letter of a field)."""
    c = as_of.submissions.c
    query = select(c.submission_id, c.source_file, c.source_sheet, c.source_columns)
    rows = as_of.connection.execute(query.where(c.ledger == name, c.unit_code.in_(values_list(units))))
    return {
        submission_id: (file, sheet, letters.get(field_name))
        for submission_id, file, sheet, letters in rows
    }
