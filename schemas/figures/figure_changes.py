"""Causes of a figure's change between two loads: rows that begin or cease to count, and their submissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.sentences import Sentence

FIRST_SUBMISSION = "late"  # of its report: its rows came later than the figure
RESUBMITTED = "resubmitted"  # it replaced one that counted before its load
RETIRED = "retired"  # rows that a resubmission no longer contains
CORRECTED = "corrected"  # revalidated because an adjustment of its report was added or taken out
RULE = "rule"  # revalidated under another rule set
HEADERS = "headers"  # revalidated by other headers of the city
REGIONS = "regions"  # another region table: read again, or added up otherwise
DEFINITION = "definition"  # the same rows, with another definition of the indicator
CAUSES = (FIRST_SUBMISSION, RESUBMITTED, RETIRED, CORRECTED, RULE, DEFINITION)
#: what `--json` says in place of these causes, which programs do not know
CAUSES_FOR_PROGRAMS = {HEADERS: RULE, REGIONS: DEFINITION}
#: the causes as people read them, wherever a change is explained
CAUSE_WORDS = {
    FIRST_SUBMISSION: Sentence("首次报送"),
    RESUBMITTED: Sentence("重报"),
    RETIRED: Sentence("重报后撤下"),
    CORRECTED: Sentence("市局更正或决定"),
    RULE: Sentence("程序更新后按新的规则重新读取"),
    HEADERS: Sentence("headers.toml 改动后重新读取"),
    REGIONS: Sentence("单位名录改动"),
    DEFINITION: Sentence("口径或应报范围调整"),
}


class RowMove(NamedTuple):
    """Rows of one unit that a submission moved into (`entered`) or out of (`left`) a part of an indicator.

    `amount` is the change of the part's sum; for a distinct count, the
    change in the number of rows with `value`.
    """

    load_id: int
    submission_id: int
    is_retired: bool
    unit_code: str
    value: tuple[Any, ...]
    amount: int
    entered: int
    left: int


@dataclass(frozen=True)
class Mover:
    """A submission that moved rows of a figure: one that became current, or that was decided on again.

    `revalidated_for` is CORRECTED, RULE, HEADERS or REGIONS; None: it was sent.
    `is_counted` is False for one that does not count (withdrawn, waiting). `taken_over` are unit and month of
    the reports that it replaced, where they are not its own: those that another unit had handed over.
    """

    submission_id: int
    load_id: int
    unit_code: str
    ledger: str
    period: str
    source_file: str
    source_sheet: str
    is_resubmission: bool
    revalidated_for: str | None = None
    is_counted: bool = True
    taken_over: tuple[tuple[str, str], ...] = ()

    def cause(self, is_retired: bool) -> str:
        """Return why this submission moved rows."""
        if self.revalidated_for:
            return self.revalidated_for
        if not self.is_resubmission:
            return FIRST_SUBMISSION
        return RETIRED if is_retired else RESUBMITTED
