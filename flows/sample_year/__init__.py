"""A year of county workbooks, dirty as in life, that adds up to the published figures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flows.sample_year.deliveries import monthly_parcels, write_parcel
from flows.sample_year.error_injection import with_incidents
from flows.sample_year.ledgers import build_truth
from flows.sample_year.published import PublishedFigure, Targets, published_figures
from flows.sample_year.scenario import World
from schemas.regions import RegionTable

__all__ = ["PublishedFigure", "published_figures", "write_demo_year"]


def write_demo_year(
    inbox: Path, year: int, regions: RegionTable, published: Iterable[PublishedFigure] | None = None
) -> list[Path]:
    """Write the files of every unit and month below `inbox`, each with its time of arrival; the same ones each time.

    Without `published` the packaged table is taken. Returns the files in the order in which they arrived.
    """
    world = World(year, regions, Targets(published_figures() if published is None else published))
    parcels = with_incidents(world, monthly_parcels(world, build_truth(world)))
    written = [path for parcel in parcels for path in write_parcel(inbox, parcel, world)]
    return sorted(written, key=lambda path: (path.stat().st_mtime, path))
