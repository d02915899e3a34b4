"""Marks of a sheet: the colour of each cell with a finding, and the text of its comment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.ledgers.rules import Severity
from transforms.foreign_text import make_lines_visible
from transforms.receipt.subject import LAST_COLUMN, LAST_ROW, ReceiptFinding, worst
from transforms.receipt.words import HEAVIEST_FIRST, TONES
from transforms.text_width import lines_of

#: with more findings than this, only the first cells of each rule in each sheet carry a comment
SUMMED_UP_FROM = 10_000
FIRST_CELLS = 20
#: the most cells that are coloured; the first page counts them all
MOST_COLOURED = 200_000

LONGEST_COMMENT = 2_000
LONGEST_OLD_COMMENT = 500
COMMENT_WIDTH_PX = 330
_COLUMNS_IN_COMMENT = 42
_LINE_PX, _MARGIN_PX = 18, 14
TALLEST_COMMENT_PX = 520


class Mark(NamedTuple):
    """How a cell is marked; an empty comment means colour alone."""

    severity: Severity
    comment: str


@dataclass
class SheetMarks:
    """The findings of a sheet.

    `whole`: on the sheet itself. `placed`: by (row, column), column 0 for a row without a cell. `silent`:
    severities of cells that are coloured without a comment.
    """

    whole: list[ReceiptFinding] = field(default_factory=list)
    placed: dict[tuple[int, int], list[ReceiptFinding]] = field(default_factory=dict)
    silent: dict[tuple[int, int], Severity] = field(default_factory=dict)

    def worst(self) -> Severity | None:
        """The worst severity on the sheet, None without marks."""
        severities = [finding.severity for findings in self.placed.values() for finding in findings] + list(
            self.silent.values()
        )
        severities += [severity] if (severity := worst(self.whole)) else []
        return min(severities, key=HEAVIEST_FIRST.index, default=None)

    def resolve(self, first_column: Callable[[int], int]) -> dict[tuple[int, int], Mark]:
        """Return the mark of each cell.

        A finding on a row marks its first filled cell, whose column `first_column` returns.
        """
        coloured = {
            (row, column or first_column(row)): severity for (row, column), severity in self.silent.items()
        }
        findings_by_cell: dict[tuple[int, int], list[ReceiptFinding]] = {}
        for (row, column), findings in self.placed.items():
            findings_by_cell.setdefault((row, column or first_column(row)), []).extend(findings)
        marks = {position: Mark(severity, "") for position, severity in coloured.items()}
        for position, findings in findings_by_cell.items():
            severities = [finding.severity for finding in findings] + (
                [coloured[position]] if position in coloured else []
            )
            marks[position] = Mark(min(severities, key=HEAVIEST_FIRST.index), comment_of(findings))
        return marks


def marks_of(findings: Sequence[ReceiptFinding]) -> Mapping[str, SheetMarks]:
    """Group findings into marks by sheet. Those of a CSV have the empty name."""
    marks: dict[str, SheetMarks] = {}
    is_summed_up = len(findings) > SUMMED_UP_FROM
    texts: Counter[tuple[str, str]] = Counter()
    coloured = 0
    for finding in findings:
        sheet = marks.setdefault(finding.sheet, SheetMarks())
        position = (finding.row, finding.column_number)
        if finding.row == 0:
            sheet.whole.append(finding)
        elif finding.row > LAST_ROW or finding.column_number > LAST_COLUMN:
            continue
        elif not is_summed_up or texts[finding.sheet, finding.rule_id] < FIRST_CELLS:
            texts[finding.sheet, finding.rule_id] += 1
            sheet.placed.setdefault(position, []).append(finding)
        elif coloured < MOST_COLOURED:
            coloured += 1
            heavier = min(
                sheet.silent.get(position, finding.severity), finding.severity, key=HEAVIEST_FIRST.index
            )
            sheet.silent[position] = heavier
    return marks


def comment_of(findings: list[ReceiptFinding]) -> str:
    """Write one comment for all findings of a cell, the heaviest first."""
    ordered = sorted(findings, key=lambda finding: HEAVIEST_FIRST.index(finding.severity))
    comment = "\n\n".join(dict.fromkeys(_describe(finding) for finding in ordered))
    return make_lines_visible(comment)[:LONGEST_COMMENT]


def _describe(finding: ReceiptFinding) -> str:
    tone = TONES[finding.severity]
    lines = [
        f"【{tone.word}】{finding.column or ('第 ' + str(finding.row) + ' 行' if finding.row else '整张表')}"
    ]
    lines += [f"填的是：{finding.value}"] if finding.value else []
    lines += [f"问题：{finding.problem}"]
    lines += [f"应为：{finding.expected}"] if finding.expected else []
    lines += [f"改法：{finding.remedy}"] if finding.remedy else []
    return "\n".join(
        [*lines, f"结果：{tone.meaning}"] if finding.severity in (Severity.FATAL, Severity.ERROR) else lines
    )


def comment_height_px(comment: str) -> int:
    """Return the height at which the whole text is visible."""
    return min(TALLEST_COMMENT_PX, lines_of(comment, _COLUMNS_IN_COMMENT) * _LINE_PX + _MARGIN_PX)
