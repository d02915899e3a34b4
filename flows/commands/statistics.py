"""The command `statistics`: the yearly statistics tables, printed, for programs, and as a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click
from rich.cells import cell_len
from rich.console import Console

from flows.commands.common import open_workspace, parse_region, require_current_warehouse, write_out
from flows.language import _, translate
from flows.queries.statistics import (
    LEGEND,
    YearlyStatistics,
    build_statistics_workbook,
    format_terminal_rows,
    statistics_as_json,
    yearly_statistics,
)
from flows.render import WIDTH_IN_FILES, as_json, print_data, print_line, print_table
from schemas.statistics import StatisticsError
from transforms.report.statistics import NOT_COLLECTED, NOT_DUE, NOT_REPORTED
from warehouse.engine import reading

#: between two columns of a printed table
GAP = 3


@click.command()
@click.option(
    "--year",
    type=click.IntRange(2004, 2100),
    required=True,
    help="The statistical year, January to December.",
)
@click.option(
    "--region",
    "region_code",
    metavar="CODE",
    help="A unit; without it the city with every unit and the total.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.xlsx",
              help="Write the tables into this workbook, laid out as the published forms.")  # fmt: skip
@click.option("--json", "as_json_text", is_flag=True, help="A JSON object.")
@click.pass_obj
def statistics(
    folder: Path, year: int, region_code: str | None, out: Path | None, as_json_text: bool
) -> None:
    """The yearly statistics of law enforcement (行政执法统计年报):
    penalties, permits, coercion, other acts.
    """
    if out and out.suffix.lower() != ".xlsx":
        raise click.BadParameter(_("'{out}' must end in .xlsx").format(out=out), param_hint="--out")
    workspace = open_workspace(folder)
    region_code = parse_region(workspace, region_code) or workspace.regions.top.code
    try:
        tables = workspace.home.statistics(workspace.ledgers)
    except StatisticsError as error:
        raise click.UsageError(translate(error)) from error
    require_current_warehouse(workspace)
    workspace.require_all_units()
    today = datetime.now(workspace.home.timezone).date()
    with reading(workspace.engine) as connection:
        result = yearly_statistics(
            workspace, workspace.as_of_moment(connection), tables, region_code, year, today
        )
    if out:
        write_out(out, build_statistics_workbook(result))
    if as_json_text:
        print_data(as_json(statistics_as_json(result)))
    else:
        _print_tables(result)


def _print_tables(result: YearlyStatistics) -> None:
    for table in result.tables:
        rows = format_terminal_rows(table)
        for names in side_by_side({body.code: body.name for body, _values in table.rows}, rows):
            print_table(
                _("{title} ({unit})").format(title=table.title, unit=table.unit),
                rows,
                {"column": ""} | names,
                right=list(names),
            )
        for number, note in enumerate(table.notes, start=1):
            print_line(f"{number}. {note}")
        print_line()
    print_line(_(LEGEND).format(none=NOT_COLLECTED, unreported=_(NOT_REPORTED), later=_(NOT_DUE)))


def side_by_side(names: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Split the columns into as many tables as needed to print every name and number in full."""
    console = Console()
    room = console.width if console.is_terminal else WIDTH_IN_FILES
    label = max(cell_len(row["column"]) for row in rows)
    batches: list[dict[str, str]] = []
    room_left = 0
    for code, name in names.items():
        width = GAP + max(cell_len(text) for text in (name, *(row[code] for row in rows)))
        if not batches or width > room_left:
            batches.append({})
            room_left = room - label - GAP
        batches[-1][code] = name
        room_left -= width
    return batches
