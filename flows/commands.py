"""What the commands share: opening a home, running a night with or without Prefect, printing what it did."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
from pydantic import ValidationError

from flows.night import Outcome, RunHeld, alone, find_new, run, utc_now
from flows.output import print_table
from flows.prefect_api import prefect_api
from flows.reports import STATES, LoadReport, read_report, write_missing_reports
from flows.settings import Home
from flows.workplace import Selection, Workplace
from schemas.periods import Period
from schemas.regions import RegionTableError
from warehouse.engine import WarehouseUrlError, reading
from warehouse.load import last_load

EXIT_OK, EXIT_OTHER, EXIT_REJECTED, EXIT_HELD = 0, 1, 3, 4
MOST_LINES = 20


@contextmanager
def usable_home(folder: Path) -> Iterator[Home]:
    """The home, for as long as it is opened; settings or a region table that cannot be used are wrong usage."""
    try:
        yield Home(folder)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise click.UsageError(f"settings of {folder}: {told}") from error
    except (tomllib.TOMLDecodeError, RegionTableError, WarehouseUrlError, OSError) as error:
        raise click.UsageError(f"{folder}: {error}") from error


def workplace(folder: Path) -> Workplace:
    """The home opened for work."""
    with usable_home(folder) as home:
        place = Workplace(home)
    click.get_current_context().call_on_close(place.engine.dispose)
    return place


def period_option(*names: str, **options: Any) -> Callable[[Any], Any]:
    """An option that takes 2023, 2023-Q2 or 2023-06 and gives a Period."""

    def parse(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Period | None:
        try:
            return Period.parse(value) if value is not None else None
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return click.option(*names, callback=parse, metavar="PERIOD", **options)


def month_option(*names: str, **options: Any) -> Callable[[Any], Any]:
    """An option that takes a month only, as text."""

    def parse(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
        try:
            period = Period.parse(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
        if not period.is_month:
            raise click.BadParameter(f"'{value}' is no month; write it as 2023-06")
        return str(period)

    return click.option(*names, callback=parse, metavar="MONTH", **options)


def run_command(place: Workplace, selection: Selection) -> int:
    """A nightly run or a rerun from the command line; the exit code."""
    place.prepare()
    try:
        with alone(place.home):
            return _run_alone(place, selection)
    except RunHeld as held:
        click.echo(f"{held}.", err=True)
        return EXIT_HELD


def _run_alone(place: Workplace, selection: Selection) -> int:
    found = find_new(place, selection)
    if not found.new:
        write_missing_reports(place)
        _echo_some("Could not be read; give the user of this command the right to:", found.unreadable)
        click.echo(f"Nothing new: the {found.known} files there were taken before. Nothing was changed.")
        return EXIT_OTHER if found.unreadable else EXIT_OK
    before = _last_load(place)
    outcome = _run(place, selection)
    _echo_some("Still being written or gone; the next run takes them:", outcome.growing)
    _echo_some("Could not be read; give the user of this command the right to:", outcome.unreadable)
    load_id = _last_load(place)
    if load_id == before:
        click.echo("Nothing was loaded and nothing was changed.")
        return EXIT_OTHER if outcome.unreadable else EXIT_OK
    report = read_report(place, load_id, every_region=not selection.is_all)
    print_report(place, report)
    if outcome.unreadable:
        return EXIT_OTHER
    return EXIT_REJECTED if report.has_rejected else EXIT_OK


def _last_load(place: Workplace) -> int:
    with reading(place.engine) as connection:
        return last_load(connection, place.tables)[0]


def _run(place: Workplace, selection: Selection) -> Outcome:
    """Through Prefect while it answers, without it where not: the night must not fail for what only watches it.

    Every step can be run again, so a run that lost Prefect halfway is simply run once more.
    """
    seconds = place.home.settings.prefect_timeout_seconds
    try:
        with prefect_api(place.home.folder, timeout_seconds=seconds) as is_up:
            if is_up:
                from flows.nightly import run_flow

                return run_flow(place.home, selection)
    except httpx.TransportError as error:
        click.echo(f"Prefect was lost: {error}", err=True)
    click.echo("Prefect does not answer; running without it.", err=True)
    kind = "nightly" if selection.is_all else "rerun"
    outcome = run(place, kind, selection, lambda _name, work: work(), utc_now())
    write_missing_reports(place)
    return outcome


def print_report(place: Workplace, report: LoadReport) -> None:
    """The load on a terminal: what came from whom, what was refused or held back and why, what moved."""
    click.echo(report.headline())
    columns = {"unit_code": "unit", "unit_name": "", "files": "files"} | {state: state for state in STATES}
    columns |= {"rows": "rows", "held_back": "held back"}
    print_table("Submissions by unit", report.by_unit(place), columns, right=list(columns)[2:])
    _echo_some("Rejected:", [f"{one['source_file']}: {one['message']}" for one in report.rejections()])
    standing = [one for one in report.held_rows() if one["is_standing"]]
    _echo_some("Rows held back:", [f"{one['source_file']} {one['ledger']}: {one['held_back']}" for one in standing])
    moved = {"region_name": "region", "period": "period", "title": "figure", "before": "before", "after": "after"}
    if report.moved:
        print_table("Figures moved", report.moved, moved, right=["before", "after"])
    else:
        click.echo("No figure moved.")
    counted = report.questions["rule_id"].value_counts()
    _echo_some("Open between ledgers:", [f"{rule_id}: {count}" for rule_id, count in counted.items()])
    click.echo(f"Findings and figures of this load lie in {place.home.reports / f'load-{report.load_id:06}'}")


def _echo_some(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(title)
        for line in lines[:MOST_LINES]:
            click.echo(f"  {line}")
        if len(lines) > MOST_LINES:
            click.echo(f"  … and {len(lines) - MOST_LINES} more, all in the report")
