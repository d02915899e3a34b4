"""Hold the figures of a text against those of the warehouse or of a publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flows.queries.earlier_regions import workspace_as_of
from flows.queries.figures import figure_rows_of_periods
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from transforms.proofread.authorship import unit_of
from transforms.proofread.findings import ProofFinding, judge, needed_figures, never_mentioned
from transforms.proofread.known import KnownFigure, KnownFigures
from transforms.proofread.reading import make_reading
from transforms.proofread.statements import read_statements
from transforms.proofread.text import TextRead
from transforms.report.year_comparison import choose_row
from warehouse.engine import Connection
from warehouse.figures.publications import Publication, publications, published_figures
from warehouse.ops.loads import reported_months
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
    A text that a unit below the city wrote is about that unit.
    """
    reading = make_reading(indicators(), workspace.regions, region_code, period)
    if region_code == workspace.regions.top.code and (unit := unit_of(text.blocks, reading.regions)):
        reading = make_reading(indicators(), workspace.regions, unit, period)
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
    pairs, frozen = set(needed), publication.period if publication else ""
    imported = _imported_numbers(connection, workspace, publication)
    rows: list[Mapping[str, Any]] = []
    if publication is not None:
        rows += published_figures(connection, workspace.tables, publication.number)
    periods = {period for _, period in pairs} - {frozen}
    reported = _with_reports(as_of, periods)
    rows += _computed_rows(
        workspace,
        as_of,
        sorted({code for code, _ in pairs}),
        sorted(reported | (periods & imported.keys())),
        imported,
    )
    known = indicators()
    return {
        (row["indicator_id"], row["region_code"], row["period"]): _known_figure(row)
        for row in rows
        if row["indicator_id"] in known and (row["region_code"], row["period"]) in pairs
    }


def _with_reports(as_of: AsOf, periods: Iterable[str]) -> set[str]:
    """Return those of the periods that lie, at least in part, in the months of which reports have come."""
    first, last = reported_months(as_of.connection, as_of.tables)
    if first is None or last is None:
        return set()
    spans = {period: Period.parse_span(period).months() for period in periods}
    return {period for period, months in spans.items() if months[0] <= last and months[-1] >= first}


def _imported_numbers(
    connection: Connection, workspace: Workspace, publication: Publication | None
) -> dict[str, int]:
    """Return by period the last imported publication, or the last before a publication."""
    return {
        each.period: each.number
        for each in publications(connection, workspace.tables)
        if each.is_imported and (publication is None or each.number < publication.number)
    }


def _computed_rows(
    workspace: Workspace,
    as_of: AsOf,
    codes: Sequence[str],
    periods: Sequence[str],
    imported: Mapping[str, int],
) -> list[Mapping[str, Any]]:
    """Return computed figures; where they are incomplete, those that were imported."""
    chosen = list(indicators().values())
    spans = [Period.parse_span(period) for period in periods]
    computed = figure_rows_of_periods(workspace, as_of, chosen, codes, spans)
    known_before = {
        (row["indicator_id"], row["region_code"], period): row
        for period in periods
        if period in imported
        for row in published_figures(as_of.connection, as_of.tables, imported[period])
    }
    best = (
        choose_row(row, known_before.get((row["indicator_id"], row["region_code"], row["period"])))[0]
        for row in computed
    )
    return [row for row in best if row is not None]


def _known_figure(row: Mapping[str, Any]) -> KnownFigure:
    value = None if row["value"] is None else Decimal(str(row["value"]))
    if value is not None and row["unit"] == "ratio" and row["denominator"]:
        value = Decimal(int(row["numerator"])) / Decimal(int(row["denominator"]))
    return KnownFigure(value, row["display"], bool(row["is_provisional"]))
