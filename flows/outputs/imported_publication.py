"""Import figures that were published before this system existed, as a publication that says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flows.archive.consistency import ensure_not_behind_archive
from flows.archive.entry_form import PUBLICATION
from flows.archive.log import ArchiveLog
from flows.archive.store import store_text
from flows.errors import FlowError
from flows.outputs.publication import (
    FORMAT,
    PublicationResult,
    complete_publication,
    parse_publication,
    publication_folder,
    write_publication,
)
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from schemas.sentences import Sentence
from transforms.read.containers.grid import UnusableFileError
from transforms.report.imported_figures import (
    ImportedFigure,
    ImportedFiguresError,
    parse_imported_figures,
)
from warehouse.engine import reading, writing
from warehouse.figures.publications import next_number, publications, record_publication


class ImportRefusedError(FlowError):
    """Figures from a file cannot be published; the message says why and what to do."""


def import_publication(
    workspace: Workspace,
    period: Period,
    note: str,
    data: bytes,
    find_indicator: Callable[[str], str],
    find_region: Callable[[str], str],
    *,
    now: datetime,
) -> PublicationResult:
    """Record the figures of a CSV under the next number, marked as imported; a later import stands before it.

    `now` is in UTC. Raises ImportRefusedError, and WarehouseBehindError where the archive knows more.
    """
    if period.end_on > workspace.to_local_time(now).date():
        raise ImportRefusedError(
            Sentence("{period} is not over, so it has no published figures", period=period)
        )
    if ensure_not_behind_archive(workspace):
        complete_publication(workspace)
    with reading(workspace.engine) as connection:
        number = next_number(connection, workspace.tables)
        before = publications(connection, workspace.tables, str(period))
    if computed := [publication.number for publication in before if not publication.is_imported]:
        raise ImportRefusedError(
            Sentence(
                "publication {computed} of {period} was computed from reports, and imported "
                "figures are never mixed with computed ones; `indicators --period {period} "
                "--publication {computed}` shows it",
                computed=computed[-1],
                period=period,
            )
        )
    try:
        parsed = parse_imported_figures(data, indicators(), find_indicator, find_region)
    except UnusableFileError as error:
        raise ImportRefusedError(
            Sentence("the file is no text in UTF-8 or GB18030; save it as CSV, not as a workbook")
        ) from error
    except ImportedFiguresError as error:
        problems = {f"problem_{number}": problem for number, problem in enumerate(error.problems)}
        listed = "".join(f"\n  {{{name}}}" for name in problems)
        lines = Sentence(listed, **problems)
        raise ImportRefusedError(
            Sentence("nothing was imported. In the file:{lines}", lines=lines)
        ) from error
    figures = _figure_rows(workspace, period, parsed)
    payload = {
        "format": FORMAT,
        "number": number,
        "period": str(period),
        "note": note,
        "is_provisional": False,
        "is_imported": True,
        "load_id": 0,
        "ruleset": "",
        "published_at": now.isoformat(),
        "figures": store_text(workspace.home.archive, json.dumps(figures, ensure_ascii=False)),
    }
    digest = ArchiveLog(workspace.home.archive).append(PUBLICATION, payload)
    publication = parse_publication(payload, digest)
    with writing(workspace.engine) as connection:
        record_publication(connection, workspace.tables, publication, figures)
    folder = publication_folder(workspace, number)
    write_publication(folder, publication, figures, [])
    return PublicationResult(publication, before[-1] if before else None, figures, [], [], folder)


def _figure_rows(
    workspace: Workspace, period: Period, figures: Sequence[ImportedFigure]
) -> list[dict[str, Any]]:
    """Return rows as `indicators --json` has them, without what is not known: the sums, and who reported."""
    return [
        {
            "indicator_id": figure.indicator.indicator_id,
            "title": figure.indicator.title,
            "unit": figure.indicator.unit,
            "region_code": figure.region_code,
            "region_name": workspace.regions.name_of(figure.region_code),
            "period": str(period),
            "value": int(figure.value) if figure.value == int(figure.value) else float(figure.value),
            "numerator": None,
            "denominator": None,
            "display": figure.display,
            "units_expected": None,
            "units_reported": None,
            "is_provisional": False,
            "as_of": None,
        }
        for figure in figures
    ]
