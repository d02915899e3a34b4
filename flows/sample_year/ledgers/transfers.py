"""Cases transferred: as many of each kind as were published; people detained are counted separately."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.case_lifecycle import CaseRecord
from flows.sample_year.days import after, last_known_day, year_end
from flows.sample_year.event_calendar import Register, distribute
from flows.sample_year.offices import Office
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth
from schemas.datasets.transfers import CRIME, DETENTION

NEEDS: tuple[str, ...] = ()

_MARKET, _OTHER = "市场监管", "其他"
_OTHERS_PER_HUNDRED_CASES = 1
_RECEIVERS = {DETENTION: "公安局", CRIME: "公安局", _MARKET: "市场监督管理局", _OTHER: "自然资源局"}


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("transfers")
    targets = scenario.targets
    detentions, crimes = (
        targets.count("detention_transfer_case_count"),
        targets.count("criminal_transfer_case_count"),
    )
    kinds = [DETENTION] * detentions + [CRIME] * crimes + [_MARKET] * targets.count("market_transfer_count")
    kinds += [_OTHER] * (1 + targets.count("case_filed_count") * _OTHERS_PER_HUNDRED_CASES // 100)
    detained = iter(distribute(rng, targets.count("detained_person_count"), detentions))
    filed = iter(distribute(rng, targets.count("criminal_filed_person_count"), crimes))
    transfers = sorted(
        _plan_transfers(rng, scenario, kinds), key=lambda transfer: (transfer[0], transfer[1].case_no)
    )
    register = Register(scenario)
    rows = []
    for day, case_record, kind in transfers:
        values = {
            **_make_values(rng, scenario.offices[case_record.unit], case_record, kind, day),
            "document_no": register.document_no(case_record.unit, "移"),
            "persons_detained": next(detained) if kind == DETENTION else None,
            "persons_filed": next(filed) if kind == CRIME else None,
        }
        rows.append(ExpectedRow(case_record.unit, day.month, values))
    return rows


def _plan_transfers(
    rng: Random, scenario: Scenario, kinds: list[str]
) -> list[tuple[date, CaseRecord, str]]:
    """Return the day, case and kind of each transfer; a case may be transferred twice if there are few."""
    own = [
        case_record for case_record in scenario.case_records if case_record.filed_on.year == scenario.year
    ]
    candidates = own * (len(kinds) // max(len(own), 1) + 1)
    last = year_end(scenario.year)
    chosen = zip(rng.sample(candidates, len(kinds)), kinds, strict=True)
    return [
        (after(case_record.filed_on, rng.randrange(3, 40), last), case_record, kind)
        for case_record, kind in chosen
    ]


def _make_values(
    rng: Random, office: Office, case_record: CaseRecord, kind: str, day: date
) -> dict[str, Any]:
    accepted_on = after(day, rng.randrange(1, 6), last_known_day(day.year, day.month))
    return {
        "kind": kind,
        "case_no": case_record.case_no,
        "party_name": case_record.party.name,
        "receiver": f"{office.seat}{_RECEIVERS[kind]}",
        "transferred_on": day,
        "accepted_on": max(accepted_on, day),
    }
