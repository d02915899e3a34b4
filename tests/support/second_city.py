"""The year of an invented city: what four units report, month by month, and the files with these reports.

Reports are missing, late or sent again; matters are carried over with more filled in, or reported by two
units. Everything follows from the seed, and only the headers of the ledgers come from the project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schemas.catalogue import ledgers
from tests.support.counties import WHOLE_REPORT, sheet_cells, workbook_bytes
from tests.support.second_city_cases import (
    BUILDERS,
    BUREAU,
    RIDGE,
    RIVER,
    STAR,
    UNITS,
    Maker,
    Row,
    as_known,
    key_of,
    month_end,
)

IN_WAN_YUAN = ("penalties", "measures", "court_enforcements")
BROKEN_DATE = "2023-02-30"
MONTHS = range(1, 13)
ReportKey = tuple[str, int, str]  # unit, month, ledger


@dataclass(frozen=True)
class Report:
    """A unit's report of one ledger in one month; `arrival` 1 replaces
    0, `night` is the run that ingests it.
    """

    unit: str
    month: int
    ledger: str
    rows: tuple[Row, ...]
    night: int = 1
    arrival: int = 0

    @property
    def good_rows(self) -> list[Row]:
        return [row for row in self.rows if BROKEN_DATE not in row.values()]


def make_year(seed: int) -> list[Report]:
    """Make all reports of the year."""
    make = Maker(seed)
    entries = _make_matters(make)
    _add_rosters(make, entries)
    missing = _choose_missing(make, entries)
    entries_of_sent = {key: rows for key, rows in entries.items() if key not in missing}
    return [
        report
        for unit in UNITS
        for month in MONTHS
        for report in _make_reports(make, unit, month, entries_of_sent)
    ]


def _make_matters(make: Maker) -> dict[ReportKey, list[Row]]:
    entries: dict[ReportKey, list[Row]] = {
        (unit, month, name): [] for unit in UNITS for month in MONTHS for name in ledgers()
    }
    known_keys: set[tuple[Any, ...]] = set()
    for month in MONTHS:
        for make.unit in UNITS:
            for name in BUILDERS:
                for _ in range(make.pick(0, 0, 1, 1, 2, 3) + 2 * (name == "permits")):
                    for unit, row in _draw_claims(make, name, month):
                        key = (name, *key_of(name, row), unit)
                        if key not in known_keys:
                            known_keys.add(key)
                            for later in _draw_report_months(make, name, month):
                                entries[unit, later, name].append(as_known(row, later))
    return entries


def _draw_claims(make: Maker, ledger: str, month: int) -> Iterator[tuple[str, Row]]:
    """Yield a matter and its companions: a second task or kind, or the
    same matter reported by another unit.
    """
    make.on = date(2023, month, make.rng.randint(1, month_end(month).day))
    if make.rng.random() < 0.08:
        make.on -= timedelta(days=make.rng.randint(20, 60))
    row = BUILDERS[ledger](make)
    yield make.unit, row
    if ledger == "inspections" and make.rng.random() < 0.3:
        yield (
            make.unit,
            {
                **row,
                "task_no": f"R-{next(make.serial)}",
                "kind": "专项",
                "is_mobile": make.pick(None, False),
            },
        )
    if ledger == "transfers" and row["kind"] == "涉嫌犯罪" and make.rng.random() < 0.5:
        yield make.unit, {**row, "kind": "行政拘留", "persons_filed": None}
    if ledger != "exams" and make.rng.random() < 0.1:
        other_unit = make.pick(BUREAU, BUREAU, STAR, RIDGE, RIVER)
        shift = timedelta(days=make.pick(0, 1))
        changed = {name: value - shift if value == make.on else value for name, value in row.items()}
        if row.get("amount_fen") and row.get("receipt_no"):
            changed["amount_fen"] = row["amount_fen"] + 1
        yield other_unit, changed


def _draw_report_months(make: Maker, ledger: str, month: int) -> list[int]:
    """Draw the months that report a matter: its own, and some later ones."""
    extra = make.rng.randint(1, 4) if make.rng.random() < (0.8 if ledger == "permits" else 0.4) else 0
    return [month_ for month_ in range(month, month + extra + 1) if month_ <= 12]


def _add_rosters(make: Maker, entries: dict[ReportKey, list[Row]]) -> None:
    """Add officers by month: some move, some leave, certificates are issued, renewed, expire."""
    for number in range(28):
        home = make.pick(*UNITS)
        moves_in, other_unit = make.pick(13, 13, 13, *range(2, 12)), make.pick(*UNITS)
        issued = make.pick(None, date(2019, 4, 1), date(2023, make.pick(*MONTHS), make.rng.randint(1, 28)))
        until = (
            make.pick(None, date(2023, make.pick(*MONTHS), make.pick(1, 28)), date(2028, 1, 1))
            if issued
            else None
        )
        if issued and until and until < issued:
            until = issued + timedelta(days=1825)
        off_duty, leaves = make.pick(*MONTHS, *[13] * 20), make.pick(*MONTHS, *[13] * 20)
        for month in range(1, leaves):
            if month >= 13:
                break
            row = {"officer_no": f"R{number:03}", "certificate_no": f"Z-{number}", "certified_on": issued, "valid_until": until,
                   "is_on_duty": month < off_duty}  # fmt: skip
            if issued is None or issued > month_end(month):
                row |= {"certificate_no": None, "certified_on": None, "valid_until": None}
            entries[home if month < moves_in else other_unit, month, "officers"].append(row)


def _choose_missing(make: Maker, entries: Mapping[ReportKey, list[Row]]) -> set[ReportKey]:
    """Choose missing reports: single ones, a unit's month, a unit's
    ledger, a ledger missing from all units.
    """
    nobodys = {(name, make.pick(*MONTHS)) for name in make.rng.sample(sorted(ledgers()), 8)}
    silent_unit, silent_month = make.pick(STAR, RIDGE, RIVER), make.pick(*MONTHS)
    never = {(make.pick(*UNITS), name) for name in make.rng.sample(sorted(ledgers()), 3)}
    return {
        (unit, month, name) for unit, month, name in entries
        if (name, month) in nobodys or (unit, month) == (silent_unit, silent_month) or (unit, name) in never
        or make.rng.random() < 0.04 or (name == "officers" and month == 1 and unit == RIVER)
    }  # fmt: skip


def _make_reports(
    make: Maker, unit: str, month: int, entries_sent: Mapping[ReportKey, list[Row]]
) -> Iterator[Report]:
    """Yield the reports of a unit's month: on time, late, or first wrong and then corrected."""
    manner, night = make.rng.random(), make.pick(1, 2)
    make.unit, make.on = unit, date(2023, month, 1)
    for name in ledgers():
        if (unit, month, name) not in entries_sent:
            continue
        rows = tuple(
            entries_sent[unit, month, name] + _draw_broken_row(make, name, entries_sent[unit, month, name])
        )
        if manner < 0.12:
            yield Report(unit, month, name, rows, night=2)
        elif manner < 0.35 and make.rng.random() < 0.7:
            yield Report(unit, month, name, tuple(_make_wrong_report(make, name, rows)))
            yield Report(unit, month, name, rows, night, arrival=1)
        else:
            yield Report(unit, month, name, rows)


def _draw_broken_row(make: Maker, ledger: str, rows: list[Row]) -> list[Row]:
    """Sometimes return a row that will be quarantined."""
    if not rows or ledger in ("officers", "exams") or make.rng.random() > 0.05:
        return []
    row = as_known(BUILDERS[ledger](make), make.on.month)
    is_known = key_of(ledger, row) in [key_of(ledger, known_row) for known_row in rows]
    return (
        []
        if is_known
        else [{name: BROKEN_DATE if value == make.on else value for name, value in row.items()}]
    )


def _make_wrong_report(make: Maker, ledger: str, rows: tuple[Row, ...]) -> Iterator[Row]:
    """Yield the rows of a wrong first report: some missing, some amounts wrong, one too many."""
    for row in rows:
        if make.rng.random() < 0.7:
            yield {
                name: value + 7 if name.endswith("_fen") and value else value for name, value in row.items()
            }
    if ledger not in ("officers", "exams"):
        extra = as_known(BUILDERS[ledger](make), make.on.month)
        if key_of(ledger, extra) not in [key_of(ledger, row) for row in rows]:
            yield extra


def files(reports: list[Report], night: int) -> Iterator[tuple[str, bytes, str]]:
    """Yield path, content and arrival of the workbooks for a run: one per unit, month and arrival."""
    sheets_by_file: dict[tuple[str, int, int], dict[str, list[list[Any]]]] = {}
    for report in (sent for sent in reports if sent.night == night):
        sheets = sheets_by_file.setdefault((report.unit, report.month, report.arrival), {})
        sheets[ledgers()[report.ledger].title] = sheet_cells(
            report.ledger,
            [_format_cells(report.ledger, index, row) for index, row in enumerate(report.rows)],
            above=[WHOLE_REPORT] if report.arrival else [],
        )
    for (unit, month, arrival), sheets in sheets_by_file.items():
        following = month_end(month) + timedelta(days=5 + arrival)
        yield f"2023-{month:02}/{unit}/{arrival}.xlsx", workbook_bytes(sheets), f"{following}T0{night}:00"


def _format_cells(ledger: str, index: int, row: Row) -> Row:
    """Return a row as typed; every second one has other brackets in its numbers."""
    cells = {}
    for name, value in row.items():
        if isinstance(value, bool):
            value = "是" if value else "否"
        elif isinstance(value, date):
            value = value.isoformat()
        elif name.endswith("_fen") and value is not None:
            value = str(Decimal(value) / (1_000_000 if ledger in IN_WAN_YUAN else 100))
        elif name.endswith("_no") and isinstance(value, str) and index % 2:
            value = value.replace("〔", "[").replace("〕", "]")
        cells[name] = value
    return cells
