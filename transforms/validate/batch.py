"""What a batch of submissions is validated by, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from schemas.adjustments import Adjustment
from schemas.ledgers.compiled import LedgerDefinition
from schemas.regions import RegionTable
from transforms.read import Submission
from transforms.validate.unit_errors import Ranges


@dataclass(frozen=True)
class LedgerBatch:
    """The submissions of one ledger in a batch, by their index in it; none is rejected."""

    ledger: LedgerDefinition
    submissions: Mapping[int, Submission]
    received_on: Mapping[int, date]
    regions: RegionTable
    ranges: Ranges
    adjustments: Sequence[Adjustment]
    revoked_waivers: Sequence[Adjustment]

    @property
    def has_rows(self) -> bool:
        return any(submission.accepted_span.count for submission in self.submissions.values())


@dataclass(frozen=True)
class ValidationInput:
    """A batch of submissions and everything that they are validated by.

    `received_on`: the day on which each arrived. `ranges`: the usual amounts of units. `adjustments`: the
    bureau's corrections and waivers. A row that one of the `revoked_waivers` admitted is retired when it is
    quarantined now. `current_indices`: submissions that stay current even if no row of them is left,
    because they had such rows.
    """

    submissions: Sequence[Submission]
    received_on: Sequence[date]
    regions: RegionTable
    ledgers: Mapping[str, LedgerDefinition]
    ranges: Ranges = field(default_factory=dict)
    adjustments: Sequence[Adjustment] = ()
    revoked_waivers: Sequence[Adjustment] = ()
    current_indices: Collection[int] = ()

    def of_ledger(self, ledger: LedgerDefinition) -> LedgerBatch:
        """Select the submissions of one ledger that the reader did not reject, and their adjustments."""
        submissions = {
            index: submission
            for index, submission in enumerate(self.submissions)
            if submission.ledger == ledger.name and not submission.is_rejected
        }
        return LedgerBatch(
            ledger,
            submissions,
            {index: self.received_on[index] for index in submissions},
            self.regions,
            self.ranges,
            [adjustment for adjustment in self.adjustments if adjustment.ledger == ledger.name],
            [waiver for waiver in self.revoked_waivers if waiver.ledger == ledger.name],
        )


@dataclass(frozen=True)
class LedgerResult:
    """The result of validating one ledger of a batch.

    `rows`, `quarantined` and `findings` as in `ValidationResult`. `effects`: by adjustment id, the number
    of rows of each submission in which it took effect.
    """

    rows: pd.DataFrame
    quarantined: pd.DataFrame
    findings: pd.DataFrame
    effects: Mapping[str, Mapping[int, int]]


@dataclass(frozen=True)
class ValidationResult:
    """The result of validating a batch; `submission` in a frame is the index of a submission in the batch.

    `rows` by ledger: the ledger's stored columns, `row_key`, `handling_rank`, `source_row` and
    `submission`. `quarantined` by ledger: `submission` and `row_key` of the quarantined rows, and whether a
    revoked waiver is about them (`is_waiver_revoked`). `submissions`: in order, with `state`, `rows` and
    `held_back`. `findings`: BATCH_FINDING_COLUMNS. `adjusted`: in how many rows of a submission an
    adjustment took effect (`submission`, `adjustment_id`, `rows`), a row for each adjustment and submission
    of its report.
    """

    rows: dict[str, pd.DataFrame]
    quarantined: dict[str, pd.DataFrame]
    submissions: pd.DataFrame
    findings: pd.DataFrame
    adjusted: pd.DataFrame
