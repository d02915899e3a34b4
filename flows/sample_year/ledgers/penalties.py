"""Decisions: their fines add up to the published amount; the publishable ones are published."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

import cn2an

from flows.sample_year.amounts import adjust_to_sum, draw_target_sum, round_amount
from flows.sample_year.case_lifecycle import CaseRecord
from flows.sample_year.days import add_years, after, last_known_day
from flows.sample_year.offices import Office
from flows.sample_year.parties import division_of, invented_uscc
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth
from schemas.ledgers.common_checks import NATURAL_PERSON, ORGANISATION

NEEDS: tuple[str, ...] = ()

SMALLEST_FEN, LARGEST_FEN = 2_000_00, 1_000_000_00
_SUMMARY_LIMIT_FEN = 3_000_00
_WAN_FEN = 10_000_00
_FINE, _WARNING = "罚款", "警告"
_CONFISCATIONS = ("没收违法所得", "没收非法财物")


@dataclass(frozen=True)
class _Decision:
    """The decision in a case; `fine_fen` is None for a warning without a fine."""

    case_record: CaseRecord
    decided_on: date
    fine_fen: int | None
    confiscated_fen: int | None

    @property
    def kinds(self) -> tuple[str, ...]:
        if self.fine_fen is None:
            return (_WARNING,)
        other_kinds = self.case_record.violation.other_kinds
        before = tuple(kind for kind in other_kinds if kind == _WARNING)
        return (*before, _FINE, *(kind for kind in other_kinds if kind != _WARNING))


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("penalties")
    decisions = _decide(scenario, rng)
    serials: Counter[str] = Counter()
    rows = []
    for decision in decisions:
        office = scenario.offices[decision.case_record.unit]
        serials[office.code] += 1
        number = office.document_no("罚", scenario.year, serials[office.code])
        rows.append(
            ExpectedRow(
                office.code,
                decision.decided_on.month,
                _make_values(scenario, rng, office, decision, number),
            )
        )
    return _unpublish(rows, scenario)


def _decide(scenario: Scenario, rng: Random) -> list[_Decision]:
    """Make the decisions in date order. The fines add up to the published sum."""
    decided = [
        (case_record.decided_on, case_record)
        for case_record in scenario.case_records
        if case_record.decided_on
    ]
    decided.sort(key=lambda pair: (pair[0], pair[1].case_no))
    is_warning = [rng.random() < 0.03 for _ in decided]
    fined = [
        case_record for (_, case_record), warned in zip(decided, is_warning, strict=True) if not warned
    ]
    fines = iter(_draw_fines(scenario, rng, fined))
    return [
        _Decision(
            case_record,
            day,
            None if warned else next(fines),
            None if warned else _draw_confiscated_amount(rng, case_record),
        )
        for (day, case_record), warned in zip(decided, is_warning, strict=True)
    ]


def _draw_fines(scenario: Scenario, rng: Random, case_records: list[CaseRecord]) -> list[int]:
    target = draw_target_sum(scenario.targets, "fine_imposed_amount", scenario.rng("fine_imposed_amount"))
    amounts_fen = [_draw_fen(rng, case_record) for case_record in case_records]
    mean = target // max(len(amounts_fen), 1)
    smallest, largest = min(SMALLEST_FEN, mean // 4), max(LARGEST_FEN, 4 * mean)
    scale = target / max(sum(amounts_fen), 1)
    fines = []
    for case_record, fen in zip(case_records, amounts_fen, strict=True):
        scaled = int(fen * scale)
        rounded = scaled if case_record.violation.is_share_of_sum else round_amount(scaled)
        fines.append(min(max(rounded, smallest), largest))
    return adjust_to_sum(fines, target, smallest, largest)


def _draw_fen(rng: Random, case_record: CaseRecord) -> int:
    """Draw a fine, more often from the low end of the range than from the high end."""
    low, high = case_record.violation.low_yuan, case_record.violation.high_yuan
    if case_record.party.kind != ORGANISATION:
        high = low + (high - low) // 4
    return int(low * (high / low) ** rng.betavariate(1.4, 1.8) * 100)


def _draw_confiscated_amount(rng: Random, case_record: CaseRecord) -> int | None:
    if not set(case_record.violation.other_kinds) & set(_CONFISCATIONS):
        return None
    return rng.randrange(1_200_00, 38_000_00, 50)


def _make_values(
    scenario: Scenario, rng: Random, office: Office, decision: _Decision, number: str
) -> dict[str, Any]:
    case_record, party, day = decision.case_record, decision.case_record.party, decision.decided_on
    latest = last_known_day(scenario.year, day.month)
    is_organisation = party.kind == ORGANISATION
    authority_uscc = _make_authority_uscc(scenario, office)
    has_id = party.id_no is not None and rng.random() < 0.7
    return {
        "decision_no": number,
        "case_no": case_record.case_no,
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
        "violation_type": case_record.violation.cause,
        "violation_fact": case_record.violation.fact,
        "legal_basis": case_record.violation.basis,
        "penalty_kinds": decision.kinds,
        "penalty_text": _write_penalty_text(rng, decision),
        "fine_fen": decision.fine_fen,
        "confiscated_fen": decision.confiscated_fen,
        "licence_affected": None,
        "procedure": _choose_procedure(decision),
        "decided_on": day,
        "served_on": min(after(day, rng.randrange(1, 8)), latest),
        "valid_until": add_years(day, 1),
        "public_until": add_years(day, 3),
        "is_publishable": True if rng.random() < 0.4 else None,
        "published_on": min(after(day, rng.randrange(1, 10)), latest),
        "authority": office.title,
        "authority_uscc": authority_uscc,
        "source_unit": office.title,
        "remark": None,
    }


def _make_authority_uscc(scenario: Scenario, office: Office) -> str:
    division = division_of(office.code, scenario.regions.top.code)
    return invented_uscc(scenario.rng(f"authority/{office.code}"), "11", division)


def _unpublish(rows: list[ExpectedRow], scenario: Scenario) -> list[ExpectedRow]:
    """Mark some decisions as not to be published; of the remaining, the published share is published."""
    rng = scenario.rng("publication")
    not_publishable = {
        index
        for index in range(len(rows))
        if rng.random() < 0.04 or rows[index].values["party_type"] == NATURAL_PERSON
    }
    not_publishable = set(sorted(not_publishable)[::2])
    due = [index for index in range(len(rows)) if index not in not_publishable]
    unpublished = set(due[: scenario.targets.shortfall("penalty_publication_rate", len(due))])
    changed = []
    for index, row in enumerate(rows):
        values = dict(row.values)
        if index in not_publishable:
            values["is_publishable"] = False
        if index in not_publishable or index in unpublished:
            values["published_on"] = None
        changed.append(ExpectedRow(row.unit, row.month, values))
    return changed


def _choose_procedure(decision: _Decision) -> str:
    fine = decision.fine_fen
    is_summary = fine is None or (
        fine <= _SUMMARY_LIMIT_FEN and decision.case_record.party.kind == ORGANISATION
    )
    return "简易" if is_summary else "普通"


def _write_penalty_text(rng: Random, decision: _Decision) -> str:
    fine = decision.fine_fen
    if fine is None:
        return "警告，责令立即改正违法行为。"
    parts = [kind for kind in decision.kinds if kind != _FINE and kind not in _CONFISCATIONS]
    if decision.confiscated_fen is not None:
        parts.append(f"没收违法所得{_format_yuan(decision.confiscated_fen)}元")
    parts.append(f"{'并处' if parts else ''}罚款{_write_amount(rng, fine)}")
    if rng.random() < 0.25:
        numbered = [f"{index}.{part}" for index, part in enumerate(("责令改正违法行为", *parts), start=1)]
        return "；\n".join(numbered) + "。"
    return "，".join(parts)


def _write_amount(rng: Random, fen: int) -> str:
    forms = ["capitals", "digits"] + (["wan"] if fen % _WAN_FEN == 0 else [])
    form = rng.choice(forms)
    if form == "capitals":
        return f"人民币{cn2an.an2cn(_format_yuan(fen), 'rmb')}"
    return f"{fen // _WAN_FEN}万元" if form == "wan" else f"{_format_yuan(fen)}元"


def _format_yuan(fen: int) -> str:
    """Format an amount in 元 without trailing zeros."""
    return str(fen // 100) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02}".rstrip("0")
