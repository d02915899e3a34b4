"""Deliveries: the ledgers that an office sends for a month, in one or more files, with their arrival time."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from flows.sample_year.days import FIRST_ARRIVAL_DAY
from flows.sample_year.offices import Office
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth, Values
from flows.sample_year.sheets import Sheet, empty_sheet, hidden_sheet, ledger_sheet
from flows.sample_year.styles import Style, assign_styles
from flows.sample_year.workbooks import write_file
from schemas.catalogue import ledgers
from schemas.periods import Period

SHANGHAI = timezone(timedelta(hours=8))
_WHOLE = "执法台账"
#: workbooks in which offices combine registers; a ledger in none of them is sent alone
_REGISTERS = {
    "办案登记簿": (
        "measures", "transfers", "legal_reviews", "file_reviews", "leniencies", "reconsiderations", "court_enforcements",
    ),
    "监督登记簿": ("inspections", "petitions", "rewards", "complaints"),
    "综合登记簿": ("permits", "policy_reviews", "exams", "officers", "activities"),
}  # fmt: skip


@dataclass(frozen=True)
class Delivery:
    """Rows by ledger of one unit for one month. `suffix` is appended to its file names (（更正）).

    If `copied_as` is set, every file is sent a second time under this suffix.
    """

    unit: str
    month: int
    ledgers: dict[str, list[Values]]
    arrived_at: datetime
    suffix: str = ""
    copied_as: str = ""

    def with_rows(self, ledger: str, rows: list[Values]) -> Delivery:
        return replace(self, ledgers={**self.ledgers, ledger: rows})


def build_monthly_deliveries(scenario: Scenario, truth: Truth) -> list[Delivery]:
    """Build a delivery for each unit and month: every ledger, also zero reports, early in the next month."""
    rng = scenario.rng("arrivals")
    sent_rows = {
        name: _select_sent_rows(rows, assign_styles(scenario.offices)) for name, rows in truth.items()
    }
    deliveries = []
    for month in range(1, 13):
        for unit in scenario.offices:
            rows = {name: by_report[unit, month] for name, by_report in sent_rows.items()}
            day = Period.of_month(scenario.year, month).end_on.replace(
                day=rng.randrange(FIRST_ARRIVAL_DAY, 7)
            )
            deliveries.append(Delivery(unit, month, rows, office_time(day, rng.randrange(8 * 60))))
    return deliveries


def office_time(day: date, minutes: int) -> datetime:
    """Return the time `minutes` after nine on a day."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI) + timedelta(minutes=minutes)


def write_delivery(inbox: Path, delivery: Delivery, scenario: Scenario) -> list[Path]:
    """Write the files of a delivery, each with its arrival time as mtime."""
    office, style = scenario.offices[delivery.unit], assign_styles(scenario.offices)[delivery.unit]
    period = Period.of_month(scenario.year, delivery.month)
    folder = inbox / str(period) / delivery.unit
    written = []
    for minute, (title, sheets) in enumerate(_lay_out_files(delivery, office, period, style)):
        arrived_at = delivery.arrived_at + timedelta(minutes=minute)
        path = folder / f"{_format_file_stem(title, office, period, style)}{delivery.suffix}.{style.ending}"
        write_file(path, sheets, style.container, arrived_at)
        _set_arrival_time(path, arrived_at)
        written.append(path)
        if delivery.copied_as:
            copy = path.with_name(f"{path.stem}{delivery.copied_as}{path.suffix}")
            copy.write_bytes(path.read_bytes())
            _set_arrival_time(copy, arrived_at + timedelta(hours=1))
            written.append(copy)
    return written


def _select_sent_rows(
    rows: Iterable[ExpectedRow], styles: Mapping[str, Style]
) -> dict[tuple[str, int], list[Values]]:
    """Select the rows of a ledger that each unit sends for each month: first those of earlier months that
    ended in it, if the unit reports them again, then the new ones.
    """
    ended: dict[tuple[str, int], list[Values]] = defaultdict(list)
    new: dict[tuple[str, int], list[Values]] = defaultdict(list)
    for row in rows:
        new[row.unit, row.month].append(row.values)
        if (
            row.later_month
            and row.later_values is not None
            and (row.is_reported_again or styles[row.unit].carries_over)
        ):
            ended[row.unit, row.later_month].append(row.later_values)
    months = range(1, 13)
    return {(unit, month): ended[unit, month] + new[unit, month] for unit in styles for month in months}


def _lay_out_files(
    delivery: Delivery, office: Office, period: Period, style: Style
) -> Iterator[tuple[str, list[Sheet]]]:
    """Yield the title and the sheets of each file."""
    known_ledgers = ledgers()
    sheets = {
        name: ledger_sheet(known_ledgers[name], rows, office, period, style, delivery.arrived_at.date())
        for name, rows in delivery.ledgers.items()
    }
    extra_sheets = [hidden_sheet(known_ledgers[next(iter(sheets))])] if style.hidden_sheet else []
    extra_sheets += [empty_sheet()] if style.empty_sheet else []
    if style.one_workbook:
        yield _WHOLE, [*sheets.values(), *extra_sheets]
        return
    bundles = _bundle_ledgers(sheets, style)
    for title, names in bundles.items():
        yield title, [*(sheets[name] for name in names), *extra_sheets]


def _bundle_ledgers(sheets: Iterable[str], style: Style) -> dict[str, list[str]]:
    """Group the ledgers that share a file, by its title; a CSV file holds only one."""
    register_of = {name: title for title, names in _REGISTERS.items() for name in names}
    bundles: dict[str, list[str]] = defaultdict(list)
    for name in sheets:
        title = ledgers()[name].title
        bundles[title if style.is_csv else register_of.get(name, title)].append(name)
    return bundles


def _format_file_stem(title: str, office: Office, period: Period, style: Style) -> str:
    month = period.first_month
    return style.file_name.format(
        title=title, name=office.name, office=office.title, code=office.code,
        year=period.year, month=month, month2=f"{month:02}",
    )  # fmt: skip


def _set_arrival_time(path: Path, arrived_at: datetime) -> None:
    os.utime(path, (arrived_at.timestamp(), arrived_at.timestamp()))
