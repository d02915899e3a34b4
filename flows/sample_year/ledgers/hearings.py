"""Hearings of the year's lawsuits; heads appear and speak as often as the published rates say."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.days import after, year_end
from flows.sample_year.ledgers.lawsuits import APPEAL, WITHDRAWN
from flows.sample_year.parties import person_name
from flows.sample_year.scenario import TrueRow, Truth, World

NEEDS = ("lawsuits",)

_POSTS = ("局长", "副局长", "党组成员、副局长")


def build(world: World, truth: Truth) -> list[TrueRow]:
    rng = world.rng("hearings")
    heard = [row for row in truth["lawsuits"] if _goes_to_court(row)]
    rows: list[TrueRow] = []
    for lawsuit in heard:
        heard_on = after(lawsuit.values["accepted_on"], rng.randrange(25, 60))
        if heard_on > year_end(world.year):
            continue
        rows.append(_row(rng, lawsuit, heard_on, None))
        again_on = after(heard_on, 14)
        if lawsuit.values["instance"] == APPEAL and again_on <= year_end(world.year):
            rows.append(_row(rng, lawsuit, again_on, 2))
    return _absent(rows, world)


def _goes_to_court(lawsuit: TrueRow) -> bool:
    """Not one that was withdrawn before it was heard."""
    return lawsuit.later_values is None or lawsuit.later_values["outcome"] != WITHDRAWN


def _row(rng: Random, lawsuit: TrueRow, heard_on: date, session: int | None) -> TrueRow:
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
    return TrueRow(lawsuit.unit, heard_on.month, values)


def _absent(rows: list[TrueRow], world: World) -> list[TrueRow]:
    """As many heads stay away, or stay silent, as the published rates say; all the hearings of a case together."""
    cases = list(dict.fromkeys(row.values["case_no"] for row in rows))
    away = set(cases[: world.targets.shortfall("head_appearance_rate", len(cases))])
    silent = world.targets.shortfall("head_speaking_rate", len(rows))
    changed = []
    for index, row in enumerate(rows):
        is_away = row.values["case_no"] in away
        spoke = not is_away and index >= silent
        changed.append(
            TrueRow(row.unit, row.month, {**row.values, "head_appeared": not is_away, "head_spoke": spoke})
        )
    return changed
