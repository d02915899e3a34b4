"""Set-wise merge of staged rows into a ledger's history (SCD type 2), and survivorship.

Survivorship decides which of several rows with one natural key counts (`is_counted`).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Subquery,
    Table,
    Text,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    union,
    update,
)
from sqlalchemy.schema import CreateTable, DropTable

from warehouse.frames import insert_frame
from warehouse.load.staging import HISTORY_COLUMNS, StagedBatch
from warehouse.schema.mart_tables import is_content
from warehouse.schema.tables import Tables

#: a copy of a version with `is_counted` flipped keeps every column except these
SET_BY_COPY = ("version_id", "is_counted", "recorded_load", "recorded_by", "retired_load", "retired_by")
#: unique among current rows
ROW = ("row_key", "unit_code", "period")
#: may differ between two versions without the row having changed
POSITION_COLUMNS = ("submission_id", "source_row", "row_key", "unit_code", "period")


def _temporary_table(name: str, *columns: Column[Any]) -> Table:
    return Table(f"stage_{name}", MetaData(), *columns, prefixes=["TEMPORARY"])


KNOWN = _temporary_table(
    "known",
    *(Column(name, Text) for name in ROW),
    Column("claimed_load", Integer),
    Column("is_standing", Boolean),
)
SHARED = _temporary_table("shared", Column("row_key", Text))
REPORTS = _temporary_table(
    "reports", Column("unit_code", Text), Column("period", Text), Column("submission_id", Integer)
)
FLIPPED = _temporary_table("flipped", Column("version_id", BigInteger), Column("counts", Boolean))


def merge_ledger(connection: Connection, tables: Tables, staged: StagedBatch, load_id: int) -> None:
    """Replace the staged reports' rows: unchanged rows keep their version, others are retired or recorded.

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
    is_only_quarantined = and_(_has_same_row(ledger, quarantined), ~_has_same_row(ledger, rows), ~is_lost)
    connection.execute(
        update(ledger)
        .where(current, is_replaced, ~_is_unchanged(ledger, rows), ~is_only_quarantined)
        .values(retired_load=load_id, retired_by=replaced_by)
    )
    _record_new(connection, ledger, rows, load_id)


def _record_new(connection: Connection, ledger: Table, rows: Table, load_id: int) -> None:
    """Insert the staged rows that are not current yet.

    A row whose key no other row has, or had until this load, counts at once. The statement does not read
    the table that it fills, which spares the database a copy of everything inserted.
    """
    known, shared = _fill_known(connection, ledger, rows, load_id), _fill_shared(connection, rows)
    is_known = and_(*(known.c[name] == rows.c[name] for name in ROW))
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
        .where(known.c.is_standing.is_not(True))
    )
    names = [*rows.columns.keys(), "claimed_load", "is_counted", "recorded_load", "recorded_by"]
    connection.execute(insert(ledger).from_select(names, new_rows))


def _fill_known(connection: Connection, ledger: Table, rows: Table, load_id: int) -> Table:
    """Fill KNOWN: staged rows whose key has a version current now or until this load, with `claimed_load`."""
    _create(connection, KNOWN)
    other = ledger.alias()
    has_version = exists().where(
        other.c.row_key == rows.c.row_key, func.coalesce(other.c.retired_load, load_id) == load_id
    )
    is_current = exists().where(ledger.c.retired_load.is_(None), _is_same_row(ledger, rows))
    known_rows = select(
        *(rows.c[name] for name in ROW), _claimed_load(ledger, rows, load_id), is_current
    ).where(has_version)
    connection.execute(insert(KNOWN).from_select(KNOWN.columns.keys(), known_rows))
    return KNOWN


def _fill_shared(connection: Connection, rows: Table) -> Table:
    """Fill SHARED: keys of more than one staged row."""
    _create(connection, SHARED)
    shared_keys = select(rows.c.row_key).group_by(rows.c.row_key).having(func.count() > 1)
    connection.execute(insert(SHARED).from_select(["row_key"], shared_keys))
    return SHARED


def _create(connection: Connection, table: Table) -> None:
    """Create a temporary table, replacing an existing one; the connection drops it at the latest."""
    connection.execute(DropTable(table, if_exists=True))
    connection.execute(CreateTable(table))


def _fill_reports(connection: Connection, reports: pd.DataFrame) -> Table:
    """Fill REPORTS: the reports whose rows are replaced."""
    _create(connection, REPORTS)
    insert_frame(connection, REPORTS, reports[REPORTS.columns.keys()])
    return REPORTS


def _is_same_row(ledger: Table, staged: Table) -> ColumnElement[bool]:
    return and_(*(ledger.c[name] == staged.c[name] for name in ROW))


def _has_same_row(ledger: Table, staged: Table) -> ColumnElement[bool]:
    return exists().where(_is_same_row(ledger, staged))


def _is_waived(ledger: Table, findings: Table) -> ColumnElement[bool]:
    """Filter for versions that a waiver admitted, according to their submission's findings."""
    is_its_finding = and_(
        findings.c.submission_id == ledger.c.submission_id, findings.c.row == ledger.c.source_row
    )
    return exists().where(is_its_finding, findings.c.rule_id == "row.waived")


def _is_unchanged(ledger: Table, staged: Table) -> ColumnElement[bool]:
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


def resolve_duplicates(connection: Connection, ledger: Table, load_id: int) -> pd.DataFrame:
    """Make each key that the load touched count once; return the new rows that lost to another unit's.

    A key with a single row counts already. The unit that handled the matter wins (`handling_rank`), then
    the one that reported it first; among one unit's rows, the latest month's. A version current before the
    load is not changed but retired and copied. The frame has `row_key`, `submission_id`, `source_row` and
    `owner` (the unit whose row counts).
    """
    ranked = _rank_versions(ledger, load_id)
    _create(connection, FLIPPED)
    to_flip = select(ranked.c.version_id, ranked.c.rank == 1).where(
        ranked.c.is_counted != (ranked.c.rank == 1)
    )
    if connection.execute(insert(FLIPPED).from_select(FLIPPED.columns.keys(), to_flip)).rowcount:
        _flip_winners(connection, ledger, load_id)
    return _losing_rows(connection, ledger, load_id)


def _flip_winners(connection: Connection, ledger: Table, load_id: int) -> None:
    """Flip `is_counted` of the versions in FLIPPED."""
    is_older = and_(ledger.c.version_id.in_(select(FLIPPED.c.version_id)), ledger.c.recorded_load < load_id)
    connection.execute(
        update(ledger).where(is_older).values(retired_load=load_id, retired_by=_find_cause(ledger, load_id))
    )
    # first, as a unique index allows only one counted row per key
    _flip_new(connection, ledger, load_id, counts=False)
    copied = [column for column in ledger.columns if column.name not in SET_BY_COPY]
    copies = select(*copied, ~ledger.c.is_counted, literal(load_id), ledger.c.retired_by).where(is_older)
    names = [column.name for column in copied] + ["is_counted", "recorded_load", "recorded_by"]
    connection.execute(insert(ledger).from_select(names, copies))
    _flip_new(connection, ledger, load_id, counts=True)


def _flip_new(connection: Connection, ledger: Table, load_id: int, *, counts: bool) -> None:
    to_flip = select(FLIPPED.c.version_id).where(FLIPPED.c.counts.is_(counts))
    is_new = and_(ledger.c.version_id.in_(to_flip), ledger.c.recorded_load == load_id)
    connection.execute(update(ledger).where(is_new).values(is_counted=counts))


def _find_cause(ledger: Table, load_id: int) -> ColumnElement[int]:
    """Subquery: the submission of the load whose row of the same key changed which row counts."""
    other = ledger.alias("other")
    touched = or_(other.c.recorded_load == load_id, other.c.retired_load == load_id)
    cause = case((other.c.recorded_load == load_id, other.c.recorded_by), else_=other.c.retired_by)
    return select(func.max(cause)).where(other.c.row_key == ledger.c.row_key, touched).scalar_subquery()


def _rank_versions(ledger: Table, load_id: int) -> Subquery:
    """Rank the current versions of the touched keys; rank 1 should count."""
    has_new = select(ledger.c.row_key).where(
        ledger.c.recorded_load == load_id, ledger.c.is_counted.is_(False)
    )
    keys = union(has_new, select(ledger.c.row_key).where(ledger.c.retired_load == load_id))
    best_rank = func.min(ledger.c.handling_rank).over(partition_by=[ledger.c.row_key, ledger.c.unit_code])
    claims = (
        select(ledger, best_rank.label("best_rank"))
        .where(ledger.c.retired_load.is_(None), ledger.c.row_key.in_(keys))
        .subquery()
    )
    order = (claims.c.best_rank, claims.c.claimed_load, claims.c.unit_code, claims.c.period.desc())
    rank = func.row_number().over(partition_by=claims.c.row_key, order_by=order).label("rank")
    return select(claims.c.version_id, claims.c.is_counted, rank).subquery()


def _losing_rows(connection: Connection, ledger: Table, load_id: int) -> pd.DataFrame:
    owner = ledger.alias("owner")
    query = select(
        ledger.c.row_key, ledger.c.submission_id, ledger.c.source_row, owner.c.unit_code.label("owner")
    ).where(
        ledger.c.recorded_load == load_id,
        ledger.c.retired_load.is_(None),
        ~ledger.c.is_counted,
        owner.c.row_key == ledger.c.row_key,
        owner.c.retired_load.is_(None),
        owner.c.is_counted,
        owner.c.unit_code != ledger.c.unit_code,
    )
    columns = ["row_key", "submission_id", "source_row", "owner"]
    return pd.DataFrame([dict(row._mapping) for row in connection.execute(query)], columns=columns)
