"""The queries behind explain and changes find their rows by an index, according to SQLite's query plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Select, event, text
from sqlalchemy.dialects import sqlite

from flows.workspace import catalogue_tables
from schemas.catalogue import indicators, ledgers
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from tests.support.regions import default_regions
from warehouse.engine import open_warehouse, reading
from warehouse.figures.contributing_rows import in_order
from warehouse.figures.excluded_rows import ExcludedRowReader
from warehouse.figures.filters import part_filter, sum_query
from warehouse.figures.row_move_queries import move_queries
from warehouse.load.plausibility import warnings_of_months
from warehouse.marts.core_views import core_views
from warehouse.ops.amount_ranges import amount_ranges
from warehouse.ops.findings import findings_about
from warehouse.schema.as_of import AsOf
from warehouse.schema.tables import Warehouse

WAREHOUSE = Warehouse(catalogue_tables(), ledgers())
PERIOD, UNITS = Period.parse("2023"), default_regions().unit_codes()


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = open_warehouse("sqlite://")
    catalogue_tables().metadata.create_all(engine)
    with reading(engine) as connection:
        yield connection
    engine.dispose()


def plan(connection: Connection, query: Select[tuple[object, ...]]) -> list[str]:
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    return [
        row.detail
        for row in connection.execute(
            text(f"EXPLAIN QUERY PLAN {str(compiled).replace(':', chr(92) + ':')}")
        )
    ]


def scanned(lines: list[str]) -> list[str]:
    """List the tables that are scanned in full, except the query's own subqueries."""
    names = (line.split()[1] for line in lines if line.startswith("SCAN "))
    return [name for name in names if not name.startswith(("anon_", "("))]


@pytest.mark.parametrize("indicator", indicators().values(), ids=lambda indicator: indicator.indicator_id)
def test_no_ledger_is_scanned_in_full(connection: Connection, indicator: Indicator) -> None:
    reader = ExcludedRowReader(AsOf(connection, WAREHOUSE, 36), UNITS, PERIOD)
    for part in indicator.parts():
        otherwise_excluded = [
            query.order_by(*in_order(reader.table(part)))
            for query in reader.otherwise_excluded_queries([part])
        ]
        queries = [
            sum_query(WAREHOUSE, part, part_filter(WAREHOUSE, part, UNITS, PERIOD, 36)), reader.counted_query(part),
            *otherwise_excluded, *move_queries(WAREHOUSE, part, UNITS, PERIOD, (2, 36)),
        ]  # fmt: skip
        assert [scanned(plan(connection, query)) for query in queries] == [[]] * len(queries)


def test_a_year_is_found_by_its_dates_and_a_review_by_its_case(connection: Connection) -> None:
    (part,) = indicators()["legal_adviser_review_rate"].numerator
    reader = ExcludedRowReader(AsOf(connection, WAREHOUSE, 36), UNITS, PERIOD)
    by_date = (
        "SEARCH penalties USING INDEX penalties_by_date (unit_code=? AND decided_on>? AND decided_on<?)"
    )
    by_case = "SEARCH legal_reviews_1 USING INDEX legal_reviews_by_case_no_key (case_no_key=?)"
    assert {by_date, by_case} <= set(plan(connection, reader.counted_query(part)))
    by_key = "penalties_by_key (row_key=? AND unit_code=? AND period=?)"
    for query in (
        reader.otherwise_excluded_queries([part])[0],
        *move_queries(WAREHOUSE, part, UNITS, PERIOD, (2, 36)),
    ):
        assert any(by_key in line for line in plan(connection, query))


def test_no_growing_table_is_scanned_for_one_county(connection: Connection) -> None:
    """Check the statements sent: a month of one county must not take longer as the warehouse grows."""
    statements: list[tuple[str, Any]] = []
    event.listen(
        connection.engine,
        "before_cursor_execute",
        lambda *event_: statements.append((event_[2], event_[3])),
    )
    tables = catalogue_tables()
    amount_ranges(connection, tables, {"penalties": ["fine_fen"]}, UNITS[:1])
    warnings_of_months(AsOf(connection, WAREHOUSE, 36), ["2023-06"])
    findings_about(connection, tables, 36, 5, 9)
    plans = [
        [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        for sql, parameters in list(statements)
    ]
    searches = [next(line for line in lines if line.startswith("SEARCH")) for lines in plans]
    assert [line.split("(")[1] for line in searches] == [
        "unit_code=?)",
        "rule_id=?)",
        "submission_id>? AND submission_id<?)",
    ]


@pytest.mark.parametrize("name", ledgers())
def test_the_snapshot_is_updated_by_index(connection: Connection, name: str) -> None:
    (mart,) = (core_view for core_view in core_views(WAREHOUSE) if core_view.name == ledgers()[name].view)
    assert mart.moved_after is not None
    lines = plan(connection, mart.query().where(mart.moved_after(36)))
    assert any(f"SEARCH {name} USING INDEX {name}_recorded" in line for line in lines), lines
