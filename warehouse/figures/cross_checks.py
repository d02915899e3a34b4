"""Cross-ledger checks over the rows that count as of a load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import ColumnElement, Table, and_, exists, func, select

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.cross_ledger_rules import find_references, list_limits, reference_rule
from schemas.ledgers.finding import FINDING_COLUMNS, Cell, cell_findings
from schemas.ledgers.limits import Limit, SumLimit
from schemas.ledgers.rules import Rule
from warehouse.figures.filters import look_up
from warehouse.frames import values_list
from warehouse.schema.as_of import AsOf, row_current_at

CROSS_COLUMNS = ["unit_code", "submission_id", *FINDING_COLUMNS]


def find_cross_ledger_rows(as_of: AsOf, units: Sequence[str], known: Set[str]) -> pd.DataFrame:
    """Return CROSS_COLUMNS of every row of these units that breaks a cross-ledger rule.

    Checks against a ledger that is not in `known` are skipped: nobody reports it.
    """
    checks = [check for check in _checks(as_of) if {check.referred, check.ledger} <= known]
    frames = [_find_rows(as_of, units, check) for check in checks]
    return (
        pd.concat(frames, ignore_index=True)[CROSS_COLUMNS]
        if frames
        else pd.DataFrame(columns=CROSS_COLUMNS)
    )


class Check(NamedTuple):
    """A condition that rows of a ledger break, the field to mark, and the other ledger that it looks at."""

    referred: str
    rule: Rule
    ledger: str
    field: str
    is_broken: ColumnElement[bool]


def _checks(as_of: AsOf) -> Iterator[Check]:
    for ledger in as_of.warehouse.ledgers.values():
        for field in (field for field in ledger.fields if field.refers_to):
            yield _reference_check(as_of, ledger, field)
    for ledger, limit in list_limits(as_of.warehouse.ledgers):
        rule, field_name = limit.rule(ledger.name), limit.field
        referred, _ = str(ledger.field(limit.reference).refers_to).split(".")
        is_broken = _is_over_sum if isinstance(limit, SumLimit) else _is_reached
        for kind in limit.limits:
            yield Check(referred, rule, ledger.name, field_name, is_broken(as_of, ledger, limit, kind))


def _reference_check(as_of: AsOf, ledger: LedgerDefinition, field: LedgerField) -> Check:
    """Check that the value of a field stands in the ledger that it refers to."""
    referred, _ = str(field.refers_to).split(".")
    rule = reference_rule(ledger, field, as_of.warehouse.ledgers[referred])
    value = as_of.ledger(ledger.name).c[field.compared_by]
    is_known = exists().where(_is_referred(as_of, ledger, field))
    return Check(referred, rule, ledger.name, field.name, value.is_not(None) & ~is_known)


def _is_over_sum(as_of: AsOf, ledger: LedgerDefinition, limit: Limit, kind: str) -> ColumnElement[bool]:
    """Condition that the amounts of one kind, with the row's reference, add up to more than the limit."""
    rows, reference = as_of.ledger(ledger.name), ledger.field(limit.reference)
    other = rows.alias("other")
    is_summed = and_(
        other.c[reference.compared_by] == rows.c[reference.compared_by],
        other.c[limit.kinds].in_(limit.counted_kinds(kind)),
        _counts(other, as_of.load_id),
    )
    total = _sum(other.c[limit.amounts], is_summed, rows)
    allowed = func.coalesce(_limit_column(as_of, reference, limit, kind), 0)
    is_exceeded = exists().where(_is_referred(as_of, ledger, reference), total > allowed)
    return and_(rows.c[limit.kinds] == kind, is_exceeded)


def _is_reached(as_of: AsOf, ledger: LedgerDefinition, limit: Limit, kind: str) -> ColumnElement[bool]:
    """Condition that another ledger's amounts had reached the limit by the date of the row."""
    rows, reference = as_of.ledger(ledger.name), ledger.field(limit.reference)
    amounts_name, amounts_field = limit.locate_amounts(ledger.name)
    definition = as_of.warehouse.ledgers[amounts_name]
    before = as_of.ledger(amounts_name).alias("before")
    (same_reference, *_) = find_references(definition, str(reference.refers_to))
    is_summed = and_(
        before.c[same_reference.compared_by] == rows.c[reference.compared_by],
        before.c[limit.kinds].in_(limit.counted_kinds(kind)),
        before.c[definition.dated_by] <= rows.c[ledger.dated_by],
        _counts(before, as_of.load_id),
    )
    total = _sum(before.c[amounts_field], is_summed, rows)
    allowed = _limit_column(as_of, reference, limit, kind)
    return exists().where(_is_referred(as_of, ledger, reference), allowed > 0, total >= allowed)


def _sum(amounts: ColumnElement[Any], is_summed: ColumnElement[bool], rows: Table) -> Any:
    return select(func.sum(amounts)).where(is_summed).correlate(rows).scalar_subquery()


def _is_referred(as_of: AsOf, ledger: LedgerDefinition, reference: LedgerField) -> ColumnElement[bool]:
    """Condition that a row of the other ledger counts and is the one that a row of this ledger refers to."""
    name, field_name = str(reference.refers_to).split(".")
    referred, rows = as_of.ledger(name), as_of.ledger(ledger.name)
    value = look_up(as_of.warehouse, name, field_name, referred)
    return and_(value == rows.c[reference.compared_by], _counts(referred, as_of.load_id))


def _limit_column(as_of: AsOf, reference: LedgerField, limit: Limit, kind: str) -> ColumnElement[Any]:
    name, _ = str(reference.refers_to).split(".")
    return as_of.ledger(name).c[limit.limits[kind]]


def _counts(table: Any, load_id: int) -> ColumnElement[bool]:
    return and_(row_current_at(table, load_id), table.c.is_counted.is_(True))


def _find_rows(as_of: AsOf, units: Sequence[str], check: Check) -> pd.DataFrame:
    """Return a finding for each row that breaks one rule, with the cell to mark."""
    table, field = as_of.ledger(check.ledger), as_of.warehouse.ledgers[check.ledger].field(check.field)
    query = select(table.c.unit_code, table.c.submission_id, table.c.source_row, table.c[field.name])
    is_concerned = and_(_counts(table, as_of.load_id), table.c.unit_code.in_(values_list(units)))
    query = query.where(is_concerned, check.is_broken).order_by(table.c.version_id)
    rows = as_of.connection.execute(query).tuples().all()
    sources = _read_sources(as_of, units, check.ledger, field.name) if rows else {}
    is_money = field.type.kind == "money"
    cells = []
    for _, submission_id, row, value in rows:
        file, sheet, letter = sources[submission_id]
        written = f"{Decimal(value).scaleb(-2):f} 元" if is_money else value
        cells.append(Cell(file, sheet, row, field.header, f"{letter}{row}" if letter else "", written))
    findings = zip(rows, cell_findings(check.rule, cells, is_private=field.private), strict=True)
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
