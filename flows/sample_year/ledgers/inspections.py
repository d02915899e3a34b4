"""Visits: as many with the mobile system as were published, some without it, and now and then two tasks in one visit."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any

from flows.sample_year.event_calendar import Register, occasions
from flows.sample_year.parties import Party
from flows.sample_year.scenario import TrueRow, Truth, World

NEEDS: tuple[str, ...] = ()

_ON_PAPER_PER_HUNDRED = 3
_VISITS_AN_OBJECT, _FEWEST_OBJECTS = 9, 30
_TWO_TASKS, _WITHOUT_TASK_NO = 0.02, 0.25
_KINDS = ("日常", "双随机", "专项", "信访")
_RESULTS = ("未发现问题", "未发现问题", "已责令改正", "发现违法线索，移交立案", None)


def build(world: World, _truth: Truth) -> list[TrueRow]:
    rng = world.rng("inspections")
    mobile = world.targets.count("inspection_count")
    visits = _visits(rng, world, mobile + mobile * _ON_PAPER_PER_HUNDRED // 100)
    on_paper = set(rng.sample(range(len(visits)), len(visits) - mobile))
    register = Register(world)
    rows = []
    for index, (day, unit, party) in enumerate(visits):
        is_mobile = False if index in on_paper else True if rng.random() < 0.7 else None
        for kind in rng.sample(_KINDS, 2 if rng.random() < _TWO_TASKS else 1):
            has_task_no = rng.random() >= _WITHOUT_TASK_NO
            task_no = register.entry_no(unit, "RW") if has_task_no else None
            rows.append(TrueRow(unit, day.month, _values(rng, party, day, kind, task_no, is_mobile)))
    return rows


def _visits(rng: Random, world: World, count: int) -> list[tuple[date, str, Party]]:
    """Who is visited on which day; nobody twice on the same."""
    days = occasions(world, rng, count)
    per_unit = Counter(unit for _, unit in days)
    books = {unit: world.new_book(unit) for unit in world.offices}
    objects = {
        unit: [
            books[unit].pick_firm(rng) for _ in range(_FEWEST_OBJECTS + per_unit[unit] // _VISITS_AN_OBJECT)
        ]
        for unit in world.offices
    }
    visits, visited = [], set()
    for day, unit in days:
        free = rng.choice(objects[unit])
        while (free.name, day) in visited:
            free = rng.choice(objects[unit])
        visited.add((free.name, day))
        visits.append((day, unit, free))
    return visits


def _values(
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
