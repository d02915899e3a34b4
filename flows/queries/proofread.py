"""Hold the figures of a text against those of the warehouse or of a publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flows.queries.figures import figure_rows
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from transforms.proofread.findings import ProofFinding, judge, needed_figures, never_mentioned
from transforms.proofread.known import KnownFigure, KnownFigures
from transforms.proofread.statements import make_reading, read_statements
from transforms.proofread.text import TextRead
from warehouse.figures.publications import publications, published_figures
from warehouse.schema.as_of import AsOf


@dataclass(frozen=True)
class Proofreading:
    """What was found in a text: its numbers, and the indicators that it never mentions."""

    findings: list[ProofFinding]
    never_mentioned: list[Indicator]


def proofread_text(
    workspace: Workspace, as_of: AsOf, text: TextRead, region_code: str, period: Period, publication: int | None
) -> Proofreading:  # fmt: skip
    """Find every figure of a text about a region and period, and hold it against the computed one.

    With the number of a publication, the figures of its period are those that it froze.
    """
    reading = make_reading(indicators(), workspace.regions, region_code, period)
    statements = read_statements(text, reading)
    figures = _read_figures(workspace, as_of, needed_figures(statements, reading), period, publication)
    findings = judge(text, statements, figures, reading)
    return Proofreading(findings, never_mentioned(findings, indicators(), reading))


def _read_figures(
    workspace: Workspace, as_of: AsOf, needed: Iterable[tuple[str, str]], own: Period, number: int | None
) -> KnownFigures:  # fmt: skip
    """Read the figures of these regions and periods that there are."""
    regions_by_period: dict[str, set[str]] = {}
    for region_code, period in needed:
        if region_code in workspace.regions.regions:
            regions_by_period.setdefault(period, set()).add(region_code)
    rows: list[Mapping[str, Any]] = []
    for period, codes in regions_by_period.items():
        if number is not None and period == str(own):
            published = published_figures(as_of.connection, as_of.tables, number)
            rows += [row for row in published if row["region_code"] in codes]
        else:
            rows += _rows_of_period(workspace, as_of, sorted(codes), Period.parse(period))
    known = indicators()
    return {
        (row["indicator_id"], row["region_code"], row["period"]): _known_figure(row)
        for row in rows
        if row["indicator_id"] in known
    }


def _rows_of_period(
    workspace: Workspace, as_of: AsOf, codes: Sequence[str], period: Period
) -> list[dict[str, Any]]:
    """Return computed figures, or those of the last publication of a period that has no reports."""
    rows = figure_rows(workspace, as_of, list(indicators().values()), codes, period)
    if any(row["value"] is not None for row in rows):
        return rows
    published = publications(as_of.connection, as_of.tables, str(period))
    if not published:
        return rows
    figures = published_figures(as_of.connection, as_of.tables, published[-1].number)
    return [row for row in figures if row["region_code"] in codes]


def _known_figure(row: Mapping[str, Any]) -> KnownFigure:
    value = None if row["value"] is None else Decimal(str(row["value"]))
    if value is not None and row["unit"] == "ratio" and row["denominator"]:
        value = Decimal(int(row["numerator"])) / Decimal(int(row["denominator"]))
    return KnownFigure(value, row["display"], bool(row["is_provisional"]))
