"""The reports that were current as of a load, and the coverage of figures that follows from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from schemas.periods import Period
from schemas.reporting.coverage import Reports
from schemas.reporting.coverage_bulk import CoverageTable, months_of
from schemas.reporting.obligations import Obligations
from warehouse.frames import read_frame, values_list
from warehouse.schema.as_of import AsOf, report_current_at


def read_reports(as_of: AsOf, ledgers: Collection[str], obligations: Obligations) -> Reports:
    """Read the months with a current report, by ledger and unit."""
    reports = as_of.submissions
    is_current = report_current_at(reports, as_of.load_id) & reports.c.ledger.in_(sorted(ledgers))
    query = select(reports.c.ledger, reports.c.unit_code, reports.c.period).where(is_current)
    months: dict[str, dict[str, set[str]]] = {ledger: {} for ledger in ledgers}
    for ledger, unit, month in as_of.connection.execute(query):
        months[ledger].setdefault(unit, set()).add(month)
    return Reports(months, obligations)


def first_months(as_of: AsOf, ledgers: Collection[str]) -> dict[str, str]:
    """Read, by ledger, the first month for which any unit has a current report."""
    reports = as_of.submissions
    query = (
        select(reports.c.ledger, func.min(reports.c.period))
        .where(report_current_at(reports, as_of.load_id), reports.c.ledger.in_(sorted(ledgers)))
        .group_by(reports.c.ledger)
    )
    return {row.ledger: row[1] for row in as_of.connection.execute(query)} if ledgers else {}


def read_coverage(
    as_of: AsOf, units: Sequence[str], periods: Sequence[Period], obligations: Obligations
) -> CoverageTable:
    """Read the coverage of all figures of these units and periods."""
    reports, months = as_of.submissions, months_of(periods)
    is_current = report_current_at(reports, as_of.load_id)
    report_key = (reports.c.ledger, reports.c.unit_code)
    of_periods = select(*report_key, reports.c.period).where(
        is_current,
        reports.c.unit_code.in_(values_list(units)),
        reports.c.period.between(months[0], months[-1]),
    )
    current_reports = read_frame(as_of.connection, of_periods, ["ledger", "unit_code", "period"])
    first_months = select(*report_key, func.min(reports.c.period)).where(is_current).group_by(*report_key)
    first = {(ledger, unit): month for ledger, unit, month in as_of.connection.execute(first_months)}
    return CoverageTable(units, periods, current_reports, first, obligations)
