"""Visits: as many with the mobile system as were published, some without, and some with two tasks."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any

from flows.sample_year.event_calendar import Register, draw_event_days
from flows.sample_year.parties import Party
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS: tuple[str, ...] = ()

_ON_PAPER_PER_HUNDRED = 3
_VISITS_AN_OBJECT, _FEWEST_OBJECTS = 9, 30
_TWO_TASKS, _WITHOUT_TASK_NO = 0.02, 0.25
_KINDS = ("日常", "双随机", "专项", "信访")
_RESULTS = ("未发现问题", "未发现问题", "已责令改正", "发现违法线索，移交立案", None)


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("inspections")
    mobile = scenario.targets.count("inspection_count")
    visits = _plan_visits(rng, scenario, mobile + mobile * _ON_PAPER_PER_HUNDRED // 100)
    on_paper = set(rng.sample(range(len(visits)), len(visits) - mobile))
    register = Register(scenario)
    rows = []
    for index, (day, unit, party) in enumerate(visits):
        is_mobile = False if index in on_paper else True if rng.random() < 0.7 else None
        for kind in rng.sample(_KINDS, 2 if rng.random() < _TWO_TASKS else 1):
            has_task_no = rng.random() >= _WITHOUT_TASK_NO
            task_no = register.entry_no(unit, "RW") if has_task_no else None
            rows.append(
                ExpectedRow(unit, day.month, _make_values(rng, party, day, kind, task_no, is_mobile))
            )
    return rows


def _plan_visits(rng: Random, scenario: Scenario, count: int) -> list[tuple[date, str, Party]]:
    """Draw who is visited on which day; nobody twice on one day."""
    days = draw_event_days(scenario, rng, count)
    per_unit = Counter(unit for _, unit in days)
    books = {unit: scenario.new_book(unit) for unit in scenario.offices}
    objects = {
        unit: [
            books[unit].pick_firm(rng) for _ in range(_FEWEST_OBJECTS + per_unit[unit] // _VISITS_AN_OBJECT)
        ]
        for unit in scenario.offices
    }
    visits, visited = [], set()
    for day, unit in days:
        party = rng.choice(objects[unit])
        while (party.name, day) in visited:
            party = rng.choice(objects[unit])
        visited.add((party.name, day))
        visits.append((day, unit, party))
    return visits


def _make_values(
    rng: Random, party: Party, day: date, kind: str, task_no: str | None, is_mobile: bool | None
) -> dict[str, Any]:
    return {
        "party_name": party.name,
        "party_uscc": party.uscc,
        "inspected_on": day,
        "kind": kind,
        "task_no": task_no,
        "officer_count": rng.choice((2, 2, 2, 3, 4)),
        "result": rng.choice(_RESULTS),
        "is_mobile": is_mobile,
    }
