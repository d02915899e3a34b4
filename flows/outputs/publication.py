"""Publish: freeze the figures of a period under a number, and list what moved since the last publication."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from flows.archive.consistency import ensure_not_behind_archive
from flows.archive.entry_form import NEWEST, PUBLICATION
from flows.archive.log import ArchiveLog, LogEntry
from flows.archive.store import read_text, store_text
from flows.atomic import write_atomic
from flows.errors import FlowError
from flows.queries.figures import figure_rows, read_figures
from flows.queries.missing_reports import describe_missing_reports
from flows.render import as_csv, as_json
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.display import figure_value
from schemas.periods import Period
from schemas.sentences import Sentence
from schemas.version import ruleset_version
from transforms.report.attribution import definition_part
from warehouse.engine import reading, writing
from warehouse.figures.publications import (
    Publication,
    next_number,
    publications,
    published_figures,
    record_publication,
)
from warehouse.load.record_load import last_load
from warehouse.schema.as_of import AsOf

#: the form of a publication's entry in the archive log; 1 lacks `format`, 2 cannot say `is_imported`
FORMAT = NEWEST[PUBLICATION]
#: that of one whose figures were computed, which older versions read too
COMPUTED_FORMAT = 2


class MissingReportsError(FlowError):
    """Not every unit has reported for the period, so it is published only as
    provisional; `missing` says who owes what.
    """

    def __init__(self, missing: list[str]) -> None:
        super().__init__(missing)
        self.missing = missing


class NothingLoadedError(FlowError):
    """There is no load whose figures could be published."""


@dataclass(frozen=True)
class RestatedFigure:
    """A figure that differs from its last publication.

    `by_definition` is the part of the change (in the unit's base) that comes from a changed definition of
    the indicator; the rest comes from submissions, and the command `changes` says which.
    """

    before: dict[str, Any]
    now: dict[str, Any]
    by_definition: Fraction


@dataclass(frozen=True)
class PublicationResult:
    """A publication with its figures, those that differ from the period's last publication (`previous`),
    and the missing reports.
    """

    publication: Publication
    previous: Publication | None
    figures: list[dict[str, Any]]
    moved: list[RestatedFigure]
    missing: list[str]
    folder: Path


def publish(
    workspace: Workspace, period: Period, note: str, *, as_provisional: bool, now: datetime
) -> PublicationResult:
    """Freeze the figures of every region of the period under the next number.

    Raises MissingReportsError unless `as_provisional`, NothingLoadedError before the first load, and
    WarehouseBehindError where the archive knows more loads.
    """
    if ensure_not_behind_archive(workspace):
        complete_publication(workspace)
    with reading(workspace.engine) as connection:
        if last_load(connection, workspace.tables)[0] == 0:
            raise NothingLoadedError(
                Sentence(
                    "nothing was loaded yet, so there is nothing to publish; run `huizong nightly` first"
                )
            )
        as_of, number = workspace.as_of_moment(connection), next_number(connection, workspace.tables)
        figures = _figures(workspace, as_of, period)
        missing = describe_missing(workspace, as_of, period)
        before = [
            publication
            for publication in publications(connection, workspace.tables, str(period))
            if not publication.is_imported
        ]
        moved = (
            _moved(workspace, as_of.with_load(before[-1].load_id), period, before[-1], figures)
            if before
            else []
        )
    if missing and not as_provisional:
        raise MissingReportsError(missing)
    archived_figures = store_text(
        workspace.home.archive, json.dumps(figures, ensure_ascii=False, default=float)
    )
    payload = {
        "format": COMPUTED_FORMAT,
        "number": number,
        "period": str(period),
        "note": note,
        "is_provisional": bool(missing),
        "load_id": as_of.load_id,
        "ruleset": ruleset_version(),
        "published_at": now.isoformat(),
        "figures": archived_figures,
    }
    digest = ArchiveLog(workspace.home.archive).append(PUBLICATION, payload)
    publication = parse_publication(payload, digest)
    frozen = json.loads(json.dumps(figures, default=float))
    with writing(workspace.engine) as connection:
        record_publication(connection, workspace.tables, publication, frozen)
    folder = publication_folder(workspace, number)
    write_publication(folder, publication, frozen, missing)
    previous = before[-1] if before else None
    return PublicationResult(publication, previous, frozen, moved, missing, folder)


def find_unchanged_publication(workspace: Workspace, as_of: AsOf, period: Period) -> Publication | None:
    """Return the last publication of a period if another would freeze the same figures; None otherwise."""
    before = [
        publication
        for publication in publications(as_of.connection, as_of.tables, str(period))
        if not publication.is_imported
    ]
    if not before:
        return None
    published = published_figures(as_of.connection, as_of.tables, before[-1].number)
    now = _figures(workspace, as_of, period)
    return before[-1] if _contents(published) == _contents(now) else None


def _contents(figures: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return what figures say, by region and indicator."""
    return {
        (figure["region_code"], figure["indicator_id"]): (_value(figure["value"]), figure["is_provisional"])
        for figure in figures
    }


def complete_publication(workspace: Workspace) -> None:
    """Record a publication that was logged and not recorded: its number is used, and its figures stand."""
    with reading(workspace.engine) as connection:
        number = next_number(connection, workspace.tables)
    logged = [
        entry
        for entry in ArchiveLog(workspace.home.archive).entries()
        if is_publication(entry) and entry.payload["number"] == number
    ]
    if logged:
        record_logged_publication(workspace, logged[-1])


def is_publication(entry: LogEntry) -> bool:
    """Whether an entry is of a publication; an older version logged one before the first load, in vain."""
    is_imported = bool(entry.payload.get("is_imported"))
    return entry.kind == PUBLICATION and (entry.payload["load_id"] > 0 or is_imported)


def record_logged_publication(workspace: Workspace, entry: LogEntry) -> None:
    """Record the figures as they were published, whatever today's definitions make of the rows."""
    publication = parse_publication(entry.payload, entry.digest)
    figures = json.loads(read_text(workspace.home.archive, entry.payload["figures"]))
    with writing(workspace.engine) as connection:
        record_publication(connection, workspace.tables, publication, figures)


def publication_folder(workspace: Workspace, number: int) -> Path:
    """Return the folder of a publication's files."""
    return workspace.home.reports / f"publication-{number:04}"


def describe_missing(workspace: Workspace, as_of: AsOf, period: Period) -> list[str]:
    """Say which reports are missing from the figures of a period."""
    chosen = list(indicators().values())
    return describe_missing_reports(workspace, as_of, chosen, workspace.regions.top.code, period)


def parse_publication(payload: Mapping[str, Any], digest: str) -> Publication:
    """Return the publication that an entry of the archive log records; `digest` is the entry's.

    Raises ValueError for an entry that a newer version of this program wrote.
    """
    if payload.get("format", 1) > FORMAT:
        raise ValueError(
            Sentence(
                "publication {number} was logged in form {format}, this program reads up to form "
                "{known}; install the newer version that wrote this archive",
                number=payload["number"],
                format=payload["format"],
                known=FORMAT,
            )
        )
    return Publication(
        number=payload["number"],
        period=payload["period"],
        note=payload["note"],
        is_provisional=payload["is_provisional"],
        load_id=payload["load_id"],
        ruleset=payload["ruleset"],
        published_at=datetime.fromisoformat(payload["published_at"]),
        log_entry=digest,
        is_imported=bool(payload.get("is_imported")),
    )


def _figures(workspace: Workspace, as_of: AsOf, period: Period) -> list[dict[str, Any]]:
    chosen = list(indicators().values())
    return figure_rows(workspace, as_of, chosen, workspace.regions.of_period(period), period)


def write_publication(
    folder: Path, publication: Publication, figures: Sequence[Mapping[str, Any]], missing: Sequence[str]
) -> None:
    """Write the published figures and the missing reports as files that people pass on."""
    content = {
        "number": publication.number,
        "period": publication.period,
        "note": publication.note,
        "is_provisional": publication.is_provisional,
        "is_imported": publication.is_imported,
        "load_id": publication.load_id,
        "ruleset": publication.ruleset,
        "published_at": publication.published_at,
        "log_entry": publication.log_entry,
        "missing": list(missing),
        "figures": list(figures),
    }
    write_atomic(folder / "figures.json", as_json(content).encode(), is_durable=True)
    write_atomic(folder / "figures.csv", as_csv(figures, list(figures[0])).encode(), is_durable=True)


def _moved(
    workspace: Workspace,
    as_of: AsOf,
    period: Period,
    earlier: Publication,
    figures: Sequence[dict[str, Any]],
) -> list[RestatedFigure]:
    """Return the figures that differ from an earlier publication of the load `as_of`.

    Each with the part of its change that comes from changed definitions.
    """
    published = published_figures(as_of.connection, as_of.tables, earlier.number)
    before = {(figure["region_code"], figure["indicator_id"]): figure for figure in published}
    differing = [
        (old, figure)
        for figure in figures
        if (old := before.get((figure["region_code"], figure["indicator_id"])))
        and _value(old["value"]) != _value(figure["value"])
    ]
    chosen = {figure["indicator_id"]: indicators()[figure["indicator_id"]] for _, figure in differing}
    regions = list({figure["region_code"] for _, figure in differing})
    figures_then = read_figures(workspace, as_of, list(chosen.values()), regions, period)
    moved = []
    for old, figure in differing:
        indicator = chosen[figure["indicator_id"]]
        recomputed = figures_then[figure["indicator_id"], figure["region_code"]]
        value_then = figure_value(indicator, recomputed.numerator, recomputed.denominator)
        share = definition_part(_value(old["value"]), _value(value_then))
        moved.append(RestatedFigure(old, figure, share.delta if share else Fraction(0)))
    return moved


def _value(value: Any) -> Fraction | None:
    """Return a figure's value exactly, whether it comes from the database's JSON or was just computed."""
    return None if value is None else Fraction(str(float(value)))
