"""Queries behind the plausibility checks: usual row counts, and rows already reported for an earlier month.

They run after the load is merged, within its transaction, so that the reports of one load are also compared
with each other, whatever the order of their files.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, Table, and_, case, func, or_, select

from schemas.ledgers.finding import FINDING_COLUMNS, compose_messages
from schemas.ledgers.rules import REPLACEMENT_RULES, REPORT_DOUBTS
from schemas.states import CURRENT_STATES
from warehouse.frames import read_frame
from warehouse.load.merge import content_columns
from warehouse.schema.as_of import AsOf, report_awaiting_at, report_current_at
from warehouse.schema.tables import Tables

REPORT_COLUMNS = [
    "submission_id",
    "unit_code",
    "ledger",
    "period",
    "rows",
    "held_back",
    "source_file",
    "source_sheet",
]
REPORT, COUNTS = ["unit_code", "ledger", "period"], ["rows", "held_back"]
REPEATED_COLUMNS = ["submission_id", "earlier_period", "same_keys", "same_rows"]


def reports_of_load(connection: Connection, tables: Tables, load_id: int) -> pd.DataFrame:
    """Read REPORT_COLUMNS of the current reports that a load brought.

    A report of several current submissions is one row: the last of them, with the rows of all.
    """
    reports, totals = tables.submissions, _count_rows(tables.submissions.alias("current")).subquery()
    is_same = and_(*(reports.c[name] == totals.c[name] for name in REPORT))
    columns = [totals.c[name] if name in COUNTS else reports.c[name] for name in REPORT_COLUMNS]
    query = select(*columns).join(totals, is_same).where(_is_brought(reports, load_id))
    brought = read_frame(connection, query.order_by(reports.c.submission_id), REPORT_COLUMNS)
    return brought.drop_duplicates(REPORT, keep="last", ignore_index=True)


def reports_since(connection: Connection, tables: Tables, first_month: str) -> pd.DataFrame:
    """Read unit_code, ledger, period, rows and held_back of every current report from `first_month` on."""
    reports = tables.submissions
    return read_frame(
        connection, _count_rows(reports).where(reports.c.period >= first_month), [*REPORT, *COUNTS]
    )


def reports_of_lists(
    connection: Connection, tables: Tables, ledgers: Collection[str], units: Collection[str]
) -> pd.DataFrame:
    """Read unit_code, ledger, period, rows and held_back of all current reports of ledgers and units."""
    reports = tables.submissions
    is_of = and_(reports.c.ledger.in_(sorted(ledgers)), reports.c.unit_code.in_(sorted(units)))
    return read_frame(connection, _count_rows(reports).where(is_of), [*REPORT, *COUNTS])


def _count_rows(reports: Any) -> Select[Any]:
    """Select the rows of each current report, added up over its submissions."""
    report = [reports.c[name] for name in REPORT]
    counts = [func.sum(reports.c[name]).label(name) for name in COUNTS]
    return select(*report, *counts).where(_is_current(reports)).group_by(*report)


def repeated_rows(
    connection: Connection, tables: Tables, ledgers: Collection[str], load_id: int, first_month: str
) -> pd.DataFrame:
    """Read REPEATED_COLUMNS: how many rows of the load's reports are also in their unit's earlier reports."""
    queries = (_repeats_query(tables, name, load_id, first_month) for name in ledgers)
    rows = [tuple(row) for query in queries for row in connection.execute(query)]
    return pd.DataFrame(rows, columns=REPEATED_COLUMNS)


def warnings_of_months(as_of: AsOf, months: Collection[str]) -> pd.DataFrame:
    """Read submission_id, rule_id and message of the warnings about whole reports, up to the load, for these
    months: plausibility, and what replaces what.
    """
    reports = as_of.submissions
    query = _warnings_query(as_of, REPORT_DOUBTS, [])
    warnings = read_frame(
        as_of.connection, query.where(reports.c.period.in_(months)), ["submission_id", *FINDING_COLUMNS]
    )
    return warnings.assign(message=compose_messages)[["submission_id", "rule_id", "message"]]


def open_replacement_findings(as_of: AsOf, years: Collection[int], units: Collection[str]) -> pd.DataFrame:
    """Read the doubts about what replaces what, of submissions that are current or wait, with `unit_code`:
    of these units and years, and those that the load brought about others.
    """
    reports = as_of.submissions
    is_open = or_(report_current_at(reports, as_of.load_id), report_awaiting_at(reports, as_of.load_id))
    of_units = and_(
        reports.c.unit_code.in_(sorted(units)),
        func.substr(reports.c.period, 1, 4).in_([str(year) for year in sorted(years)]),
    )
    query = _warnings_query(as_of, REPLACEMENT_RULES, [reports.c.unit_code]).where(
        is_open,
        or_(of_units, as_of.tables.findings.c.load_id == as_of.load_id),
    )
    return read_frame(as_of.connection, query, ["unit_code", "submission_id", *FINDING_COLUMNS])


def _warnings_query(as_of: AsOf, rules: Collection[str], further: Sequence[Any]) -> Select[Any]:
    reports, findings = as_of.submissions, as_of.tables.findings
    columns = [findings.c.submission_id, *(findings.c[name] for name in FINDING_COLUMNS)]
    return (
        select(*further, *columns)
        .join(reports, reports.c.submission_id == findings.c.submission_id)
        .where(findings.c.rule_id.in_(rules), findings.c.row.is_(None), findings.c.load_id <= as_of.load_id)
        .order_by(findings.c.finding_id)
    )


def _is_current(reports: Any) -> ColumnElement[bool]:
    return and_(reports.c.state.in_(CURRENT_STATES), reports.c.superseded_load.is_(None))


def _is_brought(reports: Table, load_id: int) -> ColumnElement[bool]:
    return and_(_is_current(reports), reports.c.load_id == load_id)


def _repeats_query(tables: Tables, name: str, load_id: int, first_month: str) -> Select[Any]:
    reports, now, before = (
        tables.submissions,
        tables.ledgers[name].alias("now"),
        tables.ledgers[name].alias("before"),
    )
    same = and_(
        *(
            now.c[content_column].is_not_distinct_from(before.c[content_column])
            for content_column in content_columns(tables.ledgers[name])
        )
    )
    of_report = and_(
        now.c.unit_code == reports.c.unit_code,
        now.c.period == reports.c.period,
        now.c.retired_load.is_(None),
    )
    same_key = and_(
        before.c.row_key == now.c.row_key, before.c.unit_code == now.c.unit_code, before.c.period < now.c.period,
        before.c.period >= first_month, before.c.retired_load.is_(None),
    )  # fmt: skip
    return (
        select(reports.c.submission_id, before.c.period, func.count(), func.sum(case((same, 1), else_=0)))
        .join(now, of_report)
        .join(before, same_key)
        .where(_is_brought(reports, load_id), reports.c.ledger == name)
        .group_by(reports.c.submission_id, before.c.period)
    )
