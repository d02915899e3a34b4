"""The region table in the warehouse: who followed whom, and until when a unit reported."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.schema import CreateTable, DropTable

from schemas.regions import ALWAYS, RegionTable
from warehouse.schema.mart_tables import OF_NO_CONTENT


def regions_table(metadata: MetaData, name: str = "regions", **options: Any) -> Table:
    """Define the table: a row for each line of the region table, stored again whenever that changed."""
    return Table(
        name, metadata,
        Column("region_code", Text, primary_key=True),
        Column("region_name", Text, nullable=False),
        Column("level", Text, nullable=False, comment="province, city, unit, bureau"),
        Column("parent_code", Text),
        Column("valid_from", Date), Column("valid_to", Date, comment="the last day"),
        Column("successor", Text, comment="codes, with ; between them"),
        Column("last_month", Text, comment="the last month that it reports; null: it has not ended"),
        Column("line", Text, nullable=False, comment="the last of those that followed it one after the other; else itself"),
        Column("followers", Integer, nullable=False, comment="how many followed it in its line"),
        info=OF_NO_CONTENT, **options,
    )  # fmt: skip


def regions_of_load(connection: Connection, regions: RegionTable, load_id: int) -> Table:
    """Return a temporary table with the region table of a load, in place of the stored one of today."""
    table = regions_table(MetaData(), f"regions_of_load_{load_id}", prefixes=["TEMPORARY"])
    connection.execute(DropTable(table, if_exists=True))
    connection.execute(CreateTable(table))
    connection.execute(insert(table), region_rows(regions))
    return table


def region_rows(regions: RegionTable) -> list[dict[str, Any]]:
    """Return the rows of the table, in the order of their codes."""
    rows = []
    for code, region in sorted(regions.regions.items()):
        line, last_month = regions.history.lines[code], regions.history.months[code].last
        rows.append({
            "region_code": code, "region_name": region.name, "level": region.level, "parent_code": region.parent or None,
            "valid_from": region.valid_from, "valid_to": region.valid_to, "successor": ";".join(region.successors) or None,
            "last_month": None if last_month == ALWAYS.last else last_month, "line": line[-1], "followers": len(line) - 1,
        })  # fmt: skip
    return rows


def stored_regions(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """Read the rows of the table, in the order of their codes."""
    return [dict(row._mapping) for row in connection.execute(select(table).order_by(table.c.region_code))]


def stored_units(connection: Connection, units: Table) -> dict[str, str]:
    """Read the names of the units by code."""
    return {row.unit_code: row.unit_name for row in connection.execute(select(units))}


def unit_names(regions: RegionTable) -> dict[str, str]:
    """Return the names of the units by code, as they are stored."""
    return {unit.code: unit.name for unit in regions.units}


def store_regions(connection: Connection, table: Table, units: Table, regions: RegionTable) -> None:
    """Store the region table, and the names of its units."""
    connection.execute(delete(table))
    connection.execute(insert(table), region_rows(regions))
    connection.execute(delete(units))
    names = unit_names(regions).items()
    connection.execute(insert(units), [{"unit_code": code, "unit_name": name} for code, name in names])


def line_of(regions: Table, unit_code: ColumnElement[str]) -> ColumnElement[str]:
    """Return the line that a unit belongs to: the same for a unit under its former and later codes."""
    named = regions.alias()
    line = select(named.c.line).where(named.c.region_code == unit_code).correlate_except(named)
    return func.coalesce(line.scalar_subquery(), unit_code)


def followers_of(regions: Table, earlier: FromClause) -> tuple[FromClause, ColumnElement[bool]]:
    """Return the table again, and the condition that joins to a region (`earlier`) those that followed it."""
    later = regions.alias()
    return later, (later.c.line == earlier.c.line) & (later.c.followers < earlier.c.followers)
