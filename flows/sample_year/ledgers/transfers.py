"""Cases handed over: so many of each kind as were published; how many people were held is a count of its own."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.case_lifecycle import Affair
from flows.sample_year.days import after, last_known_day, year_end
from flows.sample_year.event_calendar import Register, shared_out
from flows.sample_year.offices import Office
from flows.sample_year.scenario import TrueRow, Truth, World
from schemas.datasets.transfers import CRIME, DETENTION

NEEDS: tuple[str, ...] = ()

_MARKET, _OTHER = "市场监管", "其他"
_OTHERS_PER_HUNDRED_CASES = 1
_RECEIVERS = {DETENTION: "公安局", CRIME: "公安局", _MARKET: "市场监督管理局", _OTHER: "自然资源局"}


def build(world: World, _truth: Truth) -> list[TrueRow]:
    rng = world.rng("transfers")
    targets = world.targets
    detentions, crimes = (
        targets.count("detention_transfer_case_count"),
        targets.count("criminal_transfer_case_count"),
    )
    kinds = [DETENTION] * detentions + [CRIME] * crimes + [_MARKET] * targets.count("market_transfer_count")
    kinds += [_OTHER] * (1 + targets.count("case_filed_count") * _OTHERS_PER_HUNDRED_CASES // 100)
    detained = iter(shared_out(rng, targets.count("detained_person_count"), detentions))
    filed = iter(shared_out(rng, targets.count("criminal_filed_person_count"), crimes))
    handed_over = sorted(
        _handed_over(rng, world, kinds), key=lambda transfer: (transfer[0], transfer[1].case_no)
    )
    register = Register(world)
    rows = []
    for day, affair, kind in handed_over:
        values = {
            **_values(rng, world.offices[affair.unit], affair, kind, day),
            "document_no": register.document_no(affair.unit, "移"),
            "persons_detained": next(detained) if kind == DETENTION else None,
            "persons_filed": next(filed) if kind == CRIME else None,
        }
        rows.append(TrueRow(affair.unit, day.month, values))
    return rows


def _handed_over(rng: Random, world: World, kinds: list[str]) -> list[tuple[date, Affair, str]]:
    """The day and the case of each transfer; one case may be handed over twice where there are few."""
    own = [affair for affair in world.affairs if affair.filed_on.year == world.year]
    enough = own * (len(kinds) // max(len(own), 1) + 1)
    last = year_end(world.year)
    chosen = zip(rng.sample(enough, len(kinds)), kinds, strict=True)
    return [(after(affair.filed_on, rng.randrange(3, 40), last), affair, kind) for affair, kind in chosen]


def _values(rng: Random, office: Office, affair: Affair, kind: str, day: date) -> dict[str, Any]:
    accepted_on = after(day, rng.randrange(1, 6), last_known_day(day.year, day.month))
    return {
        "kind": kind,
        "case_no": affair.case_no,
        "party_name": affair.party.name,
        "receiver": f"{office.seat}{_RECEIVERS[kind]}",
        "transferred_on": day,
        "accepted_on": max(accepted_on, day),
    }
