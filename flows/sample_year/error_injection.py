"""What goes wrong in a year and is put right again: incidents change the parcels and leave the final truth as it is.

An incident is a function that takes the parcels of the year and a planner, which hands out months of units that nothing
has befallen yet. Where no month fits, as with few units, the incident does not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flows.sample_year.cells import Verbatim
from flows.sample_year.deliveries import Parcel, at_work
from flows.sample_year.scenario import Values, World
from schemas.datasets.transfers import DETENTION
from schemas.ledgers.common_checks import ORGANISATION

CORRECTED = "（更正）"
COPIED = " - 副本"
_LATE_DAY = 26

Fits = Callable[[Parcel], bool]


class Planner:
    """The parcels of the year, and which of them something has already happened to."""

    def __init__(self, world: World, parcels: Iterable[Parcel]) -> None:
        self.world = world
        self.parcels = list(parcels)
        self._rng = world.rng("incidents")
        self._touched: set[tuple[str, int]] = set()
        self._turn = 0

    def pick(self, month: int, fits: Fits) -> Parcel | None:
        """A parcel that fits, of the month or one near it; each incident begins with another unit."""
        units = list(self.world.offices)
        turned = units[self._turn % len(units) :] + units[: self._turn % len(units)]
        self._turn += 1
        fitting = [parcel for parcel in self.parcels if self._is_free(parcel) and fits(parcel)]
        fitting.sort(key=lambda candidate: (abs(candidate.month - month), turned.index(candidate.unit)))
        if not fitting:
            return None
        self._touched.add((fitting[0].unit, fitting[0].month))
        return fitting[0]

    def find(self, unit: str, month: int) -> Parcel | None:
        """The untouched parcel of a unit and month."""
        free = (parcel for parcel in self.parcels if self._is_free(parcel))
        return next((parcel for parcel in free if (parcel.unit, parcel.month) == (unit, month)), None)

    def change(self, old: Parcel, new: Parcel) -> None:
        self._touched.add((old.unit, old.month))
        self.parcels[self.parcels.index(old)] = new

    def correct(self, parcel: Parcel, ledger: str, wrong: list[Values]) -> None:
        """Let the parcel go out with the wrong rows, and the right ones follow a week or two later."""
        self.change(parcel, parcel.with_rows(ledger, wrong))
        day = parcel.arrived_at.date() + timedelta(days=self._rng.randrange(7, 15))
        arrived_at = at_work(day, self._rng.randrange(8 * 60))
        right = {ledger: parcel.ledgers[ledger]}
        self.parcels.append(Parcel(parcel.unit, parcel.month, right, arrived_at, CORRECTED))

    def _is_free(self, parcel: Parcel) -> bool:
        return (parcel.unit, parcel.month) not in self._touched


def with_incidents(world: World, parcels: Iterable[Parcel]) -> list[Parcel]:
    """The parcels of the year with everything that happened, in the order of arrival."""
    planner = Planner(world, parcels)
    for incident in INCIDENTS:
        incident(planner)
    return sorted(planner.parcels, key=lambda parcel: (parcel.arrived_at, parcel.unit))


def wrong_amount(planner: Planner) -> None:
    """A payment lost its last digit; the whole ledger is sent again."""
    if parcel := planner.pick(4, _at_least("payments", 2)):
        first, *remaining = parcel.ledgers["payments"]
        planner.correct(
            parcel, "payments", [{**first, "amount_fen": first["amount_fen"] // 10}, *remaining]
        )


def row_too_many(planner: Planner) -> None:
    """A decision stands twice, the second time under a number that was never given out."""
    if parcel := planner.pick(6, _at_least("penalties", 2)):
        rows = parcel.ledgers["penalties"]
        number = planner.world.offices[parcel.unit].document_no(
            "罚", planner.world.year, 900 + parcel.month
        )
        planner.correct(parcel, "penalties", [*rows, {**rows[-1], "decision_no": number}])


def sent_twice(planner: Planner) -> None:
    """The same files lie in the folder a second time under other names."""
    if parcel := planner.pick(5, lambda candidate: True):
        planner.change(parcel, replace(parcel, copied_as=COPIED))


def reported_by_the_bureau_too(planner: Planner) -> None:
    """The bureau reports a case that a county handled; it names the county, so the case counts there and once."""
    bureau = planner.world.regions.bureau
    if bureau is None:
        return

    def fits(parcel: Parcel) -> bool:
        is_county = parcel.unit != bureau.code
        return is_county and _has_new_case(parcel) and planner.find(bureau.code, parcel.month) is not None

    for month in (3, 8):
        county = planner.pick(month, fits)
        own = county and planner.find(bureau.code, county.month)
        if county and own:
            shared = next(row for row in county.ledgers["cases"] if _is_new(row, county.month))
            planner.change(own, own.with_rows("cases", [*own.ledgers["cases"], shared]))


def late(planner: Planner) -> None:
    """All files of a month come three weeks late."""
    for month in (7, 11):
        if parcel := planner.pick(month, lambda candidate: True):
            arrived_at = parcel.arrived_at.replace(day=_LATE_DAY)
            planner.change(parcel, replace(parcel, arrived_at=arrived_at))


def impossible_date(planner: Planner) -> None:
    wrong = Verbatim(f"{planner.world.year}-02-30")
    _hold_back(planner, 3, "cases", "filed_on", wrong, lambda row: True)


def missing_code(planner: Planner) -> None:
    _hold_back(planner, 9, "penalties", "party_uscc", None, lambda row: row["party_type"] == ORGANISATION)


def amount_in_words(planner: Planner) -> None:
    _hold_back(
        planner, 10, "penalties", "fine_fen", Verbatim("三万多"), lambda row: row["fine_fen"] is not None
    )


def visit_too_many(planner: Planner) -> None:
    """A visit is listed on another day too, under a task that was never given out."""
    if parcel := planner.pick(2, _at_least("inspections", 2)):
        rows = parcel.ledgers["inspections"]
        again = {
            **rows[-1],
            "inspected_on": rows[0]["inspected_on"],
            "task_no": f"RW-{parcel.unit}-{parcel.month}-999",
        }
        planner.correct(parcel, "inspections", [*rows, again])


def people_in_the_wrong_column(planner: Planner) -> None:
    _hold_back(planner, 8, "transfers", "persons_filed", 1, lambda row: row["kind"] == DETENTION)


def unknown_rating(planner: Planner) -> None:
    _hold_back(planner, 6, "permits", "rating", Verbatim("好评"), lambda row: row["closed_on"] is not None)


def _hold_back(
    planner: Planner, month: int, ledger: str, field: str, wrong: Any, suits: Callable[[Values], bool]
) -> None:
    """One row is wrong and held back, the others go in; the corrected ledger mends it."""

    def fits(parcel: Parcel) -> bool:
        rows = parcel.ledgers.get(ledger, [])
        return len(rows) >= 2 and any(suits(row) for row in rows)

    if parcel := planner.pick(month, fits):
        rows = parcel.ledgers[ledger]
        index = next(index for index, row in enumerate(rows) if suits(row))
        planner.correct(parcel, ledger, [*rows[:index], {**rows[index], field: wrong}, *rows[index + 1 :]])


def _at_least(ledger: str, count: int) -> Fits:
    return lambda parcel: len(parcel.ledgers.get(ledger, [])) >= count


def _has_new_case(parcel: Parcel) -> bool:
    return any(_is_new(row, parcel.month) for row in parcel.ledgers.get("cases", []))


def _is_new(case: Values, month: int) -> bool:
    return bool(case["filed_on"].month == month)


#: in the order in which they take their months
INCIDENTS: tuple[Callable[[Planner], None], ...] = (
    wrong_amount,
    row_too_many,
    sent_twice,
    reported_by_the_bureau_too,
    late,
    impossible_date,
    missing_code,
    amount_in_words,
    visit_too_many,
    people_in_the_wrong_column,
    unknown_rating,
)
