"""What the time limits are computed from: the rows of each ledger by kind, and those that limits look up.

All that a ledger's limits depend on is equal in the rows of a kind, so that one of them stands for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd
from sqlalchemy import ColumnElement, FromClause, Select, Text, and_, case, func, or_, select, type_coerce

from schemas.deadlines import NUMBERS, Elsewhere, TimeLimit
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.masking import masked_column
from warehouse.frames import read_frame
from warehouse.schema.as_of import AsOf, row_current_at

SOURCE = ("unit_code", "submission_id", "source_row")
#: pandas types by kind of field; more_columns are objects
DTYPES = {"date": "datetime64[s]", "money": "Int64", "integer": "Int64"}

#: rows of a ledger by `version_id`, each with its `kind_number`
Kinds: TypeAlias = FromClause


def rank_kinds(as_of: AsOf, ledger: str, limits: Sequence[TimeLimit]) -> Kinds:
    """Select the counted rows of a ledger, by `version_id`, each with its `kind_number`.

    A number counts only where another ledger has a row with it; so does an amount that is owed, and else only
    whether something is.
    """
    table = as_of.ledger(ledger)
    facts: dict[Any, ColumnElement[Any]] = {
        name: table.c[name] for limit in limits for name in limit.own_fields()
    }
    paid: dict[str, list[ColumnElement[bool]]] = {}
    for limit in limits:
        for _key, other in limit.elsewhere():
            number = table.c[f"{other.own}_key"]
            is_found = number.in_(_numbers(as_of, other))
            facts[other.own, other.ledger, other.number] = case((is_found, number))
            if limit.paid is other:
                paid.setdefault(limit.paid.owed, []).append(is_found)
    for name, conditions in paid.items():
        facts[name] = case((or_(*conditions), table.c[name]), (table.c[name] > 0, 1), else_=0)
    rank = func.dense_rank().over(order_by=list(facts.values()))
    query = select(table.c.version_id, rank.label("kind_number")).where(_counts(as_of, table))
    return query.subquery()


def number_each(as_of: AsOf, ledger: str) -> Kinds:
    """Select the counted rows of a ledger, each as a kind of its own."""
    table = as_of.ledger(ledger)
    query = select(table.c.version_id, table.c.version_id.label("kind_number"))
    return query.where(_counts(as_of, table)).subquery()


def _numbers(as_of: AsOf, other: Elsewhere) -> Select[Any]:
    """Select the numbers of the other ledger's rows."""
    table = as_of.ledger(other.ledger)
    number = table.c[f"{other.number}_key"]
    return select(number).where(number.is_not(None), _counts(as_of, table))


def _counts(as_of: AsOf, table: FromClause) -> ColumnElement[bool]:
    return and_(row_current_at(table, as_of.load_id), table.c.is_counted.is_(True))


def read_examples(as_of: AsOf, ledger: str, limits: Sequence[TimeLimit], kinds: Kinds) -> pd.DataFrame:
    """Read a row of each kind: `kind_number`, the fields that limits depend on, and `=field` for numbers."""
    table = as_of.ledger(ledger)
    first = (
        select(func.min(kinds.c.version_id).label("version_id"), kinds.c.kind_number)
        .group_by(kinds.c.kind_number)
        .subquery()
    )
    columns = {
        "kind_number": first.c.kind_number,
        **_number_columns(table, [name for limit in limits for name in limit.own_numbers()]),
    }
    rows = table.join(first, first.c.version_id == table.c.version_id)
    fields = list(dict.fromkeys(name for limit in limits for name in limit.own_fields()))
    query = select().select_from(rows).order_by(first.c.kind_number)
    return _read(as_of, as_of.warehouse.ledgers[ledger], fields, columns, query)


def read_rows_of_kinds(as_of: AsOf, ledger: str, limits: Sequence[TimeLimit], kinds: Kinds) -> pd.DataFrame:
    """Read the rows themselves: SOURCE, `kind_number`, what they owe, `#field` for the number to be shown."""
    table, definition = as_of.ledger(ledger), as_of.warehouse.ledgers[ledger]
    columns = {
        **{name: table.c[name] for name in SOURCE},
        "kind_number": kinds.c.kind_number,
        **_shown_columns(table, definition, [limits[0].document]),
    }
    owed = list(dict.fromkeys(limit.paid.owed for limit in limits if limit.paid))
    rows = table.join(kinds, kinds.c.version_id == table.c.version_id)
    query = select().select_from(rows).order_by(table.c.version_id)
    return _read(as_of, definition, owed, columns, query)


def read_looked_up(as_of: AsOf, limits: Iterable[TimeLimit]) -> dict[str, pd.DataFrame]:
    """Read the counted rows of the ledgers that limits look up: the fields, and `=field` for numbers."""
    uses = list(dict.fromkeys(use[1:] for limit in limits for use in limit.other_uses()))
    rows = {}
    for ledger in dict.fromkeys(name for name, _field, _need in uses):
        table = as_of.ledger(ledger)
        numbers = [field for name, field, need in uses if name == ledger and need in NUMBERS]
        fields = [field for name, field, need in uses if name == ledger and need not in NUMBERS]
        query = select().select_from(table).where(_counts(as_of, table)).order_by(table.c.version_id)
        rows[ledger] = _read(
            as_of,
            as_of.warehouse.ledgers[ledger],
            list(dict.fromkeys(fields)),
            _number_columns(table, numbers),
            query,
        )
    return rows


def read_fields(
    as_of: AsOf, ledger: LedgerDefinition, names: list[str], documents: Iterable[str]
) -> pd.DataFrame:
    """Read of a ledger's counted rows SOURCE, these fields, and `#field` for numbers as views show them."""
    table = as_of.ledger(ledger.name)
    columns = {**{name: table.c[name] for name in SOURCE}, **_shown_columns(table, ledger, documents)}
    query = select().select_from(table).where(_counts(as_of, table)).order_by(table.c.version_id)
    return _read(as_of, ledger, names, columns, query)


def _number_columns(table: FromClause, names: Iterable[str]) -> dict[str, ColumnElement[Any]]:
    return {f"={name}": table.c[f"{name}_key"] for name in names}


def _shown_columns(
    table: FromClause, ledger: LedgerDefinition, names: Iterable[str]
) -> dict[str, ColumnElement[Any]]:
    return {f"#{name}": table.c[masked_column(ledger.field(name))] for name in names}


def _read(
    as_of: AsOf,
    ledger: LedgerDefinition,
    names: Sequence[str],
    more_columns: Mapping[str, ColumnElement[Any]],
    query: Select[Any],
) -> pd.DataFrame:
    """Read fields of a ledger, each with its type, beside other columns."""
    table, kinds = as_of.ledger(ledger.name), {name: ledger.field(name).type.kind for name in names}
    is_sqlite = as_of.connection.dialect.name == "sqlite"
    # pandas parses the text of SQLite's days at once, SQLAlchemy each by itself
    fields: dict[str, ColumnElement[Any]] = {
        name: type_coerce(table.c[name], Text) if is_sqlite and kind == "date" else table.c[name]
        for name, kind in kinds.items()
    }
    columns = {**more_columns, **fields}
    labelled = (column.label(f"column_{number}") for number, column in enumerate(columns.values()))
    frame = read_frame(as_of.connection, query.add_columns(*labelled), columns, dtype=object)
    return frame.astype({name: DTYPES[kind] for name, kind in kinds.items() if kind in DTYPES})
