"""Last year's figures beside those of a period, for reports and the portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flows.queries.figures import figure_rows
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from transforms.report.year_comparison import YearComparison, compare_years
from warehouse.figures.publications import publications, published_figures
from warehouse.schema.as_of import AsOf


def compare_with_last_year(
    workspace: Workspace,
    as_of: AsOf,
    rows: Sequence[Mapping[str, Any]],
    period: Period,
    before_publication: int | None = None,
) -> dict[tuple[str, str], YearComparison]:
    """Compare rows of figures (as `indicators --json` has them) with last year's, by indicator and region.

    Last year's are computed as of a load; where reports are missing, they are those that were imported.
    `before_publication` leaves out imports with this number or a later one: with the load of a publication
    and its number, the comparison of its frozen rows stays what it was.
    """
    last_year = Period(period.year - 1, period.first_month, period.last_month)
    regions = list(dict.fromkeys(str(row["region_code"]) for row in rows))
    names = {str(row["indicator_id"]) for row in rows}
    chosen = [indicator for name, indicator in indicators().items() if name in names]
    computed = _by_key(figure_rows(workspace, as_of, chosen, regions, last_year))
    imported = _imported(as_of, last_year, before_publication)
    return {
        key: compare_years(row, computed.get(key), imported.get(key)) for key, row in _by_key(rows).items()
    }


def _imported(as_of: AsOf, period: Period, before: int | None) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the figures of the last imported publication of a period; empty where there is none."""
    numbers = [
        publication.number
        for publication in publications(as_of.connection, as_of.tables, str(period))
        if publication.is_imported and (before is None or publication.number < before)
    ]
    return _by_key(published_figures(as_of.connection, as_of.tables, numbers[-1])) if numbers else {}


def _by_key(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(str(row["indicator_id"]), str(row["region_code"])): row for row in rows}
