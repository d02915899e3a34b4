"""What report tools read: kept with each load, in its transaction, and made good by the step of a run where it is behind."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from flows.answers.figures import figure_row
from flows.answers.kept_coverage import keep_coverage
from flows.workplace import Workplace
from schemas.catalogue import indicators
from schemas.indicator import Indicator
from schemas.sources import ShownSources
from schemas.version import ruleset_version
from warehouse.engine import Connection, writing
from warehouse.figures import Figure
from warehouse.grouped import GroupedFigures
from warehouse.kept_figures import refresh_figures
from warehouse.load import last_load
from warehouse.parts import Warehouse
from warehouse.shown_sources import refresh_sources

#: columns of `indicators --json` that are not of a figure but of all
OF_ALL = ("as_of",)


def keep_with_load(place: Workplace, connection: Connection, now: datetime) -> str | None:
    """Bring all that is kept to the last load, within its transaction: a reader sees the rows and the figures of one load.

    Why it cannot be told who has reported what, where it cannot.
    """
    fingerprint = _fingerprint(place)
    fault = keep_coverage(place, connection, now, fingerprint)
    load_id, recorded_at = last_load(connection, place.tables)
    as_of = place.local(recorded_at).isoformat() if recorded_at else None
    titles = {name: ledger.title for name, ledger in place.ledgers.items()}
    shown = ShownSources(place.regions.spellings(), [name.removesuffix("台账") for name in titles.values()])
    refresh_sources(connection, place.tables, shown, titles, fingerprint, load_id)
    reader = GroupedFigures(connection, Warehouse(place.tables, place.ledgers), place.regions, load_id, place.obligations)
    refresh_figures(reader, list(indicators().values()), partial(_kept_row, place), fingerprint, as_of)
    return fault


def refresh_marts(place: Workplace, now: datetime) -> str | None:
    """The step of a run: what is kept follows the day, the settings and the definitions, though nothing was loaded.

    Why it cannot be told who has reported what, where it cannot.
    """
    with writing(place.engine) as connection:
        return keep_with_load(place, connection, now)


def _kept_row(place: Workplace, indicator: Indicator, figure: Figure) -> dict[str, Any]:
    told = figure_row(place, indicator, figure, None)
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in told.items() if name not in OF_ALL}


def _fingerprint(place: Workplace) -> str:
    """Of all that figures and shown names rest on, but for what was submitted."""
    obligations = place.obligations
    told = (ruleset_version(), place.regions.regions, obligations.entries, str(place.home.timezone), list(place.ledgers))
    return hashlib.sha256(repr(told).encode()).hexdigest()
