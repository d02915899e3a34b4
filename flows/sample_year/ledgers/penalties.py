"""Decisions: their fines add up to the published amount, and those to be published are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

import cn2an

from flows.sample_year.amounts import land_on, round_amount, target_sum
from flows.sample_year.case_lifecycle import Affair
from flows.sample_year.days import after, last_known_day, years_on
from flows.sample_year.offices import Office
from flows.sample_year.parties import division_of, invented_uscc
from flows.sample_year.scenario import TrueRow, Truth, World
from schemas.ledgers.common_checks import NATURAL_PERSON, ORGANISATION

NEEDS: tuple[str, ...] = ()

SMALLEST_FEN, LARGEST_FEN = 2_000_00, 1_000_000_00
_SUMMARY_LIMIT_FEN = 3_000_00
_WAN_FEN = 10_000_00
_FINE, _WARNING = "罚款", "警告"
_CONFISCATIONS = ("没收违法所得", "没收非法财物")


@dataclass(frozen=True)
class _Decision:
    """What was decided in a case; `fine_fen` is None for a mere warning."""

    affair: Affair
    decided_on: date
    fine_fen: int | None
    confiscated_fen: int | None

    @property
    def kinds(self) -> tuple[str, ...]:
        if self.fine_fen is None:
            return (_WARNING,)
        other_kinds = self.affair.violation.other_kinds
        before = tuple(kind for kind in other_kinds if kind == _WARNING)
        return (*before, _FINE, *(kind for kind in other_kinds if kind != _WARNING))


def build(world: World, _truth: Truth) -> list[TrueRow]:
    rng = world.rng("penalties")
    decisions = _decide(world, rng)
    serials: Counter[str] = Counter()
    rows = []
    for decision in decisions:
        office = world.offices[decision.affair.unit]
        serials[office.code] += 1
        number = office.document_no("罚", world.year, serials[office.code])
        rows.append(
            TrueRow(office.code, decision.decided_on.month, _values(world, rng, office, decision, number))
        )
    return _unpublish(rows, world)


def _decide(world: World, rng: Random) -> list[_Decision]:
    """Decisions in the order of their days. The fines land on the published sum."""
    decided = [(affair.decided_on, affair) for affair in world.affairs if affair.decided_on]
    decided.sort(key=lambda pair: (pair[0], pair[1].case_no))
    is_warning = [rng.random() < 0.03 for _ in decided]
    fined = [affair for (_, affair), warned in zip(decided, is_warning, strict=True) if not warned]
    fines = iter(_fines(world, rng, fined))
    return [
        _Decision(
            affair, day, None if warned else next(fines), None if warned else _confiscated(rng, affair)
        )
        for (day, affair), warned in zip(decided, is_warning, strict=True)
    ]


def _fines(world: World, rng: Random, affairs: list[Affair]) -> list[int]:
    target = target_sum(world.targets, "fine_imposed_amount", world.rng("fine_imposed_amount"))
    amounts_fen = [_draw_fen(rng, affair) for affair in affairs]
    mean = target // max(len(amounts_fen), 1)
    smallest, largest = min(SMALLEST_FEN, mean // 4), max(LARGEST_FEN, 4 * mean)
    scale = target / max(sum(amounts_fen), 1)
    fines = []
    for affair, fen in zip(affairs, amounts_fen, strict=True):
        scaled = int(fen * scale)
        rounded = scaled if affair.violation.is_share_of_sum else round_amount(scaled)
        fines.append(min(max(rounded, smallest), largest))
    return land_on(fines, target, smallest, largest)


def _draw_fen(rng: Random, affair: Affair) -> int:
    """Low in the range more often than high, as fines are."""
    low, high = affair.violation.low_yuan, affair.violation.high_yuan
    if affair.party.kind != ORGANISATION:
        high = low + (high - low) // 4
    return int(low * (high / low) ** rng.betavariate(1.4, 1.8) * 100)


def _confiscated(rng: Random, affair: Affair) -> int | None:
    if not set(affair.violation.other_kinds) & set(_CONFISCATIONS):
        return None
    return rng.randrange(1_200_00, 38_000_00, 50)


def _values(world: World, rng: Random, office: Office, decision: _Decision, number: str) -> dict[str, Any]:
    affair, party, day = decision.affair, decision.affair.party, decision.decided_on
    latest = last_known_day(world.year, day.month)
    is_organisation = party.kind == ORGANISATION
    authority_uscc = _authority_uscc(world, office)
    has_id = party.id_no is not None and rng.random() < 0.7
    return {
        "decision_no": number,
        "case_no": affair.case_no,
        "party_name": party.name,
        "party_type": party.kind,
        "party_uscc": party.uscc,
        "registration_no": None,
        "organisation_code": f"{party.uscc[8:16]}-{party.uscc[16]}"
        if party.uscc and rng.random() < 0.2
        else None,
        "legal_representative": party.representative if is_organisation else None,
        "id_type": "身份证" if has_id else None,
        "id_no": party.id_no if has_id else None,
        "violation_type": affair.violation.cause,
        "violation_fact": affair.violation.fact,
        "legal_basis": affair.violation.basis,
        "penalty_kinds": decision.kinds,
        "penalty_text": _penalty_text(rng, decision),
        "fine_fen": decision.fine_fen,
        "confiscated_fen": decision.confiscated_fen,
        "licence_affected": None,
        "procedure": _procedure(decision),
        "decided_on": day,
        "served_on": min(after(day, rng.randrange(1, 8)), latest),
        "valid_until": years_on(day, 1),
        "public_until": years_on(day, 3),
        "is_publishable": True if rng.random() < 0.4 else None,
        "published_on": min(after(day, rng.randrange(1, 10)), latest),
        "authority": office.title,
        "authority_uscc": authority_uscc,
        "source_unit": office.title,
        "remark": None,
    }


def _authority_uscc(world: World, office: Office) -> str:
    division = division_of(office.code, world.regions.city.code)
    return invented_uscc(world.rng(f"authority/{office.code}"), "11", division)


def _unpublish(rows: list[TrueRow], world: World) -> list[TrueRow]:
    """Some decisions are not to be published; of the others, the published share is."""
    rng = world.rng("publication")
    secret = {
        index
        for index in range(len(rows))
        if rng.random() < 0.04 or rows[index].values["party_type"] == NATURAL_PERSON
    }
    secret = set(sorted(secret)[::2])
    due = [index for index in range(len(rows)) if index not in secret]
    unpublished = set(due[: world.targets.shortfall("penalty_publication_rate", len(due))])
    changed = []
    for index, row in enumerate(rows):
        values = dict(row.values)
        if index in secret:
            values["is_publishable"] = False
        if index in secret or index in unpublished:
            values["published_on"] = None
        changed.append(TrueRow(row.unit, row.month, values))
    return changed


def _procedure(decision: _Decision) -> str:
    fine = decision.fine_fen
    is_summary = fine is None or (fine <= _SUMMARY_LIMIT_FEN and decision.affair.party.kind == ORGANISATION)
    return "简易" if is_summary else "普通"


def _penalty_text(rng: Random, decision: _Decision) -> str:
    fine = decision.fine_fen
    if fine is None:
        return "警告，责令立即改正违法行为。"
    parts = [kind for kind in decision.kinds if kind != _FINE and kind not in _CONFISCATIONS]
    if decision.confiscated_fen is not None:
        parts.append(f"没收违法所得{_yuan(decision.confiscated_fen)}元")
    parts.append(f"{'并处' if parts else ''}罚款{_in_words(rng, fine)}")
    if rng.random() < 0.25:
        numbered = [f"{index}.{part}" for index, part in enumerate(("责令改正违法行为", *parts), start=1)]
        return "；\n".join(numbered) + "。"
    return "，".join(parts)


def _in_words(rng: Random, fen: int) -> str:
    forms = ["capitals", "digits"] + (["wan"] if fen % _WAN_FEN == 0 else [])
    form = rng.choice(forms)
    if form == "capitals":
        return f"人民币{cn2an.an2cn(_yuan(fen), 'rmb')}"
    return f"{fen // _WAN_FEN}万元" if form == "wan" else f"{_yuan(fen)}元"


def _yuan(fen: int) -> str:
    """Yuan with no more decimals than there are."""
    return str(fen // 100) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02}".rstrip("0")
