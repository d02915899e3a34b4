"""Which figures moved between two loads, and how much each submission moved them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flows.queries.figures import figure_reader
from flows.workspace import Workspace
from schemas.figures.display import figure_value
from schemas.figures.figure_changes import Mover, RowMove
from schemas.figures.indicator import Indicator, Part
from schemas.periods import Period
from transforms.report.attribution import (
    Attribution,
    Opening,
    Share,
    attribute,
    exact_value,
    gather_parts,
    printed_deltas,
    verify,
)
from warehouse.figures.row_moves import count_values, current_movers, read_row_moves
from warehouse.figures.single import Figure
from warehouse.schema.as_of import AsOf


@dataclass(frozen=True)
class Change:
    """A figure that moved; `shares` are the parts of its change, with submission (or None) and printed
    delta.
    """

    indicator: Indicator
    before: Figure
    after: Figure
    delta: Decimal
    shares: tuple[tuple[Share, Mover | None, Decimal], ...]

    def row(self) -> dict[str, Any]:
        """Return the row of `changes --json`."""
        values = [
            figure_value(self.indicator, figure.numerator, figure.denominator)
            for figure in (self.before, self.after)
        ]
        parts = [
            {"cause": share.cause, "unit_code": mover and mover.unit_code, "submission_id": share.submission_id,
             "delta": self.to_number(delta)} for share, mover, delta in self.shares
        ]  # fmt: skip
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
) -> list[Change]:
    """List the figures of these regions that differ between `since` and `until`, by indicator."""
    movers = current_movers(until, since.load_id)
    return [
        change
        for indicator in selected
        for change in _Attributor(workspace, since, until, indicator, period, movers).changes(regions)
    ]


class _Attributor:
    """Attributes the changes of one indicator; rows are read once for all regions."""

    def __init__(
        self,
        workspace: Workspace,
        since: AsOf,
        until: AsOf,
        indicator: Indicator,
        period: Period,
        movers: Mapping[int, Mover],
    ) -> None:
        self.workspace, self.since, self.until = workspace, since, until
        self.indicator, self.period = indicator, period
        self.movers = {
            mover.submission_id: mover for mover in movers.values() if mover.ledger in indicator.ledgers()
        }
        self.old, self.new = (figure_reader(workspace, as_of) for as_of in (since, until))
        self._moves: list[dict[str, list[RowMove]]] = []
        self._held: list[dict[str, dict[tuple[Any, ...], int]]] | None = None

    def changes(self, regions: Sequence[str]) -> Iterator[Change]:
        if not self.movers:
            return
        units = self.new.units(self.indicator, self.workspace.regions.city.code)
        self._moves = [self._part_moves(part, units) for part in self.indicator.parts()]
        touched = {unit for moves in self._moves for unit in moves} | {
            mover.unit_code for mover in self.movers.values()
        }
        for region_code in regions:
            own = self.new.units(self.indicator, region_code)
            if touched & set(own) and (change := self._change(region_code, own)):
                yield change

    def _part_moves(self, part: Part, units: Sequence[str]) -> dict[str, list[RowMove]]:
        """Read the rows that moved in or out of a part, by unit."""
        return _by_unit(read_row_moves(self.until, part, units, self.period, list(self.movers.values())))

    def _change(self, region_code: str, units: Sequence[str]) -> Change | None:
        before, after = (
            reader.figure(self.indicator, region_code, self.period) for reader in (self.old, self.new)
        )
        exact = [
            exact_value(self.indicator, figure.numerator, figure.denominator) for figure in (before, after)
        ]
        if exact[0] == exact[1]:
            return None
        opening = self._opening(before, units)
        moves = [[move for unit in units for move in of_part.get(unit, ())] for of_part in self._moves]
        attribution = verify(
            attribute(self.indicator, units, self.period, opening, moves, self.movers), *exact
        )
        return _change(self.indicator, before, after, attribution, self.movers)

    def _opening(self, before: Figure, units: Sequence[str]) -> Opening:
        numerator, denominator = before.numerator, before.denominator
        if numerator is None:
            numerator, denominator = self.old.sums(self.indicator, units, self.period)
        if self._held is None:
            self._held = [
                self._part_held(part, moves)
                for part, moves in zip(self.indicator.parts(), self._moves, strict=True)
            ]
            self._moves = [
                _gather_by_unit(moves, held) for moves, held in zip(self._moves, self._held, strict=True)
            ]
        holding: list[Counter[tuple[Any, ...]]] = []
        for by_unit in self._held:
            counted: Counter[tuple[Any, ...]] = Counter()
            for unit in units:
                counted.update(by_unit.get(unit, {}))
            holding.append(counted)
        return Opening(numerator, denominator or 0, holding, self.old.reports(self.indicator))

    def _part_held(
        self, part: Part, moves: Mapping[str, Sequence[RowMove]]
    ) -> dict[str, dict[tuple[Any, ...], int]]:
        """Read the rows that held the moved values of a distinct count before."""
        if part.aggregate != "count_distinct" or not moves:
            return {}
        units = self.old.units(self.indicator, self.workspace.regions.city.code)
        values = [move.value for unit_moves in moves.values() for move in unit_moves]
        return count_values(self.since, part, units, self.period, values)


def _by_unit(moves: Iterable[RowMove]) -> dict[str, list[RowMove]]:
    by_unit: dict[str, list[RowMove]] = {}
    for move in moves:
        by_unit.setdefault(move.unit_code, []).append(move)
    return by_unit


def _gather_by_unit(
    moves: Mapping[str, Sequence[RowMove]], held: Mapping[str, Collection[tuple[Any, ...]]]
) -> dict[str, list[RowMove]]:
    """Group moves by unit, as counts where possible; a value may be held by rows of several units."""
    return _by_unit(
        gather_parts(
            [move for unit_moves in moves.values() for move in unit_moves], set().union(*held.values())
        )
    )


def _change(
    indicator: Indicator,
    before: Figure,
    after: Figure,
    attribution: Attribution,
    movers: Mapping[int, Mover],
) -> Change:
    delta, printed = printed_deltas(indicator, [share.delta for share in attribution.shares])
    movers_of = (
        movers.get(share.submission_id) if share.submission_id else None for share in attribution.shares
    )
    return Change(
        indicator, before, after, delta, tuple(zip(attribution.shares, movers_of, printed, strict=True))
    )
