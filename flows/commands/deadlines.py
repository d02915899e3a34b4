"""The command `deadlines`: legal time limits that run, have lapsed, or were met late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from flows.commands.common import (
    format_options,
    open_readable_workspace,
    parse_unit,
    print_for_programs,
)
from flows.language import _, ngettext
from flows.queries.deadlines import read_deadlines
from flows.render import print_line, print_table
from flows.words import describe_days_left
from schemas.deadlines import DUE_SOON_DAYS
from warehouse.engine import reading
from warehouse.frames import frame_records

#: keys of the JSON and headers of the CSV
COLUMNS = [
    "unit_code", "unit_name", "ledger", "document_no", "limit", "source", "started_on", "due_on", "days_left", "state",
]  # fmt: skip
#: lines that a person reads on a terminal
MOST_LINES = 60


@click.command()
@click.option("--unit", "unit", metavar="CODE", help="Only this unit, by its code or name.")
@click.option(
    "--within",
    type=click.IntRange(0, 3660),
    metavar="DAYS",
    help="Only what ends within this number of days.",
)
@format_options
@click.pass_obj
def deadlines(
    folder: Path, unit: str | None, within: int | None, as_json_text: bool, as_csv_text: bool
) -> None:  # fmt: skip
    """Legal time limits: what is due soon first, then what has lapsed, runs, or was met late.

    A limit that was met in time is not listed.
    """
    workspace = open_readable_workspace(folder)
    unit_code = parse_unit(workspace.regions, unit) if unit else None
    today = datetime.now(workspace.home.timezone).date()
    due_soon_days = DUE_SOON_DAYS if within is None else within
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        listed = read_deadlines(workspace, as_of, today, due_soon_days)
    if unit_code:
        listed = listed[listed["unit_code"].eq(unit_code)]
    if within is not None:
        listed = listed[listed["state"].eq("due_soon")]
    rows = frame_records(listed.rename(columns={"title": "limit"}))
    if not print_for_programs(
        [{name: row[name] for name in COLUMNS} for row in rows], COLUMNS, as_json_text, as_csv_text
    ):
        _print_deadlines(rows, {name: ledger.title for name, ledger in workspace.ledgers.items()})


def _print_deadlines(rows: Sequence[dict[str, Any]], titles: dict[str, str]) -> None:
    if not rows:
        print_line(_("No time limit runs or has lapsed."))
        return
    states = {
        "due_soon": _("due soon"), "lapsed": _("lapsed"), "running": _("running"), "met_late": _("met late"),
    }  # fmt: skip
    lines = [
        row
        | {
            "state": states[row["state"]],
            "ledger": titles[row["ledger"]],
            "days_left": describe_days_left(row["state"], row["days_left"]),
        }
        for row in rows[:MOST_LINES]
    ]
    columns = {
        "state": _("state"), "due_on": _("due on"), "days_left": _("days"), "unit_name": _("unit"),
        "document_no": _("document"), "limit": _("time limit"), "ledger": _("ledger"),
    }  # fmt: skip
    print_table(_("Time limits"), lines, columns, right=["days_left"])
    counts = {state: sum(row["state"] == state for row in rows) for state in states}
    print_line("  ".join(f"{states[state]} {count}" for state, count in counts.items() if count))
    if len(rows) > MOST_LINES:
        more = len(rows) - MOST_LINES
        print_line(
            ngettext("… and {count} more; --csv has all", "… and {count} more; --csv has all", more).format(
                count=more
            )
        )
    for limit, source in sorted({(row["limit"], row["source"]) for row in rows[:MOST_LINES]}):
        print_line(_("{limit}. Source: {source}").format(limit=limit, source=source))
