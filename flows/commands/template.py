"""The command `template`: the blank workbooks that counties fill in. It needs no warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from flows.atomic import write_atomic
from flows.commands.common import month_option, open_home_if_any, parse_ledger, parse_unit
from flows.language import _, translate
from flows.render import print_line
from flows.storage_errors import describe_storage_error
from flows.words import describe_period
from schemas.catalogue import ledgers
from transforms.receipt.words import month_words
from transforms.template import Prefilled, blank_workbook, name_of_month, workbook_of_month


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--unit", "unit_text", metavar="CODE", help="Fill in this unit; without NAME, what it owes.")
@month_option("--period", help="Fill in this month, as 2023-06.")
@click.option(
    "--one-file",
    is_flag=True,
    help="One workbook with all ledgers, and a sheet to tick those with nothing; needs --unit and --period.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR",
              help="Folder for the workbooks; made if it is not there.")  # fmt: skip
@click.pass_obj
def template(
    folder: Path,
    names: tuple[str, ...],
    unit_text: str | None,
    period: str | None,
    one_file: bool,
    out: Path,
) -> None:
    """Write the blank workbook of a ledger, with drop-downs and notes; without NAME of every ledger.

    NAME is a ledger's name or title. With --unit and --period only those that the unit owes for the month.
    An existing file that differs is never overwritten.
    """
    known = ledgers()
    if one_file and not (unit_text and period):
        raise click.UsageError(_("--one-file needs --unit and --period"))
    with open_home_if_any(folder) as home:
        regions = home.regions()
        unit = parse_unit(regions, unit_text) if unit_text else None
        obligations = home.obligations(known, regions)
    chosen = list(dict.fromkeys(parse_ledger(name, "NAME") for name in names)) or list(known)
    if unit and period and not names:
        chosen = [name for name in known if obligations.is_owed(unit, name, period)]
    if not chosen:
        name = regions.name_of(unit) if unit else ""
        raise click.ClickException(
            _("{unit} owes no ledger for {period}").format(unit=name, period=describe_period(period or ""))
        )
    prefilled = Prefilled(regions.name_of(unit) if unit else "", month_words(period) if period else "")
    units = [entry.name for entry in regions.units if entry.valid_to is None]
    if one_file:
        books = {out / name_of_month(prefilled): workbook_of_month(chosen, known, units, prefilled)}
    else:
        books = {
            out / f"{known[name].title}.xlsx": blank_workbook(name, known, units, prefilled)
            for name in chosen
        }
    try:
        _write(books)
    except OSError as error:
        raise click.ClickException(translate(describe_storage_error(error) or error)) from error
    for file in books:
        print_line(file)


def _write(books: Mapping[Path, bytes]) -> None:
    """Write all workbooks, or none if one would overwrite a different file (a filled-in template has the
    same name).
    """
    conflicting = [file for file, data in books.items() if file.exists() and file.read_bytes() != data]
    if conflicting:
        names = "、".join(map(str, conflicting))
        raise click.ClickException(
            _("{names} would be written over; move it away or name another folder").format(names=names)
        )
    for file, data in books.items():
        write_atomic(file, data)
