"""Errors that units make and later correct: incidents change deliveries but not what the year adds up to.

An incident is a function of a planner, which gives it deliveries that no other incident has changed yet. If
no delivery fits, as with few units, the incident does not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flows.sample_year.cells import Verbatim
from flows.sample_year.deliveries import Delivery, office_time
from flows.sample_year.scenario import Scenario, Values
from schemas.datasets.transfers import DETENTION
from schemas.ledgers.common_checks import ORGANISATION

CORRECTED = "（更正）"
COPIED = " - 副本"
_LATE_DAY = 26

Fits = Callable[[Delivery], bool]


class Planner:
    """The deliveries of the year, and which of them an incident has changed."""

    def __init__(self, scenario: Scenario, deliveries: Iterable[Delivery]) -> None:
        self.scenario = scenario
        self.deliveries = list(deliveries)
        self._rng = scenario.rng("incidents")
        self._touched: set[tuple[str, int]] = set()
        self._turn = 0

    def pick(self, month: int, fits: Fits) -> Delivery | None:
        """Pick an unchanged delivery that fits, of the month or one
        near it; each call prefers another unit.
        """
        units = list(self.scenario.offices)
        turned = units[self._turn % len(units) :] + units[: self._turn % len(units)]
        self._turn += 1
        fitting = [delivery for delivery in self.deliveries if self._is_free(delivery) and fits(delivery)]
        fitting.sort(key=lambda candidate: (abs(candidate.month - month), turned.index(candidate.unit)))
        if not fitting:
            return None
        self._touched.add((fitting[0].unit, fitting[0].month))
        return fitting[0]

    def find(self, unit: str, month: int) -> Delivery | None:
        """Find the unchanged delivery of a unit and month."""
        free = (delivery for delivery in self.deliveries if self._is_free(delivery))
        return next(
            (delivery for delivery in free if (delivery.unit, delivery.month) == (unit, month)), None
        )

    def change(self, old: Delivery, new: Delivery) -> None:
        """Replace a planned delivery by another one."""
        self._touched.add((old.unit, old.month))
        self.deliveries[self.deliveries.index(old)] = new

    def correct(self, delivery: Delivery, ledger: str, wrong: list[Values]) -> None:
        """Send the delivery with the wrong rows, and the right ones a week or two later."""
        self.change(delivery, delivery.with_rows(ledger, wrong))
        day = delivery.arrived_at.date() + timedelta(days=self._rng.randrange(7, 15))
        arrived_at = office_time(day, self._rng.randrange(8 * 60))
        right = {ledger: delivery.ledgers[ledger]}
        self.deliveries.append(Delivery(delivery.unit, delivery.month, right, arrived_at, CORRECTED))

    def _is_free(self, delivery: Delivery) -> bool:
        return (delivery.unit, delivery.month) not in self._touched


def inject_incidents(scenario: Scenario, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Return the deliveries of the year with all incidents, in the order of arrival."""
    planner = Planner(scenario, deliveries)
    for incident in INCIDENTS:
        incident(planner)
    return sorted(planner.deliveries, key=lambda delivery: (delivery.arrived_at, delivery.unit))


def drop_last_digit(planner: Planner) -> None:
    """Drop the last digit of a payment; the whole ledger is sent again."""
    if delivery := planner.pick(4, _at_least("payments", 2)):
        first, *remaining = delivery.ledgers["payments"]
        planner.correct(
            delivery, "payments", [{**first, "amount_fen": first["amount_fen"] // 10}, *remaining]
        )


def add_surplus_decision(planner: Planner) -> None:
    """Add a decision a second time, under a number that does not exist."""
    if delivery := planner.pick(6, _at_least("penalties", 2)):
        rows = delivery.ledgers["penalties"]
        number = planner.scenario.offices[delivery.unit].document_no(
            "罚", planner.scenario.year, 900 + delivery.month
        )
        planner.correct(delivery, "penalties", [*rows, {**rows[-1], "decision_no": number}])


def send_twice(planner: Planner) -> None:
    """Send the same files a second time under other names."""
    if delivery := planner.pick(5, lambda candidate: True):
        planner.change(delivery, replace(delivery, copied_as=COPIED))


def duplicate_case_at_bureau(planner: Planner) -> None:
    """Let the bureau report a county's case too; it names the county,
    so the case counts once, for the county.
    """
    bureau = planner.scenario.regions.bureau
    if bureau is None:
        return

    def fits(delivery: Delivery) -> bool:
        is_county = delivery.unit != bureau.code
        return (
            is_county and _has_new_case(delivery) and planner.find(bureau.code, delivery.month) is not None
        )

    for month in (3, 8):
        county = planner.pick(month, fits)
        own = county and planner.find(bureau.code, county.month)
        if county and own:
            shared = next(row for row in county.ledgers["cases"] if _is_new(row, county.month))
            planner.change(own, own.with_rows("cases", [*own.ledgers["cases"], shared]))


def arrive_late(planner: Planner) -> None:
    """Send all files of a month three weeks late."""
    for month in (7, 11):
        if delivery := planner.pick(month, lambda candidate: True):
            arrived_at = delivery.arrived_at.replace(day=_LATE_DAY)
            planner.change(delivery, replace(delivery, arrived_at=arrived_at))


def inject_impossible_date(planner: Planner) -> None:
    wrong = Verbatim(f"{planner.scenario.year}-02-30")
    _inject_wrong_cell(planner, 3, "cases", "filed_on", wrong, lambda row: True)


def remove_code(planner: Planner) -> None:
    _inject_wrong_cell(
        planner, 9, "penalties", "party_uscc", None, lambda row: row["party_type"] == ORGANISATION
    )


def write_amount_in_words(planner: Planner) -> None:
    _inject_wrong_cell(
        planner, 10, "penalties", "fine_fen", Verbatim("三万多"), lambda row: row["fine_fen"] is not None
    )


def add_surplus_visit(planner: Planner) -> None:
    """Add a visit on another day too, under a task number that does not exist."""
    if delivery := planner.pick(2, _at_least("inspections", 2)):
        rows = delivery.ledgers["inspections"]
        surplus_visit = {
            **rows[-1],
            "inspected_on": rows[0]["inspected_on"],
            "task_no": f"RW-{delivery.unit}-{delivery.month}-999",
        }
        planner.correct(delivery, "inspections", [*rows, surplus_visit])


def misplace_people_count(planner: Planner) -> None:
    _inject_wrong_cell(planner, 8, "transfers", "persons_filed", 1, lambda row: row["kind"] == DETENTION)


def inject_unknown_rating(planner: Planner) -> None:
    _inject_wrong_cell(
        planner, 6, "permits", "rating", Verbatim("好评"), lambda row: row["closed_on"] is not None
    )


def _inject_wrong_cell(
    planner: Planner, month: int, ledger: str, field: str, wrong: Any, suits: Callable[[Values], bool]
) -> None:
    """Write a wrong value into one row, so that it is quarantined; the corrected ledger follows."""

    def fits(delivery: Delivery) -> bool:
        rows = delivery.ledgers.get(ledger, [])
        return len(rows) >= 2 and any(suits(row) for row in rows)

    if delivery := planner.pick(month, fits):
        rows = delivery.ledgers[ledger]
        index = next(index for index, row in enumerate(rows) if suits(row))
        planner.correct(
            delivery, ledger, [*rows[:index], {**rows[index], field: wrong}, *rows[index + 1 :]]
        )


def _at_least(ledger: str, count: int) -> Fits:
    return lambda delivery: len(delivery.ledgers.get(ledger, [])) >= count


def _has_new_case(delivery: Delivery) -> bool:
    return any(_is_new(row, delivery.month) for row in delivery.ledgers.get("cases", []))


def _is_new(case: Values, month: int) -> bool:
    return bool(case["filed_on"].month == month)


#: in the order in which they choose their deliveries
INCIDENTS: tuple[Callable[[Planner], None], ...] = (
    drop_last_digit,
    add_surplus_decision,
    send_twice,
    duplicate_case_at_bureau,
    arrive_late,
    inject_impossible_date,
    remove_code,
    write_amount_in_words,
    add_surplus_visit,
    misplace_people_count,
    inject_unknown_rating,
)
