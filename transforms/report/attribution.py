"""Split the movement of a figure into shares, one for each submission and cause, that add up exactly.

Submissions follow each other in their order. The share of each is the change of the figure when its rows
are added to those of all before it. So the shares of a rate or of a distinct count add up as those of a sum
do, and a row that another submission had already brought adds nothing. Where there is no figure (nobody
reported, or the denominator is zero), its share is counted from 0. What no submission accounts for is one
remaining share without a submission, so that the shares always add up.
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
from schemas.figures.figure_changes import CORRECTED, DEFINITION, REGIONS, RETIRED, Mover, RowMove
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.reporting.coverage import Reports, has_reported_all, has_reported_any, may_report_zero

#: decimal places of a displayed rate
RATE_PLACES = 12


@dataclass(frozen=True)
class Opening:
    """The state before: the sums (even if nobody had reported), the reports, and for each part of the
    indicator how many rows had each value that moved.

    `reports_after` are those of the state after: a report that is not among them ceased to be current.
    """

    numerator: int
    denominator: int
    holding: Sequence[Mapping[tuple[Any, ...], int]]
    reports: Reports
    reports_after: Reports | None = None


@dataclass(frozen=True)
class Share:
    """By how much one submission moved a figure for one cause, and how many rows entered and left."""

    cause: str
    submission_id: int | None
    delta: Fraction
    entered: int = 0
    left: int = 0


@dataclass(frozen=True)
class Attribution:
    """The figure before and after, None where there is none, and the shares of the difference."""

    before: Fraction | None
    after: Fraction | None
    shares: tuple[Share, ...]


def attribute(
    indicator: Indicator,
    units: Sequence[str],
    period: Period,
    opening: Opening,
    moves: Sequence[Sequence[RowMove]],
    movers: Mapping[int, Mover],
) -> Attribution:
    """Attribute the movement from `opening` through all `moves`, listed by part of the indicator.

    `movers` are the submissions, also those that only brought a report. Moves of others are left out.
    """
    state = _State(indicator, units, period, opening)
    value = before = state.value()
    shares = []
    for (submission_id, is_retired), step_moves in _steps(moves, movers):
        mover = movers[submission_id]
        state.report(mover)
        for part, move in step_moves:
            state.move(part, move)
        old, value = value, state.value()
        if value != old:
            delta = (value or Fraction(0)) - (old or Fraction(0))
            entered, left = (
                sum(move.entered for _, move in step_moves),
                sum(move.left for _, move in step_moves),
            )
            shares.append(Share(mover.cause(is_retired), submission_id, delta, entered, left))
    # a first report without rows turns no figure into zero: its share is 0, and yet it is the cause
    relevant = [share for share in shares if share.delta] or shares
    return Attribution(before, value, tuple(relevant))


def complete(
    attribution: Attribution,
    before: Fraction | None,
    after: Fraction | None,
    movers: Mapping[int, Mover],
    *,
    has_other_regions: bool = False,
) -> Attribution:
    """Return the attribution with a share for what is left between the figure before and after, if any.

    Its cause is the region table where that is another one now, else the bureau's decision where one changed
    anything in between; otherwise other reports are asked for (the definition).
    """
    if (attribution.before, attribution.after) == (before, after):
        return attribution
    movement = (after or Fraction(0)) - (before or Fraction(0))
    remainder = movement - sum((share.delta for share in attribution.shares), Fraction(0))
    shares = attribution.shares
    if remainder or not shares:
        causes = {mover.cause(False) for mover in movers.values()}
        is_of_regions = has_other_regions or REGIONS in causes
        cause = REGIONS if is_of_regions else CORRECTED if CORRECTED in causes else DEFINITION
        shares = (*shares, Share(cause, None, remainder))
    return Attribution(before, after, shares)


def definition_part(published: Fraction | None, recomputed: Fraction | None) -> Share | None:
    """Return the share of a changed definition: the published figure and the same rows by the current one."""
    if published == recomputed:
        return None
    return Share(DEFINITION, None, (recomputed or Fraction(0)) - (published or Fraction(0)))


def exact_value(indicator: Indicator, numerator: int | None, denominator: int | None) -> Fraction | None:
    """Return the figure in its base unit (元; 0 to 1 for rates)
    without rounding; None where there is none.
    """
    if numerator is None:
        return None
    if indicator.is_rate:
        return Fraction(numerator, denominator) if denominator else None
    return Fraction(numerator, FEN_PER_YUAN) if indicator.unit == "元" else Fraction(numerator)


def printed_deltas(
    indicator: Indicator, deltas: Sequence[Fraction], rate_places: int = RATE_PLACES
) -> tuple[Decimal, list[Decimal]]:
    """Round the deltas for print so that they still add up; return their sum and each of them.

    Counts and money are exact. Those of a rate are cut to `rate_places` decimals. What is then missing from
    the rounded sum is added, one in the last decimal each, to those of which most was cut.
    """
    decimals = rate_places if indicator.is_rate else 2 if indicator.unit == "元" else 0
    scaled = [delta * 10**decimals for delta in deltas]
    whole = [exact.numerator // exact.denominator for exact in scaled]
    total = round(sum(scaled, Fraction(0)))
    by_cut = sorted(range(len(scaled)), key=lambda index: (whole[index] - scaled[index], index))
    for index in by_cut[: total - sum(whole)]:
        whole[index] += 1
    return Decimal(total).scaleb(-decimals), [Decimal(number).scaleb(-decimals) for number in whole]


def gather_parts(moves: Sequence[RowMove], held: Container[tuple[Any, ...]]) -> list[RowMove]:
    """Combine the moves of rows that a submission brought for a unit, if no other row had their value.

    Each of them adds one, whatever came before. In a distinct count by key that is nearly every row.
    """
    occurrences = Counter(move.value for move in moves)
    numbers: Counter[tuple[int, int, bool, str]] = Counter()
    separate_moves = []
    for move in moves:
        if (
            move.value
            and move.amount == 1
            and move.entered == 1
            and occurrences[move.value] == 1
            and move.value not in held
        ):
            numbers[move[:4]] += 1
        else:
            separate_moves.append(move)
    return [
        RowMove(*brought, (), number, number, 0) for brought, number in numbers.items()
    ] + separate_moves


def _steps(
    moves: Sequence[Sequence[RowMove]], movers: Mapping[int, Mover]
) -> Iterable[tuple[tuple[int, bool], list[tuple[int, RowMove]]]]:
    """Yield for each submission the moves of rows that it withdrew, then of those that it brought."""
    steps: dict[tuple[int, bool], list[tuple[int, RowMove]]] = {
        (submission_id, True): [] for submission_id in movers
    }
    is_apart = {submission_id: mover.cause(True) == RETIRED for submission_id, mover in movers.items()}
    for part, part_moves in enumerate(moves):
        for move in (move for move in part_moves if move.submission_id in movers):
            is_brought = not (move.is_retired and is_apart[move.submission_id])
            steps.setdefault((move.submission_id, is_brought), []).append((part, move))
    return (
        ((submission_id, not is_brought), steps[submission_id, is_brought])
        for submission_id, is_brought in sorted(steps)
    )


class _State:
    """The sums of an indicator, the distinct values behind them and the reports, between two submissions."""

    def __init__(
        self, indicator: Indicator, units: Sequence[str], period: Period, opening: Opening
    ) -> None:
        self.indicator, self.units, self.period = indicator, units, period
        self.sums = [opening.numerator, opening.denominator]
        self.value_counts = [Counter(held) for held in opening.holding]
        self.months = {
            ledger: {unit: set(months) for unit, months in by_unit.items()}
            for ledger, by_unit in opening.reports.items()
        }
        self.obligations = opening.reports.obligations
        self.reports_after = opening.reports_after
        self._update_coverage()

    def report(self, mover: Mover) -> None:
        """Take note that a submission brought its report, or took away reports that are gone afterwards."""
        if mover.ledger not in self.months:
            return
        own = (mover.unit_code, mover.period)
        added = {own} if mover.is_counted and not self._has(mover.ledger, *own) else set()
        ended = {*mover.taken_over, *(() if mover.is_counted else (own,))}
        gone = {report for report in ended if self._has(mover.ledger, *report)}
        if self.reports_after is not None:
            gone = {(unit, month) for unit, month in gone
                    if not self.reports_after.has(unit, mover.ledger, month)}  # fmt: skip
        by_unit = self.months[mover.ledger]
        for unit, month in added:
            by_unit.setdefault(unit, set()).add(month)
        for unit, month in gone:
            by_unit[unit].discard(month)
        if added or gone:
            self._update_coverage()

    def _has(self, ledger: str, unit: str, month: str) -> bool:
        return month in self.months[ledger].get(unit, ())

    def _update_coverage(self) -> None:
        reports = Reports(self.months, self.obligations)
        heard = [
            unit for unit in self.units if has_reported_any(self.indicator, unit, self.period, reports)
        ]
        self.is_heard = bool(heard)
        self.is_zero_heard = any(
            may_report_zero(self.indicator, unit, self.period, reports) for unit in heard
        )
        self.is_whole = all(
            has_reported_all(self.indicator, unit, self.period, reports) for unit in self.units
        )

    def move(self, part: int, move: RowMove) -> None:
        side = 0 if part < len(self.indicator.numerator) else 1
        if not move.value:
            self.sums[side] += move.amount
            return
        counts = self.value_counts[part]
        was_present = counts[move.value] > 0
        counts[move.value] += move.amount
        self.sums[side] += (counts[move.value] > 0) - was_present

    def value(self) -> Fraction | None:
        numerator, denominator = self.sums
        is_any_zero_known = not self.indicator.zero_needs_every_unit
        is_heard = self.is_heard and (self.is_zero_heard or bool(numerator))
        if not has_numerator(numerator, is_heard, self.is_whole, is_any_zero_known):
            return None
        return exact_value(self.indicator, numerator, denominator)
