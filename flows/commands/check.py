"""The command `check`: validate files before they are sent, for a clerk or an upload form. Needs no
warehouse.
"""

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
    open_home_if_any,
    parse_unit,
    print_for_programs,
)
from flows.ingest.inbox import decode_filename
from flows.render import print_line
from flows.sandbox.pool import start_workers

if TYPE_CHECKING:
    import pandas as pd

    from flows.precheck import CheckResult

#: lines printed per sheet; the receipt has all
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
              help="Where the receipts go; without it, beside each file (not in the inbox).")  # fmt: skip
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
    """Check files before they are sent, and write their receipts: the same workbooks, wrong cells marked."""
    with open_home_if_any(folder) as home:
        regions = home.regions()
    unit_code = parse_unit(regions, unit_code) if unit_code is not None else None
    start_workers()  # they import while this process does
    from flows.precheck import check_files
    from schemas.ledgers.finding import PRINTED_COLUMNS, compose_messages

    try:
        results = check_files(home, regions, files, out, unit_code, period, datetime.now(home.timezone))
    except OSError as error:
        file_name = decode_filename(os.fsdecode(error.filename2 or error.filename or ""))
        raise click.ClickException(
            f"{file_name}：{error.strerror}。文件如果正在 Excel 中打开，请先关闭；磁盘已满或共享断开的，请先处理，再检查一次。"
        ) from error
    findings = [result.findings.assign(message=compose_messages) for result in results]
    rows = [row for frame in findings for row in _records(frame[PRINTED_COLUMNS])]
    if not print_for_programs(rows, PRINTED_COLUMNS, as_json_text, as_csv_text):
        for result in results:
            _print_file(result)
    sys.exit(EXIT_REJECTED if any(result.has_errors for result in results) else EXIT_OK)


def _records(findings: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = findings.astype(object).where(findings.notna(), None).to_dict("records")
    return records


def _print_file(checked: CheckResult) -> None:
    """Print for a clerk whether the file would be accepted, then what
    to correct, by sheet, the worst first.
    """
    from schemas.catalogue import ledgers
    from transforms.receipt.check_words import sheet_words, verdict_words

    print_line(f"{checked.file}：{verdict_words(checked.findings)}")
    about = checked.findings["sheet"].fillna("")
    for sheet, part in checked.submissions.groupby("sheet", sort=False):
        for row in part.itertuples():
            print_line(f"  {sheet_words(row, ledgers())}")
        _print_findings(checked.findings[about.eq(sheet)])
    remaining = checked.findings[~about.isin(checked.submissions["sheet"])]
    if len(remaining):
        print_line("  文件里的其他内容")
        _print_findings(remaining)
    print_line(f"  回执：{decode_filename(str(checked.receipt))}")


def _print_findings(findings: pd.DataFrame) -> None:
    from schemas.ledgers.finding import compose_messages
    from schemas.ledgers.rules import Severity
    from transforms.receipt.words import TONES

    order = [severity.value for severity in Severity]
    worst_first = findings.sort_values(
        "severity", key=lambda severities: severities.map(order.index), kind="stable"
    )
    listed = worst_first.head(MOST_LINES)
    for severity, message in zip(listed["severity"], compose_messages(listed), strict=True):
        print_line(f"    {TONES[Severity(severity)].word}　{message}")
    if len(findings) > MOST_LINES:
        print_line(f"    ……其余 {len(findings) - MOST_LINES} 处见回执")
