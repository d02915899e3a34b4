"""The truth: matters of three ledgers as they happened, and the figures that follow from them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from schemas.periods import Period

CITY, BUREAU, STAR, RIVER, OLD, NEW = "990100", "9901X0", "990102", "990181", "990121", "990182"
NAMES = {BUREAU: "某市本级", STAR: "星河区", RIVER: "临江市", OLD: "长岭县", NEW: "长岭市"}
MARKS = {BUREAU: "", STAR: "(星)", RIVER: "(江)", OLD: "(岭)", NEW: "(岭)"}
#: the month from which on the county 长岭县 is 长岭市
RECODED = "2023-07"
REGION_TABLE = f"""code,name,level,parent,document_mark,note,valid_from,valid_to,successor
{CITY},某市,city,,某环,,,,
{BUREAU},某市本级,bureau,{CITY},某环,,,,
{STAR},星河区,unit,{CITY},星,,,,
{RIVER},临江市,unit,{CITY},江,,,,
{OLD},长岭县,unit,{CITY},岭,,,{RECODED[:4]}-06-30,{NEW}
{NEW},长岭市,unit,{CITY},岭,,{RECODED}-01,,
"""
#: units whose matters each region counts: the successor shows the past of the unit that it follows
COUNTED_BY = {
    CITY: frozenset(NAMES), BUREAU: {BUREAU}, STAR: {STAR}, RIVER: {RIVER}, OLD: {OLD}, NEW: {OLD, NEW},
}  # fmt: skip
MONTHS = ["2023-05", "2023-06", "2023-07", "2023-08"]
PERIODS = [Period.parse(text) for text in (*MONTHS, "2023-Q2", "2023-Q3", "2023")]
#: the field of the day and of the amount of each ledger, and the indicator that counts or adds them up
DAYS = {"cases": "filed_on", "penalties": "decided_on", "payments": "paid_on"}
AMOUNTS = {"penalties": "fine_fen", "payments": "amount_fen"}
NUMBERS = {"cases": "case_no", "penalties": "decision_no", "payments": "receipt_no"}
INDICATORS = {
    "cases": "case_filed_count",
    "penalties": "fine_imposed_amount",
    "payments": "fine_collected_amount",
}
CAUSES = ("超标排放水污染物", "未批先建", "未按规定贮存危险废物", "露天焚烧秸秆", "无证排污")


@dataclass(eq=False)
class Matter:
    """One thing that happened: its ledger, the unit and month that report it, and its values by field."""

    ledger: str
    unit: str
    month: str
    values: dict[str, Any]

    @property
    def day(self) -> date:
        day: date = self.values[DAYS[self.ledger]]
        return day

    @property
    def amount(self) -> int:
        """Its share in the figure: 分, or one case."""
        return int(self.values[AMOUNTS[self.ledger]]) if self.ledger in AMOUNTS else 1

    @property
    def number(self) -> str:
        return str(self.values[NUMBERS[self.ledger]])

    def __repr__(self) -> str:
        return f"{self.ledger} {self.unit} {self.month} {self.number} {self.day} {self.amount}"


def unit_of(county: str, month: str) -> str:
    """Return the code under which a county reports a month."""
    if county in (OLD, NEW):
        return OLD if month < RECODED else NEW
    return county


class Numbers:
    """The numbers that units give to their matters, in one of several customs.

    `own`: with the unit's mark, never twice. `city`: without a mark, each unit counts for itself.
    `monthly`: with the mark, from 1 in each month. `bare`: nothing but a serial that begins with each month.
    """

    CUSTOMS = ("own", "own", "own", "city", "monthly", "bare")
    #: where each custom begins, so that a unit that changes its custom does not meet its own numbers
    FIRST: ClassVar = {"own": 101, "city": 401, "monthly": 1, "bare": 1}

    def __init__(self) -> None:
        self.last: dict[tuple[str, ...], int] = {}

    def draw(self, ledger: str, unit: str, month: str, custom: str) -> str:
        if ledger == "penalties" and custom == "bare":
            custom = "monthly"  # a decision without year and organ is no decision number
        county = NEW if unit == OLD else unit
        counter = (ledger, county, custom, month if custom in ("monthly", "bare") else "")
        serial = self.last.get(counter, self.FIRST[custom] - 1) + 1
        self.last[counter] = serial
        if custom == "bare":
            return str(serial)
        if ledger == "payments":
            unit_part = "" if custom == "city" else f"{county}-"
            return f"P{unit_part}{serial:04}"
        kind = {"cases": "立", "penalties": "罚"}[ledger]
        mark = "" if custom == "city" else MARKS[unit]
        return f"某环{kind}{mark}〔2023〕{serial}号"


class Truth:
    """All matters of a history. Two matters of a ledger never agree in party, day and amount."""

    def __init__(self) -> None:
        self.matters: list[Matter] = []
        self.numbers, self.parties = Numbers(), 0
        self.paid: set[Matter | None] = set()

    def happen(self, rng: random.Random, ledger: str, unit: str, month: str, custom: str) -> Matter:
        """Let a new matter happen."""
        self.parties += 1
        day = Period.parse(month).start_on + timedelta(days=rng.randrange(28))
        values = getattr(self, f"_{ledger}")(rng, unit, month, custom, day)
        return Matter(ledger, unit, month, values)

    def _party(self) -> dict[str, Any]:
        return {"party_name": f"第{self.parties}精细化工厂", "party_type": "个体工商户"}

    def _cases(self, rng: random.Random, unit: str, month: str, custom: str, day: date) -> dict[str, Any]:
        number = self.numbers.draw("cases", unit, month, custom)
        return {"case_no": number, **self._party(), "filed_on": day, "cause": rng.choice(CAUSES)}

    def _penalties(
        self, rng: random.Random, unit: str, month: str, custom: str, day: date
    ) -> dict[str, Any]:
        number = self.numbers.draw("penalties", unit, month, custom)
        return {
            "decision_no": number, **self._party(), "violation_type": rng.choice(CAUSES),
            "legal_basis": "《中华人民共和国水污染防治法》第八十三条", "penalty_kinds": "罚款",
            "penalty_text": "见决定书", "fine_fen": rng.randrange(20, 4000) * 100_00, "decided_on": day,
            "authority": "某市生态环境局",
        }  # fmt: skip

    def _payments(
        self, rng: random.Random, unit: str, month: str, custom: str, day: date
    ) -> dict[str, Any]:
        decided = [
            matter
            for matter in self.matters
            if (matter.ledger, matter.unit) == ("penalties", unit) and matter.day <= day
        ]
        unpaid = [matter for matter in decided if matter not in self.paid]
        decision = rng.choice(unpaid) if unpaid else None
        self.paid.add(decision)
        amount = decision.amount if decision else rng.randrange(20, 4000) * 100_00
        own = f"某环罚{MARKS[unit]}〔2023〕{900 + self.parties}号"
        return {
            "decision_no": decision.number if decision else own, "paid_on": day,
            "amount_fen": amount if rng.random() < 0.5 else amount // 2, "kind": "罚款",
            "receipt_no": self.numbers.draw("payments", unit, month, custom),
        }  # fmt: skip


#: figures by ledger, region and period
Figures = dict[tuple[str, str, str], int]


def figures_of(rows: Iterable[tuple[str, str, date, int]]) -> Figures:
    """Add up rows (ledger, unit, day, amount) for every region and period."""
    figures = dict.fromkeys(figure_keys(), 0)
    for ledger, unit, day, amount in rows:
        for region, units in COUNTED_BY.items():
            for period in PERIODS:
                if unit in units and period.start_on <= day < period.end_on:
                    figures[ledger, region, str(period)] += amount
    return figures


def figure_keys() -> Iterator[tuple[str, str, str]]:
    return (
        (ledger, region, str(period))
        for ledger in INDICATORS
        for region in COUNTED_BY
        for period in PERIODS
    )


def changed(matter: Matter, **values: Any) -> Mapping[str, Any]:
    """Return the values of a matter as a clerk writes them, some of them otherwise than they are."""
    return {**matter.values, **values}
