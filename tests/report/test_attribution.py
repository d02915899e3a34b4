"""Shares of a figure's change: exact for sums, distinct counts and rates; they also add up when printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.figures.figure_changes import (
    CORRECTED,
    DEFINITION,
    FIRST_SUBMISSION,
    RESUBMITTED,
    RETIRED,
    RULE,
    Mover,
    RowMove,
)
from schemas.figures.indicator import Indicator, Part
from schemas.periods import Period
from schemas.reporting.coverage import Reports
from transforms.report.attribution import (
    Attribution,
    Opening,
    Share,
    attribute,
    complete,
    definition_part,
    exact_value,
    gather_parts,
    printed_deltas,
)

JUNE = Period.parse("2023-06")
UNITS = ["990102", "990121"]
PAID = Part(ledger="payments", aggregate="sum", field="amount_fen", dated_by="paid_on")
GROUPS = Part(ledger="payments", aggregate="count_distinct", fields=("decision_no",), dated_by="paid_on")
ROWS = Part(ledger="payments", aggregate="count", dated_by="paid_on")
NOTHING = Opening(0, 0, [{}, {}], Reports({"payments": {}}))
REPORTED = Reports({"payments": {unit: {"2023-06"} for unit in UNITS}})


def indicator(
    numerator: Part, denominator: Part | None = None, unit: str = "件", **other_fields: Any
) -> Indicator:
    display: Any = "percent" if denominator else "yuan" if unit == "元" else "count"
    return Indicator(indicator_id="it", title="it", definition="it", unit=unit, display=display, scope="city",
                     numerator=numerator, denominator=denominator or (), **other_fields)  # fmt: skip


def mover(
    submission_id: int,
    *,
    unit: str = UNITS[0],
    again: bool = False,
    by_decision: bool = False,
    rules: bool = False,
) -> Mover:
    reason = (RULE if rules else CORRECTED) if by_decision else None
    return Mover(submission_id, 1, unit, "payments", "2023-06", "a.csv", "", again, reason)


def move(submission_id: int, amount: int, *value: str, withdrawn: bool = False) -> RowMove:
    return RowMove(1, submission_id, withdrawn, UNITS[0], value, amount, max(amount, 0), max(-amount, 0))


def attribute_moves(
    figure: Indicator, moves: list[list[RowMove]], *movers: Mover, opening: Opening = NOTHING
) -> tuple[Attribution, list[tuple[str, int | None, Fraction]]]:
    attribution = attribute(figure, UNITS, JUNE, opening, moves, {by.submission_id: by for by in movers})
    return attribution, [(share.cause, share.submission_id, share.delta) for share in attribution.shares]


@pytest.mark.parametrize(
    ("by", "cause", "when_withdrawn"),
    [
        (mover(1), FIRST_SUBMISSION, FIRST_SUBMISSION),
        (mover(1, again=True), RESUBMITTED, RETIRED),
        (mover(1, again=True, by_decision=True), CORRECTED, CORRECTED),
        (mover(1, by_decision=True), CORRECTED, CORRECTED),
        (mover(1, again=True, by_decision=True, rules=True), RULE, RULE),
        (mover(1, again=True, rules=True), RESUBMITTED, RETIRED),
    ],
)
def test_the_submission_decides_the_cause(by: Mover, cause: str, when_withdrawn: str) -> None:
    assert (by.cause(False), by.cause(True)) == (cause, when_withdrawn)


def test_added_and_withdrawn_rows_of_a_resubmission_are_two_parts() -> None:
    _, shares = attribute_moves(
        indicator(ROWS),
        [[move(1, 3), move(2, 1), move(2, -2, withdrawn=True)]],
        mover(1),
        mover(2, again=True),
    )
    assert shares == [(FIRST_SUBMISSION, 1, 3), (RETIRED, 2, -2), (RESUBMITTED, 2, 1)]


def test_a_value_that_another_submission_has_brought_adds_nothing() -> None:
    opening = Opening(1, 0, [{("a",): 1}], REPORTED)
    moves = [[move(1, 1, "a"), move(1, 1, "b"), move(2, 2, "b"), move(3, -1, "a", withdrawn=True)]]
    attribution, shares = attribute_moves(
        indicator(GROUPS), moves, mover(1), mover(2), mover(3, again=True), opening=opening
    )
    assert shares == [(FIRST_SUBMISSION, 1, 1)]
    assert (attribution.before, attribution.after) == (1, 2)


def test_shares_of_a_rate_are_in_the_order_of_the_submissions() -> None:
    opening = Opening(1, 2, [{}, {}], REPORTED)
    moves = [[move(1, 1), move(2, 1)], [move(1, 1), move(2, 1)]]
    _, shares = attribute_moves(indicator(ROWS, ROWS, "ratio"), moves, mover(1), mover(2), opening=opening)
    assert shares == [
        (FIRST_SUBMISSION, 1, Fraction(2, 3) - Fraction(1, 2)),
        (FIRST_SUBMISSION, 2, Fraction(3, 4) - Fraction(2, 3)),
    ]


def test_a_first_report_gets_the_rows_that_came_with_other_reports() -> None:
    opening = Opening(700, 0, [{}], Reports({"payments": {UNITS[0]: {"2023-07"}}}))
    attribution, shares = attribute_moves(indicator(PAID, unit="元"), [[]], mover(4), opening=opening)
    assert (attribution.before, attribution.after, shares) == (None, 7, [(FIRST_SUBMISSION, 4, 7)])


def test_a_first_zero_is_the_share_of_its_submission() -> None:
    attribution, shares = attribute_moves(indicator(ROWS), [[]], mover(4))
    assert (attribution.before, attribution.after, shares) == (None, 0, [(FIRST_SUBMISSION, 4, 0)])


def test_a_zero_that_needs_every_unit_is_the_share_of_the_last_unit() -> None:
    attribution, shares = attribute_moves(
        indicator(ROWS, zero_needs_every_unit=True), [[]], mover(1), mover(2, unit=UNITS[1])
    )
    assert (attribution.before, attribution.after, shares) == (None, 0, [(FIRST_SUBMISSION, 2, 0)])


def test_a_changed_definition_is_a_part_of_its_own() -> None:
    assert definition_part(Fraction(3), Fraction(3)) is None
    part = definition_part(None, Fraction(3))
    assert part is not None
    assert (part.cause, part.submission_id, part.delta) == (DEFINITION, None, 3)


def test_what_no_submission_accounts_for_is_one_remaining_share() -> None:
    movers = {1: mover(1)}
    attribution, _ = attribute_moves(indicator(ROWS), [[move(1, 3), move(9, 5)]], mover(1))
    assert complete(attribution, None, Fraction(3), movers) is attribution
    whole = complete(attribution, None, Fraction(4), movers)
    assert whole.shares == (*attribution.shares, Share(DEFINITION, None, Fraction(1)))
    gone = complete(attribution, Fraction(7), None, {2: mover(2, again=True, by_decision=True)})
    assert (gone.before, gone.after) == (7, None)
    assert gone.shares[-1] == Share(CORRECTED, None, Fraction(-10))


def test_a_report_that_is_gone_afterwards_leaves_no_figure() -> None:
    after = Reports({"payments": {}})
    opening = Opening(8, 0, [{}], Reports({"payments": {UNITS[0]: {"2023-06"}}}), after)
    by = replace(mover(2, again=True, by_decision=True), is_counted=False)
    attribution, shares = attribute_moves(indicator(ROWS), [[move(2, -8)]], by, opening=opening)
    assert (attribution.before, attribution.after, shares) == (8, None, [(CORRECTED, 2, -8)])
    heir = replace(mover(2, unit="990199", by_decision=True), taken_over=((UNITS[0], "2023-06"),))
    attribution, shares = attribute_moves(indicator(ROWS), [[move(2, -8)]], heir, opening=opening)
    assert (attribution.before, attribution.after, shares) == (8, None, [(CORRECTED, 2, -8)])


moved = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from("abc"), st.integers(1, 9), st.booleans()), max_size=12
)


@given(moved, moved, st.sampled_from(["count", "sum", "distinct", "rate"]))
def test_the_parts_add_up_for_all_moves(
    first: list[tuple[int, str, int, bool]], second: list[tuple[int, str, int, bool]], kind: str
) -> None:
    """A row is withdrawn only after it was added; a denominator may be zero in between."""
    part, unit = {
        "count": (ROWS, "件"),
        "sum": (PAID, "元"),
        "distinct": (GROUPS, "件"),
        "rate": (GROUPS, "ratio"),
    }[kind]
    figure = indicator(part, GROUPS if kind == "rate" else None, unit)
    moves: list[list[RowMove]] = []
    for events in (first, second) if kind == "rate" else (first,):
        counts: Counter[str] = Counter()
        moves_of_part = []
        for submission_id, value, amount, is_brought in sorted(events):
            if is_brought or counts[value]:
                counts[value] += 1 if is_brought else -1
                sign = 1 if is_brought else -1
                signed = sign * (amount if kind == "sum" else 1)
                moves_of_part.append(move(submission_id, signed, *([value] if part is GROUPS else [])))
        moves.append(moves_of_part)
    attribution, shares = attribute_moves(figure, moves, *(mover(number) for number in range(1, 5)))
    assert sum(delta for *_, delta in shares) == (attribution.after or 0) - (attribution.before or 0)
    total, printed = printed_deltas(figure, [delta for *_, delta in shares])
    assert sum(printed) == total
    assert abs(Fraction(total) - sum(delta for *_, delta in shares)) <= Fraction(1, 2 * 10**12)
    assert (
        attribute_moves(
            figure,
            [gather_parts(part_moves, ()) for part_moves in moves],
            *(mover(number) for number in range(1, 5)),
        )[1]
        == shares
    )
    if kind == "distinct" and shares:
        assert attribution.after == len({value for value, count in counts.items() if count > 0})


def test_values_that_were_counted_or_move_again_are_not_gathered() -> None:
    brought = [move(1, 1, "a"), move(1, 1, "b"), move(2, 1, "c"), move(2, 1, "d"), move(3, -1, "d")]
    assert gather_parts(brought, {("c",)}) == [move(1, 2), *brought[2:]]


@given(st.lists(st.fractions(-1, 1), min_size=1, max_size=20))
def test_printed_parts_of_a_rate_add_up_and_are_off_by_less_than_one_in_the_last_place(
    deltas: list[Fraction],
) -> None:
    total, printed = printed_deltas(indicator(ROWS, ROWS, "ratio"), deltas)
    assert sum(printed) == total
    assert all(
        abs(Fraction(printed_delta) - delta) < Fraction(1, 10**12)
        for printed_delta, delta in zip(printed, deltas, strict=True)
    )


def test_money_is_printed_to_the_fen_and_counts_whole() -> None:
    assert printed_deltas(indicator(PAID, unit="元"), [Fraction(101, 100), Fraction(-1)])[1] == [
        Decimal("1.01"),
        Decimal("-1.00"),
    ]
    assert printed_deltas(indicator(ROWS), [Fraction(3)])[1] == [3]


def test_values_are_exact() -> None:
    rate = indicator(ROWS, ROWS, "ratio")
    assert (exact_value(rate, 1, 3), exact_value(rate, 0, 0), exact_value(rate, None, None)) == (
        Fraction(1, 3),
        None,
        None,
    )
    assert exact_value(indicator(PAID, unit="元"), 150, None) == Fraction(3, 2)
