"""What an office sends at one time: the ledgers of a month, in one file or several, with the moment of arrival."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from flows.demo.days import FIRST_ARRIVAL_DAY
from flows.demo.offices import Office
from flows.demo.sheets import Sheet, empty_sheet, hidden_sheet, ledger_sheet
from flows.demo.styles import Style, deal
from flows.demo.workbooks import write_file
from flows.demo.world import Truth, Values, World
from schemas.catalogue import ledgers
from schemas.periods import Period

SHANGHAI = timezone(timedelta(hours=8))
_WHOLE = "执法台账"


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
    styles = deal(world.offices)
    found = []
    for month in range(1, 13):
        for unit in world.offices:
            rows = {name: _rows(truth, name, unit, month, styles[unit]) for name in truth}
            day = Period.of_month(world.year, month).end_on.replace(day=rng.randrange(FIRST_ARRIVAL_DAY, 7))
            found.append(Parcel(unit, month, rows, at_work(day, rng.randrange(8 * 60))))
    return found


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


def _rows(truth: Truth, ledger: str, unit: str, month: int, style: Style) -> list[Values]:
    """The month's new rows, and for offices that carry over also the older ones that ended in it."""
    own = [row for row in truth[ledger] if row.unit == unit]
    ended = [row.later_values for row in own if row.later_month == month and row.later_values is not None]
    return [*(ended if style.carries_over else []), *(row.values for row in own if row.month == month)]


def _files(parcel: Parcel, office: Office, period: Period, style: Style) -> Iterator[tuple[str, list[Sheet]]]:
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
    for name, sheet in sheets.items():
        yield known[name].title, [sheet, *beside]


def _stem(title: str, office: Office, period: Period, style: Style) -> str:
    month = period.first_month
    return style.file_name.format(
        title=title, name=office.name, office=office.title, code=office.code,
        year=period.year, month=month, month2=f"{month:02}",
    )  # fmt: skip


def _arrive(path: Path, arrived_at: datetime) -> None:
    os.utime(path, (arrived_at.timestamp(), arrived_at.timestamp()))
