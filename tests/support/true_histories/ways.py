"""The ways in which a report is sent: what a clerk puts into the inbox, in which order, night by night.

Each way is a function of a `Desk` that returns its steps, a night each. It may also decide what was true:
that a row was void, that two matters had one party.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from schemas.catalogue import ledgers
from tests.support.true_histories.clerks import WAN, YUAN, File, Line, Style, lines_of, write_file
from tests.support.true_histories.matters import AMOUNTS, DAYS, MONTHS, NEW, OLD, RIVER, STAR, Matter, Truth

DECISION = """
[[{kind}]]
unit = "{unit}"
period = "{month}"
ledger = "{ledger}"
file = "{file}"
{mode}
reason = "已核实"
approved_by = "法制科"
until = 2024-12-31
"""


@dataclass(frozen=True)
class Plan:
    """A report and the way in which it is sent; the rest is drawn from the seed."""

    ledger: str
    unit: str
    month: str
    way: str
    custom: str = "own"
    night: int = 0
    seed: int = 0


@dataclass
class Step:
    """What happens before a night: files that arrive or go, and decisions of the bureau."""

    files: Sequence[File] = ()
    gone: Sequence[str] = ()
    decisions: Sequence[str] = ()


@dataclass
class Desk:
    """The clerk's desk: the matters to report, and the habits with which they are written."""

    plan: Plan
    rng: random.Random
    truth: Truth
    matters: list[Matter]
    style: Style
    name: str = "台账"
    steps: list[Step] = field(default_factory=list)

    def file(
        self, lines: Sequence[Line], name: str = "", folder: str = "", month: str = "", **options: Any
    ) -> File:
        plan = self.plan
        style = options.pop("style", self.style)
        path = (
            f"{month or plan.month}/{folder or plan.unit}/{ledgers()[plan.ledger].title}{name or self.name}"
        )
        return write_file(path, plan.ledger, plan.unit, plan.month, lines, style, **options)

    def whole(self, name: str = "", **options: Any) -> File:
        return self.file(lines_of(self.matters), name, **options)

    def slip(self, matter: Matter) -> Line:
        """Write a matter with one mistake: its party, its day or its amount."""
        values, ledger = dict(matter.values), self.plan.ledger
        kinds = [
            "day",
            *(["party"] if "party_name" in values else []),
            *(["amount"] if ledger in AMOUNTS else []),
        ]
        kind = self.rng.choice(kinds)
        if kind == "party":
            values["party_name"] = f"{values['party_name']}（笔误）"
        elif kind == "day":
            day: date = values[DAYS[ledger]]
            values[DAYS[ledger]] = day.replace(day=day.day % 28 + 1)
        else:
            values[AMOUNTS[ledger]] += self.rng.randrange(1, 30) * 100_00
        return Line(matter, values)

    def with_slips(self, most: int = 2) -> list[Line]:
        """Write all matters, a few with a mistake."""
        wrong = self.rng.sample(self.matters, min(len(self.matters), self.rng.randint(1, most)))
        return [
            self.slip(matter) if matter in wrong else Line(matter, matter.values) for matter in self.matters
        ]

    def halves(self) -> tuple[list[Matter], list[Matter]]:
        middle = self.rng.randint(1, len(self.matters) - 1)
        return self.matters[:middle], self.matters[middle:]

    def other_name(self) -> str:
        """Draw the name of the next file: the same, another, or one that says that it is a correction."""
        return self.rng.choice([self.name, f"{self.name}2", f"{self.name}（更正）"])

    def decision(self, kind: str, file: File, mode: str = "") -> str:
        month, unit, _ = file.path.split("/")
        return DECISION.format(
            kind=kind, unit=unit, month=month, ledger=self.plan.ledger, file=file.path,
            mode=f'mode = "{mode}"' if mode else "",
        )  # fmt: skip


def whole(desk: Desk) -> list[Step]:
    return [Step([desk.whole()])]


def whole_after_slips(desk: Desk) -> list[Step]:
    return [Step([desk.file(desk.with_slips())]), Step([desk.whole(desk.other_name())])]


def whole_after_fewer(desk: Desk) -> list[Step]:
    first, _ = desk.halves()
    return [Step([desk.file(lines_of(first))]), Step([desk.whole(desk.other_name())])]


def same_file_again(desk: Desk) -> list[Step]:
    return [Step([desk.whole()]), Step([desk.whole("重发")])]


def nothing_happened(desk: Desk) -> list[Step]:
    desk.matters.clear()
    return [Step([desk.file([], is_zero=True)])]


#: ways in which nothing is odd: no figure may differ and nobody may be asked
ORDINARY: Mapping[str, Callable[[Desk], list[Step]]] = {
    way.__name__: way
    for way in (whole, whole_after_slips, whole_after_fewer, same_file_again, nothing_happened)
}


def halves_of_one_night(desk: Desk) -> list[Step]:
    first, second = desk.halves()
    return [Step([desk.file(lines_of(first), "上"), desk.file(lines_of(second), "下")])]


def halves_of_two_nights(desk: Desk) -> list[Step]:
    first, second = desk.halves()
    return [
        Step([desk.file(lines_of(first), "上")]),
        Step([desk.file(lines_of(second), desk.rng.choice("上下"))]),
    ]


def halves_that_both_begin_with_one(desk: Desk) -> list[Step]:
    """Two halves in which the numbers begin again."""
    first, second = desk.halves()
    number = {"cases": "case_no", "penalties": "decision_no", "payments": "receipt_no"}[desk.plan.ledger]
    for early, late in zip(first, second, strict=False):
        late.values[number] = early.values[number]
    steps = [Step([desk.file(lines_of(half), name)]) for half, name in ((first, "上"), (second, "下"))]
    return steps if desk.rng.random() < 0.5 else [Step([*steps[0].files, *steps[1].files])]


def halves_and_then_the_whole(desk: Desk) -> list[Step]:
    return [*halves_of_two_nights(desk), Step([desk.whole("全")])]


def second_half_confirmed(desk: Desk) -> list[Step]:
    first, second = desk.halves()
    later = desk.file(lines_of(second), "下")
    decision = Step(decisions=[desk.decision("confirm", later, "add")])
    return [Step([desk.file(lines_of(first), "上")]), Step([later]), decision]


def second_half_says_so(desk: Desk) -> list[Step]:
    first, second = desk.halves()
    later = desk.file(lines_of(second), "下", above=[["本次报送：补充"]])
    return [Step([desk.file(lines_of(first), "上")]), Step([later])]


def few_rows_confirmed(desk: Desk) -> list[Step]:
    """Most rows were void: the bureau confirms the short list."""
    real, void = desk.halves()
    later = desk.file(lines_of(real), "核实后")
    desk.matters = real
    decision = Step(decisions=[desk.decision("confirm", later, "replace")])
    return [Step([desk.file(lines_of([*real, *void]))]), Step([later]), decision]


def corrected_row_alone(desk: Desk) -> list[Step]:
    wrong = desk.rng.choice(desk.matters)
    lines = [
        desk.slip(matter) if matter is wrong else Line(matter, matter.values) for matter in desk.matters
    ]
    return [Step([desk.file(lines)]), Step([desk.file(lines_of([wrong]), desk.other_name())])]


def corrected_row_that_says_so(desk: Desk) -> list[Step]:
    wrong = desk.rng.choice(desk.matters)
    lines = [
        desk.slip(matter) if matter is wrong else Line(matter, matter.values) for matter in desk.matters
    ]
    alone = desk.file(lines_of([wrong]), desk.other_name(), above=[["报送方式", "补充"]])
    return [Step([desk.file(lines)]), Step([alone])]


def fewer_rows(desk: Desk) -> list[Step]:
    """A list without some rows: forgotten, or void."""
    kept, _ = desk.halves()
    everything = desk.whole()
    if desk.rng.random() < 0.5:
        desk.matters = kept
    return [Step([everything]), Step([desk.file(lines_of(kept), desk.other_name())])]


def there_and_back(desk: Desk) -> list[Step]:
    """The first file, another one, and the first again, perhaps under another name."""
    other = desk.file(desk.with_slips(), desk.rng.choice([desk.name, "改"]))
    return [Step([desk.whole()]), Step([other]), Step([desk.whole(desk.rng.choice([desk.name, "再报"]))])]


def two_versions_of_one_night(desk: Desk) -> list[Step]:
    files = [desk.file(desk.with_slips(), "一"), desk.whole("二")]
    desk.rng.shuffle(files)
    return [Step(files)]


def merged_cells(desk: Desk) -> list[Step]:
    """Two rows that have one value in common, written once in a merged cell."""
    ledger = desk.plan.ledger
    first = desk.rng.randrange(len(desk.matters) - 1)
    last = desk.rng.randint(first + 1, min(first + 2, len(desk.matters) - 1))
    names = [DAYS[ledger], *(["party_name"] if ledger != "payments" else ["decision_no", "kind"]), *(
        [AMOUNTS[ledger]] if ledger in AMOUNTS else [])]  # fmt: skip
    name = desk.rng.choice(names)
    for matter in desk.matters[first + 1 : last + 1]:
        matter.values[name] = desk.matters[first].values[name]
    return [Step([desk.whole(merged=(name, first, last))])]


def example_left_in(desk: Desk) -> list[Step]:
    style = replace(desk.style, example=desk.rng.choice(["示例", "例", "（示例）"]))
    return [Step([desk.whole(style=style)])]


def amounts_in_another_unit(desk: Desk) -> list[Step]:
    """All amounts, or one, written in 元 under 万元 or the other way round."""
    ledger = desk.plan.ledger
    if ledger not in AMOUNTS:
        return whole(desk)
    style = replace(desk.style, amounts=desk.rng.choice([YUAN, WAN]))
    wrong = desk.matters if desk.rng.random() < 0.5 else [desk.rng.choice(desk.matters)]
    name = AMOUNTS[ledger]

    def misread(matter: Matter) -> Line:
        yuan = matter.amount / 100
        return Line(
            matter, {**matter.values, name: f"{yuan / 10_000:g}" if style.amounts == YUAN else f"{yuan:g}"}
        )

    lines = [misread(matter) if matter in wrong else Line(matter, matter.values) for matter in desk.matters]
    return [Step([desk.file(lines, style=style)])]


def another_year(desk: Desk) -> list[Step]:
    """The year of a day is mistyped."""
    wrong, name = desk.rng.choice(desk.matters), DAYS[desk.plan.ledger]
    day = wrong.day.replace(year=desk.rng.choice([2022, 2024, 2013, 2032]))
    lines = [
        Line(matter, {**matter.values, name: day} if matter is wrong else matter.values)
        for matter in desk.matters
    ]
    return [Step([desk.file(lines)])]


def number_of_another_year(desk: Desk) -> list[Step]:
    """A document number is mistyped in its year, or is really one of the year before."""
    number = {"cases": "case_no", "penalties": "decision_no", "payments": "decision_no"}[desk.plan.ledger]
    matter = desk.rng.choice(desk.matters)
    matter.values[number] = str(matter.values[number]).replace("2023", desk.rng.choice(["2022", "2024"]))
    return whole(desk)


def wrong_folder_withdrawn(desk: Desk) -> list[Step]:
    """The file lies in another unit's folder, is withdrawn there, and comes in its own."""
    other = STAR if desk.plan.unit == RIVER else RIVER
    style = replace(desk.style, has_title=False, has_labels=False)
    strayed = desk.whole(folder=other, style=style, name=desk.rng.choice([desk.name, "（转）"]))
    decision = desk.decision("withdraw", strayed)
    gone = [strayed.path] if desk.rng.random() < 0.5 else []
    right = desk.whole(style=style)
    steps = [Step([strayed]), Step([right], gone, [decision])]
    return steps if desk.rng.random() < 0.5 else [steps[0], Step([right]), Step((), gone, [decision])]


def wrong_folder_of_a_unit_that_says_who_it_is(desk: Desk) -> list[Step]:
    other = STAR if desk.plan.unit == RIVER else RIVER
    style = replace(desk.style, has_labels=True)
    return [Step([desk.whole(folder=other, style=style)])]


def wrong_month(desk: Desk) -> list[Step]:
    """The file lies in the folder of another month, and then in its own."""
    style = replace(desk.style, has_title=False, has_labels=False)
    other = desk.rng.choice([month for month in MONTHS if month != desk.plan.month])
    steps = [Step([desk.whole(month=other, style=style)]), Step([desk.whole(style=style)])]
    return steps if desk.rng.random() < 0.7 else steps[:1]


def under_the_other_code(desk: Desk) -> list[Step]:
    """A recoded unit sends a month under its other code, once more or only there."""
    if desk.plan.unit not in (OLD, NEW):
        return whole(desk)
    other = NEW if desk.plan.unit == OLD else OLD
    style = replace(desk.style, has_title=False, has_labels=False)
    late = desk.whole(desk.other_name(), folder=other, style=style)
    return (
        [Step([desk.file(desk.with_slips())]), Step([late])] if desk.rng.random() < 0.6 else [Step([late])]
    )


def carried_over(desk: Desk) -> list[Step]:
    """A matter of the month before, found late, stands in this month's report."""
    month_before = desk.matters[0].day.replace(day=1) - timedelta(days=1)
    matter = desk.rng.choice(desk.matters)
    matter.values[DAYS[desk.plan.ledger]] = month_before.replace(day=desk.rng.randint(20, month_before.day))
    return whole(desk)


def typed_twice(desk: Desk) -> list[Step]:
    """One matter stands in two rows: alike, under another spelling of its number, or with a slip."""
    twice = desk.rng.choice(desk.matters)
    number = {"cases": "case_no", "penalties": "decision_no", "payments": "receipt_no"}[desk.plan.ledger]
    respelt = str(twice.values[number]).replace("〔", "[").replace("〕", "]")
    again = desk.rng.choice(
        [Line(twice, twice.values), Line(twice, {**twice.values, number: respelt}), desk.slip(twice)]
    )
    lines = [*lines_of(desk.matters), again]
    return [Step([desk.file(lines)])]


#: ways in which something is odd: whatever figure differs, somebody is asked about it
ODD: Mapping[str, Callable[[Desk], list[Step]]] = {
    way.__name__: way
    for way in (
        halves_of_one_night, halves_of_two_nights, halves_that_both_begin_with_one, halves_and_then_the_whole,
        second_half_confirmed, second_half_says_so, few_rows_confirmed, corrected_row_alone,
        corrected_row_that_says_so, fewer_rows, there_and_back, two_versions_of_one_night, merged_cells, example_left_in,
        amounts_in_another_unit, another_year, number_of_another_year, wrong_folder_withdrawn,
        wrong_folder_of_a_unit_that_says_who_it_is, wrong_month, under_the_other_code, carried_over, typed_twice,
    )
}  # fmt: skip
WAYS = {**ORDINARY, **ODD}
