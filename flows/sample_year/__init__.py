"""A generated year of county workbooks, with realistic errors, that adds up to the published figures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flows.sample_year.deliveries import build_monthly_deliveries, write_delivery
from flows.sample_year.error_injection import inject_incidents
from flows.sample_year.ledgers import build_truth
from flows.sample_year.published import PublishedFigure, Targets, published_figures
from flows.sample_year.scenario import Scenario
from schemas.regions import RegionTable

__all__ = ["PublishedFigure", "published_figures", "write_demo_year"]


def write_demo_year(
    inbox: Path, year: int, regions: RegionTable, published: Iterable[PublishedFigure] | None = None
) -> list[Path]:
    """Write the files of every unit and month below `inbox`, each with
    its arrival time as mtime. Deterministic.

    Without `published` the packaged table is used. Returns the files in the order in which they arrived.
    """
    scenario = Scenario(year, regions, Targets(published_figures() if published is None else published))
    deliveries = inject_incidents(scenario, build_monthly_deliveries(scenario, build_truth(scenario)))
    written = [path for delivery in deliveries for path in write_delivery(inbox, delivery, scenario)]
    return sorted(written, key=lambda path: (path.stat().st_mtime, path))
