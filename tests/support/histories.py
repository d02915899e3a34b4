"""Random histories, and a model of the warehouse in plain
dictionaries: current reports, counted rows, figures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from schemas.figures.indicator import Indicator, Part
from schemas.periods import Period
from schemas.regions import RegionTable, parse_regions
from schemas.states import ACCEPTED, PARTIAL, REJECTED, ZERO

#: numerator, denominator and units that reported, by indicator, region and period
Figures = dict[tuple[str, str, Period], tuple[Any, ...]]
#: how many times the examples of the suite are tried: `make soak` raises it
EXAMPLES_TIMES = int(os.environ.get("HUIZONG_EXAMPLES_TIMES", "1"))
CITY, STAR, RIVER, BUREAU = "990100", "990102", "990181", "9901X0"
UNITS = [STAR, RIVER, BUREAU]
NAMES = {STAR: "星河区", RIVER: "临江市", BUREAU: "某市本级"}
MONTHS = ["2023-05", "2023-06", "2023-07"]
PERIODS = [Period.parse(text) for text in (*MONTHS, "2023-Q2", "2023-Q3", "2023")]
KEYS = ["k1", "k2"]
DAYS = [date(2023, 5, 20), date(2023, 6, 3), date(2023, 6, 30), date(2023, 7, 1)]
#: the columns for a row's day, amount and group
COLUMNS = {
    "payments": ("paid_on", "amount_fen", "decision_no_key"),
    "hearings": ("heard_on", "session", "case_no_key"),
}
HANDLED_HERE, SILENT_COUNTY, SILENT_BUREAU, HANDLED_ELSEWHERE = range(4)


@dataclass(frozen=True)
class Row:
    """The attributes of a row that matter for figures."""

    day: date
    amount: int
    group: str
    rank: int


@dataclass(frozen=True)
class SentReport:
    """One submission: a zero report without rows; rejected if unreadable or if all its rows are quarantined.

    `dropped` are keys whose accepted version is dropped when they are quarantined (their waiver was
    revoked). A submission that `may_be_empty` is not rejected for having no row left.
    """

    ledger: str
    unit: str
    period: str
    rows: Mapping[str, Row]
    quarantined: frozenset[str] = frozenset()
    is_readable: bool = True
    dropped: frozenset[str] = frozenset()
    may_be_empty: bool = False

    @property
    def report(self) -> tuple[str, str, str]:
        return self.ledger, self.unit, self.period

    @property
    def state(self) -> str:
        if not self.is_readable or (self.quarantined and not self.rows and not self.may_be_empty):
            return REJECTED
        return PARTIAL if self.quarantined else ACCEPTED if self.rows else ZERO


@dataclass(frozen=True)
class CountedRow:
    unit: str
    period: str
    row: Row


@dataclass(frozen=True)
class ModelState:
    """The state after a load: the row that counts for each (ledger, key), and the current reports."""

    counted: Mapping[tuple[str, str], CountedRow]
    reported: frozenset[tuple[str, str, str]]


@dataclass
class Model:
    """A model of the warehouse as documented."""

    reports: dict[tuple[str, str, str], dict[str, Row]] = field(default_factory=dict)
    claims: dict[tuple[str, str, str], int] = field(default_factory=dict)
    known: list[ModelState] = field(default_factory=list)

    def load(self, night: Sequence[SentReport]) -> None:
        for submission in night:
            if submission.state != REJECTED:
                before = self.reports.get(submission.report, {})
                earlier_rows = {
                    key: row
                    for key, row in before.items()
                    if key in submission.quarantined - submission.dropped
                }
                self.reports[submission.report] = {**earlier_rows, **submission.rows}
        candidates: dict[tuple[str, str], list[CountedRow]] = {}
        for (ledger, unit, period), rows in self.reports.items():
            for key, row in rows.items():
                candidates.setdefault((ledger, key), []).append(CountedRow(unit, period, row))
        claims = {(*key, row.unit) for key, rows in candidates.items() for row in rows}
        self.claims = {claim: self.claims.get(claim, len(self.known)) for claim in claims}
        counted = {key: self._owner(key, rows) for key, rows in candidates.items()}
        self.known.append(ModelState(counted, frozenset(self.reports)))

    def _owner(self, key: tuple[str, str], candidates: Sequence[CountedRow]) -> CountedRow:
        """Return the row of the handling unit, else of the first unit
        that reported; of its rows the latest.
        """

        def rank_candidate(candidate: CountedRow) -> tuple[int, int, str]:
            best = min(row.row.rank for row in candidates if row.unit == candidate.unit)
            return best, self.claims[(*key, candidate.unit)], candidate.unit

        owner = min(candidates, key=rank_candidate).unit
        return max(
            (candidate for candidate in candidates if candidate.unit == owner), key=lambda row: row.period
        )


def indicator(name: str, numerator: Part, denominator: Part | None = None) -> Indicator:
    display: Any = "percent" if denominator else "count"
    return Indicator(
        indicator_id=name, title=name, definition=name, unit="", display=display, scope="city",
        numerator=numerator, denominator=denominator or (),
    )  # fmt: skip


PAID = Part(ledger="payments", aggregate="sum", field="amount_fen", dated_by="paid_on")
GROUPS = Part(ledger="payments", aggregate="count_distinct", fields=("decision_no",), dated_by="paid_on")
HEARD = Part(ledger="hearings", aggregate="count", dated_by="heard_on")
INDICATORS = [indicator("paid", PAID), indicator("rate", GROUPS, HEARD)]


def model_sum(part: Part, known: ModelState, units: Sequence[str], period: Period) -> int:
    rows = [
        counted.row for (ledger, _), counted in known.counted.items()
        if ledger == part.ledger and counted.unit in units and period.start_on <= counted.row.day < period.end_on
    ]  # fmt: skip
    if part.aggregate == "sum":
        return sum(row.amount for row in rows)
    return len(rows) if part.aggregate == "count" else len({row.group for row in rows})


def model_figure(
    indicator: Indicator, known: ModelState, units: Sequence[str], period: Period
) -> tuple[Any, ...]:
    """Return numerator, denominator and the number of units that reported all that the figure needs."""
    needed = {
        unit: {(ledger, unit, month) for ledger in indicator.ledgers() for month in period.months()}
        for unit in units
    }
    reported = sum(needed[unit] <= known.reported for unit in units)
    if not any(
        needed[unit] & known.reported and knows_numerator(indicator, known, unit, period) for unit in units
    ):
        return None, None, reported
    sums = [model_sum(part, known, units, period) for part in indicator.parts()]
    return sums[0], sums[1] if len(sums) > 1 else None, reported


def knows_numerator(indicator: Indicator, known: ModelState, unit: str, period: Period) -> bool:
    """Whether a unit has rows of the numerator, or has reported each ledger that a zero rests on."""
    if any(model_sum(part, known, [unit], period) for part in indicator.numerator):
        return True
    return all(
        any((ledger, unit, month) in known.reported for month in period.months())
        for ledger in indicator.zero_ledgers()
    )


def make_payments(
    unit: str, period: str, *keys: str, rank: int = SILENT_COUNTY, **values: Any
) -> SentReport:
    return SentReport("payments", unit, period, {key: Row(DAYS[0], 1, "a", rank) for key in keys}, **values)


#: histories that are rare among random ones
MOVED_TO_A_LATER_MONTH = [[make_payments(STAR, "2023-05", "k1")], [make_payments(RIVER, "2023-05", "k1")],
                          [make_payments(STAR, "2023-05"), make_payments(STAR, "2023-06", "k1")]]  # fmt: skip
MOVED_TO_AN_EARLIER_MONTH = [[make_payments(STAR, "2023-06", "k1")], [make_payments(RIVER, "2023-05", "k1")],
                             [make_payments(STAR, "2023-05", "k1")], [make_payments(STAR, "2023-06")]]  # fmt: skip
WITHDRAWN_AND_REPORTED_AGAIN = [[make_payments(STAR, "2023-05", "k1")], [make_payments(RIVER, "2023-05", "k1")],
                              [make_payments(STAR, "2023-05")], [make_payments(STAR, "2023-05", "k1")]]  # fmt: skip
QUARANTINED_AND_ACCEPTED = [
    [make_payments(STAR, "2023-05", "k1")],
    [make_payments(STAR, "2023-05", "k1", rank=0, quarantined=frozenset({"k1", "k2"}))],
]

RANKS = [SILENT_COUNTY, SILENT_COUNTY, SILENT_COUNTY, HANDLED_HERE, SILENT_BUREAU, HANDLED_ELSEWHERE]

rows = st.builds(
    Row, st.sampled_from(DAYS), st.integers(1, 3), st.sampled_from("ab"), st.sampled_from(RANKS)
)
submissions = st.builds(
    SentReport,
    ledger=st.sampled_from(["payments", "payments", "hearings"]),
    unit=st.sampled_from(UNITS),
    period=st.sampled_from(MONTHS),
    rows=st.dictionaries(st.sampled_from(KEYS), rows),
    quarantined=st.frozensets(st.sampled_from(KEYS), max_size=1),
    is_readable=st.integers(0, 9).map(bool),
)
histories = st.lists(st.lists(submissions, max_size=6), min_size=1, max_size=4)


def figure_keys(chosen: Sequence[Indicator] = INDICATORS) -> Iterator[tuple[Indicator, str, Period]]:
    return (
        (indicator, region, period)
        for indicator in chosen
        for region in (CITY, *UNITS)
        for period in PERIODS
    )


def model_figures(
    known: ModelState, regions: RegionTable, chosen: Sequence[Indicator] = INDICATORS
) -> Figures:
    return {
        (indicator.indicator_id, region, period): model_figure(
            indicator, known, regions.units_below(region), period
        )
        for indicator, region, period in figure_keys(chosen)
    }


def make_regions() -> RegionTable:
    lines = [f"{unit},{name},unit,{CITY},," for unit, name in NAMES.items()]
    return parse_regions(
        "\n".join(["code,name,level,parent,document_mark,note", f"{CITY},某市,city,,,", *lines])
    )


def make_regions_with_history() -> RegionTable:
    """Two cities below a province; of the units of one, the other became part when it ended with May."""
    return parse_regions(
        "code,name,level,parent,document_mark,note,valid_from,valid_to,successor\n"
        "990000,某省,province,,,,,,\n"
        f"{CITY},某市,city,990000,,,,,\n"
        f"{STAR},星河区,unit,{CITY},,,,2023-05-31,{RIVER}\n"
        f"{RIVER},临江市,unit,{CITY},,,,,\n"
        "990200,乙市,city,990000,,,,,\n"
        f"{BUREAU},某市本级,bureau,990200,,,,,\n"
    )


def examples(number: int, *phases: Phase) -> settings:
    """Return settings of a property test with some examples in the suite, and more in `make soak`.

    The suite tries the same ones each time, `make soak` others. Failing histories are not shrunk, because
    that takes minutes.
    """
    phases = (*phases, Phase.generate)
    return settings(
        max_examples=number * EXAMPLES_TIMES,
        derandomize=EXAMPLES_TIMES == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=phases,
    )
