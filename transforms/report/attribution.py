"""From rows that moved to shares of a figure's movement, one a submission and cause, which add up exactly.

Submissions are taken in their order; each is given what the figure changes by when its rows are added to all before it. So the
shares of a rate or of a distinct count add up as those of a sum do, and a row that another submission had already brought
adds nothing. Where there is no figure (nobody reported, or nothing to divide by), its share is counted from 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from schemas.figures.display import FEN_PER_YUAN
from schemas.figures.figure import has_numerator
from schemas.figures.figure_changes import DEFINITION, RETIRED, Mover, RowMove
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.reporting.coverage import Reports, has_reported_all, has_reported_any
from transforms.errors import TransformError

#: decimal places of a displayed rate
RATE_PLACES = 12


@dataclass(frozen=True)
class Opening:
    """What stood before: the sums (even if nobody had reported), by part how many rows held each moved value, the reports."""

    numerator: int
    denominator: int
    holding: Sequence[Mapping[tuple[Any, ...], int]]
    reports: Reports


@dataclass(frozen=True)
class Share:
    """What one submission, for one cause, moved a figure by; `entered` and `left` are rows that it moved."""

    cause: str
    submission_id: int | None
    delta: Fraction
    entered: int = 0
    left: int = 0


@dataclass(frozen=True)
class Attribution:
    """The figure before and after, None where there is none, the sums behind it, and the shares of the difference."""

    before: Fraction | None
    after: Fraction | None
    shares: tuple[Share, ...]


class AttributionError(TransformError):
    """The shares do not add up to what the figure moved by: an internal error; nothing may be printed."""


def attribute(
    indicator: Indicator,
    units: Sequence[str],
    period: Period,
    opening: Opening,
    moves: Sequence[Sequence[RowMove]],
    movers: Mapping[int, Mover],
) -> Attribution:
    """Go from the opening through all that moved (`moves` by part of the indicator; `movers` also brought reports)."""
    state = _State(indicator, units, period, opening)
    value = before = state.value()
    shares = []
    for (submission_id, is_withdrawn), of_step in _steps(moves, movers):
        mover = movers[submission_id]
        state.report(mover)
        for part, move in of_step:
            state.move(part, move)
        old, value = value, state.value()
        if value != old:
            delta = (value or Fraction(0)) - (old or Fraction(0))
            entered, left = sum(move.entered for _, move in of_step), sum(move.left for _, move in of_step)
            shares.append(Share(mover.cause(is_withdrawn), submission_id, delta, entered, left))
    telling = [
        share for share in shares if share.delta
    ] or shares  # a first report of nothing makes a zero of no figure
    return Attribution(before, value, tuple(telling))


def verify(attribution: Attribution, before: Fraction | None, after: Fraction | None) -> Attribution:
    """The attribution, if it leads from the figure as it was to the figure as it is; raises AttributionFault."""
    moved = (after or Fraction(0)) - (before or Fraction(0))
    if (attribution.before, attribution.after) != (before, after) or sum(
        share.delta for share in attribution.shares
    ) != moved:
        raise AttributionError(
            f"told {attribution.before} to {attribution.after} by {attribution.shares}, where it is {before} to {after}"
        )
    return attribution


def definition_part(published: Fraction | None, recomputed: Fraction | None) -> Share | None:
    """The share of the indicator's own definition: a published figure against the same rows by the definition of now."""
    if published == recomputed:
        return None
    return Share(DEFINITION, None, (recomputed or Fraction(0)) - (published or Fraction(0)))


def exact_value(indicator: Indicator, numerator: int | None, denominator: int | None) -> Fraction | None:
    """The figure in its unit's base (元; 0 to 1 for rates) without any rounding; None where there is none."""
    if numerator is None:
        return None
    if indicator.is_rate:
        return Fraction(numerator, denominator) if denominator else None
    return Fraction(numerator, FEN_PER_YUAN) if indicator.unit == "元" else Fraction(numerator)


def printed_deltas(
    indicator: Indicator, deltas: Sequence[Fraction], rate_places: int = RATE_PLACES
) -> tuple[Decimal, list[Decimal]]:
    """The sum of the deltas and each of them as printed, still adding up.

    Counts and money are printed as they are. A rate's are cut to `rate_places`, and what is then missing from the rounded sum
    goes, one in the last place each, to those of which most was cut.
    """
    places = rate_places if indicator.is_rate else 2 if indicator.unit == "元" else 0
    scaled = [delta * 10**places for delta in deltas]
    whole = [exact.numerator // exact.denominator for exact in scaled]
    total = round(sum(scaled, Fraction(0)))
    by_cut = sorted(range(len(scaled)), key=lambda index: (whole[index] - scaled[index], index))
    for index in by_cut[: total - sum(whole)]:
        whole[index] += 1
    return Decimal(total).scaleb(-places), [Decimal(number).scaleb(-places) for number in whole]


def gather_parts(moves: Sequence[RowMove], held: Container[tuple[Any, ...]]) -> list[RowMove]:
    """The same, with one move for all rows of a unit that a submission brought and whose values nothing else ever held.

    Each of those adds one, whatever came before: in a distinct count by key that is nearly every row.
    """
    often = Counter(move.value for move in moves)
    numbers: Counter[tuple[int, int, bool, str]] = Counter()
    others = []
    for move in moves:
        if (
            move.value
            and move.amount == 1
            and move.entered == 1
            and often[move.value] == 1
            and move.value not in held
        ):
            numbers[move[:4]] += 1
        else:
            others.append(move)
    return [RowMove(*brought, (), number, number, 0) for brought, number in numbers.items()] + others


def _steps(
    moves: Sequence[Sequence[RowMove]], movers: Mapping[int, Mover]
) -> Iterable[tuple[tuple[int, bool], list[tuple[int, RowMove]]]]:
    """By submission, in order, the rows (with their part) that it withdrew, then those it brought; none if it only came."""
    steps: dict[tuple[int, bool], list[tuple[int, RowMove]]] = {
        (submission_id, True): [] for submission_id in movers
    }
    is_apart = {submission_id: mover.cause(True) == RETIRED for submission_id, mover in movers.items()}
    for part, of_part in enumerate(moves):
        for move in of_part:
            is_brought = not (move.is_withdrawn and is_apart[move.submission_id])
            steps.setdefault((move.submission_id, is_brought), []).append((part, move))
    return (
        ((submission_id, not is_brought), steps[submission_id, is_brought])
        for submission_id, is_brought in sorted(steps)
    )


class _State:
    """An indicator's sums, the distinct values behind them and the reports, as of a point between two loads."""

    def __init__(
        self, indicator: Indicator, units: Sequence[str], period: Period, opening: Opening
    ) -> None:
        self.indicator, self.units, self.period = indicator, units, period
        self.sums = [opening.numerator, opening.denominator]
        self.holding = [Counter(held) for held in opening.holding]
        self.months = {
            ledger: {unit: set(months) for unit, months in by_unit.items()}
            for ledger, by_unit in opening.reports.items()
        }
        self.reports = Reports(self.months, opening.reports.obligations)
        self._note_coverage()

    def report(self, mover: Mover) -> None:
        months = (
            self.months[mover.ledger].setdefault(mover.unit_code, set())
            if mover.ledger in self.months
            else None
        )
        if months is not None and mover.period not in months:
            months.add(mover.period)
            self._note_coverage()

    def _note_coverage(self) -> None:
        self.is_heard = any(
            has_reported_any(self.indicator, unit, self.period, self.reports) for unit in self.units
        )
        self.is_whole = all(
            has_reported_all(self.indicator, unit, self.period, self.reports) for unit in self.units
        )

    def move(self, part: int, move: RowMove) -> None:
        side = 0 if part < len(self.indicator.numerator) else 1
        if not move.value:
            self.sums[side] += move.amount
            return
        held = self.holding[part]
        was_held = held[move.value] > 0
        held[move.value] += move.amount
        self.sums[side] += (held[move.value] > 0) - was_held

    def value(self) -> Fraction | None:
        numerator, denominator = self.sums
        is_any_zero_known = not self.indicator.zero_needs_every_unit
        if not has_numerator(numerator, self.is_heard, self.is_whole, is_any_zero_known):
            return None
        return exact_value(self.indicator, numerator, denominator)
