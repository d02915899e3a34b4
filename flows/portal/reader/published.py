"""What was published of a figure: each publication, beside what is known now."""

from __future__ import annotations

from typing import Any

from flows.portal.visit import Visit
from flows.queries.figures import figure_rows
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from warehouse.engine import Connection
from warehouse.figures.publications import publications, published_figures


def published_values(
    visit: Visit, connection: Connection, indicator: Indicator, region: str, year: Period
) -> list[dict[str, Any]]:
    """Return the publications of a year and of its parts that have the figure, the latest first."""
    workspace = visit.workspace
    as_of = workspace.as_of_moment(connection)
    values = []
    for publication in reversed(publications(connection, workspace.tables)):
        if publication.period[:4] != str(year):
            continue
        figures = published_figures(connection, workspace.tables, publication.number, region)
        for figure in figures:
            if figure["indicator_id"] == indicator.indicator_id:
                period = Period.parse(publication.period)
                [now] = figure_rows(workspace, as_of, [indicator], [region], period)
                values.append({
                    "number": publication.number, "period": publication.period, "note": publication.note,
                    "published_at": visit.local(publication.published_at), "display": figure["display"],
                    "is_provisional": figure["is_provisional"], "is_imported": publication.is_imported,
                    "now": now["display"], "has_moved": figure["display"] != now["display"],
                })  # fmt: skip
    return values
