"""The problems of a file, one for each rule in each sheet, ranked by their effect on published figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from schemas.catalogue import indicators, ledgers
from schemas.figures.indicator import Condition, Part
from schemas.ledgers.code_fingerprint import columns_read
from schemas.ledgers.rules import AWAITS, IS_WITHDRAWN, VALUES_AWAIT, Severity
from transforms.receipt.marks import FIRST_CELLS
from transforms.receipt.places import FOLLOWS_FROM_OTHERS, MUST_BE_MENDED
from transforms.receipt.subject import ReceiptFinding, ReceiptSubject
from transforms.receipt.words import HEAVIEST_FIRST, money_words

WORST_PROBLEMS = 5
#: what a finding about a whole report does to it
_EFFECTS = {
    AWAITS: "整张表还没有计入，待确认",
    VALUES_AWAIT: "整张表还没有计入，待确认",
    IS_WITHDRAWN: "整张表不再计入",
}


@cache
def count_indicators(ledger: str, field: str | None = None) -> int:
    """Count the indicators that read the ledger.

    With `field`, those that read the field or a column derived from it.
    """
    if field is None:
        return sum(ledger in indicator.ledgers() for indicator in indicators().values())
    names = {field, *_derived_from(ledger, field)}
    return sum(
        any(not names.isdisjoint(_list_fields(part, ledger)) for part in indicator.parts())
        for indicator in indicators().values()
    )


def _derived_from(ledger: str, field: str) -> list[str]:
    return [column.name for column in ledgers()[ledger].derived if field in columns_read(column.compute)]


def _list_fields(part: Part, ledger: str) -> Iterator[str]:
    """Yield the fields of a ledger that a part reads, in its rows or in those that its conditions look up."""
    if part.ledger == ledger:
        yield from part.named_fields()
    yield from _list_looked_up(part.where, ledger)


def _list_looked_up(conditions: tuple[Condition, ...], ledger: str) -> Iterator[str]:
    for condition in conditions:
        if condition.ledger == ledger:
            yield str(condition.matching)
            yield from (nested.field for nested in condition.where)
        yield from _list_looked_up(condition.where, ledger)


@dataclass
class Problem:
    """All findings of one rule in one sheet."""

    rule_id: str
    severity: Severity
    sheet: str
    ledger: str | None
    first: ReceiptFinding
    count: int = 0
    rows: set[int] = field(default_factory=set)
    cells: list[str] = field(default_factory=list)
    fen_by_row: dict[int, int] = field(default_factory=dict)
    has_variants: bool = False

    def add(self, finding: ReceiptFinding) -> None:
        """Count one more finding of this problem, with its cell."""
        self.count += 1
        if not self.has_variants and self.count <= FIRST_CELLS:
            self.has_variants = finding.problem != self.first.problem
        if finding.row:
            self.rows.add(finding.row)
            self.fen_by_row[finding.row] = max(finding.at_stake_fen, self.fen_by_row.get(finding.row, 0))
            location = finding.cell or f"第{finding.row}行"
            if len(self.cells) < FIRST_CELLS and location not in self.cells:
                self.cells.append(location)

    @property
    def rows_quarantined(self) -> int:
        return len(self.rows) if self.severity in MUST_BE_MENDED else 0

    @property
    def fen(self) -> int:
        """The money of the rows concerned, in 分."""
        return sum(self.fen_by_row.values())

    @property
    def figures(self) -> int:
        """How many indicators are affected.

        A quarantined row is missing from all that read its ledger; an accepted row is wrong in those that
        read the field.
        """
        if self.ledger not in ledgers():
            return 0
        ledger, *names = self.rule_id.split(".")
        name = names[0] if names else ""
        is_of_field = (
            self.severity not in MUST_BE_MENDED
            and ledger == self.ledger
            and name in ledgers()[ledger].field_names()
        )
        return count_indicators(str(self.ledger), name if is_of_field else None)

    def rank(self) -> tuple[bool, int, int, int, int]:
        """Rank: rejected sheets first; then by quarantined rows × figures, money, figures and rows."""
        return (
            self.severity == Severity.FATAL,
            self.rows_quarantined * self.figures,
            self.fen,
            self.figures if self.severity != Severity.NOTICE else 0,
            self.count,
        )

    def describe_effect(self) -> str:
        """Describe the effect of the problem."""
        if self.rule_id in _EFFECTS:
            words = [_EFFECTS[self.rule_id]]
        elif self.severity == Severity.FATAL:
            words = ["整张表不能收下" if self.sheet else "整个文件不能收下"]
        else:
            words = [
                f"{len(self.rows)} 行不能收下" if self.rows_quarantined else "行可以收下，但数字可能不准"
            ]
        words += [f"影响 {self.figures} 项公布指标"] if self.figures else []
        # the amount may be what is wrong
        words += [f"按所填的算，涉及金额 {money_words(self.fen)}"] if self.fen else []
        return "；".join(words)

    def list_cells(self, most: int = FIRST_CELLS) -> str:
        """List the first cells concerned in words."""
        more = " 等" if self.count > len(self.cells[:most]) and self.cells else ""
        return "、".join(self.cells[:most]) + more


def group_problems(subject: ReceiptSubject) -> list[Problem]:
    """Group findings into problems, the heaviest first, then in the order of the findings."""
    ledger_of = {outcome.sheet: outcome.ledger for outcome in subject.outcomes if outcome.ledger}
    problems: dict[tuple[str, str], Problem] = {}
    for finding in subject.findings:
        problem = problems.get((finding.sheet, finding.rule_id))
        if problem is None:
            ledger = ledger_of.get(finding.sheet)
            problem = Problem(finding.rule_id, finding.severity, finding.sheet, ledger, finding)
            problems[finding.sheet, finding.rule_id] = problem
        problem.add(finding)
    return sorted(problems.values(), key=lambda problem: HEAVIEST_FIRST.index(problem.severity))


def worst_problems(problems: list[Problem]) -> list[Problem]:
    """Return the few problems worth correcting first."""
    return sorted(worth_mending(problems), key=Problem.rank, reverse=True)[:WORST_PROBLEMS]


def worth_mending(problems: list[Problem]) -> list[Problem]:
    """Return the problems without notices for the record, and without what follows from the rest."""
    with_errors = {problem.sheet for problem in problems if problem.severity == Severity.ERROR}
    return [
        problem for problem in problems
        if problem.severity != Severity.NOTICE and not (problem.rule_id == FOLLOWS_FROM_OTHERS and problem.sheet in with_errors)
    ]  # fmt: skip
