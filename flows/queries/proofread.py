"""Hold the figures of a text against those of the warehouse or of a publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flows.queries.earlier_regions import workspace_as_of
from flows.queries.figures import figure_rows
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from transforms.proofread.findings import ProofFinding, judge, needed_figures, never_mentioned
from transforms.proofread.known import FigureKey, KnownFigure, KnownFigures
from transforms.proofread.reading import make_reading
from transforms.proofread.statements import read_statements
from transforms.proofread.text import TextRead
from transforms.report.year_comparison import choose_row
from warehouse.engine import Connection
from warehouse.figures.publications import Publication, publications, published_figures
from warehouse.schema.as_of import AsOf


@dataclass(frozen=True)
class Proofreading:
    """What was found in a text: its numbers, and the indicators that it never mentions."""

    findings: list[ProofFinding]
    never_mentioned: list[Indicator]


def proofread_text(
    workspace: Workspace,
    connection: Connection,
    text: TextRead,
    region_code: str,
    period: Period,
    publication: Publication | None,
) -> Proofreading:
    """Find every figure of a text about a region and period, and hold it against the computed one.

    With a publication, the figures of its period are those that it froze, and others are as they were then.
    """
    reading = make_reading(indicators(), workspace.regions, region_code, period)
    statements = read_statements(text, reading)
    figures = _read_figures(workspace, connection, needed_figures(statements, reading), publication)
    findings = judge(text, statements, figures, reading)
    return Proofreading(findings, never_mentioned(findings, indicators(), figures, reading))


def _read_figures(
    workspace: Workspace,
    connection: Connection,
    needed: Iterable[tuple[str, str]],
    publication: Publication | None,
) -> KnownFigures:
    """Read the figures of these regions and periods that there are."""
    as_of = workspace.as_of_moment(connection)
    if publication is not None and not publication.is_imported:
        workspace, as_of = workspace_as_of(workspace, workspace.as_of(connection, publication.load_id))
    regions_by_period: dict[str, list[str]] = {}
    for region_code, period in sorted(needed):
        regions_by_period.setdefault(period, []).append(region_code)
    known = indicators()
    figures: dict[FigureKey, KnownFigure] = {}
    for period, codes in regions_by_period.items():
        rows: Sequence[Mapping[str, Any]]
        if publication is not None and period == publication.period:
            rows = published_figures(connection, workspace.tables, publication.number)
        else:
            rows = _rows_of_period(workspace, as_of, codes, Period.parse(period), publication)
        for row in rows:
            if row["indicator_id"] in known and row["region_code"] in codes:
                figures[row["indicator_id"], row["region_code"], period] = _known_figure(row)
    return figures


def _rows_of_period(
    workspace: Workspace,
    as_of: AsOf,
    codes: Sequence[str],
    period: Period,
    publication: Publication | None,
) -> list[Mapping[str, Any]]:
    """Return computed figures; where they are incomplete, those that were imported before the publication."""
    computed = figure_rows(workspace, as_of, list(indicators().values()), codes, period)
    numbers = [
        each.number
        for each in publications(as_of.connection, as_of.tables, str(period))
        if each.is_imported and (publication is None or each.number < publication.number)
    ]
    imported = {
        (row["indicator_id"], row["region_code"]): row
        for row in (published_figures(as_of.connection, as_of.tables, numbers[-1]) if numbers else ())
    }
    chosen = (
        choose_row(row, imported.get((row["indicator_id"], row["region_code"])))[0] for row in computed
    )
    return [row for row in chosen if row is not None]


def _known_figure(row: Mapping[str, Any]) -> KnownFigure:
    value = None if row["value"] is None else Decimal(str(row["value"]))
    if value is not None and row["unit"] == "ratio" and row["denominator"]:
        value = Decimal(int(row["numerator"])) / Decimal(int(row["denominator"]))
    return KnownFigure(value, row["display"], bool(row["is_provisional"]))
