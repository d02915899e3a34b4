"""Studies, lectures and trainings: the bureau's as published; counties' own are not counted by the city."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.event_calendar import Register, draw_event_days
from flows.sample_year.offices import Office
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS: tuple[str, ...] = ()

_STUDY, _THEORY, _LECTURE, _TRAINING, _OUTREACH = "党组研究", "理论学习", "专题讲座", "法治培训", "普法活动"
_COUNTED = {"party_study_count": _STUDY, "theory_study_count": _THEORY, "lecture_count": _LECTURE}
_TITLES = {
    _STUDY: "专题研究法治建设工作", _THEORY: "理论学习中心组集体学习", _LECTURE: "行政执法专题讲座",
    _TRAINING: "领导班子法治专题培训", _OUTREACH: "环境日普法宣传",
}  # fmt: skip
_TRAININGS, _LEADERS = 2, 9
_OF_A_COUNTY = 3


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("activities")
    activities: list[tuple[date, str, str]] = []
    if scenario.bureau:
        kinds = [kind for name, kind in _COUNTED.items() for _ in range(scenario.targets.count(name))]
        kinds += [_TRAINING] * _TRAININGS + [_OUTREACH] * 2
        days = draw_event_days(scenario, rng, len(kinds), [scenario.bureau])
        activities += [
            (day, unit, kind) for (day, unit), kind in zip(days, rng.sample(kinds, len(kinds)), strict=True)
        ]
    for day, unit in draw_event_days(
        scenario, rng, _OF_A_COUNTY * len(scenario.counties), scenario.counties
    ):
        activities.append((day, unit, rng.choice(list(_TITLES))))
    absent = scenario.targets.shortfall("leader_training_rate", _TRAININGS * _LEADERS)
    register = Register(scenario)
    rows = []
    for day, unit, kind in sorted(activities):
        missing = rng.randrange(3)
        if unit == scenario.bureau and kind == _TRAINING:
            missing, absent = min(absent, _LEADERS), max(absent - _LEADERS, 0)
        number = register.number(unit, kind)
        rows.append(
            ExpectedRow(
                unit, day.month, _make_values(rng, scenario.offices[unit], kind, number, day, missing)
            )
        )
    return rows


def _make_values(
    rng: Random, office: Office, kind: str, number: int, day: date, missing: int
) -> dict[str, Any]:
    is_open_to_all = kind == _OUTREACH
    expected = None if is_open_to_all else _LEADERS if kind == _TRAINING else rng.randrange(12, 40)
    return {
        "kind": kind,
        "title": f"{office.title}{_TITLES[kind]}（第{number}场）",
        "held_on": day,
        "expected": expected,
        "attended": rng.randrange(60, 300) if expected is None else expected - missing,
    }
