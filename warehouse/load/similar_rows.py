"""Pairs of current rows that may be two matters under one key, or one matter under two keys.

The queries run after the load is merged, within its transaction. A pair has two sides, `a` and `b`; the
columns of a side are named `a_unit_code`, `a_party_name` and so on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    func,
    or_,
    select,
    true,
)

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.model import UNIT
from schemas.ledgers.numbering import REGION_SUFFIXES
from warehouse.frames import insert_frame, read_frame, values_list
from warehouse.load.sent_rows import is_new, is_sent, position
from warehouse.load.survivorship import written_number
from warehouse.load.temporary_tables import create_empty, define_temporary
from warehouse.schema.tables import Tables
from warehouse.written_once import alias_once

SIDES = ("a", "b")
#: the versions of each pair, by side
PAIRS = define_temporary("pairs", *(Column(f"{side}_version", BigInteger) for side in SIDES))
#: of each side, besides the fields of the matter: where the row stands now, whether the load recorded it
#: (null if it did not send it), the letters of the columns by field, and `number`, what identifies the row as
#: written
ROW_COLUMNS = (
    "submission_id", "unit_code", "period", "source_row", "is_new", "file", "sheet", "letters", "number",
)  # fmt: skip


def pair_columns(ledger: LedgerDefinition) -> list[str]:
    """List the columns of a frame of pairs."""
    fields = ledger.matter.fields()
    return [f"{side}_{name}" for side in SIDES for name in (*ROW_COLUMNS, *fields)]


def pairs_with_one_key(connection: Connection, tables: Tables, ledger: LedgerDefinition) -> pd.DataFrame:
    """Read the rows that do not count (a), each with the row of its key that counts (b), if the load (SENT)
    sent one of them.

    Pairs that agree in all fields of the matter are left out.
    """
    fields = ledger.matter.fields()
    if not fields:
        return _read_pairs(connection, tables, ledger, [])
    lost, counted = (alias_once(tables.ledgers[ledger.name], side) for side in SIDES)
    conditions = and_(
        lost.c.is_counted.is_(False),
        lost.c.retired_load.is_(None),
        counted.c.row_key == lost.c.row_key,
        counted.c.is_counted.is_(True),
        counted.c.retired_load.is_(None),
        or_(*(lost.c[name].is_distinct_from(counted.c[name]) for name in fields)),
    )
    queries = [(lost, counted, and_(conditions, is_sent(row))) for row in (lost, counted)]
    return _read_pairs(connection, tables, ledger, queries)


def pairs_replaced(
    connection: Connection, tables: Tables, ledger: LedgerDefinition, load_id: int
) -> pd.DataFrame:
    """Read the rows (a) whose place in their report another submission's row of the same key (b) took with
    this load, if they do not agree in all fields of the matter.
    """
    fields = ledger.matter.fields()
    if not fields:
        return _read_pairs(connection, tables, ledger, [])
    earlier, later = (alias_once(tables.ledgers[ledger.name], side) for side in SIDES)
    conditions = and_(
        earlier.c.retired_load == load_id,
        later.c.recorded_load == load_id,
        later.c.retired_load.is_(None),
        *(earlier.c[name] == later.c[name] for name in ("row_key", "unit_code", "period")),
        earlier.c.submission_id != later.c.submission_id,
        or_(*(earlier.c[name].is_distinct_from(later.c[name]) for name in fields)),
    )
    return _read_pairs(connection, tables, ledger, [(earlier, later, conditions)])


def pairs_of_one_number(connection: Connection, tables: Tables, ledger: LedgerDefinition) -> pd.DataFrame:
    """Read the rows of a roster that the load (SENT) sent (a), each with the rows (b) of other units in that
    month that have its number and differ in the matter: figures count a number once.
    """
    number = ledger.compared_by(ledger.naming_fields()[0])
    new, other = (alias_once(tables.ledgers[ledger.name], side) for side in SIDES)
    condition = and_(
        *(row.c.retired_load.is_(None) for row in (new, other)),
        is_sent(new),
        or_(~is_sent(other), other.c.version_id > new.c.version_id),  # each pair once
        other.c[number] == new.c[number],
        other.c.period == new.c.period,
        other.c.unit_code != new.c.unit_code,
        or_(*(new.c[name] != other.c[name] for name in ledger.matter.fields())),
    )
    return _read_pairs(
        connection, tables, ledger, [(new, other, condition)] if ledger.matter.fields() else []
    )


def pairs_of_one_party(connection: Connection, tables: Tables, ledger: LedgerDefinition) -> pd.DataFrame:
    """Read the rows that the load (SENT) sent (a), each with the rows (b) of another day of that year that
    name the party alike, where only one of the two has its code.
    """
    code, name = ledger.matter.party
    new, other = (alias_once(tables.ledgers[ledger.name], side) for side in SIDES)
    condition = and_(
        *(row.c.is_counted.is_(True) for row in (new, other)),
        *(row.c.retired_load.is_(None) for row in (new, other)),
        is_sent(new),
        or_(~is_sent(other), other.c.version_id > new.c.version_id),  # each pair once
        _is_same_party(ledger, new, other, name),
        new.c[code].is_(None) != other.c[code].is_(None),
        new.c[ledger.dated_by] != other.c[ledger.dated_by],
        func.substr(new.c.period, 1, 4) == func.substr(other.c.period, 1, 4),
        *(new.c[cause] == other.c[cause] for cause in ledger.matter.cause),
    )
    return _read_pairs(connection, tables, ledger, [(new, other, condition)])


def pairs_of_one_matter(
    connection: Connection,
    tables: Tables,
    ledger: LedgerDefinition,
    *,
    units: Sequence[str],
    bureaus: Collection[str],
) -> pd.DataFrame:
    """Read the rows that the load (SENT) sent (a), each with the rows (b) of other keys that agree in party,
    day and amount.

    All of them count. Both are of one unit, or one of them is of a bureau, or the party is a document, which
    one unit made, or nothing but the unit tells the matters apart. Ledgers whose rows do
    not count by the day of the matter are left out: no index leads to the other rows.
    """
    matter = ledger.matter
    if matter.day != (ledger.dated_by,):
        return _read_pairs(connection, tables, ledger, [])
    new, other = (alias_once(tables.ledgers[ledger.name], side) for side in SIDES)
    agreements = [
        *(row.c.is_counted.is_(True) for row in (new, other)),
        *(row.c.retired_load.is_(None) for row in (new, other)),
        is_sent(new),
        or_(~is_sent(other), other.c.version_id > new.c.version_id),  # each pair once
        other.c.row_key != new.c.row_key,
        other.c[ledger.dated_by] == new.c[ledger.dated_by],
        *(new.c[name].is_not_distinct_from(other.c[name]) for name in matter.amount),
    ]
    if matter.party:
        agreements.append(or_(*(_is_same_party(ledger, new, other, name) for name in matter.party)))
    of_units = [
        and_(other.c.unit_code == new.c.unit_code, new.c.version_id.in_(_rows_alike(tables, ledger)))
    ]
    if _concerns_all_units(ledger):
        of_units = [true()]
    elif bureaus and matter.party:
        counties = values_list(sorted(set(units) - set(bureaus)))
        of_bureaus = values_list(sorted(bureaus))
        of_units.append(and_(new.c.unit_code.in_(of_bureaus), other.c.unit_code.in_(counties)))
        of_units.append(and_(new.c.unit_code.in_(counties), other.c.unit_code.in_(of_bureaus)))
    return _read_pairs(
        connection, tables, ledger, [(new, other, and_(*agreements, of_unit)) for of_unit in of_units]
    )


def _rows_alike(tables: Tables, ledger: LedgerDefinition) -> Select[Any]:
    """Select the versions whose unit has several rows of one day and amount, among the units and days that
    the load sent: few, found by one sort, so that hardly any row is compared with the others of its day.
    """
    rows, sent = (alias_once(tables.ledgers[ledger.name], name) for name in ("grouped", "sent_alike"))
    day = ledger.dated_by
    agreeing = [rows.c[name] for name in ("unit_code", day, *ledger.matter.amount)]
    groups = (
        select(rows.c.version_id, func.count().over(partition_by=agreeing).label("size"))
        .where(
            rows.c.is_counted.is_(True),
            rows.c.retired_load.is_(None),
            *(rows.c[name].in_(select(sent.c[name]).where(is_sent(sent))) for name in ("unit_code", day)),
        )
        .subquery()
    )
    return select(groups.c.version_id).where(groups.c.size > 1)


def _concerns_all_units(ledger: LedgerDefinition) -> bool:
    """Whether one matter may be reported by any two units: a payment by its decision, an exam by its day."""
    is_of_document = any(ledger.field(name).type.kind == "document_no" for name in ledger.matter.party)
    return is_of_document or any((UNIT,) in alternative for alternative in ledger.natural_key)


def _is_same_party(
    ledger: LedgerDefinition, new: FromClause, other: FromClause, name: str
) -> ColumnElement[bool]:
    column = ledger.compared_by(name)
    if ledger.field(name).type.kind != "text":
        return new.c[column] == other.c[column]
    first: ColumnElement[str]
    second: ColumnElement[str]
    first, second = new.c[column], other.c[column]
    for suffix in REGION_SUFFIXES:
        first, second = func.replace(first, suffix, ""), func.replace(second, suffix, "")
    return first == second


def _read_pairs(
    connection: Connection,
    tables: Tables,
    ledger: LedgerDefinition,
    queries: Iterable[tuple[FromClause, FromClause, ColumnElement[bool]]],
) -> pd.DataFrame:
    """Read pairs by their condition, in an order that does not depend on the database.

    Mostly there are none, and then the large query for their rows is spared.
    """
    names = pair_columns(ledger)
    versions = {
        tuple(pair)
        for first, second, condition in queries
        for pair in connection.execute(select(first.c.version_id, second.c.version_id).where(condition))
    }
    if not versions:
        return pd.DataFrame(columns=names, dtype=object)
    create_empty(connection, PAIRS)
    insert_frame(connection, PAIRS, pd.DataFrame(sorted(versions), columns=PAIRS.columns.keys()))
    rows = [alias_once(tables.ledgers[ledger.name], side) for side in SIDES]
    sources = [alias_once(tables.submissions, f"source_{side}") for side in SIDES]
    query = select(
        *(
            column
            for row, source in zip(rows, sources, strict=True)
            for column in _side_columns(ledger, row, source)
        )
    ).where(
        *(row.c.version_id == version for row, version in zip(rows, PAIRS.columns, strict=True)),
        *(
            source.c.submission_id == position(row, "submission_id")
            for row, source in zip(rows, sources, strict=True)
        ),
    )
    pairs = read_frame(connection, query, names, dtype=object)
    order = [f"{side}_{name}" for side in SIDES for name in ("submission_id", "source_row")]
    return pairs.drop_duplicates(order).sort_values(order, ignore_index=True)


def _side_columns(
    ledger: LedgerDefinition, row: FromClause, source: FromClause
) -> list[ColumnElement[Any]]:
    columns = [
        position(row, "submission_id"),
        row.c.unit_code,
        row.c.period,
        position(row, "source_row"),
        is_new(row),
    ]
    fields = [row.c[name] for name in ledger.matter.fields()]
    return [
        *columns,
        *(source.c[name] for name in ("source_file", "source_sheet", "source_columns")),
        written_number(ledger, row),
        *fields,
    ]
