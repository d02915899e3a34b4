"""The command `disclosure`: what has to be published and is not yet, as the upload file of 双公示."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import click

from flows.commands.common import open_readable_workspace, period_option, write_out
from flows.language import _, ngettext
from flows.outputs.disclosure import Disclosure, build_disclosure_workbook, read_disclosure
from flows.render import print_line
from schemas.disclosure import disclosure_templates
from schemas.periods import Period
from warehouse.engine import reading

#: decisions named on a terminal; the workbook's second sheet has all
MOST_NAMED = 20


@click.command()
@click.option(
    "--kind", type=click.Choice(list(disclosure_templates())), required=True, help="Which decisions."
)
@period_option("--period", help="Only decisions of this year 2023, quarter 2023-Q2 or month 2023-06.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE.xlsx",
              help="The workbook to write: the template's sheet, and one to check it by.")  # fmt: skip
@click.pass_obj
def disclosure(folder: Path, kind: str, period: Period | None, out: Path) -> None:
    """Decisions that have to be published within seven working days and are not yet, in the template of the
    national credit-publicity system; those that it would refuse are named.
    """
    if out.suffix.lower() != ".xlsx":
        raise click.BadParameter(_("'{out}' must end in .xlsx").format(out=out), param_hint="--out")
    workspace = open_readable_workspace(folder)
    today = datetime.now(workspace.home.timezone).date()
    with reading(workspace.engine) as connection:
        disclosed = read_disclosure(workspace, workspace.as_of_moment(connection), kind, period, today)
    write_out(out, build_disclosure_workbook(workspace, disclosed, today))
    late = sum(row.due_on is not None and row.due_on < today for row in disclosed.rows)
    count = len(disclosed.rows)
    print_line(
        ngettext(
            "{count} decision to publish, {late} late", "{count} decisions to publish, {late} late", count
        ).format(count=count, late=late)
    )
    _print_refused(disclosed)


def _print_refused(disclosed: Disclosure) -> None:
    """Name what the system would refuse, and what the ledger does not have."""
    if disclosed.template.published is None:
        print_line(
            _("The ledger has no column that says what was published: those of the period are listed, or those of "
              "the last seven working days.")
        )  # fmt: skip
    if disclosed.rows and disclosed.empty:
        print_line(_("To fill in before the upload, as the ledger has no such columns:"))
        print_line(f"  {'、'.join(disclosed.empty)}")
    if not disclosed.refused:
        return
    print_line(_("Rows that the system would refuse (all on the second sheet):"))
    counts = Counter(refusal for row in disclosed.refused for refusal in row.refusals)
    for refusal, count in counts.most_common():
        print_line(f"  {refusal}: {count}")
    for row in disclosed.refused[:MOST_NAMED]:
        print_line(f"  {row.document_no}: {'；'.join(row.refusals)}")
    if (more := len(disclosed.refused) - MOST_NAMED) > 0:
        print_line("  " + _("… and {count} more").format(count=more))
