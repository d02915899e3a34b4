"""Publishing: figures frozen under a number, with what they rest on and what moved since the last time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from flows.archive.consistency import ensure_not_behind_archive
from flows.archive.log import ArchiveLog
from flows.ingest.inbox import archive_text
from flows.queries.figures import figure_reader, figure_rows
from flows.queries.missing_reports import describe_missing_reports
from flows.render import as_csv, as_json, write_atomic
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.display import figure_value
from schemas.periods import Period
from schemas.version import ruleset_version
from transforms.report.attribution import definition_part
from warehouse.engine import Connection, reading, writing
from warehouse.figures.publications import (
    Publication,
    next_number,
    publications,
    published_figures,
    record_publication,
)
from warehouse.load.load import last_load

PUBLICATION = "publication"


class MissingReportsError(Exception):
    """A period of which not every unit has reported is published only as provisional; `missing` says who lacks what."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(missing)
        self.missing = missing


@dataclass(frozen=True)
class RestatedFigure:
    """A figure as it was published before and is now. `by_definition` is what the indicator's own definition, changed since,
    makes of the rows of then (in the unit's base); the rest came with submissions, and `changes` tells which.
    """

    before: dict[str, Any]
    now: dict[str, Any]
    by_definition: Fraction


@dataclass(frozen=True)
class PublicationResult:
    """A publication, its figures, those that differ from the last publication of the same period, and who was missing."""

    publication: Publication
    figures: list[dict[str, Any]]
    moved: list[RestatedFigure]
    missing: list[str]
    folder: Path


def publish(
    place: Workspace, period: Period, note: str, *, as_provisional: bool, now: datetime
) -> PublicationResult:
    """Freeze the figures of the city and each of its units. Raises UnitsMissing unless `as_provisional`, WarehouseBehind."""
    ensure_not_behind_archive(place)
    with reading(place.engine) as connection:
        figures = _figures(place, connection, period)
        number, (load_id, _) = next_number(connection, place.tables), last_load(connection, place.tables)
        reader = figure_reader(place, connection, load_id)
        missing = describe_missing_reports(
            place, reader, list(indicators().values()), place.regions.city.code, period
        )
        before = publications(connection, place.tables, str(period))
        moved = _moved(place, connection, period, before[-1], figures) if before else []
    if missing and not as_provisional:
        raise MissingReportsError(missing)
    told = {
        "number": number, "period": str(period), "note": note, "is_provisional": bool(missing), "load_id": load_id,
        "ruleset": ruleset_version(), "published_at": now.isoformat(),
    }  # fmt: skip
    kept = archive_text(place.home.archive, json.dumps(figures, ensure_ascii=False, default=float))
    entry = ArchiveLog(place.home.archive).append(PUBLICATION, {**told, "figures": kept})
    publication = Publication(**{**told, "published_at": now}, log_entry=entry)  # type: ignore[arg-type]
    frozen = json.loads(json.dumps(figures, default=float))
    with writing(place.engine) as connection:
        record_publication(connection, place.tables, publication, frozen)
    folder = place.home.reports / f"publication-{number:04}"
    write_publication(folder, publication, frozen, missing)
    return PublicationResult(publication, frozen, moved, missing, folder)


def _figures(place: Workspace, connection: Connection, period: Period) -> list[dict[str, Any]]:
    chosen = list(indicators().values())
    codes = [place.regions.city.code, *place.regions.unit_codes()]
    return [row for code in codes for row in figure_rows(place, connection, chosen, code, period)]


def write_publication(
    folder: Path, publication: Publication, figures: Sequence[Mapping[str, Any]], missing: Sequence[str]
) -> None:
    """The published figures as files that people pass on, and who is missing from them."""
    told = {**vars(publication), "missing": list(missing), "figures": list(figures)}
    write_atomic(folder / "figures.json", as_json(told).encode())
    write_atomic(folder / "figures.csv", as_csv(figures, list(figures[0])).encode())


def _moved(
    place: Workspace,
    connection: Connection,
    period: Period,
    earlier: Publication,
    figures: Sequence[dict[str, Any]],
) -> list[RestatedFigure]:
    """The figures that differ from an earlier publication, which the definitions of now are asked about too."""
    kept = published_figures(connection, place.tables, earlier.number)
    before = {(one["region_code"], one["indicator_id"]): one for one in kept}
    reader = figure_reader(place, connection, earlier.load_id)
    moved = []
    for one in figures:
        old = before.get((one["region_code"], one["indicator_id"]))
        if old is None or _value(old["value"]) == _value(one["value"]):
            continue
        indicator = indicators()[one["indicator_id"]]
        figure = reader.figure(indicator, one["region_code"], period)
        then = figure_value(indicator, figure.numerator, figure.denominator)
        share = definition_part(_value(old["value"]), _value(then))
        moved.append(RestatedFigure(old, one, share.delta if share else Fraction(0)))
    return moved


def _value(value: Any) -> Fraction | None:
    """A figure's value, whether it comes from the database's JSON or was just computed."""
    return None if value is None else Fraction(str(float(value)))
