"""Say what became of a submission beside the current ones of its report, to its unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from schemas.catalogue import ledgers
from schemas.ledgers.finding import finding
from schemas.ledgers.rules import (
    AWAITS,
    CONFIRMED,
    CONTAINED,
    GOES_BACK,
    IS_WITHDRAWN,
    ROWS_GONE,
    SCALED,
    TWO_VERSIONS,
    VALUES_AWAIT,
    VALUES_GONE,
)
from schemas.periods import day_words
from schemas.reporting.replacement import (
    MOST_NAMED,
    CurrentSubmission,
    Delivery,
    Effect,
    Incoming,
    Outcome,
    RowDifferences,
)
from transforms.normalise import write_key
from transforms.validate.value_changes import emptied_values, name_emptied, scaled_amounts

#: longer keys are cut where they are named
LONGEST_NAMED_KEY = 40
#: the label of a key that has the name of a party without a code in place of the code
_LABEL_OF_NO_CODE = re.compile("^统一社会信用代码 (?![0-9A-Z]{18}(?: /|$))")
#: what is said of two files of one night: to the later one and to the other
SAME_NIGHT_OUTCOMES = {
    Effect.AWAITING: ("先以那一份为准，这份待确认", "先以这份为准，那一份待确认"),
    Effect.CONTAINED: ("以那一份为准", "以这份为准"),
    Effect.CURRENT: ("以这份为准", "以那一份为准"),
}
#: what is said to the file that another one replaces by the bureau's decision
REPLACED_EFFECT = "这份由 {day} 报来的“{file}”代替，不再计入"
CONFIRMED_EFFECTS = {Delivery.REPLACE: "这份代替以前报送的", Delivery.ADD: "这份与以前报送的合在一起计入"}


def describe_decision(
    incoming: Incoming, outcome: Outcome, differences: RowDifferences, arrived_on: date
) -> Iterable[dict[str, Any]]:
    """Yield the findings on a decision, each with its `submission_id`."""
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
        emptied = emptied_values(incoming)
        if differences.gone or not emptied:
            yield _finding(incoming, AWAITS, files=files, **_count_gone(submissions, differences))
        if emptied:
            yield _finding(incoming, VALUES_AWAIT, files=files, fields=name_emptied(incoming, emptied))
    elif outcome.effect is Effect.CONTAINED:
        yield _finding(incoming, CONTAINED, files=files)
    else:
        yield from _describe_current(incoming, outcome, submissions, differences, decided)
        if outcome.adjustment and outcome.adjustment.mode is Delivery.REPLACE:
            effect = REPLACED_EFFECT.format(day=day_words(arrived_on), file=name_file(incoming.source_file))
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
    if not (outcome.adjustment and outcome.adjustment.mode):
        yield from _describe_values(incoming, submissions or incoming.current)
    if incoming.returned_from:
        yield _finding(
            incoming,
            GOES_BACK,
            returned_from=name_file(incoming.returned_from),
            replaced_by=name_file(incoming.replaced_by or ""),
        )


def _describe_values(
    incoming: Incoming, submissions: Sequence[CurrentSubmission]
) -> Iterable[dict[str, Any]]:
    files = name_files(submission.source_file for submission in submissions)
    if emptied := emptied_values(incoming):
        yield _finding(incoming, VALUES_GONE, files=files, fields=name_emptied(incoming, emptied))
    for change in scaled_amounts(incoming):
        yield _finding(
            incoming,
            SCALED,
            files=files,
            amounts=change.amounts,
            scaled=change.scaled,
            header=ledgers()[incoming.ledger].field(change.field).header,
            factor=f"{change.factor:g}",
        )


def _count_gone(submissions: Sequence[CurrentSubmission], differences: RowDifferences) -> dict[str, Any]:
    total = sum(submission.rows for submission in submissions)
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
    texts = [_LABEL_OF_NO_CODE.sub("", write_key(key)) for key in keys[:MOST_NAMED]]
    named = [text if len(text) <= LONGEST_NAMED_KEY else f"{text[:LONGEST_NAMED_KEY]}…" for text in texts]
    return "、".join(named) + (" 等" if len(keys) > MOST_NAMED else "")


def name_files(paths: Iterable[str]) -> str:
    """Name files without their folders, each once."""
    return "、".join(f"“{name}”" for name in dict.fromkeys(map(name_file, paths)))


def name_file(path: str) -> str:
    """Return a file's name without its folders."""
    return path.rsplit("/", 1)[-1]


def _finding(incoming: Incoming, rule_id: str, **placeholders: Any) -> dict[str, Any]:
    return _finding_on(
        incoming.submission_id, incoming.source_file, incoming.source_sheet, rule_id, **placeholders
    )


def _finding_on(
    submission_id: int, file: str, sheet: str, rule_id: str, **placeholders: Any
) -> dict[str, Any]:
    return {"submission_id": submission_id, **finding(rule_id, file=file, sheet=sheet, **placeholders)}
