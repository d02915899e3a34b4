"""The warehouse as of a load: which versions of rows, and which submissions, were current then."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, func, or_

from schemas.states import AWAITING, CURRENT_STATES
from warehouse.schema.tables import Tables, Warehouse

#: a load by number, or a column that gives each row its own (say, the load that recorded it)
LoadId = int | ColumnElement[int]


@dataclass(frozen=True)
class AsOf:
    """A warehouse as of one of its loads, read over one connection.

    Load 0 is the state before the first load.
    """

    connection: Connection
    warehouse: Warehouse
    load_id: int

    @property
    def tables(self) -> Tables:
        return self.warehouse.tables

    @property
    def submissions(self) -> Table:
        return self.warehouse.tables.submissions

    def ledger(self, name: str) -> Table:
        """Return the table of a ledger."""
        return self.warehouse.tables.ledgers[name]

    def with_load(self, load_id: int) -> AsOf:
        """Return the same warehouse as of another load."""
        return replace(self, load_id=load_id)


def row_current_at(table: FromClause, load_id: LoadId) -> ColumnElement[bool]:
    """Filter for row versions current as of a load."""
    return and_(
        table.c.recorded_load <= load_id,
        or_(table.c.retired_load.is_(None), table.c.retired_load > load_id),
    )


def key_current_at(table: FromClause, load_id: LoadId) -> ColumnElement[bool]:
    """Filter for versions current as of a load, among the few versions of one key.

    The coalesce makes SQLite use the key's index, not retired_load's.
    """
    return and_(
        table.c.recorded_load <= load_id, func.coalesce(table.c.retired_load, load_id + 1) > load_id
    )


def report_current_at(reports: FromClause, load_id: LoadId) -> ColumnElement[bool]:
    """Filter for submissions that were the current one of their report as of a load."""
    return and_(
        reports.c.state.in_(CURRENT_STATES),
        reports.c.load_id <= load_id,
        or_(reports.c.superseded_load.is_(None), reports.c.superseded_load > load_id),
    )


def report_awaiting_at(reports: FromClause, load_id: LoadId) -> ColumnElement[bool]:
    """Filter for submissions that waited for confirmation as of a load."""
    return and_(
        reports.c.state == AWAITING,
        reports.c.load_id <= load_id,
        or_(reports.c.superseded_load.is_(None), reports.c.superseded_load > load_id),
    )


def touched_by_load(table: FromClause, load_id: LoadId) -> ColumnElement[bool]:
    """Filter for row versions that a load recorded or retired."""
    return or_(table.c.recorded_load == load_id, table.c.retired_load == load_id)
