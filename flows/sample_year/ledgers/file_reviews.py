"""Case files graded after the decision; as many are unqualified as was published."""

from __future__ import annotations

from random import Random
from typing import Any

from flows.sample_year.days import after, year_end
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS = ("penalties",)

_REVIEWED = 0.2
_EXCELLENT_FROM = 90


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("file_reviews")
    unqualified = scenario.targets.count("file_review_unqualified_count")
    last = year_end(scenario.year)
    graded = [
        (after(penalty.values["decided_on"], rng.randrange(20, 90)), penalty)
        for penalty in truth["penalties"]
    ]
    due_reviews = [(day, case) for day, case in graded if day <= last]
    count = min(max(int(_REVIEWED * len(due_reviews)), unqualified), len(due_reviews))
    chosen = sorted(rng.sample(due_reviews, count), key=lambda pair: (pair[0], pair[1].values["case_no"]))
    return [
        ExpectedRow(
            case.unit,
            day.month,
            {
                "case_no": case.values["case_no"],
                "reviewed_on": day,
                **_draw_grade(rng, index < unqualified),
            },
        )
        for index, (day, case) in enumerate(chosen)
    ]


def _draw_grade(rng: Random, is_unqualified: bool) -> dict[str, Any]:
    score = rng.randrange(80, 118) / 2 if is_unqualified else rng.randrange(140, 198) / 2
    grade = "不合格" if is_unqualified else "优秀" if score >= _EXCELLENT_FROM else "合格"
    return {"grade": grade, "score": score if rng.random() < 0.9 else None}
