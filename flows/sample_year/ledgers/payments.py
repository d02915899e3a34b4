"""Payments: those of kind 罚款 add up to the published amount; confiscations and surcharges stand beside them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from flows.sample_year.amounts import round_amount, target_sum
from flows.sample_year.days import after, year_end
from flows.sample_year.scenario import TrueRow, Truth, World

NEEDS = ("penalties",)

_LARGE_FEN = 100_000_00
_DAYS_TO_PAY = 15
_DAYS_BETWEEN_INSTALMENTS = 30


@dataclass(frozen=True)
class _Payment:
    decision: TrueRow
    paid_on: date
    amount_fen: int
    kind: str
    instalment: int | None = None


def build(world: World, truth: Truth) -> list[TrueRow]:
    rng = world.rng("payments")
    target = target_sum(world.targets, "fine_collected_amount", world.rng("fine_collected_amount"))
    paid = [
        payment
        for decision, fen in _paid_fines(rng, truth["penalties"], target, date(world.year, 12, 10))
        for payment in _pay(world, rng, decision, fen)
    ]
    paid += _confiscations(world, rng, truth["penalties"])
    order = {code: at for at, code in enumerate(world.offices, start=1)}
    serials: Counter[str] = Counter()
    rows = []
    for payment in sorted(
        paid, key=lambda one: (one.paid_on, one.decision.values["decision_no"], one.kind)
    ):
        unit = payment.decision.unit
        serials[unit] += 1
        receipt_no = f"{world.year % 100:02}{order[unit]:02}{serials[unit]:06}"
        has_receipt = payment.instalment is None or rng.random() < 0.8
        rows.append(
            TrueRow(unit, payment.paid_on.month, _values(payment, receipt_no if has_receipt else None))
        )
    return rows


def _paid_fines(
    rng: Random, decisions: list[TrueRow], target: int, too_late_on: date
) -> list[tuple[TrueRow, int]]:
    """Which fines were paid, and how much of each: in full, in part or not; the largest takes what is left."""
    fined = [one for one in decisions if one.values["fine_fen"]]
    if sum(one.values["fine_fen"] for one in fined) < target:
        raise ValueError(f"the fines of the year are less than the {target} 分 that were collected")
    early = [one for one in fined if one.values["decided_on"] < too_late_on] or fined
    largest = max(early, key=lambda one: one.values["fine_fen"])
    others = [one for one in fined if one is not largest]
    rng.shuffle(others)
    others.sort(key=lambda one: one.values["decided_on"] >= too_late_on or rng.random() < 0.1)
    paid, rest = [], target
    for decision in others:
        fen = _share_paid(rng, decision.values["fine_fen"])
        if rest - fen >= largest.values["fine_fen"] // 3:
            paid.append((decision, fen))
            rest -= fen
    while rest > largest.values["fine_fen"]:
        paid, rest = _pay_in_full(paid, rest)
    return [*paid, (largest, rest)]


def _share_paid(rng: Random, fine_fen: int) -> int:
    if fine_fen >= _LARGE_FEN and rng.random() < 0.12:
        return round_amount(int(fine_fen * rng.uniform(0.3, 0.7)))
    return fine_fen


def _pay_in_full(paid: list[tuple[TrueRow, int]], rest: int) -> tuple[list[tuple[TrueRow, int]], int]:
    """Turn the first part payment into a whole one: the published sum asks for more."""
    for at, (decision, fen) in enumerate(paid):
        if fen < decision.values["fine_fen"]:
            more = decision.values["fine_fen"] - fen
            return [*paid[:at], (decision, decision.values["fine_fen"]), *paid[at + 1 :]], rest - more
    raise ValueError(f"{rest} 分 of what was collected fit no decision")


def _pay(world: World, rng: Random, decision: TrueRow, fen: int) -> list[_Payment]:
    """The payments of one fine: at once, late with a surcharge, or in instalments while the year lasts."""
    served_on, last = decision.values["served_on"], year_end(world.year)
    first_on = min(
        max(after(served_on, rng.randrange(1, _DAYS_TO_PAY)), decision.values["decided_on"]), last
    )
    wanted = rng.randrange(2, 5) if fen >= _LARGE_FEN and rng.random() < 0.3 else 1
    count = min(wanted, 1 + max((last - first_on).days, 0) // (_DAYS_BETWEEN_INSTALMENTS + 3))
    if count > 1:
        each = round_amount(fen // count)
        parts = [each] * (count - 1) + [fen - each * (count - 1)]
        days = [after(first_on, at * _DAYS_BETWEEN_INSTALMENTS, last) for at in range(count)]
        return [
            _Payment(decision, day, part, "罚款", at)
            for at, (day, part) in enumerate(zip(days, parts, strict=True), start=1)
        ]
    late = rng.randrange(1, 8)
    late_on = after(served_on, _DAYS_TO_PAY + late)
    if fen == decision.values["fine_fen"] and rng.random() < 0.05 and late_on <= last:
        surcharge = fen * 3 * late // 100
        return [
            _Payment(decision, late_on, fen, "罚款"),
            _Payment(decision, late_on, min(surcharge, fen), "加处罚款"),
        ]
    return [_Payment(decision, first_on, fen, "罚款")]


def _confiscations(world: World, rng: Random, decisions: list[TrueRow]) -> list[_Payment]:
    last = year_end(world.year)
    due = [
        decision
        for decision in decisions
        if decision.values["confiscated_fen"] and decision.values["served_on"] <= last
    ]
    paid_on = [after(one.values["served_on"], rng.randrange(1, _DAYS_TO_PAY), last) for one in due]
    return [
        _Payment(one, day, one.values["confiscated_fen"], "没收")
        for one, day in zip(due, paid_on, strict=True)
    ]


def _values(payment: _Payment, receipt_no: str | None) -> dict[str, Any]:
    return {
        "decision_no": payment.decision.values["decision_no"],
        "paid_on": payment.paid_on,
        "amount_fen": payment.amount_fen,
        "kind": payment.kind,
        "receipt_no": receipt_no,
        "instalment": payment.instalment,
    }
