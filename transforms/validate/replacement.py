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
from schemas.ledgers.finding import finding
from schemas.ledgers.rules import (
    AWAITS,
    CONFIRMED,
    CONTAINED,
    GOES_BACK,
    IS_WITHDRAWN,
    ROWS_GONE,
    TWO_VERSIONS,
)
from schemas.reporting.replacement import (
    CORRECTION_WORDS,
    FEWEST_GONE,
    MOST_NAMED,
    NEVER,
    CurrentSubmission,
    Delivery,
    Effect,
    Incoming,
    Outcome,
    RowDifferences,
)
from transforms.normalise import write_key

#: longer keys are cut where they are named
LONGEST_NAMED_KEY = 40
#: what is said of two files of one night: to the later one and to the other
SAME_NIGHT_OUTCOMES = {
    Effect.AWAITING: ("先以那一份为准，这份待确认", "先以这份为准，那一份待确认"),
    Effect.CONTAINED: ("以那一份为准", "以这份为准"),
    Effect.CURRENT: ("以这份为准", "以那一份为准"),
}
#: what is said to the file that another one replaces by the bureau's decision
REPLACED_EFFECT = "这份由 {day} 报来的“{file}”代替，不再计入"
CONFIRMED_EFFECTS = {Delivery.REPLACE: "这份代替以前报送的", Delivery.ADD: "这份与以前报送的合在一起计入"}


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
        if self.loses_too_many(gone, total) and not incoming.is_renumbered:
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
        return list(_describe(incoming, outcome, differences, arrived_on))


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


def _describe(
    incoming: Incoming, outcome: Outcome, differences: RowDifferences, arrived_on: date
) -> Iterable[dict[str, Any]]:
    submissions = [
        submission for submission in incoming.current if submission.submission_id in outcome.targets
    ]
    files = name_files(submission.source_file for submission in submissions)
    decided = outcome.adjustment.decided if outcome.adjustment else ""
    if outcome.effect is Effect.WITHDRAWN:
        yield _finding(incoming, IS_WITHDRAWN, decided=decided)
    elif outcome.is_doubtful:
        here, there = SAME_NIGHT_OUTCOMES[outcome.effect]
        yield _finding(
            incoming, TWO_VERSIONS, files=files, differences=_name_differences(differences), outcome=here
        )
        mirrored = RowDifferences(differences.alone, differences.gone, differences.differing)
        for submission in submissions:
            yield _finding_on(
                submission.submission_id, submission.source_file, "", TWO_VERSIONS, files=name_files([incoming.source_file]),
                differences=_name_differences(mirrored), outcome=there,
            )  # fmt: skip
    elif outcome.effect is Effect.AWAITING:
        yield _finding(incoming, AWAITS, files=files, **_count_gone(submissions, differences))
    elif outcome.effect is Effect.CONTAINED:
        yield _finding(incoming, CONTAINED, files=files)
    else:
        yield from _describe_current(incoming, outcome, submissions, differences, decided)
        if outcome.adjustment and outcome.adjustment.mode is Delivery.REPLACE:
            effect = REPLACED_EFFECT.format(day=arrived_on, file=_name(incoming.source_file))
            for item in submissions:
                yield _finding_on(
                    item.submission_id, item.source_file, "", CONFIRMED, effect=effect, decided=decided
                )


def _describe_current(
    incoming: Incoming,
    outcome: Outcome,
    submissions: Sequence[CurrentSubmission],
    differences: RowDifferences,
    decided: str,
) -> Iterable[dict[str, Any]]:
    if outcome.adjustment and outcome.adjustment.mode:
        yield _finding(
            incoming, CONFIRMED, effect=CONFIRMED_EFFECTS[outcome.adjustment.mode], decided=decided
        )
    elif differences.gone:
        files = name_files(submission.source_file for submission in submissions if submission.gone)
        yield _finding(incoming, ROWS_GONE, files=files, **_count_gone(submissions, differences))
    if incoming.returned_from:
        yield _finding(
            incoming,
            GOES_BACK,
            returned_from=_name(incoming.returned_from),
            replaced_by=_name(incoming.replaced_by or ""),
        )


def _count_gone(submissions: Sequence[CurrentSubmission], differences: RowDifferences) -> dict[str, Any]:
    total = _count(submissions)
    return {"total": total, "gone": len(differences.gone), "rows": name_rows(differences.gone)}


def _name_differences(differences: RowDifferences) -> str:
    groups = [
        ("内容不同的", differences.differing),
        ("只有这份有的", differences.alone),
        ("只有那份有的", differences.gone),
    ]
    texts = [f"{title} {len(keys)} 行（{name_rows(keys)}）" for title, keys in groups if keys]
    return "，".join(texts)


def name_rows(keys: Sequence[str]) -> str:
    """Name the first few rows by their keys."""
    texts = [write_key(key) for key in keys[:MOST_NAMED]]
    named = [text if len(text) <= LONGEST_NAMED_KEY else f"{text[:LONGEST_NAMED_KEY]}…" for text in texts]
    return "、".join(named) + (" 等" if len(keys) > MOST_NAMED else "")


def name_files(paths: Iterable[str]) -> str:
    """Name files without their folders, each once."""
    return "、".join(f"“{name}”" for name in dict.fromkeys(map(_name, paths)))


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _finding(incoming: Incoming, rule_id: str, **placeholders: Any) -> dict[str, Any]:
    return _finding_on(
        incoming.submission_id, incoming.source_file, incoming.source_sheet, rule_id, **placeholders
    )


def _finding_on(
    submission_id: int, file: str, sheet: str, rule_id: str, **placeholders: Any
) -> dict[str, Any]:
    return {"submission_id": submission_id, **finding(rule_id, file=file, sheet=sheet, **placeholders)}
