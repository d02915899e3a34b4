"""Export the views as files for analysts: a complete set as of one load, or the previous set."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flows.atomic import write_atomic
from flows.errors import FlowError
from flows.outputs.data_package import PACKAGE_FILE, PACKAGE_NAME, data_package, describe_columns
from flows.outputs.export_files import WrittenView, write_view
from flows.render import as_json
from flows.workspace import Workspace
from schemas.sentences import Sentence
from schemas.version import ruleset_version
from warehouse.engine import reading
from warehouse.marts.core_views import core_views
from warehouse.marts.create_views import has_views
from warehouse.marts.view_rows import row_batches

ROWS_AT_ONCE = 20_000
#: in the home, for the folder that is written into may be anybody's
LOCK_FILE = "export.lock"


class ExportError(FlowError):
    """Nothing can be exported, or not to that folder; the message says why and what to do."""


@dataclass(frozen=True)
class ExportResult:
    """An export: its folder, its views, and as of which load they are."""

    folder: Path
    views: list[WrittenView]
    load_id: int
    loaded_at: datetime


def export_views(workspace: Workspace, out: Path, now: datetime) -> ExportResult:
    """Write every view into a folder as Parquet and CSV, with a data package. Raises ExportError."""
    out = out.resolve()
    with _hold_export_lock(workspace), _replace_folder(out) as folder:
        exported = _write(workspace, folder)
        load = {"load_id": exported.load_id, "loaded_at": exported.loaded_at.isoformat()}
        package = data_package(
            exported.views, version=ruleset_version(), created=f"{now:%Y-%m-%dT%H:%M:%SZ}", load=load
        )
        write_atomic(folder / PACKAGE_FILE, f"{as_json(package)}\n".encode(), is_durable=True)
    return ExportResult(out, exported.views, exported.load_id, exported.loaded_at)


def _write(workspace: Workspace, folder: Path) -> ExportResult:
    """Write all views, read within one transaction so that all reflect the same load."""
    warehouse = workspace.warehouse
    with reading(workspace.engine) as connection:
        if not has_views(connection, warehouse):
            raise ExportError(
                Sentence(
                    "the views of {folder} were made by other definitions; run `huizong nightly` first",
                    folder=workspace.home.folder,
                )
            )
        as_of = workspace.as_of_moment(connection)
        recorded_at = workspace.recorded_at(as_of)
        if recorded_at is None:
            raise ExportError(
                Sentence(
                    "nothing has been loaded into {folder} yet; run `huizong nightly` first",
                    folder=workspace.home.folder,
                )
            )
        for kind in ("csv", "parquet"):
            (folder / kind).mkdir(parents=True)
        views = [
            write_view(folder, mart, row_batches(connection, mart, ROWS_AT_ONCE), describe_columns(mart))
            for mart in core_views(warehouse)
        ]
    return ExportResult(folder, views, as_of.load_id, recorded_at)


@contextmanager
def _hold_export_lock(workspace: Workspace) -> Iterator[None]:
    """Allow one export of a home at a time; a pipeline run may go on in the meantime."""
    try:
        with FileLock(workspace.home.folder / LOCK_FILE, timeout=0, fallback_to_soft=False):
            yield
    except Timeout as error:
        raise ExportError(
            Sentence(
                "another export of {folder} is at work; wait for it to end, then run again",
                folder=workspace.home.folder,
            )
        ) from error


@contextmanager
def _replace_folder(out: Path) -> Iterator[Path]:
    """Yield a new folder beside `out` and swap it in at the end if nothing is raised."""
    out.parent.mkdir(parents=True, exist_ok=True)
    new, former = (out.with_name(f".{out.name}.huizong-{suffix}") for suffix in ("new", "former"))
    _put_back(former, out)  # of an export that was killed between its two renames
    _ensure_replaceable(out)
    _remove(new, former)
    try:
        new.mkdir()
        yield new
        if out.exists():
            os.rename(out, former)
        os.rename(new, out)
    finally:
        _put_back(former, out)
        _remove(new, former)


def _put_back(former: Path, out: Path) -> None:
    if former.exists() and not out.exists():
        os.rename(former, out)


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _ensure_replaceable(out: Path) -> None:
    """Refuse to replace a folder with files that no earlier export wrote."""
    if not out.exists():
        return
    would_do = Sentence("name a folder that is empty, not there yet, or an earlier export")
    if not out.is_dir():
        raise ExportError(Sentence("{out} is a file; {would_do}", out=out, would_do=would_do))
    own_files = _files_of_export(out)
    other_files = sorted(
        str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir() or path.is_symlink()
    )
    if strange := [other for other in other_files if other not in own_files]:
        raise ExportError(
            Sentence(
                "{out} holds {strange}, which no export wrote and which would be lost; {would_do}",
                out=out,
                strange=strange[0],
                would_do=would_do,
            )
        )


def _files_of_export(out: Path) -> set[str]:
    """List the files of an earlier export; empty if the folder has no package of this program."""
    try:
        package = json.loads((out / PACKAGE_FILE).read_text("utf-8"))
        is_ours = package["name"] == PACKAGE_NAME
        return (
            {PACKAGE_FILE, *(str(resource["path"]) for resource in package["resources"])}
            if is_ours
            else set()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return set()
