"""Merging staged rows into a ledger's history, in sets; and settling which of several rows with one key counts."""

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
from warehouse.schema.tables import Tables

#: a version that only turns its `is_counted` keeps all but these
SET_BY_COPY = ("version_id", "is_counted", "recorded_load", "recorded_by", "retired_load", "retired_by")
#: what tells a standing row from all others
ROW = ("row_key", "unit_code", "period")
#: what may differ between two versions without the row having changed
PLACE_COLUMNS = ("submission_id", "source_row", "row_key", "unit_code", "period")


def _temporary(name: str, *columns: Column[Any]) -> Table:
    return Table(f"stage_{name}", MetaData(), *columns, prefixes=["TEMPORARY"])


KNOWN = _temporary(
    "known",
    *(Column(name, Text) for name in ROW),
    Column("claimed_load", Integer),
    Column("is_standing", Boolean),
)
SHARED = _temporary("shared", Column("row_key", Text))
REPORTS = _temporary(
    "reports", Column("unit_code", Text), Column("period", Text), Column("submission_id", Integer)
)
TURNED = _temporary("turned", Column("version_id", BigInteger), Column("counts", Boolean))


def merge_ledger(connection: Connection, tables: Tables, staged: StagedBatch, load_id: int) -> None:
    """Replace the staged reports' rows: unchanged rows keep their version, others are retired or recorded.

    A row that is held back keeps its last accepted version: it is still in the report, only not yet better. It does not keep
    one that a waiver let in, once that is withdrawn. A key that stands in the report twice, once held back and once accepted,
    is accepted.
    """
    ledger, rows, held = tables.ledgers[staged.ledger], staged.rows, staged.held
    current = ledger.c.retired_load.is_(None)
    reports = _reports(connection, staged.reports).c
    is_replaced = tuple_(ledger.c.unit_code, ledger.c.period).in_(select(reports.unit_code, reports.period))
    same_report = and_(reports.unit_code == ledger.c.unit_code, reports.period == ledger.c.period)
    replacing = select(reports.submission_id).where(same_report).scalar_subquery()
    let_go = and_(_is_same_row(ledger, held), held.c.is_let_go)
    is_lost = and_(exists().where(let_go), _was_waived(ledger, tables.findings))
    is_only_held = and_(_same_row(ledger, held), ~_same_row(ledger, rows), ~is_lost)
    connection.execute(
        update(ledger)
        .where(current, is_replaced, ~_unchanged(ledger, rows), ~is_only_held)
        .values(retired_load=load_id, retired_by=replacing)
    )
    _record_new(connection, ledger, rows, load_id)


def _record_new(connection: Connection, ledger: Table, rows: Table, load_id: int) -> None:
    """Insert the staged rows that do not stand yet.

    One whose key no other row has or had until now counts at once. That no statement reads the table that it fills spares the
    database a copy of all that goes in.
    """
    known, shared = _known(connection, ledger, rows, load_id), _shared(connection, rows)
    is_its = and_(*(known.c[name] == rows.c[name] for name in ROW))
    is_alone = and_(known.c.row_key.is_(None), shared.c.row_key.is_(None))
    told = (func.coalesce(known.c.claimed_load, load_id), is_alone, literal(load_id), rows.c.submission_id)
    new_rows = (
        select(*rows.columns, *told)
        .select_from(rows.outerjoin(known, is_its).outerjoin(shared, shared.c.row_key == rows.c.row_key))
        .where(known.c.is_standing.is_not(True))
    )
    names = [*rows.columns.keys(), "claimed_load", "is_counted", "recorded_load", "recorded_by"]
    connection.execute(insert(ledger).from_select(names, new_rows))


def _known(connection: Connection, ledger: Table, rows: Table, load_id: int) -> Table:
    """The staged rows whose key has a version that stands, or stood until this load; since when their unit claims it."""
    _make(connection, KNOWN)
    other = ledger.alias()
    has_version = exists().where(
        other.c.row_key == rows.c.row_key, func.coalesce(other.c.retired_load, load_id) == load_id
    )
    stands = exists().where(ledger.c.retired_load.is_(None), _is_same_row(ledger, rows))
    told = select(*(rows.c[name] for name in ROW), _claimed_load(ledger, rows, load_id), stands).where(
        has_version
    )
    connection.execute(insert(KNOWN).from_select(KNOWN.columns.keys(), told))
    return KNOWN


def _shared(connection: Connection, rows: Table) -> Table:
    """The keys that several of the staged rows have."""
    _make(connection, SHARED)
    several = select(rows.c.row_key).group_by(rows.c.row_key).having(func.count() > 1)
    connection.execute(insert(SHARED).from_select(["row_key"], several))
    return SHARED


def _make(connection: Connection, table: Table) -> None:
    """Make a temporary table anew; it is gone with the connection at the latest."""
    connection.execute(DropTable(table, if_exists=True))
    connection.execute(CreateTable(table))


def _reports(connection: Connection, reports: pd.DataFrame) -> Table:
    """The reports whose rows are replaced, as a table."""
    _make(connection, REPORTS)
    insert_frame(connection, REPORTS, reports[REPORTS.columns.keys()])
    return REPORTS


def _is_same_row(ledger: Table, staged: Table) -> ColumnElement[bool]:
    return and_(*(ledger.c[name] == staged.c[name] for name in ROW))


def _same_row(ledger: Table, staged: Table) -> ColumnElement[bool]:
    return exists().where(_is_same_row(ledger, staged))


def _was_waived(ledger: Table, findings: Table) -> ColumnElement[bool]:
    """Whether a version is a row that a waiver let in, as its submission was told."""
    is_its = and_(findings.c.submission_id == ledger.c.submission_id, findings.c.row == ledger.c.source_row)
    return exists().where(is_its, findings.c.rule_id == "row.waived")


def _unchanged(ledger: Table, staged: Table) -> ColumnElement[bool]:
    """Whether the stage holds the row with the same content."""
    content = [column for column in staged.columns if column.name not in PLACE_COLUMNS]
    same = [ledger.c[column.name].is_not_distinct_from(column) for column in content]
    return exists().where(_is_same_row(ledger, staged), *same)


def content_columns(ledger: Table) -> list[str]:
    """What a county wrote in a row, and what follows from it."""
    besides = {*HISTORY_COLUMNS, *PLACE_COLUMNS, "handling_rank"}
    return [column.name for column in ledger.columns if column.name not in besides]


def _claimed_load(ledger: Table, staged: Table, load_id: int) -> ColumnElement[int]:
    """Since when the unit has reported the key without a break, in whatever month: as its other versions, else now."""
    of_unit = and_(*(ledger.c[name] == staged.c[name] for name in ("row_key", "unit_code")))
    before = (
        select(func.min(ledger.c.claimed_load)).where(of_unit, held_until).scalar_subquery()
        for held_until in (ledger.c.retired_load.is_(None), ledger.c.retired_load == load_id)
    )
    return func.coalesce(*before, load_id).label("claimed_load")


def resolve_duplicates(connection: Connection, ledger: Table, load_id: int) -> pd.DataFrame:
    """Let each key that the load touched count once; return the new rows outranked by another unit's.

    A key that its only row brought is settled already.

    The unit that handled the matter goes first (`handling_rank`), then the one that reported it first; of one unit's rows, the
    latest month's. A version that stood before the load is not changed: it is retired and a copy takes its place. The frame
    has `row_key`, `submission_id`, `source_row` and `owner` (the unit whose row counts).
    """
    ranked = _ranked(ledger, load_id)
    _make(connection, TURNED)
    chosen = select(ranked.c.version_id, ranked.c.place == 1).where(
        ranked.c.is_counted != (ranked.c.place == 1)
    )
    if connection.execute(insert(TURNED).from_select(TURNED.columns.keys(), chosen)).rowcount:
        _turn(connection, ledger, load_id)
    return _outranked(connection, ledger, load_id)


def _turn(connection: Connection, ledger: Table, load_id: int) -> None:
    """Let those of TURNED count, or count no more."""
    stood_before = and_(
        ledger.c.version_id.in_(select(TURNED.c.version_id)), ledger.c.recorded_load < load_id
    )
    connection.execute(
        update(ledger).where(stood_before).values(retired_load=load_id, retired_by=_cause(ledger, load_id))
    )
    _turn_new(
        connection, ledger, load_id, counts=False
    )  # before another counts: no moment knows two of a key
    kept = [column for column in ledger.columns if column.name not in SET_BY_COPY]
    copies = select(*kept, ~ledger.c.is_counted, literal(load_id), ledger.c.retired_by).where(stood_before)
    names = [column.name for column in kept] + ["is_counted", "recorded_load", "recorded_by"]
    connection.execute(insert(ledger).from_select(names, copies))
    _turn_new(connection, ledger, load_id, counts=True)


def _turn_new(connection: Connection, ledger: Table, load_id: int, *, counts: bool) -> None:
    which = select(TURNED.c.version_id).where(TURNED.c.counts.is_(counts))
    is_new = and_(ledger.c.version_id.in_(which), ledger.c.recorded_load == load_id)
    connection.execute(update(ledger).where(is_new).values(is_counted=counts))


def _cause(ledger: Table, load_id: int) -> ColumnElement[int]:
    """The submission of a load that recorded or retired a row of the same key, and so turned which row of it counts."""
    other = ledger.alias("other")
    touched = or_(other.c.recorded_load == load_id, other.c.retired_load == load_id)
    caused = case((other.c.recorded_load == load_id, other.c.recorded_by), else_=other.c.retired_by)
    return select(func.max(caused)).where(other.c.row_key == ledger.c.row_key, touched).scalar_subquery()


def _ranked(ledger: Table, load_id: int) -> Subquery:
    """Standing versions of the touched keys, the one that should count at place 1."""
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
    place = func.row_number().over(partition_by=claims.c.row_key, order_by=order).label("place")
    return select(claims.c.version_id, claims.c.is_counted, place).subquery()


def _outranked(connection: Connection, ledger: Table, load_id: int) -> pd.DataFrame:
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
