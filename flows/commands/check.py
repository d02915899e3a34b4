"""The command `check`: for a county's clerk or an upload form, before anything is sent. Needs no warehouse."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.common import (
    EXIT_OK,
    EXIT_REJECTED,
    format_options,
    month_option,
    open_home,
    print_for_programs,
)
from flows.ingest.inbox import decode_filename
from flows.sandbox.pool import start_workers

if TYPE_CHECKING:
    import pandas as pd

    from flows.precheck import CheckResult

#: of one sheet; the rest stands in the receipt
MOST_LINES = 30


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE…",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Where the receipts go; without it, beside each file.")  # fmt: skip
@click.option(
    "--unit", "unit_code", metavar="CODE", help="Whose report it is, where the file does not say."
)
@month_option("--period", help="For which month, as 2023-06, where the file does not say.")
@format_options
@click.pass_obj
def check(
    folder: Path, files: tuple[Path, ...], out: Path | None, unit_code: str | None, period: str | None,
    as_json_text: bool, as_csv_text: bool,
) -> None:  # fmt: skip
    """Check files before they are sent, and write the receipt of each: the same workbook, wrong cells marked."""
    with open_home(folder) as home:
        regions = home.regions()
    if unit_code is not None and unit_code not in regions.unit_codes():
        raise click.BadParameter(
            f"no unit {unit_code}; there are {regions.valid_units()}", param_hint="--unit"
        )
    start_workers()  # they import while this process does
    from flows.precheck import check_files
    from schemas.ledgers.finding import FINDING_COLUMNS

    try:
        checked = check_files(home, regions, files, out, unit_code, period, datetime.now(home.timezone))
    except OSError as error:
        place = decode_filename(os.fsdecode(error.filename2 or error.filename or ""))
        raise click.ClickException(
            f"{place}：{error.strerror}。文件如果正在 Excel 中打开，请先关闭，再检查一次。"
        ) from error
    rows = [row for one in checked for row in _records(one.findings[FINDING_COLUMNS])]
    if not print_for_programs(rows, FINDING_COLUMNS, as_json_text, as_csv_text):
        for one in checked:
            _print_file(one)
    sys.exit(EXIT_REJECTED if any(one.has_errors for one in checked) else EXIT_OK)


def _records(findings: pd.DataFrame) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = findings.astype(object).where(findings.notna(), None).to_dict("records")
    return told


def _print_file(checked: CheckResult) -> None:
    """For a clerk: what would become of the file, then sheet by sheet what to mend, the worst first."""
    click.echo(f"{checked.file}：{_verdict(checked.findings)}")
    about = checked.findings["sheet"].fillna("")
    for sheet, part in checked.submissions.groupby("sheet", sort=False):
        for row in part.itertuples():
            click.echo(f"  {_sheet_line(row)}")
        _print_findings(checked.findings[about.eq(sheet)])
    rest = checked.findings[~about.isin(checked.submissions["sheet"])]
    if len(rest):
        click.echo("  文件里的其他内容")
        _print_findings(rest)
    click.echo(f"  回执：{decode_filename(str(checked.receipt))}")


def _verdict(findings: pd.DataFrame) -> str:
    count = findings["severity"].value_counts()
    must, should = count.get("fatal", 0) + count.get("error", 0), count.get("warning", 0)
    if must:
        return f"先不要报送，要改正 {must} 处" + (f"，要核对 {should} 处" if should else "")
    return f"可以报送，请先核对 {should} 处" if should else "可以报送"


def _sheet_line(one: Any) -> str:
    from schemas.catalogue import ledgers
    from transforms.receipt.words import CHECK_WORDS, month_words

    ledger = ledgers()[one.ledger].title if one.ledger else "看不出是哪种台账"
    where = f"工作表“{one.sheet}”：" if one.sheet else ""
    said = [ledger, one.unit_name or "看不出单位", month_words(one.period) if one.period else "看不出月份"]
    counted = (
        f"（可收 {one.rows} 行，暂不收 {one.held_back} 行）"
        if one.held_back
        else f"（{one.rows} 行）"
        if one.rows
        else ""
    )
    return f"{where}{'，'.join(said)}，{CHECK_WORDS[one.state]}{counted}"


def _print_findings(findings: pd.DataFrame) -> None:
    from schemas.ledgers.rules import Severity
    from transforms.receipt.words import TONES

    order = [severity.value for severity in Severity]
    worst_first = findings.sort_values("severity", key=lambda one: one.map(order.index), kind="stable")
    for row in worst_first.head(MOST_LINES).itertuples():
        click.echo(f"    {TONES[Severity(row.severity)].word}　{row.message}")
    if len(findings) > MOST_LINES:
        click.echo(f"    ……其余 {len(findings) - MOST_LINES} 处见回执")
