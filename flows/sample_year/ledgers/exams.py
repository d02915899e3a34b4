"""Exams: the published number of sessions for the certificate, each for several offices, and law exams."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

from flows.sample_year.days import work_day
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS: tuple[str, ...] = ()

CERTIFICATE, _LAW = "执法资格", "学法考法"
_LAW_EXAMS = ((5, "上半年"), (11, "下半年"))
#: the exams' first month and the months they spread over: even the last
#: exam leads to a certificate in the year
_FIRST_MONTH, _MONTHS = 2, 8


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("exams")
    rows = [*_make_certificate_exams(rng, scenario), *_make_law_exams(rng, scenario)]
    return _add_violations(sorted(rows, key=lambda row: row.values["held_on"]), scenario)


def _make_certificate_exams(rng: Random, scenario: Scenario) -> list[ExpectedRow]:
    """Make the certificate exams; those who pass are the newly certified officers of the year."""
    sessions = scenario.targets.count("certification_exam_session_count")
    newcomers = scenario.targets.count("newly_certified_officer_count")
    units = list(scenario.offices)
    passed = Counter((rng.randrange(sessions), rng.choice(units)) for _ in range(newcomers) if sessions)
    rows = []
    for session in range(sessions):
        month = _FIRST_MONTH + _MONTHS * (session + 1) // (sessions + 1)
        held_on = work_day(date(scenario.year, month, 3 + session % 20))
        present = [unit for unit in units if passed[session, unit]] or units[:1]
        for unit in present:
            took = passed[session, unit] + rng.choice((0, 0, 1))
            expected = took + rng.choice((0, 0, 1))
            session_no = f"{scenario.year}年执法资格第{session + 1}期"
            rows.append(
                _make_row(unit, CERTIFICATE, session_no, held_on, expected, took, passed[session, unit])
            )
    return rows


def _make_law_exams(rng: Random, scenario: Scenario) -> list[ExpectedRow]:
    """Make two law exams a year for every office; the published rates say how many are absent or fail."""
    staff = {unit: rng.randrange(16, 40) for unit in scenario.offices}
    absent = scenario.targets.shortfall(
        "law_exam_participation_rate", sum(staff.values()) * len(_LAW_EXAMS)
    )
    failed = scenario.targets.shortfall(
        "law_exam_pass_rate", sum(staff.values()) * len(_LAW_EXAMS) - absent
    )
    rows = []
    for month, half in _LAW_EXAMS:
        held_on = work_day(date(scenario.year, month, 15))
        for unit, expected in staff.items():
            absent_here = min(absent, expected)
            failed_here = min(failed, expected - absent_here)
            absent, failed = absent - absent_here, failed - failed_here
            took, session_no = expected - absent_here, f"{scenario.year}年{half}学法考法"
            rows.append(_make_row(unit, _LAW, session_no, held_on, expected, took, took - failed_here))
    return rows


def _make_row(
    unit: str, kind: str, session_no: str, held_on: date, expected: int, took: int, passed: int
) -> ExpectedRow:
    values = {
        "kind": kind,
        "session_no": session_no,
        "held_on": held_on,
        "expected": expected,
        "took": took,
        "passed": passed,
        "violations": 0,
    }
    return ExpectedRow(unit, held_on.month, values)


def _add_violations(rows: list[ExpectedRow], scenario: Scenario) -> list[ExpectedRow]:
    """Put all violations of the year into the first exam."""
    count = scenario.targets.count("exam_violation_count")
    return [
        ExpectedRow(row.unit, row.month, {**row.values, "violations": count}) if index == 0 else row
        for index, row in enumerate(rows)
    ]
