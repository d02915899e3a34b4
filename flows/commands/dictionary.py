"""The command `dictionary`: every ledger, field, rule and indicator with its source.

It needs no warehouse.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from flows.commands.common import open_home_if_any, write_out
from flows.language import _, translate
from schemas.catalogue import indicators, ledgers, rules
from schemas.statistics import StatisticsError
from schemas.version import ruleset_version
from transforms.dictionary import (
    Dictionary,
    build_dictionary,
    render_html,
    render_markdown,
    render_workbook,
)

FORMS: dict[str, Callable[[Dictionary], bytes]] = {
    ".html": lambda content: render_html(content).encode(),
    ".md": lambda content: render_markdown(content).encode(),
    ".xlsx": render_workbook,
}


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE",
              help="The file; its ending says what it is: .html, .md or .xlsx.")  # fmt: skip
@click.pass_obj
def dictionary(folder: Path, out: Path) -> None:
    """Write the dictionary of data: ledgers, fields, rules, indicators and statistics tables, in Chinese.

    A rule of a receipt is found in the page by its id: dictionary.html#penalties.fine_fen.required
    """
    form = FORMS.get(out.suffix.lower())
    if not form:
        raise click.UsageError(
            _("'{out}' must end in one of {endings}").format(out=out, endings=_(", ").join(FORMS))
        )
    try:
        with open_home_if_any(folder) as home:
            tables = home.statistics(ledgers())
    except StatisticsError as error:
        raise click.UsageError(translate(error)) from error
    write_out(out, form(build_dictionary(ruleset_version(), ledgers(), rules(), indicators(), tables)))
