"""Survivorship: which of several rows with one natural key counts (`is_counted`).

The rows of every unit are stored, also of a matter that several units report. Of all current rows with one
key, over all units and months, exactly one counts. Its unit is the first by this order:

1. the unit whose rows show best that it handled the matter (lowest `handling_rank`, of all its rows with the
   key);
2. the unit that has reported the key for longest without a break (`claimed_load`);
3. the unit with the lower code: units that first send a key in the same load tie in the second place.

A unit under its former and its later code is one unit here (`line` in the table of regions), and so is a unit
with those that were merged into it; of its rows, those under the latest code go first.

Of the rows of that unit, the one of the latest month counts. Among submissions of one
unit for one month there is nothing to decide here: the later one has replaced the
rows of the earlier one (`warehouse.load.merge`).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Subquery,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    update,
)

from schemas.ledgers.compiled import LedgerDefinition
from warehouse.load.sent_rows import fill_sent, is_sent, position
from warehouse.load.temporary_tables import create_empty, define_temporary
from warehouse.written_once import alias_once

#: a copy of a version with `is_counted` flipped keeps every column except these
SET_BY_COPY = ("version_id", "is_counted", "recorded_load", "recorded_by", "retired_load", "retired_by")
FLIPPED = define_temporary("flipped", Column("version_id", BigInteger), Column("counts", Boolean))


def resolve_duplicates(
    connection: Connection,
    definition: LedgerDefinition,
    ledger: Table,
    regions: Table,
    load_id: int,
    staged: Sequence[Table] = (),
) -> pd.DataFrame:
    """Make each key that the load touched count once; return the rows sent with it that lost to another
    unit's.

    The order is that of this module's docstring. A key with a single row counts already. A version current
    before the load is not changed but retired and copied. The frame has `number` (what identifies the row,
    as written), `submission_id`, `source_row`, `unit_code` and `owner` (the unit whose row counts).
    """
    ranked = _rank_versions(ledger, regions, load_id)
    create_empty(connection, FLIPPED)
    to_flip = select(ranked.c.version_id, ranked.c.rank == 1).where(
        ranked.c.is_counted != (ranked.c.rank == 1)
    )
    if connection.execute(insert(FLIPPED).from_select(FLIPPED.columns.keys(), to_flip)).rowcount:
        _flip_winners(connection, ledger, load_id)
    fill_sent(connection, ledger, staged, load_id)
    return _losing_rows(connection, definition, ledger)


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
    other = alias_once(ledger, "other")
    touched = or_(other.c.recorded_load == load_id, other.c.retired_load == load_id)
    cause = case((other.c.recorded_load == load_id, other.c.recorded_by), else_=other.c.retired_by)
    return select(func.max(cause)).where(other.c.row_key == ledger.c.row_key, touched).scalar_subquery()


def _rank_versions(ledger: Table, regions: Table, load_id: int) -> Subquery:
    """Rank the current versions of the touched keys; rank 1 should count."""
    has_new = select(ledger.c.row_key).where(
        ledger.c.recorded_load == load_id, ledger.c.is_counted.is_(False)
    )
    keys = union(has_new, select(ledger.c.row_key).where(ledger.c.retired_load == load_id))
    line = func.coalesce(regions.c.line, ledger.c.unit_code)
    of_line, of_unit = [ledger.c.row_key, line], [ledger.c.row_key, ledger.c.unit_code]
    columns = {
        "line": line,
        "followers": func.coalesce(regions.c.followers, 0),
        "rank_of_line": func.min(ledger.c.handling_rank).over(partition_by=of_line),
        "claim_of_line": func.min(ledger.c.claimed_load).over(partition_by=of_line),
        "rank_of_unit": func.min(ledger.c.handling_rank).over(partition_by=of_unit),
    }
    claims = (
        select(ledger, *(column.label(name) for name, column in columns.items()))
        .outerjoin(regions, regions.c.region_code == ledger.c.unit_code)
        .where(ledger.c.retired_load.is_(None), ledger.c.row_key.in_(keys))
        .subquery()
    )
    lines = ("rank_of_line", "claim_of_line", "line")
    units_of_line = ("followers", "rank_of_unit", "claimed_load", "unit_code")
    order = (*(claims.c[name] for name in (*lines, *units_of_line)), claims.c.period.desc())
    rank = func.row_number().over(partition_by=claims.c.row_key, order_by=order).label("rank")
    return select(claims.c.version_id, claims.c.is_counted, rank).subquery()


def written_number(definition: LedgerDefinition, rows: FromClause) -> ColumnElement[str]:
    """Return what identifies a row to a person, as it was written."""
    return func.coalesce(*(rows.c[name] for name in definition.naming_fields()), rows.c.row_key)


def _losing_rows(connection: Connection, definition: LedgerDefinition, ledger: Table) -> pd.DataFrame:
    """Read the rows sent with this load that do not count because another unit's row does."""
    owner = alias_once(ledger, "owner")
    query = select(
        written_number(definition, ledger).label("number"),
        *(position(ledger, name).label(name) for name in ("submission_id", "source_row")),
        ledger.c.unit_code,
        owner.c.unit_code.label("owner"),
    ).where(
        is_sent(ledger),
        ledger.c.retired_load.is_(None),
        ~ledger.c.is_counted,
        owner.c.row_key == ledger.c.row_key,
        owner.c.retired_load.is_(None),
        owner.c.is_counted,
        owner.c.unit_code != ledger.c.unit_code,
    )
    columns = ["number", "submission_id", "source_row", "unit_code", "owner"]
    return pd.DataFrame([dict(row._mapping) for row in connection.execute(query)], columns=columns)
