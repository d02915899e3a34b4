"""How much there is to mend: the places that somebody has to touch, the same number wherever it is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from schemas.ledgers.rules import Severity
from transforms.receipt.words import HEAVIEST_FIRST

#: said of a sheet because of the errors of its rows: mending these mends it
FOLLOWS_FROM_OTHERS = "submission.all_rows_held"
MUST_BE_MENDED = (Severity.FATAL, Severity.ERROR)


class PlacedFinding(Protocol):
    """What of a finding tells its place."""

    @property
    def rule_id(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def sheet(self) -> str: ...
    @property
    def cell(self) -> str: ...
    @property
    def row(self) -> int: ...
    @property
    def column(self) -> str: ...


def count_places(findings: Iterable[PlacedFinding]) -> tuple[int, int]:
    """Count the places that must be mended, and the others that should be looked at again."""
    counts = places_by_severity(findings)
    return sum(counts[severity] for severity in MUST_BE_MENDED), counts[Severity.WARNING]


def places_by_severity(findings: Iterable[PlacedFinding]) -> Counter[Severity]:
    """Count the places of each severity, each place once: by the worst that is said of it.

    A cell is a place, however many findings name it; so is what a finding says of a row or sheet as a whole.
    """
    worst = dict[tuple[object, ...], Severity]()
    for finding in findings:
        if finding.rule_id == FOLLOWS_FROM_OTHERS:
            continue
        whole = () if finding.cell else (finding.row, finding.column, finding.rule_id)
        location, severity = (finding.sheet, finding.cell, *whole), Severity(finding.severity)
        worst[location] = min(worst.get(location, severity), severity, key=HEAVIEST_FIRST.index)
    return Counter(worst.values())
