"""Commands that only read: `status` and `indicators`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import pandas as pd

from flows.figures import figure_rows
from flows.options import (
    chosen_indicators,
    format_options,
    known_region,
    moment,
    period_option,
    printed_for_programs,
    readable_workplace,
)
from flows.output import print_table
from flows.workplace import Workplace
from schemas.adjustments import Adjustment
from schemas.periods import Period
from schemas.working_days import CalendarUnknown
from transforms.status import STATUS_COLUMNS, due_on, report_states
from warehouse.adjustments import standing_adjustments
from warehouse.engine import reading
from warehouse.history import last_period, submissions_of_months
from warehouse.load import last_load

INDICATOR_COLUMNS = [
    "indicator_id", "title", "unit", "region_code", "region_name", "period", "value", "numerator", "denominator", "display",
    "units_expected", "units_reported", "is_provisional", "as_of",
]  # fmt: skip
#: one sign a state, for the matrix of a year
SIGNS = {
    "on_time": "✓",
    "late": "迟",
    "missing": "缺",
    "zero": "零",
    "partial": "部",
    "rejected": "退",
    "replaced": "换",
    "not_due": "·",
}


@click.command()
@period_option("--period", required=True, help="A year 2023, a quarter 2023-Q2 or a month 2023-06.")
@click.option("--region", "region_code", metavar="CODE", help="A unit; without it the city.")
@click.option("--indicator", "chosen", multiple=True, metavar="ID", help="Only this indicator; may be repeated.")
@click.option("--as-of", "as_of", metavar="TIME", help="As the warehouse knew it then: 2024-03-01 or 2024-03-01T08:00.")
@click.option("--against", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A CSV with indicator_id and published_text, to be shown beside.")  # fmt: skip
@format_options
@click.pass_obj
def indicators(
    folder: Path, period: Period, region_code: str | None, chosen: tuple[str, ...], as_of: str | None, against: Path | None,
    as_json_text: bool, as_csv_text: bool,
) -> None:  # fmt: skip
    """The figures of a region for a period."""
    place = readable_workplace(folder)
    picked = chosen_indicators(chosen)
    region_code = known_region(place, region_code) or place.regions.city.code
    at = moment(as_of, place, "--as-of") if as_of else None
    with reading(place.engine) as connection:
        rows = figure_rows(place, connection, picked, region_code, period, at)
    if not printed_for_programs(rows, INDICATOR_COLUMNS, as_json_text, as_csv_text):
        _print_figures(rows, period, against)


def _print_figures(rows: list[dict[str, Any]], period: Period, against: Path | None) -> None:
    columns = {"title": "figure", "display": str(period), "coverage": "reported", "indicator_id": "id"}
    for row in rows:
        row["coverage"] = f"{row['units_reported']}/{row['units_expected']}" + ("*" if row["is_provisional"] else "")
    if against is not None:
        with against.open(encoding="utf-8-sig", newline="") as file:
            published = {one["indicator_id"]: one["published_text"] for one in csv.DictReader(file)}
        for row in rows:
            row["published"] = published.get(row["indicator_id"])
            row["same"] = "" if row["published"] is None else "=" if row["published"] == row["display"] else "≠"
        columns = {"title": "figure", "display": str(period), "same": "", "published": "published", **columns}
    print_table(f"{rows[0]['region_name']} {period}", rows, columns, right=["display", "published"])
    if as_of := rows[0]["as_of"]:
        click.echo(f"as of {as_of}")
    if any(row["is_provisional"] for row in rows):
        click.echo("* provisional: not every unit has reported every month; `huizong status` says which")


@click.command()
@period_option("--period", help="A year 2023, a quarter 2023-Q2 or a month 2023-06; without it the last year with reports.")
@format_options
@click.pass_obj
def status(folder: Path, period: Period | None, as_json_text: bool, as_csv_text: bool) -> None:
    """Which unit has reported what: on time, late, missing, zero, partial, rejected, replaced, not due."""
    place = readable_workplace(folder)
    period = period or _last_year(place)
    today = datetime.now(place.home.timezone).date()
    try:
        states = _states(place, period, today)
    except CalendarUnknown as error:
        raise click.ClickException(str(error)) from error
    rows = states.astype(object).where(states.notna(), None).to_dict("records")
    if not printed_for_programs(rows, STATUS_COLUMNS, as_json_text, as_csv_text):
        _print_matrix(place, states, period)
        _print_adjustments(place, period)


def _last_year(place: Workplace) -> Period:
    with reading(place.engine) as connection:
        last = last_period(connection, place.tables)
    return Period.parse((last or str(datetime.now(place.home.timezone).year))[:4])


def _states(place: Workplace, period: Period, today: date) -> pd.DataFrame:
    months = period.months()
    with reading(place.engine) as connection:
        load_id, _ = last_load(connection, place.tables)
        submissions = submissions_of_months(connection, place.tables, months, load_id)
    arrived = [at.replace(tzinfo=UTC).astimezone(place.home.timezone) for at in submissions["received_at"]]
    submissions = submissions.assign(
        received_at=[at.isoformat(timespec="seconds") for at in arrived], received_on=[at.date() for at in arrived]
    )
    return report_states(
        submissions,
        units={unit.code: unit.name for unit in place.regions.units},
        ledgers=list(place.ledgers),
        months=months,
        due={month: due_on(month, place.home.settings.due_working_day) for month in months},
        today=today,
    )


def _print_matrix(place: Workplace, states: pd.DataFrame, period: Period) -> None:
    """Units and ledgers down, months across; then what to chase."""
    titles = {name: ledger.title for name, ledger in place.ledgers.items()}
    rows = []
    for (name, ledger), part in states.groupby(["unit_name", "ledger"], sort=False):
        signs = {month[5:]: SIGNS[state] for month, state in zip(part["period"], part["state"], strict=True)}
        rows.append({"unit": name, "ledger": titles[ledger], **signs})
    for before, row in reversed(list(zip([None, *rows], rows, strict=False))):
        row["unit"] = "" if before and before["unit"] == row["unit"] else row["unit"]
    columns = {"unit": "unit", "ledger": "ledger"} | {month[5:]: month[5:] for month in period.months()}
    print_table(f"{place.regions.city.name} {period}", rows, columns)
    click.echo("  ".join(f"{sign} {state}" for state, sign in SIGNS.items()))
    _print_chase(states, titles)


def _print_adjustments(place: Workplace, period: Period) -> None:
    """The bureau's corrections and waivers for these months, and whether they still do anything."""
    with reading(place.engine) as connection:
        kept = {one["adjustment_id"]: one["rows"] for one in standing_adjustments(connection, place.tables)}
    today = datetime.now(place.home.timezone).date()
    rows = []
    for one in (one for one in place.adjustments if one.period in period.months()):
        effect = adjustment_effect(one, kept, today)
        row = "，".join(one.row.values())
        rows.append({**one.model_dump(), "name": place.regions.name_of(one.unit), "row": row, "what": one.rule or one.field,
                     "effect": effect})  # fmt: skip
    if rows:
        columns = {"kind": "", "name": "unit", "period": "month", "ledger": "ledger", "row": "row", "what": "rule or field",
                   "approved_by": "approved by", "until": "until", "effect": "effect"}  # fmt: skip
        print_table("Corrections and waivers", rows, columns)


def adjustment_effect(one: Adjustment, kept: Mapping[str, int | None], today: date) -> str:
    """What an entry does as of the last load."""
    if one.adjustment_id not in kept:
        return "takes effect with the next run"
    rows = kept[one.adjustment_id]
    if rows is None:
        return "its report has not come yet"
    if rows == 0:
        return "no longer needed: take it out"
    expired = f"; holds for nothing that arrives after {one.until}" if one.until < today else ""
    return f"in effect on {rows} row{'s' if rows > 1 else ''}{expired}"


def _print_chase(states: pd.DataFrame, titles: Mapping[str, str]) -> None:
    """What to ask which unit for: one line a unit, month and state."""
    chase = states[states["state"].isin(["missing", "rejected", "partial"])]
    if chase.empty:
        return
    click.echo(f"\nTo chase ({len(chase)} reports):")
    for (month, name, state), part in chase.groupby(["period", "unit_name", "state"], sort=False):
        held = f", {part['held_back'].sum()} rows held back" if state == "partial" else ""
        which = "all ledgers" if len(part) == len(titles) else "、".join(titles[one] for one in part["ledger"])
        click.echo(f"  {month} {name}: {state}{held}: {which} (due {part['due_on'].iloc[0]})")
