"""Fill the tables of the yearly statistics: with numbers, incomplete numbers, and signs for what is not
reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal

import pandas as pd

from schemas.periods import Period
from schemas.reporting.obligations import DEFAULT_OBLIGATIONS, Obligations
from schemas.reporting.working_days import CalendarUnknownError
from schemas.sentences import Sentence
from schemas.statistics import ColumnHeading, CountTable, PenaltyTable, Statistics

State = Literal["counted", "incomplete", "not_reported", "not_due", "not_owed", "not_collected"]
FEN = {"元": 100, "万元": 1_000_000}
NOT_COLLECTED, NOT_REPORTED, NOT_DUE, MARK = "—", Sentence("未报"), Sentence("未到期"), "*"
SIGNS: Mapping[State, str] = {"not_reported": NOT_REPORTED, "not_due": NOT_DUE}
TOTAL = "合计"
HELD_BACK = "这些行现在的内容暂未计入；以前收下过的，仍按以前的计入。"


@dataclass(frozen=True)
class StatisticsRow:
    """A row of the tables: an enforcement body, or the total over the units that it is made of."""

    code: str
    name: str
    units: tuple[str, ...]
    is_total: bool = False


@dataclass(frozen=True)
class StatisticsCell:
    """A number and how complete it is; amounts are in the unit of the table."""

    value: int | Decimal | None
    state: State

    @property
    def shown(self) -> str:
        """The cell as it is printed."""
        if self.value is None:
            return SIGNS.get(self.state, NOT_COLLECTED)
        return f"{self.value.normalize():f}" if isinstance(self.value, Decimal) else str(self.value)

    @property
    def mark(self) -> str:
        return MARK if self.state == "incomplete" else ""


@dataclass(frozen=True)
class FilledTable:
    """A table ready to be printed."""

    name: str
    sheet: str
    title: str
    unit: str
    heads: Sequence[ColumnHeading]
    rows: Sequence[tuple[StatisticsRow, Sequence[StatisticsCell]]]
    notes: Sequence[str]


@dataclass(frozen=True)
class ReportCounts:
    """The months of a year that are reported, and the rows that are quarantined, by unit and ledger.

    A month is missing if its report was due before `today`; without it, whenever it is owed.
    """

    months: Sequence[str]
    reported_months: Mapping[tuple[str, str], set[str]] = field(default_factory=dict)
    held_back: Mapping[tuple[str, str], int] = field(default_factory=dict)
    obligations: Obligations = DEFAULT_OBLIGATIONS
    today: date | None = None

    @classmethod
    def of(
        cls,
        submissions: pd.DataFrame,
        months: Sequence[str],
        obligations: Obligations = DEFAULT_OBLIGATIONS,
        today: date | None = None,
    ) -> ReportCounts:
        """Count the current submissions (`is_current`) of these months."""
        by_report = submissions[submissions["is_current"].astype(bool)].groupby(["unit_code", "ledger"])
        reported_months = {key: set(part["period"]) for key, part in by_report}
        held_back = {key: int(part["held_back"].sum()) for key, part in by_report}
        return cls(months, reported_months, held_back, obligations, today)

    def missing(self, unit: str, ledger: str) -> list[str]:
        """List the months of which the report was due and none is current."""
        return [month for month in self.lacking(unit, ledger) if self._is_due(unit, ledger, month)]

    def lacking(self, unit: str, ledger: str) -> list[str]:
        """List the months for which a report is owed, due or not, and none is current."""
        return [month for month in self.owed(unit, ledger) if not self.has_reported(unit, ledger, month)]

    def owed(self, unit: str, ledger: str) -> list[str]:
        """List the months for which a unit owes a ledger."""
        return [month for month in self.months if self.obligations.is_owed(unit, ledger, month)]

    def has_reported(self, unit: str, ledger: str, *months: str) -> bool:
        """Return whether a report is current for any of these months, or of the year if none is given."""
        return not self.reported_months.get((unit, ledger), set()).isdisjoint(months or self.months)

    def lacks_all(self, unit: str, ledger: str) -> bool:
        """Return whether reports were due in all owed months of the year and none is current."""
        owed = self.owed(unit, ledger)
        return bool(owed) and self.missing(unit, ledger) == owed and not self.has_reported(unit, ledger)

    def _is_due(self, unit: str, ledger: str, month: str) -> bool:
        """Return whether the deadline has passed; in a year that the calendar does not know, the month."""
        if self.today is None:
            return True
        if (end_on := Period.parse(month).end_on) > self.today:
            return False
        try:
            return self.obligations.due_on(unit, ledger, month) < self.today
        except CalendarUnknownError:
            return end_on <= self.today


def fill_tables(
    statistics: Statistics,
    counts: Mapping[tuple[str, str], Mapping[str, int]],
    statistics_rows: Sequence[StatisticsRow],
    reports: ReportCounts,
    ledger_titles: Mapping[str, str],
    *,
    region: str,
    year: int,
    last_notes: Sequence[str] = (),
) -> list[FilledTable]:
    """Fill the tables for these rows; `counts` are by table and column, then by code of the row.

    `last_notes` end the notes of every table.
    """
    filled = []
    units = {
        statistics_row.code: statistics_row.name
        for statistics_row in statistics_rows
        if not statistics_row.is_total
    }
    for name, table in statistics.tables().items():
        heads = table.heads()
        rows = [
            (
                statistics_row,
                [
                    _cell(head, counts.get((name, head.title), {}), statistics_row, reports)
                    for head in heads
                ],
            )
            for statistics_row in statistics_rows
        ]
        sources = {
            ledger: ledger_titles[ledger]
            for ledger in sorted({ledger for head in heads for ledger in head.ledgers})
        }
        notes = [_fill_text(note, table, region, year) for note in table.notes]
        notes += [
            *_source_notes(heads),
            *_distinct_notes(heads, rows),
            *_coverage_notes(rows, units, sources, reports),
        ]
        title = _fill_text(table.title, table, region, year)
        filled.append(FilledTable(name, table.sheet, title, table.unit, heads, rows, [*notes, *last_notes]))
    return filled


def _fill_text(text: str, table: PenaltyTable | CountTable, region: str, year: int) -> str:
    for name, value in {"region": region, "year": str(year), "order": table.order()}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _cell(
    head: ColumnHeading, counts: Mapping[str, int], statistics_row: StatisticsRow, reports: ReportCounts
) -> StatisticsCell:
    """Fill a cell: zero only if any unit reported, and complete only if all units reported every month.

    A cell of which nobody owes a report, or nobody yet, and nobody sent one, is not missing.
    """
    if head.no_source:
        return StatisticsCell(None, "not_collected")
    parts = [(unit, ledger) for unit in statistics_row.units for ledger in head.ledgers]
    is_lacking = any(reports.lacking(*part) for part in parts)
    number = counts[statistics_row.code]
    if number == 0 and not any(reports.has_reported(*part) for part in parts):
        if any(reports.missing(*part) for part in parts):
            return StatisticsCell(None, "not_reported")
        return StatisticsCell(None, "not_due" if is_lacking else "not_owed")
    value = number if head.amount_unit is None else Decimal(number) / FEN[head.amount_unit]
    return StatisticsCell(value, "incomplete" if is_lacking else "counted")


def _source_notes(heads: Sequence[ColumnHeading]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for head in heads:
        if head.no_source:
            reasons.setdefault(head.no_source, []).append(f"“{head.title}”")
    return [
        f"{'、'.join(titles)}{reason}，以“{NOT_COLLECTED}”表示，不等于零。"
        for reason, titles in reasons.items()
    ]


def _distinct_notes(
    heads: Sequence[ColumnHeading], rows: Sequence[tuple[StatisticsRow, Sequence[StatisticsCell]]]
) -> list[str]:
    """Note which totals are less than the sum of their column, as several units reported the same thing."""
    differing = []
    for index, head in enumerate(heads):
        parts = sum(
            cells[index].value or 0 for statistics_row, cells in rows if not statistics_row.is_total
        )
        if any(
            statistics_row.is_total and (cells[index].value or 0) != parts for statistics_row, cells in rows
        ):
            differing.append(f"“{head.title}”")
    return (
        [f"{'、'.join(differing)}的合计按全市去重，几个单位重复的只计一次，因此少于各单位之和。"]
        if differing
        else []
    )


def _coverage_notes(
    rows: Sequence[tuple[StatisticsRow, Sequence[StatisticsCell]]],
    units: Mapping[str, str],
    sources: Mapping[str, str],
    reports: ReportCounts,
) -> list[str]:
    """Note which units have not reported what, and how many rows wait for a correction."""
    states = {cell.state for _, cells in rows for cell in cells}
    notes = []
    meanings = {
        "incomplete": f"带“{MARK}”的数有月份还没有报送，只是已报部分",
        "not_reported": f"“{NOT_REPORTED}”表示到期的月份都未报，不等于零",
        "not_due": f"“{NOT_DUE}”表示报送期限还没有到，不等于零",
    }
    if named := [meaning for state, meaning in meanings.items() if state in states]:
        notes.append(f"{'；'.join(named)}。")
    if "not_owed" in states:
        notes.append(f"单位全年不必报这种台账的，也以“{NOT_COLLECTED}”表示。")
    for ledger, title in sources.items():
        gaps = {code: reports.missing(code, ledger) for code in units}
        remarks = [
            f"{units[code]}{_gap(months, is_whole=reports.lacks_all(code, ledger))}"
            for code, months in gaps.items()
            if months
        ]
        if len(remarks) == len(units) > 1 and all(reports.lacks_all(code, ledger) for code in units):
            remarks = ["各单位全年未报"]
        if remarks:
            notes.append(f"未报情况（{title}）：{'；'.join(remarks)}。")
    for ledger, title in sources.items():
        held = [(name, reports.held_back.get((code, ledger), 0)) for code, name in units.items()]
        remarks = [f"{name} {number} 行" for name, number in held if number]
        if remarks:
            held_words = "；".join(remarks)
            notes.append(f"有错误待更正的行（{title}）：{held_words}。{HELD_BACK}")
    return notes


def _gap(months: Sequence[str], *, is_whole: bool) -> str:
    """Describe missing months as 全年未报, or as 缺1—3月、5月."""
    if is_whole:
        return "全年未报"
    numbers = [int(month[-2:]) for month in months]
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    ]
    return "缺" + "、".join(f"{run[0]}—{run[-1]}月" if len(run) > 1 else f"{run[0]}月" for run in runs)
