"""The verdict on a history: which matters the figures tell wrongly, and whether anybody is asked about it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.support.true_histories.city import City, Doubt, History, Row
from tests.support.true_histories.clerks import File
from tests.support.true_histories.matters import Figures, Matter, figures_of

_ROW_LISTS = re.compile(r"第 ([\d、]+)")


@dataclass(frozen=True)
class Fault:
    """A matter that the figures tell otherwise than it happened (None: a row that tells of nothing)."""

    matter: Matter | None
    reason: str
    rows: Sequence[Row] = ()


@dataclass
class Verdict:
    """What differs, what of it nobody is asked about, and everything that somebody is asked about."""

    faults: list[Fault]
    silent: list[Fault]
    doubts: list[Doubt]
    differing: Figures
    inconsistent: Figures

    def silent_faults(self) -> list[str]:
        """Describe what is wrong in silence, and figures that are not those of the rows that count."""
        lines = [f"in silence: {fault.matter}: {fault.reason} {fault.rows}" for fault in self.silent]
        return lines + [f"not of its rows: {key}: {value}" for key, value in self.inconsistent.items()]

    def all_faults(self) -> list[str]:
        """Describe everything that differs or is doubted."""
        lines = [f"differs: {key}: {value}" for key, value in self.differing.items()]
        return self.silent_faults() + lines + [f"doubted: {doubt}" for doubt in self.doubts]


def judge(city: City, history: History) -> Verdict:
    """Compare what counts with what happened."""
    rows, doubts, figures = city.counted_rows(), city.doubts(), city.figures()
    faults = list(find_faults(city, history, rows))
    silent = [fault for fault in faults if not is_doubted(city, fault, doubts)]
    true = figures_of((m.ledger, m.unit, m.day, m.amount) for m in history.truth.matters)
    counted = figures_of((row.ledger, row.unit, row.day, row.amount) for row in rows)
    differing = {key: value - true[key] for key, value in figures.items() if value != true[key]}
    inconsistent = {key: value - counted[key] for key, value in figures.items() if value != counted[key]}
    return Verdict(faults, silent, doubts, differing, inconsistent)


def find_faults(city: City, history: History, rows: Sequence[Row]) -> Iterator[Fault]:
    """Yield matters that do not count once, under their unit, with their day and amount."""
    rows_by_matter: dict[Matter, list[Row]] = {}
    for row in rows:
        matter = city.files[row.sha256].matters.get(row.source_row)
        if matter is None or matter not in history.truth.matters:
            yield Fault(matter, "counts, but never happened", [row])
        else:
            rows_by_matter.setdefault(matter, []).append(row)
    for matter in history.truth.matters:
        counted = rows_by_matter.get(matter, [])
        if len(counted) != 1:
            yield Fault(matter, f"counts {len(counted)} times", counted)
            continue
        (row,) = counted
        wrong = [
            f"{name} is {got}"
            for name, got, true in (
                ("unit", row.unit, matter.unit), ("day", row.day, matter.day), ("amount", row.amount, matter.amount),
            )
            if got != true
        ]  # fmt: skip
        if wrong:
            yield Fault(matter, ", ".join(wrong), counted)


def is_doubted(city: City, fault: Fault, doubts: Iterable[Doubt]) -> bool:
    """Whether a person is asked about the rows that tell of the matter, since it was sent last.

    A doubt is beside a row if it is on it, names it, or is on the header or the whole of its sheet. What was
    asked about a report before it was replaced is answered by that.
    """
    places = dict(places_of(city, fault))
    own = {
        sha256 for sha256, file in city.files.items()
        if fault.matter in file.matters.values() or any(row.sha256 == sha256 for row in fault.rows)
    }  # fmt: skip
    since = max((city.arrivals[sha256] for sha256 in own), default=0)
    paths = {file.path: sha256 for sha256, file in city.files.items() if sha256 in places}
    for doubt in doubts:
        if not doubt.is_open and doubt.load_id < since:
            continue
        sha256 = doubt.sha256 or paths.get(doubt.path)
        if sha256 in places and _is_beside(doubt, city.files[sha256], places[sha256]):
            return True
        if fault.matter and doubt.row is None and doubt.report == report_of(fault.matter):
            return True
    return False


def places_of(city: City, fault: Fault) -> Iterator[tuple[str, Collection[int]]]:
    """Yield by file the rows that tell of the matter or of another one with its number."""
    same_numbers = {
        matter for file in city.files.values() for matter in file.matters.values()
        if fault.matter and matter.ledger == fault.matter.ledger and matter.number == fault.matter.number
    }  # fmt: skip
    for sha256, file in city.files.items():
        rows = {
            row for row, matter in file.matters.items() if matter is fault.matter or matter in same_numbers
        }
        rows |= {row.source_row for row in fault.rows if row.sha256 == sha256}
        if rows:
            yield sha256, rows


def report_of(matter: Matter) -> tuple[str, str, str]:
    return matter.unit, matter.ledger, matter.month


def _is_beside(doubt: Doubt, file: File, rows: Collection[int]) -> bool:
    if doubt.row is None or doubt.row <= file.header_row or doubt.row in rows:
        return True
    named = {
        int(number) for text in _ROW_LISTS.findall(doubt.text) for number in text.split("、") if number
    }
    return bool(named & set(rows))
