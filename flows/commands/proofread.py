"""The command `proofread`: the figures of a text that a person wrote, held against the computed ones."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.common import (
    EXIT_OK,
    EXIT_REJECTED,
    open_readable_workspace,
    parse_region,
    period_option,
    write_out,
)
from flows.commands.find_publication import find_publication, region_without_figures
from flows.language import _, translate
from flows.render import as_json, print_data, print_line, print_table
from schemas.periods import Period
from warehouse.engine import reading
from warehouse.figures.publications import published_figures

if TYPE_CHECKING:
    from flows.queries.proofread import Proofreading
    from transforms.proofread.findings import ProofFinding
    from transforms.proofread.open_document import OpenDocument

#: titles of indicators that are never mentioned, on a line
TITLES_ON_A_LINE = 6
#: a document with more comments is none that a person would go through
MOST_COMMENTS = 500


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@period_option("--period", required=True, help="A year 2023, a quarter 2023-Q2 or a month 2023-06.")
@click.option("--region", "region_code", metavar="CODE", help="A unit; without it the city.")
@click.option("--publication", type=int, metavar="N", help="As they were published under this number.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.docx",
              help="Write the Word document here, with a comment at each doubtful number.")  # fmt: skip
@click.option("--json", "as_json_text", is_flag=True, help="A JSON list.")
@click.pass_obj
def proofread(
    folder: Path, file: Path, period: Period, region_code: str | None, publication: int | None, out: Path | None,
    as_json_text: bool,
) -> None:  # fmt: skip
    """Hold each figure of a text (.docx .txt .md .html) against the computed or published one."""
    workspace = open_readable_workspace(folder)
    document = _open(file, out)
    from flows.queries.proofread import proofread_text

    with reading(workspace.engine) as connection:
        code = parse_region(workspace, region_code) or workspace.regions.top.code
        published = publication and find_publication(workspace, connection, publication, period)
        if publication and not published_figures(connection, workspace.tables, publication, code):
            raise region_without_figures(workspace, publication, code)
        result = proofread_text(workspace, connection, document.text, code, period, published or None)
    if out:
        write_out(out, _commented(document, result.findings))
    if as_json_text:
        print_data(as_json([_json_row(finding) for finding in result.findings]))
    else:
        _print(result, file)
    has_differences = any(finding.state == "differs" for finding in result.findings)
    sys.exit(EXIT_REJECTED if has_differences else EXIT_OK)


def _open(file: Path, out: Path | None) -> OpenDocument:
    """Read the document; refuse an --out that is no Word document, or the document itself."""
    from transforms.proofread.open_document import WORD, UnreadableDocumentError, open_document

    ending = file.suffix.lower()
    if out and out.suffix.lower() != WORD:
        raise click.BadParameter(_("'{out}' must end in .docx").format(out=out), param_hint="--out")
    if out and ending != WORD:
        raise click.BadParameter(
            _("comments are written into Word documents only; FILE is none"), param_hint="--out"
        )
    if out and (out.resolve() == file.resolve() or (out.exists() and out.samefile(file))):
        raise click.BadParameter(
            _("'{out}' is the document itself; name another file").format(out=out), param_hint="--out"
        )
    try:
        return open_document(file.read_bytes(), ending)
    except UnreadableDocumentError as error:
        raise click.BadParameter(translate(error), param_hint="FILE") from error


def _message(finding: ProofFinding) -> str:
    from transforms.proofread.messages import describe_finding

    return translate(describe_finding(finding))


def _plain_number(finding: ProofFinding) -> Decimal | int | None:
    """Return the value as `indicators --json` has it: counts are whole numbers."""
    value = finding.value
    is_whole = value is not None and finding.unit != "ratio" and value == value.to_integral_value()
    return int(value) if value is not None and is_whole else value


def _json_row(finding: ProofFinding) -> dict[str, Any]:
    return {
        "text": finding.text,
        "start": finding.start,
        "end": finding.end,
        "context": finding.context,
        "value": _plain_number(finding),
        "unit": finding.unit or None,
        "state": finding.state.value,
        "indicator_id": finding.indicator_id,
        "expected": finding.expected,
        "message": _message(finding),
    }


def _commented(document: OpenDocument, findings: Sequence[ProofFinding]) -> bytes:
    """Return the Word document with a comment at each number that differs or is ambiguous."""
    from transforms.proofread.comment_docx import comment_docx

    doubtful = [finding for finding in findings if finding.is_doubtful]
    assert document.docx is not None
    comments = [(finding.start, finding.end, _message(finding)) for finding in doubtful[:MOST_COMMENTS]]
    if remaining := len(doubtful) - len(comments):
        start, end, message = comments[-1]
        more = _("{count} more doubtful numbers follow without a comment").format(count=remaining)
        comments[-1] = (start, end, f"{message}\n{more}")
    return comment_docx(document.docx, comments)


def _print(result: Proofreading, file: Path) -> None:
    """Print the doubtful numbers, then those without data, then what the text never mentions."""
    doubtful = [finding for finding in result.findings if finding.is_doubtful]
    if doubtful:
        _print_findings(_("doubtful numbers"), doubtful)
    unchecked = [finding for finding in result.findings if finding.reason == "no_data"]
    if unchecked:
        _print_findings(_("figures without data to hold them against"), unchecked)
    if result.never_mentioned and any(finding.key for finding in result.findings):
        titles = [indicator.title for indicator in result.never_mentioned]
        print_line(_("Never mentioned ({count}):").format(count=len(titles)))
        for start in range(0, len(titles), TITLES_ON_A_LINE):
            print_line("  " + "、".join(titles[start : start + TITLES_ON_A_LINE]))
    counts = Counter(finding.state.value for finding in result.findings)
    print_line(
        _("{file}: {agrees} agree, {differs} differ, {ambiguous} ambiguous; {other} other numbers").format(
            file=file.name,
            agrees=counts["agrees"],
            differs=counts["differs"],
            ambiguous=counts["ambiguous"],
            other=counts["not_a_figure"],
        )
    )


def _print_findings(title: str, findings: Sequence[ProofFinding]) -> None:
    rows = [
        {
            "text": finding.text,
            "expected": finding.expected,
            "message": _message(finding),
            "context": finding.context,
        }
        for finding in findings
    ]
    columns = {
        "text": _("in the text"),
        "expected": _("in the data"),
        "message": _("what is the matter"),
        "context": _("where"),
    }
    print_table(title, rows, columns)
