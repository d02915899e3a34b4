"""Exams: the published number of sessions for the certificate, each taken by several offices, and the exams in law."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

from flows.sample_year.days import work_day
from flows.sample_year.scenario import TrueRow, Truth, World

NEEDS: tuple[str, ...] = ()

CERTIFICATE, _LAW = "执法资格", "学法考法"
_LAW_EXAMS = ((5, "上半年"), (11, "下半年"))
#: from the first month to so many later: who passes the last exam still has the certificate in the year
_FIRST_MONTH, _MONTHS = 2, 8


def build(world: World, _truth: Truth) -> list[TrueRow]:
    rng = world.rng("exams")
    rows = [*_for_certificates(rng, world), *_in_law(rng, world)]
    return _violated(sorted(rows, key=lambda row: row.values["held_on"]), world)


def _for_certificates(rng: Random, world: World) -> list[TrueRow]:
    """Those who pass are those who are newly certified in the year."""
    sessions = world.targets.count("certification_exam_session_count")
    newcomers = world.targets.count("newly_certified_officer_count")
    units = list(world.offices)
    passed = Counter((rng.randrange(sessions), rng.choice(units)) for _ in range(newcomers) if sessions)
    rows = []
    for session in range(sessions):
        month = _FIRST_MONTH + _MONTHS * (session + 1) // (sessions + 1)
        held_on = work_day(date(world.year, month, 3 + session % 20))
        present = [unit for unit in units if passed[session, unit]] or units[:1]
        for unit in present:
            took = passed[session, unit] + rng.choice((0, 0, 1))
            expected = took + rng.choice((0, 0, 1))
            session_no = f"{world.year}年执法资格第{session + 1}期"
            rows.append(_row(unit, CERTIFICATE, session_no, held_on, expected, took, passed[session, unit]))
    return rows


def _in_law(rng: Random, world: World) -> list[TrueRow]:
    """Every office sends its people twice a year; the published rates say how many stay away and how many fail."""
    staff = {unit: rng.randrange(16, 40) for unit in world.offices}
    absent = world.targets.shortfall("law_exam_participation_rate", sum(staff.values()) * len(_LAW_EXAMS))
    failed = world.targets.shortfall("law_exam_pass_rate", sum(staff.values()) * len(_LAW_EXAMS) - absent)
    rows = []
    for month, half in _LAW_EXAMS:
        held_on = work_day(date(world.year, month, 15))
        for unit, expected in staff.items():
            away = min(absent, expected)
            fails = min(failed, expected - away)
            absent, failed = absent - away, failed - fails
            took, session_no = expected - away, f"{world.year}年{half}学法考法"
            rows.append(_row(unit, _LAW, session_no, held_on, expected, took, took - fails))
    return rows


def _row(
    unit: str, kind: str, session_no: str, held_on: date, expected: int, took: int, passed: int
) -> TrueRow:
    values = {
        "kind": kind,
        "session_no": session_no,
        "held_on": held_on,
        "expected": expected,
        "took": took,
        "passed": passed,
        "violations": 0,
    }
    return TrueRow(unit, held_on.month, values)


def _violated(rows: list[TrueRow], world: World) -> list[TrueRow]:
    """All violations of the year in one exam."""
    count = world.targets.count("exam_violation_count")
    return [
        TrueRow(row.unit, row.month, {**row.values, "violations": count}) if index == 0 else row
        for index, row in enumerate(rows)
    ]
