"""A view a ledger for report tools, made from its definition: the rows that count, with where they come from.

Private fields are absent and the names of natural persons masked (张*); money stands in 元 beside 分.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Numeric, Select, Table, case, cast, delete, func, insert, inspect, or_, select

from schemas.definition import LedgerDefinition
from schemas.shared_rules import NATURAL_PERSON
from warehouse.parts import Warehouse
from warehouse.tables import Tables

#: fields that name a party, who may be a person
PARTY_NAMES = ("party_name", "applicant_name")
#: where a ledger does not say what a party is: people's names are this short, organisations' are not
LONGEST_PERSONAL_NAME = 4


PREFIX = "mart_"
COVERAGE_VIEW = f"{PREFIX}coverage"


def view_name(ledger: str) -> str:
    return f"{PREFIX}{ledger}"


def drop_views(connection: Connection) -> None:
    """Drop every view of ours, those of ledgers that are no more too, so that tables can be changed."""
    for name in inspect(connection).get_view_names():
        if name.startswith(PREFIX):
            connection.exec_driver_sql(f"DROP VIEW {name}")


def ensure_views(connection: Connection, warehouse: Warehouse) -> None:
    """Make the views that are not there yet, within the caller's transaction."""
    there = set(inspect(connection).get_view_names())
    if COVERAGE_VIEW not in there:
        table = warehouse.tables.coverage
        query = select(*(column for column in table.columns if column.name != "place")).compile(connection)
        connection.exec_driver_sql(f"CREATE VIEW {COVERAGE_VIEW} AS {query}")
    for name, ledger in warehouse.ledgers.items():
        if view_name(name) not in there:
            query = _query(warehouse.tables, ledger).compile(connection, compile_kwargs={"literal_binds": True})
            connection.exec_driver_sql(f"CREATE VIEW {view_name(name)} AS {query}")


def keep_units(connection: Connection, tables: Tables, names: Mapping[str, str]) -> None:
    """Keep the units' names beside the rows, for views."""
    connection.execute(delete(tables.units))
    connection.execute(insert(tables.units), [{"unit_code": code, "unit_name": name} for code, name in names.items()])


def kept_units(connection: Connection, tables: Tables) -> dict[str, str]:
    """The units' names as kept."""
    return {row.unit_code: row.unit_name for row in connection.execute(select(tables.units))}


def _query(tables: Tables, ledger: LedgerDefinition) -> Select[Any]:
    rows, reports, units = tables.ledgers[ledger.name], tables.submissions, tables.units
    return (
        select(
            rows.c.unit_code, units.c.unit_name, rows.c.period, *_fields(rows, ledger), rows.c.submission_id,
            reports.c.source_file, reports.c.source_sheet, rows.c.source_row,
        )
        .join(reports, reports.c.submission_id == rows.c.submission_id)
        .join(units, units.c.unit_code == rows.c.unit_code)
        .where(rows.c.retired_load.is_(None), rows.c.is_counted.is_(True))
    )  # fmt: skip


def _fields(rows: Table, ledger: LedgerDefinition) -> Iterator[ColumnElement[Any]]:
    for field in ledger.fields:
        if field.private:
            continue
        column = rows.c[field.name]
        yield _masked(rows, ledger, field.name) if field.name in PARTY_NAMES else column
        if field.type.kind == "money":
            yield cast(cast(column, Numeric(20, 2)) / 100, Numeric(20, 2)).label(field.name.removesuffix("_fen") + "_yuan")
    for derived in ledger.derived:
        yield rows.c[derived.name]


def _masked(rows: Table, ledger: LedgerDefinition, name: str) -> ColumnElement[Any]:
    column = rows.c[name]
    is_person = func.length(column) <= LONGEST_PERSONAL_NAME
    if "party_type" in ledger.field_names():
        is_person = or_(rows.c.party_type == NATURAL_PERSON, is_person)
    return case((is_person, func.substr(column, 1, 1) + "*"), else_=column).label(name)
