"""Helpers for tests of the views: pipeline runs, and reading views as a report tool does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text

from flows.outputs.snapshot import SNAPSHOT, refresh_snapshot
from flows.pipeline import ingest
from flows.workspace import RunScope, Workspace
from warehouse.engine import reading

NOW = datetime(2024, 2, 1)


def night(workspace: Workspace, now: datetime = NOW) -> int | None:
    """Run the pipeline without receipts and reports; return the load id."""
    load_id = ingest(workspace, RunScope(), now).load_id
    refresh_snapshot(workspace)
    return load_id


def views_of(workspace: Workspace) -> list[str]:
    return sorted(name for name in inspect(workspace.engine).get_view_names() if name.startswith("mart_"))


def rows_of(workspace: Workspace, view: str) -> list[dict[str, Any]]:
    with reading(workspace.engine) as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {view}")).mappings()]  # noqa: S608


def snapshot_of(workspace: Workspace) -> Path:
    return workspace.home.folder / SNAPSHOT


def rows_of_snapshot(file: Path, view: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {view}")]  # noqa: S608
