"""Shares of a figure's movement: exact for sums, distinct counts and rates, and still adding up when printed."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.figures.figure_changes import (
    CORRECTED,
    DEFINITION,
    LATE,
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
    AttributionError,
    Opening,
    attribute,
    definition_part,
    exact_value,
    gather_parts,
    printed_deltas,
    verify,
)

JUNE = Period.parse("2023-06")
UNITS = ["990102", "990121"]
PAID = Part(ledger="payments", aggregate="sum", field="amount_fen", dated_by="paid_on")
GROUPS = Part(ledger="payments", aggregate="count_distinct", fields=("decision_no",), dated_by="paid_on")
ROWS = Part(ledger="payments", aggregate="count", dated_by="paid_on")
NOTHING = Opening(0, 0, [{}, {}], Reports({"payments": {}}))
REPORTED = Reports({"payments": {unit: {"2023-06"} for unit in UNITS}})


def indicator(
    numerator: Part, denominator: Part | None = None, unit: str = "件", **others: Any
) -> Indicator:
    shown: Any = "percent" if denominator else "yuan" if unit == "元" else "count"
    return Indicator(indicator_id="it", title="it", definition="it", unit=unit, display=shown, scope="city",
                     numerator=numerator, denominator=denominator or (), **others)  # fmt: skip


def mover(
    submission_id: int,
    *,
    unit: str = UNITS[0],
    again: bool = False,
    judged: bool = False,
    rules: bool = False,
) -> Mover:
    return Mover(submission_id, 1, unit, "payments", "2023-06", "a.csv", "", again, judged, rules)


def move(submission_id: int, amount: int, *value: str, withdrawn: bool = False) -> RowMove:
    return RowMove(1, submission_id, withdrawn, UNITS[0], value, amount, max(amount, 0), max(-amount, 0))


def shares(
    one: Indicator, moves: list[list[RowMove]], *movers: Mover, opening: Opening = NOTHING
) -> tuple[Attribution, list[tuple[str, int | None, Fraction]]]:
    found = attribute(one, UNITS, JUNE, opening, moves, {by.submission_id: by for by in movers})
    return found, [(share.cause, share.submission_id, share.delta) for share in found.shares]


@pytest.mark.parametrize(
    ("by", "cause", "when_withdrawn"),
    [
        (mover(1), LATE, LATE),
        (mover(1, again=True), RESUBMITTED, RETIRED),
        (mover(1, again=True, judged=True), CORRECTED, CORRECTED),
        (mover(1, judged=True), CORRECTED, CORRECTED),
        (mover(1, again=True, judged=True, rules=True), RULE, RULE),
        (mover(1, again=True, rules=True), RESUBMITTED, RETIRED),
    ],
)
def test_the_cause_follows_from_the_submission(by: Mover, cause: str, when_withdrawn: str) -> None:
    assert (by.cause(False), by.cause(True)) == (cause, when_withdrawn)


def test_what_a_resubmission_brings_and_withdraws_are_two_parts() -> None:
    _, told = shares(
        indicator(ROWS),
        [[move(1, 3), move(2, 1), move(2, -2, withdrawn=True)]],
        mover(1),
        mover(2, again=True),
    )
    assert told == [(LATE, 1, 3), (RETIRED, 2, -2), (RESUBMITTED, 2, 1)]


def test_a_value_that_another_has_brought_already_adds_nothing() -> None:
    opening = Opening(1, 0, [{("a",): 1}], REPORTED)
    moves = [[move(1, 1, "a"), move(1, 1, "b"), move(2, 2, "b"), move(3, -1, "a", withdrawn=True)]]
    found, told = shares(
        indicator(GROUPS), moves, mover(1), mover(2), mover(3, again=True), opening=opening
    )
    assert told == [(LATE, 1, 1)]
    assert (found.before, found.after) == (1, 2)


def test_a_rate_is_told_in_the_order_of_the_submissions() -> None:
    opening = Opening(1, 2, [{}, {}], REPORTED)
    moves = [[move(1, 1), move(2, 1)], [move(1, 1), move(2, 1)]]
    _, told = shares(indicator(ROWS, ROWS, "ratio"), moves, mover(1), mover(2), opening=opening)
    assert told == [(LATE, 1, Fraction(2, 3) - Fraction(1, 2)), (LATE, 2, Fraction(3, 4) - Fraction(2, 3))]


def test_a_first_report_turns_no_figure_into_what_had_come_with_other_reports() -> None:
    opening = Opening(700, 0, [{}], Reports({"payments": {UNITS[0]: {"2023-07"}}}))
    found, told = shares(indicator(PAID, unit="元"), [[]], mover(4), opening=opening)
    assert (found.before, found.after, told) == (None, 7, [(LATE, 4, 7)])


def test_a_zero_in_the_place_of_no_figure_is_told_with_who_reported_it() -> None:
    found, told = shares(indicator(ROWS), [[]], mover(4))
    assert (found.before, found.after, told) == (None, 0, [(LATE, 4, 0)])


def test_a_zero_that_needs_every_unit_comes_with_the_last_of_them() -> None:
    found, told = shares(
        indicator(ROWS, zero_needs_every_unit=True), [[]], mover(1), mover(2, unit=UNITS[1])
    )
    assert (found.before, found.after, told) == (None, 0, [(LATE, 2, 0)])


def test_a_definition_is_a_part_of_its_own() -> None:
    assert definition_part(Fraction(3), Fraction(3)) is None
    part = definition_part(None, Fraction(3))
    assert part is not None
    assert (part.cause, part.submission_id, part.delta) == (DEFINITION, None, 3)


def test_shares_that_do_not_lead_to_the_figure_are_refused() -> None:
    found, _ = shares(indicator(ROWS), [[move(1, 3)]], mover(1))
    assert verify(found, None, Fraction(3)) is found
    with pytest.raises(AttributionError):
        verify(found, None, Fraction(4))


moved = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from("abc"), st.integers(1, 9), st.booleans()), max_size=12
)


@given(moved, moved, st.sampled_from(["count", "sum", "distinct", "rate"]))
def test_the_parts_add_up_whatever_moved(
    first: list[tuple[int, str, int, bool]], second: list[tuple[int, str, int, bool]], kind: str
) -> None:
    """Rows are only taken away once they have been brought; a rate may pass through having nothing to divide by."""
    part, unit = {
        "count": (ROWS, "件"),
        "sum": (PAID, "元"),
        "distinct": (GROUPS, "件"),
        "rate": (GROUPS, "ratio"),
    }[kind]
    one = indicator(part, GROUPS if kind == "rate" else None, unit)
    moves: list[list[RowMove]] = []
    for events in (first, second) if kind == "rate" else (first,):
        held: Counter[str] = Counter()
        taken = []
        for submission_id, value, amount, is_brought in sorted(events):
            if is_brought or held[value]:
                held[value] += 1 if is_brought else -1
                sign = 1 if is_brought else -1
                signed = sign * (amount if kind == "sum" else 1)
                taken.append(move(submission_id, signed, *([value] if part is GROUPS else [])))
        moves.append(taken)
    found, told = shares(one, moves, *(mover(number) for number in range(1, 5)))
    assert sum(delta for *_, delta in told) == (found.after or 0) - (found.before or 0)
    total, printed = printed_deltas(one, [delta for *_, delta in told])
    assert sum(printed) == total
    assert abs(Fraction(total) - sum(delta for *_, delta in told)) <= Fraction(1, 2 * 10**12)
    assert (
        shares(
            one,
            [gather_parts(of_part, ()) for of_part in moves],
            *(mover(number) for number in range(1, 5)),
        )[1]
        == told
    )
    if kind == "distinct" and told:
        assert found.after == len({value for value, count in held.items() if count > 0})


def test_values_that_were_held_or_move_again_are_not_gathered() -> None:
    brought = [move(1, 1, "a"), move(1, 1, "b"), move(2, 1, "c"), move(2, 1, "d"), move(3, -1, "d")]
    assert gather_parts(brought, {("c",)}) == [move(1, 2), *brought[2:]]


@given(st.lists(st.fractions(-1, 1), min_size=1, max_size=20))
def test_printed_parts_of_a_rate_add_up_and_are_off_by_less_than_one_in_the_last_place(
    deltas: list[Fraction],
) -> None:
    total, printed = printed_deltas(indicator(ROWS, ROWS, "ratio"), deltas)
    assert sum(printed) == total
    assert all(
        abs(Fraction(told) - delta) < Fraction(1, 10**12)
        for told, delta in zip(printed, deltas, strict=True)
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
