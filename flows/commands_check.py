"""The command `check`: for a county's clerk or an upload form, before anything is sent. Needs no warehouse."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.children import start_children
from flows.options import EXIT_OK, EXIT_REJECTED, format_options, month_option, printed_for_programs, usable_home

if TYPE_CHECKING:
    import pandas as pd

    from flows.checking import Checked

MOST_LINES = 30
TITLES = {"fatal": "退回的原因", "error": "错误（所在行暂不收）", "warning": "请核对", "notice": "说明"}


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Where the receipts go; without it, beside each file.")  # fmt: skip
@click.option("--unit", "unit_code", metavar="CODE", help="Whose report it is, where the file does not say.")
@month_option("--period", help="For which month, as 2023-06, where the file does not say.")
@format_options
@click.pass_obj
def check(
    folder: Path, files: tuple[Path, ...], out: Path | None, unit_code: str | None, period: str | None,
    as_json_text: bool, as_csv_text: bool,
) -> None:  # fmt: skip
    """Check files before they are sent, and write the receipt of each: the same workbook, wrong cells marked."""
    with usable_home(folder) as home:
        regions = home.regions()
    start_children(home.limits)  # they import while this process does
    from flows.checking import check_files
    from schemas.finding import FINDING_COLUMNS

    if unit_code is not None and unit_code not in regions.unit_codes():
        raise click.BadParameter(f"no unit {unit_code}; there are {regions.valid_units()}", param_hint="--unit")
    checked = check_files(home, regions, files, out, unit_code, period, datetime.now(home.timezone))
    rows = [row for one in checked for row in _records(one.findings[FINDING_COLUMNS])]
    if not printed_for_programs(rows, FINDING_COLUMNS, as_json_text, as_csv_text):
        for one in checked:
            _print_file(one)
    sys.exit(EXIT_REJECTED if any(one.has_errors for one in checked) else EXIT_OK)


def _records(findings: pd.DataFrame) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = findings.astype(object).where(findings.notna(), None).to_dict("records")
    return told


def _print_file(checked: Checked) -> None:
    """For a clerk: what would become of each sheet, then what to mend, the worst first."""
    from flows.checking import WORDS
    from schemas.catalogue import ledgers

    click.echo(f"{checked.file}")
    for one in checked.submissions.itertuples():
        ledger = ledgers()[one.ledger].title if isinstance(one.ledger, str) else "看不出是哪种台账"
        counted = f"，收下 {one.rows} 行" if one.rows else ""
        counted += f"，暂不收 {one.held_back} 行" if one.held_back else ""
        where = f"（工作表“{one.sheet}”）" if one.sheet else ""
        click.echo(
            f"  {one.unit_name or '看不出单位'} {one.period or '看不出月份'} {ledger}{where}：{WORDS[one.state]}{counted}"
        )
    for severity, title in TITLES.items():
        found = checked.findings[checked.findings["severity"].eq(severity)]
        if found.empty:
            continue
        click.echo(f"  {title} {len(found)} 处：")
        for message in found["message"].head(MOST_LINES):
            click.echo(f"    {message}")
        if len(found) > MOST_LINES:
            click.echo(f"    ……其余 {len(found) - MOST_LINES} 处见回执")
    click.echo(f"  回执：{checked.receipt}")
