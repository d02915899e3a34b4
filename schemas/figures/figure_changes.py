"""What moves a figure between two loads: rows that begin or cease to count, and the submissions behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

LATE = "late"  # the first of its report
RESUBMITTED = "resubmitted"  # another stood before it
RETIRED = "retired"  # of a resubmission: what it no longer holds
CORRECTED = "corrected"  # judged again, because the bureau's corrections or waivers changed
RULE = "rule"  # judged again under other rules
DEFINITION = "definition"  # the same rows, by another definition of the indicator
CAUSES = (LATE, RESUBMITTED, RETIRED, CORRECTED, RULE, DEFINITION)


class RowMove(NamedTuple):
    """Rows of one unit (`entered` and `left`) that one submission of a load moved into or out of a part of an indicator.

    `amount` is what that adds to the part's sum; of a distinct count it is how many more rows hold `value`.
    """

    load_id: int
    submission_id: int
    is_withdrawn: bool
    unit_code: str
    value: tuple[Any, ...]
    amount: int
    entered: int
    left: int


@dataclass(frozen=True)
class Mover:
    """A standing submission of a load."""

    submission_id: int
    load_id: int
    unit_code: str
    ledger: str
    period: str
    source_file: str
    source_sheet: str
    is_resubmission: bool
    is_judged_again: bool
    is_under_other_rules: bool

    def cause(self, is_withdrawn: bool) -> str:
        """Why rows moved that this submission moved; a submission judged again under other rules and decisions is corrected."""
        if self.is_judged_again:
            return RULE if self.is_under_other_rules else CORRECTED
        if not self.is_resubmission:
            return LATE
        return RETIRED if is_withdrawn else RESUBMITTED
