"""Set-wise merge of staged rows into a ledger's history (SCD type 2).

A later submission replaces the rows of the earlier one of its unit, ledger and period. Which of several
units' rows counts is decided afterwards (`warehouse.load.survivorship`), except where there is only one.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    and_,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from warehouse.frames import insert_frame
from warehouse.load.sent_rows import ROW_IDENTITY
from warehouse.load.staging import HISTORY_COLUMNS, StagedLedger
from warehouse.load.temporary_tables import create_empty, define_temporary
from warehouse.schema.mart_tables import is_content
from warehouse.schema.tables import Tables
from warehouse.written_once import alias_once

#: may differ between two versions without the row having changed
POSITION_COLUMNS = ("submission_id", "source_row", "row_key", "unit_code", "period")

KNOWN = define_temporary(
    "known",
    *(Column(name, Text) for name in ROW_IDENTITY),
    Column("claimed_load", Integer),
    Column("is_current", Boolean),
)
SHARED = define_temporary("shared", Column("row_key", Text))
REPORTS = define_temporary(
    "reports", Column("unit_code", Text), Column("period", Text), Column("submission_id", Integer)
)
#: submissions whose rows stay, because they are not replaced
KEPT = define_temporary("kept", Column("submission_id", Integer))


def merge_ledger(
    connection: Connection, tables: Tables, staged: StagedLedger, load_id: int, kept: Collection[int] = ()
) -> None:
    """Replace the staged reports' rows: unchanged rows keep their version, others are retired or recorded.

    Rows that the `kept` submissions brought stay, unless the staged report has their key.

    A quarantined row keeps its last accepted version, as it is still in the report; but not a version
    admitted by a waiver that has been revoked. A key that the report has twice, quarantined and accepted,
    is accepted.
    """
    ledger, rows, quarantined = tables.ledgers[staged.ledger], staged.rows, staged.quarantined
    current = ledger.c.retired_load.is_(None)
    reports = _fill_reports(connection, staged.reports).c
    is_replaced = tuple_(ledger.c.unit_code, ledger.c.period).in_(select(reports.unit_code, reports.period))
    same_report = and_(reports.unit_code == ledger.c.unit_code, reports.period == ledger.c.period)
    replaced_by = select(reports.submission_id).where(same_report).scalar_subquery()
    is_revoked = and_(_is_same_row(ledger, quarantined), quarantined.c.is_waiver_revoked)
    is_lost = and_(exists().where(is_revoked), _is_waived(ledger, tables.findings))
    is_only_quarantined = and_(has_same_row(ledger, quarantined), ~has_same_row(ledger, rows), ~is_lost)
    is_kept: ColumnElement[bool] = literal(value=False)
    if kept:
        is_kept = and_(_is_of_kept(connection, ledger, kept), ~has_same_row(ledger, rows))
    connection.execute(
        update(ledger)
        .where(current, is_replaced, ~is_kept, ~is_unchanged(ledger, rows), ~is_only_quarantined)
        .values(retired_load=load_id, retired_by=replaced_by)
    )
    _record_new(connection, ledger, rows, load_id)


def _record_new(connection: Connection, ledger: Table, rows: Table, load_id: int) -> None:
    """Insert the staged rows that are not current yet.

    A row whose key no other row has, or had until this load, counts at once. The statement does not read
    the table that it fills, which spares the database a copy of everything inserted.
    """
    known, shared = _fill_known(connection, ledger, rows, load_id), _fill_shared(connection, rows)
    is_known = and_(*(known.c[name] == rows.c[name] for name in ROW_IDENTITY))
    is_alone = and_(known.c.row_key.is_(None), shared.c.row_key.is_(None))
    values = (
        func.coalesce(known.c.claimed_load, load_id),
        is_alone,
        literal(load_id),
        rows.c.submission_id,
    )
    new_rows = (
        select(*rows.columns, *values)
        .select_from(rows.outerjoin(known, is_known).outerjoin(shared, shared.c.row_key == rows.c.row_key))
        .where(known.c.is_current.is_not(True))
    )
    names = [*rows.columns.keys(), "claimed_load", "is_counted", "recorded_load", "recorded_by"]
    connection.execute(insert(ledger).from_select(names, new_rows))


def _fill_known(connection: Connection, ledger: Table, rows: Table, load_id: int) -> Table:
    """Fill KNOWN: staged rows whose key has a version current now or until this load, with `claimed_load`."""
    create_empty(connection, KNOWN)
    other = alias_once(ledger, "other")
    has_version = exists().where(
        other.c.row_key == rows.c.row_key, func.coalesce(other.c.retired_load, load_id) == load_id
    )
    is_current = exists().where(ledger.c.retired_load.is_(None), _is_same_row(ledger, rows))
    known_rows = select(
        *(rows.c[name] for name in ROW_IDENTITY), _claimed_load(ledger, rows, load_id), is_current
    ).where(has_version)
    connection.execute(insert(KNOWN).from_select(KNOWN.columns.keys(), known_rows))
    return KNOWN


def _fill_shared(connection: Connection, rows: Table) -> Table:
    """Fill SHARED: keys of more than one staged row."""
    create_empty(connection, SHARED)
    shared_keys = select(rows.c.row_key).group_by(rows.c.row_key).having(func.count() > 1)
    connection.execute(insert(SHARED).from_select(["row_key"], shared_keys))
    return SHARED


def _fill_reports(connection: Connection, reports: pd.DataFrame) -> Table:
    """Fill REPORTS: the reports whose rows are replaced."""
    create_empty(connection, REPORTS)
    insert_frame(connection, REPORTS, reports[REPORTS.columns.keys()])
    return REPORTS


def _is_of_kept(connection: Connection, ledger: Table, kept: Collection[int]) -> ColumnElement[bool]:
    """Fill KEPT; return the filter for versions that these submissions brought."""
    create_empty(connection, KEPT)
    insert_frame(connection, KEPT, pd.DataFrame({"submission_id": sorted(kept)}))
    return exists().where(KEPT.c.submission_id == ledger.c.submission_id)


def _is_same_row(ledger: Table, staged: Table) -> ColumnElement[bool]:
    return and_(*(ledger.c[name] == staged.c[name] for name in ROW_IDENTITY))


def has_same_row(ledger: Table, staged: Table) -> ColumnElement[bool]:
    return exists().where(_is_same_row(ledger, staged))


def _is_waived(ledger: Table, findings: Table) -> ColumnElement[bool]:
    """Filter for versions that a waiver admitted, according to their submission's findings."""
    is_its_finding = and_(
        findings.c.submission_id == ledger.c.submission_id, findings.c.row == ledger.c.source_row
    )
    return exists().where(is_its_finding, findings.c.rule_id == "row.waived")


def is_unchanged(ledger: Table, staged: Table) -> ColumnElement[bool]:
    """Filter for versions that are staged with the same content and `handling_rank`."""
    content = [*content_columns(ledger), "handling_rank"]
    same = [ledger.c[name].is_not_distinct_from(staged.c[name]) for name in content]
    return exists().where(_is_same_row(ledger, staged), *same)


def content_columns(ledger: Table) -> list[str]:
    """List the columns that hold a row's content: what was reported and what is derived from it."""
    excluded = {*HISTORY_COLUMNS, *POSITION_COLUMNS, "handling_rank"}
    return [column.name for column in ledger.columns if is_content(column) and column.name not in excluded]


def _claimed_load(ledger: Table, staged: Table, load_id: int) -> ColumnElement[int]:
    """Since when the unit has reported the key without a break, in any month.

    Taken from the key's other versions of the unit; else this load.
    """
    of_unit = and_(*(ledger.c[name] == staged.c[name] for name in ("row_key", "unit_code")))
    claims = (
        select(func.min(ledger.c.claimed_load)).where(of_unit, is_current_until).scalar_subquery()
        for is_current_until in (ledger.c.retired_load.is_(None), ledger.c.retired_load == load_id)
    )
    return func.coalesce(*claims, load_id).label("claimed_load")
