"""Whole reports of several hands, in words that the indicators do not have: every figure is recognised."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from schemas.catalogue import indicators
from tests.support.proofread_texts import SUMS, make_figure, proofread
from transforms.proofread.findings import ProofFinding

REPORTS = sorted((Path(__file__).parent / "reports").glob("*.txt"))
_MARK = re.compile(r"⟦(\w+)⟧")
_ENDING = re.compile(r"[件起次人家余]+$|万余?元$|元$|场次$|家次$")


@cache
def report(path: Path) -> tuple[str, list[tuple[int, int, str]]]:
    """Return a report with its figures filled in as bare numbers, and where each of them stands."""
    pieces, places, position = "", [], 0
    marked = path.read_text(encoding="utf-8")
    for mark in _MARK.finditer(marked):
        pieces += marked[position : mark.start()]
        number = _ENDING.sub("", make_figure(mark[1], *SUMS[mark[1]]).display)
        places.append((len(pieces), len(pieces) + len(number), mark[1]))
        pieces += number
        position = mark.end()
    return pieces + marked[position:], places


def doubtful(findings: list[ProofFinding]) -> list[tuple[str, str | None]]:
    return [(finding.context, finding.indicator_id) for finding in findings if finding.is_doubtful]


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_every_figure_is_recognised_and_nothing_is_doubted(path: Path) -> None:
    text, places = report(path)
    findings = proofread(text)
    stated = {(finding.start, finding.indicator_id) for finding in findings if finding.state == "agrees"}
    missed = [
        (text[start - 20 : end + 8], name)
        for start, end, name in places
        if not any(start - 3 <= position <= start and indicator == name for position, indicator in stated)
    ]
    assert not missed
    assert not doubtful(findings)
    assert len(places) >= 25


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_each_changed_digit_is_found_and_nothing_else(path: Path) -> None:
    text, places = report(path)
    for start, end, name in places:
        number = text[start:end]
        digit = max(index for index, character in enumerate(number) if character.isdigit())
        changed = f"{number[:digit]}{(int(number[digit]) + 1) % 10}{number[digit + 1 :]}"
        findings = proofread(f"{text[:start]}{changed}{text[end:]}")
        doubted = [finding for finding in findings if finding.is_doubtful]
        assert [finding.start <= start < finding.end for finding in doubted] == [True], (
            number,
            name,
            doubted,
        )


def test_the_reports_name_every_indicator() -> None:
    named = {name for path in REPORTS for _, _, name in report(path)[1]}
    assert named == set(indicators())
