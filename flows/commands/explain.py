"""The command `explain`: a figure with its rule, its units, its rows and the excluded ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from flows.commands.common import (
    format_options,
    open_readable_workspace,
    parse_indicator,
    parse_instant,
    parse_region,
    period_option,
    print_for_programs,
    was_before_first_load,
    write_out,
)
from flows.commands.statistics import side_by_side
from flows.language import _, mark, ngettext, translate
from flows.queries.cell_texts import add_cell_texts, describe_content
from flows.queries.earlier_regions import workspace_as_of
from flows.queries.explain import explain_figure
from flows.queries.explain_workbook import build_explain_workbook
from flows.queries.explained_rows import LEFT_OUT_COLUMNS, REASONS
from flows.render import as_json, print_data, print_line, print_table
from flows.words import describe_months, describe_period, format_instant
from schemas.periods import Period
from warehouse.engine import reading
from warehouse.figures.excluded_rows import MOST_LISTED

#: rows that a terminal shows, and excluded rows for each reason
MOST_SHOWN, MOST_OF_A_REASON = 20, 5
#: archived files of which the cells are read again
MOST_FILES, MOST_FILES_IN_WORKBOOK = 30, 500
SIDE_NAMES = {"numerator": mark("numerator"), "denominator": mark("denominator"), "": ""}


@click.command()
@click.argument("indicator_id", metavar="ID")
@period_option("--period", required=True, help="A year 2023, a quarter 2023-Q2 or a month 2023-06.")
@click.option("--region", "region_code", metavar="CODE", help="A unit; without it the city.")
@click.option(
    "--as-of",
    "as_of_text",
    metavar="TIME",
    help="As the warehouse knew it then: 2024-03-01 (the end of that day) or 2024-03-01T08:00.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.xlsx",
              help="Write all of it into this workbook.")  # fmt: skip
@format_options
@click.pass_obj
def explain(
    folder: Path, indicator_id: str, period: Period, region_code: str | None, as_of_text: str | None, out: Path | None,
    as_json_text: bool, as_csv_text: bool,
) -> None:  # fmt: skip
    """What a figure is made of: its rule, each unit's share, and every row with its file, sheet and cell."""
    if out and out.suffix.lower() != ".xlsx":
        raise click.BadParameter(_("'{out}' must end in .xlsx").format(out=out), param_hint="--out")
    indicator = parse_indicator(indicator_id, "ID")
    workspace = open_readable_workspace(folder)
    moment = parse_instant(as_of_text, workspace, "--as-of") if as_of_text else None
    most = None if out or as_json_text or as_csv_text else max(MOST_SHOWN, MOST_OF_A_REASON)
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection, moment)
        if moment:
            workspace, as_of = workspace_as_of(workspace, as_of)
        region_code = parse_region(workspace, region_code) or workspace.regions.top.code
        explanation = explain_figure(workspace, as_of, indicator, region_code, period, most)
    if out:
        add_cell_texts(workspace, [*explanation["rows"], *explanation["left_out"]], MOST_FILES_IN_WORKBOOK)
        write_out(out, build_explain_workbook(explanation))
    if as_json_text:
        print_data(as_json(explanation, ("rows", "left_out")))
    elif not print_for_programs(
        [*explanation["rows"], *explanation["left_out"]], LEFT_OUT_COLUMNS, False, as_csv_text
    ) and not was_before_first_load(as_of, as_of_text):
        add_cell_texts(workspace, shown_rows(explanation), MOST_FILES)
        _print(explanation)


def shown_rows(explanation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that a terminal shows: the first that count, and the first of each reason."""
    return [*explanation["rows"][:MOST_SHOWN], *first_of_each_reason(explanation["left_out"])]


def first_of_each_reason(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        row for code in REASONS for row in [row for row in rows if row["code"] == code][:MOST_OF_A_REASON]
    ]


def _print(explanation: Mapping[str, Any]) -> None:
    is_rate = explanation["denominator"] is not None or any(
        row["side"] == "denominator" for row in explanation["rows"]
    )
    for line in headline(explanation):
        print_line(line)
    _print_missing(explanation["missing"])
    unit = "" if is_rate else explanation["unit"]
    _print_units(explanation["by_unit"], unit, is_rate=is_rate)
    _print_rows(explanation["rows"], explanation["row_count"], unit, is_rate=is_rate)
    _print_left_out(explanation)


def headline(explanation: Mapping[str, Any]) -> list[str]:
    """Describe the figure and its definition, one line each."""
    sums = (
        f" ({explanation['numerator']:,} ÷ {explanation['denominator']:,})"
        if explanation["denominator"] is not None
        else ""
    )
    provisional = _("; provisional") if explanation["is_provisional"] else ""
    period = describe_period(explanation["period"])
    name = f"{explanation['region_name']} {period} {explanation['title']}"
    lines = [
        _("{figure}: {value}").format(figure=name, value=f"{explanation['display']}{sums}"),
        _("Units that have reported all: {reported}/{expected}{provisional}").format(
            reported=explanation["units_reported"],
            expected=explanation["units_expected"],
            provisional=provisional,
        ),
        _("Definition: {text}").format(text=explanation["definition"].split("算法：")[0]),
        *(_("Rule: {text}").format(text=rule) for rule in explanation["rule"]),
    ]
    if explanation["source"]:
        lines.append(_("Source: {text}").format(text=explanation["source"]))
    if explanation["as_of"]:
        lines.append(_("As of {instant}").format(instant=format_instant(explanation["as_of"])))
    return lines


def _print_missing(missing: Sequence[Mapping[str, str]]) -> None:
    """Print one line per unit and ledger: the months it still owes."""
    owed: dict[tuple[str, str], list[str]] = {}
    for report in missing:
        owed.setdefault((report["unit_name"], report["ledger_title"]), []).append(
            describe_period(report["month"])
        )
    for (unit, ledger), months in owed.items():
        print_line(
            _("Missing: {unit} {ledger} {months}").format(
                unit=unit, ledger=ledger, months=_(", ").join(months)
            )
        )


def _print_units(shares: Sequence[Mapping[str, Any]], unit: str, *, is_rate: bool) -> None:
    """Print months down and units across; say so where a report is missing and nothing counts.

    Where the units need several tables, each names the first and the last of its own.
    """
    names = {share["unit_code"]: share["unit_name"] for share in shares}
    rows: dict[str, dict[str, Any]] = {
        month: {"column": describe_period(month)} for month in sorted({share["month"] for share in shares})
    }
    totals: dict[str, list[Any]] = {code: [0, 0] for code in names}
    for share in shares:
        pair = [share["numerator"], share["denominator"]]
        rows[share["month"]][share["unit_code"]] = (
            _("lacking") if pair[0] is None else _pair(pair, is_rate=is_rate)
        )
        before = totals[share["unit_code"]]
        totals[share["unit_code"]] = [sum_ + (value or 0) for sum_, value in zip(before, pair, strict=True)]
    total = {code: _pair(pair, is_rate=is_rate) for code, pair in totals.items()}
    table = [dict.fromkeys(names, "") | row for row in [*rows.values(), {"column": _("total"), **total}]]
    title = _("Units (numerator/denominator)") if is_rate else _("Units ({unit})").format(unit=unit)
    tables = side_by_side(names, table)
    for columns_of_table in tables:
        print_table(
            title if len(tables) == 1 else _name_table(title, list(columns_of_table.values())),
            table,
            {"column": ""} | columns_of_table,
            right=list(columns_of_table),
        )


def _name_table(title: str, units: Sequence[str]) -> str:
    """Name one of several tables by the units that it holds."""
    if len(units) == 1:
        return _("{title}: {unit}").format(title=title, unit=units[0])
    return _("{title}: {first} to {last}").format(title=title, first=units[0], last=units[-1])


def _pair(pair: Sequence[Any], *, is_rate: bool) -> str:
    return f"{pair[0]:,}/{pair[1]:,}" if is_rate else f"{pair[0]:,}"


def _print_rows(rows: Sequence[Mapping[str, Any]], number: int, unit: str, *, is_rate: bool) -> None:
    first_rows = [
        {
            **row,
            "side": _(SIDE_NAMES[row["side"]]),
            "month": describe_period(row["month"]),
            "value": describe_content(row, counts=row["counts"]),
            "counts": f"{row['counts']:,}",
        }
        for row in rows[:MOST_SHOWN]
    ]
    counts = _("counts ({unit})").format(unit=unit) if unit else _("counts")
    columns = {"unit_name": _("unit"), "month": _("month"), "source_file": _("file"), "source_sheet": _("sheet"),
               "cell": _("cell"), "value": _("value"), "counts": counts}  # fmt: skip
    for row in first_rows:
        row["cell"] = row["cell"] or _at_row(row)
    print_table(
        ngettext("Row that counts ({count} row)", "Rows that count ({count} rows)", number).format(
            count=number
        ),
        first_rows,
        {"side": "", **columns} if is_rate else columns,
        right=["counts"],
    )
    if number > len(first_rows):
        print_line(
            _("… and {count} more; --csv, --json or --out FILE.xlsx have all").format(
                count=number - len(first_rows)
            )
        )
        print_line()


def describe_nothing_left_out(explanation: Mapping[str, Any]) -> str:
    """Say that no row was left out, and whether some of those that count are the same as others."""
    sums = [share[side] or 0 for share in explanation["by_unit"] for side in ("numerator", "denominator")]
    if explanation["row_count"] > sum(sums):
        return _(
            "No whole row is left out. Of those that count, the ones with 0 are about the same as another row, or their "
            "number is 0."
        )
    return _("No row is left out.")


def _print_left_out(explanation: Mapping[str, Any]) -> None:
    """Print the reasons with counts, then the first rows of each."""
    counts, rows = explanation["left_out_counts"], explanation["left_out"]
    if not counts:
        print_line(describe_nothing_left_out(explanation))
        return
    number = sum(count["rows"] for count in counts)
    print_line(
        ngettext("Row left out ({count} row):", "Rows left out ({count} rows):", number).format(
            count=number
        )
    )
    for count in counts:
        side = f" ({_(SIDE_NAMES[count['side']])})" if count["side"] else ""
        print_line(f"  {count['rows']:>6}  {translate(count['reason'])}{side}")
    listed = first_of_each_reason(rows)
    first = [
        {"unit_name": row["unit_name"], "place": f"{row['source_file']} {row['cell'] or _at_row(row)}",
         "value": describe_content(row), "reason": describe_months(translate(row["reason"]))}
        for row in listed
    ]  # fmt: skip
    print_table(
        "",
        first,
        {"unit_name": _("unit"), "place": _("file and cell"), "value": _("value"), "reason": _("reason")},
    )
    if number > len(listed):
        print_line(
            _(
                "… and {count} more; --csv, --json or --out FILE.xlsx have the first {most} of each reason"
            ).format(count=number - len(listed), most=MOST_LISTED)
        )


def _at_row(row: Mapping[str, Any]) -> str:
    return _("row {number}").format(number=row["source_row"]) if row["source_row"] is not None else ""
