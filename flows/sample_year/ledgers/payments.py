"""Payments: those of kind 罚款 add up to the published amount; confiscations and surcharges are extra."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from flows.sample_year.amounts import draw_target_sum, round_amount
from flows.sample_year.days import after, year_end
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS = ("penalties",)

_LARGE_FEN = 100_000_00
_DAYS_TO_PAY = 15
_DAYS_BETWEEN_INSTALMENTS = 30


@dataclass(frozen=True)
class _Payment:
    decision: ExpectedRow
    paid_on: date
    amount_fen: int
    kind: str
    instalment: int | None = None


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("payments")
    target = draw_target_sum(
        scenario.targets, "fine_collected_amount", scenario.rng("fine_collected_amount")
    )
    paid = [
        payment
        for decision, fen in _select_paid_fines(
            rng, truth["penalties"], target, date(scenario.year, 12, 10)
        )
        for payment in _make_payments(scenario, rng, decision, fen)
    ]
    paid += _make_confiscation_payments(scenario, rng, truth["penalties"])
    order = {code: index for index, code in enumerate(scenario.offices, start=1)}
    serials: Counter[str] = Counter()
    rows = []
    for payment in sorted(
        paid, key=lambda payment: (payment.paid_on, payment.decision.values["decision_no"], payment.kind)
    ):
        unit = payment.decision.unit
        serials[unit] += 1
        receipt_no = f"{scenario.year % 100:02}{order[unit]:02}{serials[unit]:06}"
        has_receipt = payment.instalment is None or rng.random() < 0.8
        rows.append(
            ExpectedRow(
                unit, payment.paid_on.month, _make_values(payment, receipt_no if has_receipt else None)
            )
        )
    return rows


def _select_paid_fines(
    rng: Random, decisions: list[ExpectedRow], target: int, too_late_on: date
) -> list[tuple[ExpectedRow, int]]:
    """Select the paid fines and the amount paid of each, in full or in
    part; the largest takes the remainder.
    """
    fined = [decision for decision in decisions if decision.values["fine_fen"]]
    if sum(decision.values["fine_fen"] for decision in fined) < target:
        raise ValueError(f"the fines of the year are less than the {target} 分 that were collected")
    early = [decision for decision in fined if decision.values["decided_on"] < too_late_on] or fined
    largest = max(early, key=lambda decision: decision.values["fine_fen"])
    other_decisions = [decision for decision in fined if decision is not largest]
    rng.shuffle(other_decisions)
    other_decisions.sort(
        key=lambda decision: decision.values["decided_on"] >= too_late_on or rng.random() < 0.1
    )
    paid, remaining_fen = [], target
    for decision in other_decisions:
        fen = _draw_paid_amount(rng, decision.values["fine_fen"])
        if remaining_fen - fen >= largest.values["fine_fen"] // 3:
            paid.append((decision, fen))
            remaining_fen -= fen
    while remaining_fen > largest.values["fine_fen"]:
        paid, remaining_fen = _pay_in_full(paid, remaining_fen)
    return [*paid, (largest, remaining_fen)]


def _draw_paid_amount(rng: Random, fine_fen: int) -> int:
    if fine_fen >= _LARGE_FEN and rng.random() < 0.12:
        return round_amount(int(fine_fen * rng.uniform(0.3, 0.7)))
    return fine_fen


def _pay_in_full(
    paid: list[tuple[ExpectedRow, int]], remaining_fen: int
) -> tuple[list[tuple[ExpectedRow, int]], int]:
    """Turn the first partial payment into a full one, when the published sum is not reached yet."""
    for index, (decision, fen) in enumerate(paid):
        if fen < decision.values["fine_fen"]:
            missing_fen = decision.values["fine_fen"] - fen
            return [
                *paid[:index],
                (decision, decision.values["fine_fen"]),
                *paid[index + 1 :],
            ], remaining_fen - missing_fen
    raise ValueError(f"{remaining_fen} 分 of what was collected fit no decision")


def _make_payments(scenario: Scenario, rng: Random, decision: ExpectedRow, fen: int) -> list[_Payment]:
    """Make the payments of one fine: in full, late with a surcharge, or in instalments within the year."""
    served_on, last = decision.values["served_on"], year_end(scenario.year)
    first_on = min(
        max(after(served_on, rng.randrange(1, _DAYS_TO_PAY)), decision.values["decided_on"]), last
    )
    instalments = rng.randrange(2, 5) if fen >= _LARGE_FEN and rng.random() < 0.3 else 1
    count = min(instalments, 1 + max((last - first_on).days, 0) // (_DAYS_BETWEEN_INSTALMENTS + 3))
    if count > 1:
        instalment_fen = round_amount(fen // count)
        parts = [instalment_fen] * (count - 1) + [fen - instalment_fen * (count - 1)]
        days = [after(first_on, index * _DAYS_BETWEEN_INSTALMENTS, last) for index in range(count)]
        return [
            _Payment(decision, day, part, "罚款", index)
            for index, (day, part) in enumerate(zip(days, parts, strict=True), start=1)
        ]
    days_late = rng.randrange(1, 8)
    late_on = after(served_on, _DAYS_TO_PAY + days_late)
    if fen == decision.values["fine_fen"] and rng.random() < 0.05 and late_on <= last:
        surcharge = fen * 3 * days_late // 100
        return [
            _Payment(decision, late_on, fen, "罚款"),
            _Payment(decision, late_on, min(surcharge, fen), "加处罚款"),
        ]
    return [_Payment(decision, first_on, fen, "罚款")]


def _make_confiscation_payments(
    scenario: Scenario, rng: Random, decisions: list[ExpectedRow]
) -> list[_Payment]:
    last = year_end(scenario.year)
    due = [
        decision
        for decision in decisions
        if decision.values["confiscated_fen"] and decision.values["served_on"] <= last
    ]
    paid_on = [
        after(decision.values["served_on"], rng.randrange(1, _DAYS_TO_PAY), last) for decision in due
    ]
    return [
        _Payment(decision, day, decision.values["confiscated_fen"], "没收")
        for decision, day in zip(due, paid_on, strict=True)
    ]


def _make_values(payment: _Payment, receipt_no: str | None) -> dict[str, Any]:
    return {
        "decision_no": payment.decision.values["decision_no"],
        "paid_on": payment.paid_on,
        "amount_fen": payment.amount_fen,
        "kind": payment.kind,
        "receipt_no": receipt_no,
        "instalment": payment.instalment,
    }
