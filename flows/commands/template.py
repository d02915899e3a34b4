"""The command `template`: the blank workbooks that counties fill in. It needs no warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from flows.atomic import write_atomic
from flows.commands.common import open_home_if_any, parse_ledger
from flows.render import print_line
from flows.storage_errors import describe_storage_error
from schemas.catalogue import ledgers
from transforms.template import blank_workbook


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR",
              help="Folder for the workbooks; made if it is not there.")  # fmt: skip
@click.pass_obj
def template(folder: Path, names: tuple[str, ...], out: Path) -> None:
    """Write the blank workbook of a ledger, with drop-downs and notes; without NAME of every ledger.

    NAME is a ledger's name or title. An existing file that differs is never overwritten.
    """
    known = ledgers()
    names_to_write = [parse_ledger(name, "NAME") for name in names] or list(known)
    with open_home_if_any(folder) as home:
        units = [unit.name for unit in home.regions().units if unit.valid_to is None]
    books = {
        out / f"{known[name].title}.xlsx": blank_workbook(name, known, units)
        for name in dict.fromkeys(names_to_write)
    }
    try:
        _write(books)
    except OSError as error:
        raise click.ClickException(describe_storage_error(error) or str(error)) from error
    for file in books:
        print_line(file)


def _write(books: Mapping[Path, bytes]) -> None:
    """Write all workbooks, or none if one would overwrite a different file (a filled-in template has the
    same name).
    """
    conflicting = [file for file, data in books.items() if file.exists() and file.read_bytes() != data]
    if conflicting:
        names = "、".join(map(str, conflicting))
        raise click.ClickException(f"{names} would be written over; move it away or name another folder")
    for file, data in books.items():
        write_atomic(file, data)
