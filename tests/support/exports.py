"""Helpers for tests of exports: make one, and read it as analysts do."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
from click.testing import CliRunner, Result

from flows.cli import main
from flows.workspace import Workspace


def export(workspace: Workspace, out: Path) -> Result:
    return CliRunner().invoke(main, ["--home", str(workspace.home.folder), "export", "--out", str(out)])


def export_to(workspace: Workspace, out: Path) -> Path:
    """Export successfully and return the folder."""
    result = export(workspace, out)
    assert result.exit_code == 0, result.output
    return out


def package_of(out: Path) -> dict[str, Any]:
    package: dict[str, Any] = json.loads((out / "datapackage.json").read_text("utf-8"))
    return package


def csv_rows(out: Path, view: str) -> list[dict[str, str]]:
    with (out / f"csv/{view}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def parquet_rows(out: Path, view: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(out / f"parquet/{view}.parquet").to_pylist()
    return rows


def content_of(out: Path) -> dict[str, bytes]:
    return {str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*") if file.is_file()}
