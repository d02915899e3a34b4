"""Which figures moved between two loads, and how much each submission moved them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from flows.queries.figures import read_figures
from flows.workspace import Workspace
from schemas.figures.display import figure_value
from schemas.figures.figure import Figure
from schemas.figures.figure_changes import CAUSES_FOR_PROGRAMS, Mover, RowMove
from schemas.figures.indicator import Indicator, Part
from schemas.periods import Period
from schemas.reporting.coverage import Reports, units_of_figure
from transforms.report.attribution import (
    Attribution,
    Opening,
    Share,
    attribute,
    complete,
    exact_value,
    gather_parts,
    printed_deltas,
)
from warehouse.figures.current_reports import read_reports
from warehouse.figures.row_moves import count_values, current_movers, read_row_moves
from warehouse.schema.as_of import AsOf


@dataclass(frozen=True)
class Change:
    """A figure that moved; `shares` are the parts of its change, with submission (or None) and printed
    delta, `units` those whose rows moved, by the report of any unit.
    """

    indicator: Indicator
    before: Figure
    after: Figure
    delta: Decimal
    shares: tuple[tuple[Share, Mover | None, Decimal], ...]
    units: frozenset[str]

    def row(self) -> dict[str, Any]:
        """Return the row of `changes --json`."""
        values = [
            figure_value(self.indicator, figure.numerator, figure.denominator)
            for figure in (self.before, self.after)
        ]
        parts = [
            {
                "cause": CAUSES_FOR_PROGRAMS.get(share.cause, share.cause),
                "unit_code": mover and mover.unit_code,
                "submission_id": share.submission_id,
                "delta": self.to_number(delta),
            }
            for share, mover, delta in self.shares
        ]
        return {
            "indicator_id": self.indicator.indicator_id, "region_code": self.after.region_code, "period": self.after.period,
            "before": values[0], "after": values[1], "delta": self.to_number(self.delta), "parts": parts,
        }  # fmt: skip

    def to_number(self, delta: Decimal) -> Decimal | int:
        """Convert a delta for JSON: counts are whole numbers."""
        return delta if self.indicator.is_rate or self.indicator.unit == "元" else int(delta)


def changed_figures(
    workspace: Workspace,
    since: AsOf,
    until: AsOf,
    selected: Sequence[Indicator],
    regions: Sequence[str],
    period: Period,
    workspace_then: Workspace | None = None,
) -> list[Change]:
    """List the figures of these regions that differ between `since` and `until`, by indicator.

    `workspace_then` has the region table of `since`, where that is another one.
    """
    movers = current_movers(until, since.load_id)
    moved_ledgers = {mover.ledger for mover in movers.values()}
    has_other_regions = workspace_then is not None and workspace_then.regions != workspace.regions
    concerned = [
        indicator for indicator in selected if has_other_regions or indicator.ledgers() & moved_ledgers
    ]
    before = read_figures(workspace_then or workspace, since, concerned, regions, period)
    after = read_figures(workspace, until, concerned, regions, period)
    changes: list[Change | None] = []
    for indicator in concerned:
        attributor = _Attributor(
            workspace, since, until, indicator, period, movers, has_other_regions=has_other_regions
        )
        keys = [(indicator.indicator_id, region_code) for region_code in regions]
        changes += [attributor.change(before[key], after[key]) for key in keys]
    return [change for change in changes if change]


class _PartRows(NamedTuple):
    """The rows of a part that moved, and how many rows had the moved values before, both by unit."""

    moves: dict[str, list[RowMove]]
    counts_before: dict[str, dict[tuple[Any, ...], int]]


class _Attributor:
    """Attributes the changes of one indicator; rows are read once for all regions, if any figure changed."""

    def __init__(
        self,
        workspace: Workspace,
        since: AsOf,
        until: AsOf,
        indicator: Indicator,
        period: Period,
        movers: Mapping[int, Mover],
        *,
        has_other_regions: bool = False,
    ) -> None:
        self.workspace, self.since, self.until = workspace, since, until
        self.has_other_regions = has_other_regions
        self.indicator, self.period = indicator, period
        self.movers = {
            mover.submission_id: mover for mover in movers.values() if mover.ledger in indicator.ledgers()
        }

    def change(self, before: Figure, after: Figure) -> Change | None:
        """Attribute the change of a region's figure; None if it did not change."""
        indicator = self.indicator
        old, new = (
            exact_value(indicator, figure.numerator, figure.denominator) for figure in (before, after)
        )
        if old == new:
            return None
        units = units_of_figure(indicator, self.workspace.regions, before.region_code)
        moves = [[move for unit in units for move in rows.moves.get(unit, ())] for rows in self._rows]
        opening = self._opening(before, units)
        attribution = attribute(indicator, units, self.period, opening, moves, self.movers)
        whole = complete(attribution, old, new, self.movers, has_other_regions=self.has_other_regions)
        moved_units = frozenset(unit for unit in units if any(unit in rows.moves for rows in self._rows))
        return _change(indicator, before, after, whole, self.movers, moved_units)

    def _opening(self, before: Figure, units: Sequence[str]) -> Opening:
        holding: list[Counter[tuple[Any, ...]]] = []
        for rows in self._rows:
            counted: Counter[tuple[Any, ...]] = Counter()
            for unit in units:
                counted.update(rows.counts_before.get(unit, {}))
            holding.append(counted)
        sums = before.numerator_sum, before.denominator_sum
        return Opening(*sums, holding, *self._reports)

    @cached_property
    def _reports(self) -> tuple[Reports, Reports]:
        """Read the reports before and after."""
        ledgers, obligations = self.indicator.ledgers(), self.workspace.obligations
        before, after = (read_reports(as_of, ledgers, obligations) for as_of in (self.since, self.until))
        return before, after

    @cached_property
    def _rows(self) -> list[_PartRows]:
        """Read, by part, the rows that moved, and the earlier rows with
        the moved values of a distinct count.
        """
        regions, movers = self.workspace.regions, list(self.movers.values())
        units = units_of_figure(self.indicator, regions, regions.top.code)
        return [
            self._part_rows(part, units, read_row_moves(self.until, part, units, self.period, movers))
            for part in self.indicator.parts()
        ]

    def _part_rows(self, part: Part, units: Sequence[str], moves: Sequence[RowMove]) -> _PartRows:
        """Group moves by unit, as counts where possible; a value may occur in rows of several units."""
        counts_before: dict[str, dict[tuple[Any, ...], int]] = {}
        if part.aggregate == "count_distinct" and moves:
            counts_before = count_values(
                self.since, part, units, self.period, [move.value for move in moves]
            )
        by_unit: dict[str, list[RowMove]] = {}
        for move in gather_parts(moves, set().union(*counts_before.values())):
            by_unit.setdefault(move.unit_code, []).append(move)
        return _PartRows(by_unit, counts_before)


def _change(
    indicator: Indicator,
    before: Figure,
    after: Figure,
    attribution: Attribution,
    movers: Mapping[int, Mover],
    units: frozenset[str],
) -> Change:
    delta, printed = printed_deltas(indicator, [share.delta for share in attribution.shares])
    movers_of = (
        movers.get(share.submission_id) if share.submission_id else None for share in attribution.shares
    )
    return Change(
        indicator,
        before,
        after,
        delta,
        tuple(zip(attribution.shares, movers_of, printed, strict=True)),
        units,
    )
