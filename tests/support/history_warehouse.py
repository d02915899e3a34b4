"""Histories loaded directly into a warehouse, and queries for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine

from schemas.catalogue import ledgers
from schemas.figures.indicator import Indicator
from schemas.ledgers.finding import FINDING_COLUMNS
from schemas.regions import RegionTable
from tests.support.histories import (
    COLUMNS,
    INDICATORS,
    CountedRow,
    Figures,
    Row,
    SentReport,
    figure_keys,
)
from warehouse.engine import reading, writing
from warehouse.figures.figure_reader import FigureReader
from warehouse.load.record_load import LoadRecord, record_load
from warehouse.load.staging import Batch, staging
from warehouse.ops.loads import touched_months
from warehouse.schema import tables as schema
from warehouse.schema.as_of import AsOf
from warehouse.schema.regions import store_regions
from warehouse.schema.tables import Tables


def new_batch(night: Sequence[SentReport], started_at: datetime) -> Batch:
    """Build the batch that the flows pass to the warehouse for a run."""
    reports = [
        {
            "unit_code": report.unit, "ledger": report.ledger, "period": report.period, "sha256": f"{index}",
            "source_file": f"{index}.csv", "source_sheet": "", "source_columns": {}, "received_at": started_at,
            "rows": len(report.rows), "held_back": len(report.quarantined), "state": report.state,
            "is_revalidated": False,
        }
        for index, report in enumerate(night)
    ]  # fmt: skip
    columns = ["unit_code", "ledger", "period", "sha256", "source_file", "source_sheet", "source_columns", "received_at",
               "rows", "held_back", "state", "is_revalidated"]  # fmt: skip
    accepted, quarantined = {}, {}
    for ledger, names in COLUMNS.items():
        reports_of_ledger = [
            (index, report)
            for index, report in enumerate(night)
            if report.ledger == ledger and report.is_readable
        ]
        accepted[ledger] = pd.DataFrame(
            [
                [row.day, row.amount, row.group, key, row.rank, number, index]
                for index, report in reports_of_ledger
                for number, (key, row) in enumerate(report.rows.items(), start=2)
            ],
            columns=[*names, "row_key", "handling_rank", "source_row", "submission"],
        )
        keys = [
            [index, key, key in report.dropped]
            for index, report in reports_of_ledger
            for key in report.quarantined
        ]
        quarantined[ledger] = pd.DataFrame(keys, columns=["submission", "row_key", "is_waiver_revoked"])
    no_findings = pd.DataFrame(columns=["submission", *FINDING_COLUMNS])
    return Batch(pd.DataFrame(reports, columns=columns, dtype=object), accepted, quarantined, no_findings)


def load(
    engine: Engine, tables: Tables, night: Sequence[SentReport], started_at: datetime, regions: RegionTable
) -> None:
    """Load the submissions of a run."""
    no_adjustments = pd.DataFrame(columns=["submission", "adjustment_id", "rows"])
    new = LoadRecord(
        "nightly",
        started_at,
        ruleset="",
        log_entry="",
        files=pd.DataFrame(),
        adjustments=(),
        adjusted=no_adjustments,
        regions=regions,
    )
    with staging(engine, tables, ledgers()) as stage:
        stage.add(new_batch(night, started_at))
        with stage.writing():
            record_load(stage, new)


class Warehouse:
    """A warehouse and queries for tests."""

    def __init__(self, engine: Engine, tables: Tables, regions: RegionTable) -> None:
        self.engine, self.tables, self.regions = engine, tables, regions

    def as_of(self, connection: Connection, load_id: int) -> AsOf:
        return AsOf(connection, schema.Warehouse(self.tables, ledgers()), load_id)

    def clear(self) -> None:
        self.tables.metadata.create_all(self.engine)
        with writing(self.engine) as connection:
            for table in reversed(self.tables.metadata.sorted_tables):
                connection.execute(table.delete())
            store_regions(connection, self.tables.regions, self.tables.units, self.regions)

    def with_regions(self, regions: RegionTable) -> Warehouse:
        """Return the same warehouse under another region table."""
        return Warehouse(self.engine, self.tables, regions)

    def load(self, night: Sequence[SentReport], started_at: datetime) -> None:
        load(self.engine, self.tables, night, started_at, self.regions)

    def versions(self, ledger: str) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(self.tables.ledgers[ledger].select()))

    def counted(self, ledger: str, load_id: int) -> dict[tuple[str, str], CountedRow]:
        """Return the rows that counted as of a load; asserts that no key counts twice."""
        day, amount, group = COLUMNS[ledger]
        current_versions = [
            version
            for version in self.versions(ledger)
            if version.is_counted and is_valid_at(version, load_id)
        ]
        versions = {
            (ledger, version.row_key): CountedRow(
                version.unit_code,
                version.period,
                Row(
                    getattr(version, day),
                    getattr(version, amount),
                    getattr(version, group),
                    version.handling_rank,
                ),
            )
            for version in current_versions
        }
        assert len(versions) == len(current_versions)
        return versions

    def figures(self, load_id: int) -> Figures:
        return figures(self, load_id, INDICATORS)

    def touched(self, load_id: int) -> set[tuple[str, str]]:
        with reading(self.engine) as connection:
            dates = {name: [ledger.dated_by] for name, ledger in ledgers().items()}
            return touched_months(self.as_of(connection, load_id), dates)


def figures(warehouse: Any, load_id: int, chosen: Sequence[Indicator]) -> Figures:
    """Compute the figures of a warehouse as of a load."""
    figures_by_key = {}
    with reading(warehouse.engine) as connection:
        as_of, keys = warehouse.as_of(connection, load_id), list(figure_keys(chosen))
        periods = sorted({period for *_, period in keys})
        reader = FigureReader(as_of, warehouse.regions, periods)
        figures_read = {
            (figure.indicator_id, figure.region_code, figure.period): figure
            for figure in reader.figures(chosen)
        }
        for chosen_indicator, region, period in keys:
            figure = figures_read[chosen_indicator.indicator_id, region, str(period)]
            figures_by_key[chosen_indicator.indicator_id, region, period] = (
                figure.numerator,
                figure.denominator,
                figure.units_reported,
            )
    return figures_by_key


def is_valid_at(version: Any, load_id: int) -> bool:
    return version.recorded_load <= load_id and (
        version.retired_load is None or version.retired_load > load_id
    )


def never_overlap(versions: Sequence[Any]) -> bool:
    """Return whether no two versions of a row were valid as of the same load."""
    by_row: dict[tuple[str, str, str], list[Any]] = {}
    for version in versions:
        by_row.setdefault((version.row_key, version.unit_code, version.period), []).append(version)
    far = max((version.recorded_load for version in versions), default=0) + 1
    spans_by_row = {
        row: [range(version.recorded_load, version.retired_load or far) for version in versions_of_row]
        for row, versions_of_row in by_row.items()
    }
    return not any(
        set(first) & set(second)
        for spans in spans_by_row.values()
        for first, second in combinations(spans, 2)
    )
