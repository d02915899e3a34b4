"""Reports of units that a region table does not have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from schemas.states import CURRENT_STATES
from warehouse.frames import values_list
from warehouse.schema.tables import Tables


@dataclass(frozen=True)
class LostUnit:
    """A unit that the region table lacks, and its current reports: how many, from which month to which."""

    code: str
    name: str
    reports: int
    first_month: str
    last_month: str


def lost_units(connection: Connection, tables: Tables, codes: Collection[str]) -> list[LostUnit]:
    """Read the units with current reports that are not among `codes`, with the names last known."""
    reports, units = tables.submissions.c, tables.units.c
    months = (func.count(), func.min(reports.period), func.max(reports.period))
    query = (
        select(reports.unit_code, func.min(func.coalesce(units.unit_name, reports.unit_code)), *months)
        .outerjoin_from(tables.submissions, tables.units, units.unit_code == reports.unit_code)
        .where(
            reports.state.in_(CURRENT_STATES),
            reports.superseded_load.is_(None),
            reports.unit_code.not_in(values_list(sorted(codes))),
        )
        .group_by(reports.unit_code)
        .order_by(reports.unit_code)
    )
    return [LostUnit(*row) for row in connection.execute(query)]
