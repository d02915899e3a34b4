"""The command `export`: every view as files for analysts."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.common import open_readable_workspace
from flows.language import _, translate
from flows.outputs.exports import ExportResult, export_views
from flows.pipeline import utc_now
from flows.render import print_line
from flows.storage_errors import describe_storage_error
from flows.words import format_instant


@click.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder to make; an earlier export there is replaced.",
)
@click.pass_obj
def export(folder: Path, out: Path) -> None:
    """Write every view as Parquet and CSV, with a data package (datapackage.json) that describes each field.

    The files are of one load and replace an earlier export together.
    """
    workspace = open_readable_workspace(folder)
    try:
        result = export_views(workspace, out, utc_now())
    except OSError as error:
        sentence = translate(describe_storage_error(error) or error)
        raise click.ClickException(
            _("cannot write {out}: {sentence}").format(out=out, sentence=sentence)
        ) from error
    print_line(_summarise(result))


def _summarise(result: ExportResult) -> str:
    rows = sum(view.rows for view in result.views)
    loaded_at = format_instant(f"{result.loaded_at:%Y-%m-%dT%H:%M}")
    megabytes = sum(file.bytes for view in result.views for file in (view.csv, view.parquet)) / 1e6
    return _("{views} views as of load {load} ({instant}), {rows:,} rows, {size:.1f} MB, in {folder}").format(
        views=len(result.views), load=result.load_id, instant=loaded_at, rows=rows, size=megabytes,
        folder=result.folder,
    )  # fmt: skip
