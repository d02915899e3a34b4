"""The command `report`: the figures of a period as a Word document, a workbook or a web page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.commands.common import (
    open_readable_workspace,
    parse_region,
    period_option,
    write_out,
)
from flows.commands.find_publication import find_publication, region_without_figures
from flows.language import _, mark, translate
from flows.render import print_line
from schemas.periods import Period

if TYPE_CHECKING:
    from flows.workspace import Workspace
    from transforms.bulletin.model import Bulletin
    from transforms.bulletin.template_problems import TemplateProblem

WORD, WORKBOOK, PAGE = ".docx", ".xlsx", ".html"
ENDINGS = (WORD, WORKBOOK, PAGE)
MOST_PROBLEMS = 20
#: what is wrong with a template; each sentence names the place or the word
PROBLEMS = {
    "unknown": mark("there is no variable {text}"),
    "full_width": mark(
        "“{text}” has full-width braces; write them as {braces}, with the Chinese input switched off"
    ),
    "half_tag": mark("“{text}” has half a tag; a variable stands between {braces} in one paragraph"),
    "syntax": mark("what stands between the braces cannot be understood: “{text}”"),
    "not_alone": mark("a chart or the statistics tables need a paragraph of their own: “{text}”"),
    "section_break": mark("the section break in “{text}” would be lost; put it behind a paragraph of text"),
    "unsafe": mark("a template may print and compare variables, and nothing else: {text}"),
    "failed": mark("what stands between the braces cannot be computed: {text}"),
    "too_large": mark("it unpacks to more than a report needs: {text}"),
    "too_demanding": mark("filling it takes too much time or memory; see whether its loops end"),
    "no_document": mark("it is no Word document; save it as .docx"),
}


@click.command()
@period_option("--period", help="A year 2023, a quarter 2023-Q2 or a month 2023-06.")
@click.option("--region", "region_code", metavar="CODE", help="A unit; without it the city.")
@click.option("--publication", type=int, metavar="N", help="As they were published under this number.")
@click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.docx",
    help="A Word template of the bureau's own in place of the default one.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="FILE.docx, FILE.xlsx or FILE.html.",
)
@click.option(
    "--write-template",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.docx",
    help="Write the default Word template, to be edited in Word or WPS; needs no home.",
)
@click.pass_obj
def report(
    folder: Path, period: Period | None, region_code: str | None, publication: int | None, template: Path | None,
    out: Path | None, write_template: Path | None,
) -> None:  # fmt: skip
    """The report of a period (Word, Excel or HTML): figures, last year's, charts, tables, data quality."""
    if write_template:
        _write_template(write_template, is_alone=(period, out, template) == (None, None, None))
        return
    if period is None or out is None:
        raise click.UsageError(_("name the period with --period and the file with --out"))
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise click.BadParameter(
            _("'{file}' must end in .docx, .xlsx or .html").format(file=out), param_hint="--out"
        )
    if template and ending != WORD:
        raise click.UsageError(_("--template is for a .docx"))
    from flows.pipeline import utc_now

    now = utc_now()
    workspace = open_readable_workspace(folder)
    bulletin = _read(workspace, period, region_code, publication, now)
    writers: dict[str, Callable[[], bytes]] = {
        WORD: lambda: _fill(workspace, bulletin, template, now) if template else _write_word(bulletin, now),
        WORKBOOK: lambda: _write_workbook(bulletin, now),
        PAGE: lambda: _write_page(bulletin),
    }
    write_out(out, writers[ending]())


def _write_template(file: Path, *, is_alone: bool) -> None:
    if not is_alone:
        raise click.UsageError(_("--write-template stands alone"))
    if file.suffix.lower() != WORD:
        raise click.BadParameter(
            _("'{file}' must end in .docx").format(file=file), param_hint="--write-template"
        )
    from transforms.bulletin.default_template import default_template

    write_out(file, default_template())


def _read(
    workspace: Workspace, period: Period, region: str | None, number: int | None, now: datetime
) -> Bulletin:
    from flows.bulletin.contents import open_source, read_bulletin
    from schemas.reporting.working_days import CalendarUnknownError
    from schemas.statistics import StatisticsError
    from warehouse.engine import reading

    try:
        with reading(workspace.engine) as connection:
            publication = (
                find_publication(workspace, connection, number, period) if number is not None else None
            )
            source = open_source(workspace, connection, publication, now)
            region_code = parse_region(source.workspace, region) or source.workspace.regions.top.code
            bulletin = read_bulletin(source, period, region_code)
    except CalendarUnknownError as error:
        raise click.ClickException(translate(error)) from error
    except StatisticsError as error:
        raise click.UsageError(translate(error)) from error
    if not bulletin.figures:
        raise region_without_figures(source.workspace, number or 0, region_code)
    return bulletin


def _write_word(bulletin: Bulletin, now: datetime) -> bytes:
    from transforms.bulletin.default_template import default_template
    from transforms.bulletin.word import write_word

    return write_word(bulletin, default_template(), now)


def _fill(workspace: Workspace, bulletin: Bulletin, template: Path, now: datetime) -> bytes:
    """Fill a template of the bureau's own, within the time and memory that reading a file may take."""
    from flows.sandbox.pool import ChildCrashed, ChildError, map_once
    from flows.sandbox.tasks import fill_template_isolated
    from transforms.bulletin.template_problems import TemplateProblem

    limits = replace(workspace.home.limits, processes=1)
    [filled] = map_once(limits, fill_template_isolated, [(bulletin, template.read_bytes(), now)])
    if isinstance(filled, ChildError):
        raise filled.error
    if isinstance(filled, ChildCrashed):
        filled = [TemplateProblem("too_demanding", filled.detail)]
    if isinstance(filled, list):
        lines = "".join(f"\n  {_describe_problem(problem)}" for problem in filled[:MOST_PROBLEMS])
        raise click.BadParameter(
            _("the template cannot be filled:{lines}").format(lines=lines), param_hint="--template"
        )
    for name in filled.dropped:
        print_line(
            _("Left out of the template, as it runs code or leads elsewhere: {name}").format(name=name),
            is_error=True,
        )
    data: bytes = filled.data
    return data


def _describe_problem(problem: TemplateProblem) -> str:
    sentence = _(PROBLEMS[problem.kind]).format(text=problem.text, braces="{{ }}")
    if not problem.nearest:
        return sentence
    return _("{problem}; the nearest are {names}").format(
        problem=sentence, names="、".join(problem.nearest)
    )


def _write_workbook(bulletin: Bulletin, now: datetime) -> bytes:
    from transforms.bulletin.workbook import write_workbook

    return write_workbook(bulletin, now)


def _write_page(bulletin: Bulletin) -> bytes:
    from transforms.bulletin.page import write_page

    return write_page(bulletin).encode()
