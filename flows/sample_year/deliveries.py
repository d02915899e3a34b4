"""What an office sends at one time: the ledgers of a month, in one file or several, with the moment of arrival."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from flows.sample_year.days import FIRST_ARRIVAL_DAY
from flows.sample_year.offices import Office
from flows.sample_year.scenario import TrueRow, Truth, Values, World
from flows.sample_year.sheets import Sheet, empty_sheet, hidden_sheet, ledger_sheet
from flows.sample_year.styles import Style, deal
from flows.sample_year.workbooks import write_file
from schemas.catalogue import ledgers
from schemas.periods import Period

SHANGHAI = timezone(timedelta(hours=8))
_WHOLE = "执法台账"
#: workbooks in which offices that send several keep their registers together; a ledger in none of them is sent alone
_REGISTERS = {
    "办案登记簿": (
        "measures", "transfers", "legal_reviews", "file_reviews", "leniencies", "reconsiderations", "court_enforcements",
    ),
    "监督登记簿": ("inspections", "petitions", "rewards", "complaints"),
    "综合登记簿": ("permits", "policy_reviews", "exams", "officers", "activities"),
}  # fmt: skip


@dataclass(frozen=True)
class Parcel:
    """Rows by ledger of one unit for one month. `suffix` ends the names of its files (（更正）).

    `copied_as` is the suffix under which every file is sent a second time, byte for byte.
    """

    unit: str
    month: int
    ledgers: dict[str, list[Values]]
    arrived_at: datetime
    suffix: str = ""
    copied_as: str = ""

    def with_rows(self, ledger: str, rows: list[Values]) -> Parcel:
        return replace(self, ledgers={**self.ledgers, ledger: rows})


def monthly_parcels(world: World, truth: Truth) -> list[Parcel]:
    """Every ledger of every unit for every month, zero reports too, in the first days of the next month."""
    rng = world.rng("arrivals")
    sent = {name: _sent(rows, deal(world.offices)) for name, rows in truth.items()}
    parcels = []
    for month in range(1, 13):
        for unit in world.offices:
            rows = {name: by_report[unit, month] for name, by_report in sent.items()}
            day = Period.of_month(world.year, month).end_on.replace(day=rng.randrange(FIRST_ARRIVAL_DAY, 7))
            parcels.append(Parcel(unit, month, rows, at_work(day, rng.randrange(8 * 60))))
    return parcels


def at_work(day: date, minutes: int) -> datetime:
    """A moment of an office day, from nine on."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI) + timedelta(minutes=minutes)


def write_parcel(inbox: Path, parcel: Parcel, world: World) -> list[Path]:
    """Write the files of a parcel, each with its time of arrival."""
    office, style = world.offices[parcel.unit], deal(world.offices)[parcel.unit]
    period = Period.of_month(world.year, parcel.month)
    folder = inbox / str(period) / parcel.unit
    written = []
    for minute, (title, sheets) in enumerate(_files(parcel, office, period, style)):
        arrived_at = parcel.arrived_at + timedelta(minutes=minute)
        path = folder / f"{_stem(title, office, period, style)}{parcel.suffix}.{style.ending}"
        write_file(path, sheets, style.container, arrived_at)
        _arrive(path, arrived_at)
        written.append(path)
        if parcel.copied_as:
            copy = path.with_name(f"{path.stem}{parcel.copied_as}{path.suffix}")
            copy.write_bytes(path.read_bytes())
            _arrive(copy, arrived_at + timedelta(hours=1))
            written.append(copy)
    return written


def _sent(rows: Iterable[TrueRow], styles: Mapping[str, Style]) -> dict[tuple[str, int], list[Values]]:
    """What a unit sends of a ledger for a month: older rows that ended in it, if it carries them over, then the new ones."""
    ended: dict[tuple[str, int], list[Values]] = defaultdict(list)
    new: dict[tuple[str, int], list[Values]] = defaultdict(list)
    for row in rows:
        new[row.unit, row.month].append(row.values)
        if (
            row.later_month
            and row.later_values is not None
            and (row.is_told_again or styles[row.unit].carries_over)
        ):
            ended[row.unit, row.later_month].append(row.later_values)
    months = range(1, 13)
    return {(unit, month): ended[unit, month] + new[unit, month] for unit in styles for month in months}


def _files(
    parcel: Parcel, office: Office, period: Period, style: Style
) -> Iterator[tuple[str, list[Sheet]]]:
    """The title and the sheets of each file."""
    known = ledgers()
    sheets = {
        name: ledger_sheet(known[name], rows, office, period, style, parcel.arrived_at.date())
        for name, rows in parcel.ledgers.items()
    }
    beside = [hidden_sheet(known[next(iter(sheets))])] if style.hidden_sheet else []
    beside += [empty_sheet()] if style.empty_sheet else []
    if style.one_workbook:
        yield _WHOLE, [*sheets.values(), *beside]
        return
    bundles = _bundles(sheets, style)
    for title, names in bundles.items():
        yield title, [*(sheets[name] for name in names), *beside]


def _bundles(sheets: Iterable[str], style: Style) -> dict[str, list[str]]:
    """The ledgers that share a file, by its title; a CSV file holds but one."""
    register_of = {name: title for title, names in _REGISTERS.items() for name in names}
    bundles: dict[str, list[str]] = defaultdict(list)
    for name in sheets:
        title = ledgers()[name].title
        bundles[title if style.is_csv else register_of.get(name, title)].append(name)
    return bundles


def _stem(title: str, office: Office, period: Period, style: Style) -> str:
    month = period.first_month
    return style.file_name.format(
        title=title, name=office.name, office=office.title, code=office.code,
        year=period.year, month=month, month2=f"{month:02}",
    )  # fmt: skip


def _arrive(path: Path, arrived_at: datetime) -> None:
    os.utime(path, (arrived_at.timestamp(), arrived_at.timestamp()))
