"""Helpers for tests of whole pipeline runs: run a small home, read findings and figures."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from flows.outputs.load_reports import LoadReport
from flows.pipeline import ingest
from flows.queries.figures import figure_rows
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from warehouse.engine import reading
from warehouse.ops.findings import findings_of_load

ALL = RunScope()
CITY, STAR, RIVER, BUREAU = "990100", "990102", "990181", "9901X0"


def night(
    workspace: Workspace, selection: RunScope = ALL, now: str = "2024-02-01T00:00"
) -> LoadReport | None:
    outcome = ingest(workspace, selection, datetime.fromisoformat(now))
    return LoadReport(workspace, outcome.load_id, every_region=True) if outcome.load_id else None


def findings_of(report: LoadReport) -> pd.DataFrame:
    """Return the findings of the load, in order."""
    with reading(report.workspace.engine) as connection:
        return findings_of_load(connection, report.workspace.tables, report.load_id)


def displayed_figure(
    workspace: Workspace,
    indicator_id: str,
    period: str = "2023",
    region: str = CITY,
    moment: datetime | None = None,
) -> str:
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection, moment)
        rows = figure_rows(workspace, as_of, [indicators()[indicator_id]], [region], Period.parse(period))
    return str(rows[0]["display"])


def inbox(workspace: Workspace) -> Path:
    return workspace.home.inbox


def case(number: int, **values: Any) -> dict[str, Any]:
    return {"case_no": f"某环立(星)〔2023〕{number}号", **values}
