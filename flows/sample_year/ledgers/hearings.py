"""Hearings of the year's lawsuits; heads appear and speak as often as the published rates say."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.days import after, year_end
from flows.sample_year.ledgers.lawsuits import APPEAL, WITHDRAWN
from flows.sample_year.parties import person_name
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS = ("lawsuits",)

_POSTS = ("局长", "副局长", "党组成员、副局长")


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("hearings")
    heard = [row for row in truth["lawsuits"] if _goes_to_court(row)]
    rows: list[ExpectedRow] = []
    for lawsuit in heard:
        heard_on = after(lawsuit.values["accepted_on"], rng.randrange(25, 60))
        if heard_on > year_end(scenario.year):
            continue
        rows.append(_make_row(rng, lawsuit, heard_on, None))
        second_session_on = after(heard_on, 14)
        if lawsuit.values["instance"] == APPEAL and second_session_on <= year_end(scenario.year):
            rows.append(_make_row(rng, lawsuit, second_session_on, 2))
    return _mark_absences(rows, scenario)


def _goes_to_court(lawsuit: ExpectedRow) -> bool:
    """Return False for a lawsuit withdrawn before it was heard."""
    return lawsuit.later_values is None or lawsuit.later_values["outcome"] != WITHDRAWN


def _make_row(rng: Random, lawsuit: ExpectedRow, heard_on: date, session: int | None) -> ExpectedRow:
    values: dict[str, Any] = {
        "case_no": lawsuit.values["case_no"],
        "instance": lawsuit.values["instance"],
        "heard_on": heard_on,
        "session": session,
        "head_appeared": True,
        "head_name": person_name(rng),
        "head_post": rng.choice(_POSTS),
        "head_spoke": True,
        "identity_proven": True if rng.random() < 0.6 else None,
    }
    return ExpectedRow(lawsuit.unit, heard_on.month, values)


def _mark_absences(rows: list[ExpectedRow], scenario: Scenario) -> list[ExpectedRow]:
    """Mark as many heads absent or silent as the published rates say;
    absence applies to all hearings of a case.
    """
    cases = list(dict.fromkeys(row.values["case_no"] for row in rows))
    absent_cases = set(cases[: scenario.targets.shortfall("head_appearance_rate", len(cases))])
    silent = scenario.targets.shortfall("head_speaking_rate", len(rows))
    changed = []
    for index, row in enumerate(rows):
        is_away = row.values["case_no"] in absent_cases
        spoke = not is_away and index >= silent
        changed.append(
            ExpectedRow(
                row.unit, row.month, {**row.values, "head_appeared": not is_away, "head_spoke": spoke}
            )
        )
    return changed
