"""How much there is to mend: the places that somebody has to touch, the same number wherever it is said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from schemas.ledgers.rules import Severity

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
    """Count the places that must be mended, and the others that should be looked at again.

    A cell is a place, however many findings name it; so is what a finding says of a row or sheet as a whole.
    """
    must: set[tuple[object, ...]] = set()
    should: set[tuple[object, ...]] = set()
    for finding in findings:
        whole = () if finding.cell else (finding.row, finding.column, finding.rule_id)
        location = (finding.sheet, finding.cell, *whole)
        if finding.severity in MUST_BE_MENDED and finding.rule_id != FOLLOWS_FROM_OTHERS:
            must.add(location)
        elif finding.severity == Severity.WARNING:
            should.add(location)
    return len(must), len(should - must)
