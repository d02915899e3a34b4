"""Decide what becomes of a submission whose report has current ones already, and say so to its unit.

A later file usually replaces the earlier one as a whole. But a file that lacks many of its rows may be a
part of the report or a single corrected row, and of two files of one night neither is later in earnest:
such ones are added, or wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from schemas.adjustments import Adjustment
from schemas.reporting.replacement import (
    CORRECTION_WORDS,
    FEWEST_GONE,
    NEVER,
    CurrentSubmission,
    Delivery,
    Effect,
    Incoming,
    Outcome,
    RowDifferences,
)
from transforms.validate.replacement_findings import describe_decision
from transforms.validate.value_changes import (
    empties_too_many,
)


@dataclass(frozen=True)
class ReplacementPolicy:
    """How it is decided: by the share of rows whose loss makes a replacement wait, and by the bureau's
    adjustments.

    `local_day` returns the day of an instant at the bureau; `recorded_loads` since which load each
    adjustment is in effect.
    """

    share: float
    adjustments: Sequence[Adjustment]
    local_day: Callable[[datetime], date]
    recorded_loads: Mapping[str, int] = field(default_factory=dict)

    def decide(self, incoming: Incoming) -> Outcome:
        """Decide what becomes of a submission."""
        if withdrawal := self._find(incoming, "withdraw"):
            return Outcome(Effect.WITHDRAWN, adjustment=withdrawal)
        if own := [
            submission for submission in incoming.current if submission.is_same_arrival
        ]:  # validated again
            return Outcome(Effect.CURRENT, _ids(own))
        confirmation = self._find(incoming, "confirm")
        if confirmation and confirmation.mode is Delivery.REPLACE and not incoming.current:
            confirmation = None  # it is of a later file of this name: there is nothing yet to replace
        if not confirmation and incoming.delivery and (submissions := _contradicting_submissions(incoming)):
            return _await(submissions, is_same_night=True)
        delivery = confirmation.mode if confirmation else incoming.delivery
        if not confirmation and _is_whole_twice(incoming):
            delivery = None
        if delivery is Delivery.ADD:
            return Outcome(Effect.CURRENT, adjustment=confirmation)
        if delivery is Delivery.REPLACE:
            return _replace(incoming.current, adjustment=confirmation)
        return self._decide_by_rows(incoming)

    def _find(self, incoming: Incoming, kind: str) -> Adjustment | None:
        """Return the bureau's decision of this kind on the submission."""
        report = (incoming.unit_code, incoming.ledger, incoming.period)
        arrived_on = self.local_day(incoming.received_at)
        return next(
            (
                entry
                for entry in self.adjustments
                if entry.kind == kind
                and entry.report == report
                and entry.file == incoming.source_file
                and arrived_on <= entry.until
                and (kind != "confirm" or self._is_confirmed(entry, incoming))
            ),
            None,
        )

    def _is_confirmed(self, entry: Adjustment, incoming: Incoming) -> bool:
        """Whether a confirmation is of this arrival of its file, not of an earlier or later one of that name.

        It is of the last one that waited when it was written, else of the first one that came after.
        """
        recorded = self.recorded_loads.get(entry.adjustment_id)
        if recorded is None or not incoming.arrivals:
            return True
        waited = [
            arrival.came_with
            for arrival in incoming.arrivals
            if arrival.came_with == recorded or (arrival.came_with < recorded and arrival.has_waited)
        ]
        later = [arrival.came_with for arrival in incoming.arrivals if arrival.came_with > recorded]
        return incoming.came_with == (max(waited) if waited else min(later, default=None))

    def _decide_by_rows(self, incoming: Incoming) -> Outcome:
        with_rows = [submission for submission in incoming.current if submission.rows]
        if not with_rows:
            is_doubtful = bool(incoming.keys) and any(
                submission.is_same_load for submission in incoming.current
            )
            return _replace(incoming.current, is_same_night=is_doubtful, is_doubtful=is_doubtful)
        targets = [submission for submission in with_rows if submission.shared]
        tonight = [submission for submission in targets or with_rows if submission.is_same_load]
        if targets:
            outcome = self._decide_same_night(incoming, tonight, targets) if tonight else None
            return outcome or self._replace_unless_lost(incoming, targets, is_same_night=bool(tonight))
        if len(tonight) < len(with_rows):
            return self._replace_unless_lost(incoming, with_rows)
        if incoming.keys:  # they complete each other
            return Outcome(Effect.CURRENT, is_same_night=True)
        return _contain(with_rows, is_compared=True)

    def _replace_unless_lost(
        self, incoming: Incoming, targets: Sequence[CurrentSubmission], *, is_same_night: bool = False
    ) -> Outcome:
        total, gone = _count(targets), sum(submission.gone for submission in targets)
        loses_rows = self.loses_too_many(gone, total) and not incoming.is_renumbered
        if loses_rows or empties_too_many(incoming, self.share):
            return _await(targets, is_same_night=is_same_night)
        return _replace(targets, is_same_night=is_same_night)

    def loses_too_many(self, gone: int, total: int) -> bool:
        """Whether a replacement that lacks `gone` of `total` rows waits for confirmation."""
        if self.share >= NEVER or not gone:
            return False
        is_large_share = gone >= FEWEST_GONE and gone > self.share * total
        return is_large_share or gone >= total - 1

    def _decide_same_night(
        self, incoming: Incoming, tonight: Sequence[CurrentSubmission], targets: Sequence[CurrentSubmission]
    ) -> Outcome | None:
        """Decide between files of one night: the time of change says nothing about which one is meant.

        None where the incoming one replaces the `targets`, unless too many rows would be lost. It is
        contained in those of the night only if it has no row of others.
        """
        gone, differing = (
            sum(submission.gone for submission in tonight),
            sum(submission.differing for submission in tonight),
        )
        may_be_contained = len(tonight) == len(targets)
        is_correction = _is_named_correction(incoming.source_file)
        corrections = [submission for submission in tonight if _is_named_correction(submission.source_file)]
        if is_correction and not corrections and not self.loses_too_many(gone, _count(tonight)):
            return None
        # it is older than the corrections, unless it contradicts the others as well
        is_older = bool(corrections) and not is_correction
        contradicts_others = any(
            submission.differing for submission in tonight if submission not in corrections
        )
        loses_too_many = self.loses_too_many(incoming.alone, incoming.keys)
        if is_older and may_be_contained and not contradicts_others and not loses_too_many:
            return _contain(tonight, is_compared=incoming.alone > 0)
        if not differing and not gone:
            return _replace(targets, is_same_night=True, is_doubtful=True) if is_older else None
        if not differing and not incoming.alone and may_be_contained:
            return _contain(tonight, is_compared=True)
        return _await(tonight, is_same_night=True)

    def describe(
        self, incoming: Incoming, outcome: Outcome, differences: RowDifferences
    ) -> list[dict[str, Any]]:
        """Build the findings on a decision, each with its `submission_id`."""
        arrived_on = self.local_day(incoming.received_at)
        return list(describe_decision(incoming, outcome, differences, arrived_on))


def _contradicting_submissions(incoming: Incoming) -> list[CurrentSubmission]:
    """Return the submissions of the same night as explicit as the incoming one that differ from it."""
    is_correction = _is_named_correction(incoming.source_file)
    return [
        submission
        for submission in incoming.current
        if submission.is_same_load
        and submission.differing
        and (submission.delivery or (_is_named_correction(submission.source_file) and not is_correction))
    ]


def _is_whole_twice(incoming: Incoming) -> bool:
    """Whether another submission of the same night says too that it is the whole report."""
    return incoming.delivery is Delivery.REPLACE and any(
        submission.is_same_load and submission.delivery is Delivery.REPLACE
        for submission in incoming.current
    )


def _replace(
    submissions: Sequence[CurrentSubmission],
    *,
    is_same_night: bool = False,
    is_doubtful: bool = False,
    adjustment: Adjustment | None = None,
) -> Outcome:
    is_compared = is_doubtful or any(submission.gone for submission in submissions)
    return Outcome(Effect.CURRENT, _ids(submissions), is_same_night, is_compared, is_doubtful, adjustment)


def _await(targets: Sequence[CurrentSubmission], *, is_same_night: bool) -> Outcome:
    return Outcome(
        Effect.AWAITING, _ids(targets), is_same_night, is_compared=True, is_doubtful=is_same_night
    )


def _contain(targets: Sequence[CurrentSubmission], *, is_compared: bool) -> Outcome:
    return Outcome(
        Effect.CONTAINED,
        _ids(targets),
        is_same_night=True,
        is_compared=is_compared,
        is_doubtful=is_compared,
    )


def _count(submissions: Iterable[CurrentSubmission]) -> int:
    return sum(submission.rows for submission in submissions)


def _ids(submissions: Iterable[CurrentSubmission]) -> tuple[int, ...]:
    return tuple(submission.submission_id for submission in submissions)


def _is_named_correction(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return any(word in name for word in CORRECTION_WORDS)
