"""Everything that a home puts out after a run, as texts by name: what is shown, written, sent and logged."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.commands.nightly import print_first, print_left_files, print_report
from flows.ingest.discover import scan_inbox
from flows.outputs.load_reports import LoadReport
from flows.pipeline import RunResult, run_pipeline
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators
from tests.support.views import rows_of, rows_of_snapshot, snapshot_of, views_of

NOW = datetime(2024, 2, 1)
PERIOD = "2023-06"


class EveryOutput:
    """Runs a night over the inbox of a home, then every command that reads, and collects what comes out."""

    def __init__(self, workspace: Workspace, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.workspace, self.folder, self.patch = workspace, folder, patch
        self.texts: dict[str, str] = {}
        self.exit_codes: dict[str, int] = {}

    def collect(self, capture: pytest.CaptureFixture[str], log: pytest.LogCaptureFixture) -> dict[str, str]:
        ignored = scan_inbox(self.workspace, RunScope()).ignored
        result = run_pipeline(self.workspace, RunScope(), NOW)
        capture.readouterr()
        print_first("Ignored in the inbox:", ignored)
        print_left_files(result)
        print_report(self.workspace, LoadReport(self.workspace, 1, every_region=True))
        printed = capture.readouterr()
        self.texts["nightly"] = printed.out + printed.err
        self.texts |= {
            f"notification {sent.occasion}": f"{sent.title}\n{sent.body}\n{sent.counts}"
            for sent in result.notifications
        }
        self._views()
        self._page(result)
        self._commands()
        self.texts["log"] = "\n".join(record.getMessage() for record in log.records)
        for file in sorted(self.folder.rglob("*")):
            if file.is_file():
                self.texts[file.relative_to(self.folder).as_posix()] = file.name + text_of(file)
        for name in ("receipts", "reports"):
            for file in sorted((self.workspace.home.folder / name).rglob("*")):
                if file.is_file():
                    path = file.relative_to(self.workspace.home.folder).as_posix()
                    self.texts[path] = path + text_of(file)
        return self.texts

    def _views(self) -> None:
        for view in views_of(self.workspace):
            self.texts[f"view {view}"] = str(rows_of(self.workspace, view))
            if self.workspace.engine.dialect.name == "sqlite":
                self.texts[f"snapshot {view}"] = str(rows_of_snapshot(snapshot_of(self.workspace), view))

    def _page(self, result: RunResult) -> None:
        """Collect what a run shows on Prefect's page."""
        from flows.orchestration import artifacts, prefect_flows

        shown: list[Any] = []
        for name in ("create_table_artifact", "create_markdown_artifact"):
            self.patch.setattr(artifacts, name, lambda **content: shown.append(content))
        self.patch.setattr(prefect_flows, "emit_event", lambda **content: shown.append(content))
        state = prefect_flows._finish(self.workspace, result)
        self.texts["state on Prefect's page"] = str(state.message)
        self.texts["Prefect's page"] = str(shown)

    def _commands(self) -> None:
        out = self.folder
        out.mkdir()
        since = ["changes", "--since", "2020-01-01"]
        for form in ([], ["--json"], ["--csv"]):
            self._run("status", "--period", "2023", *form)
            self._run("indicators", "--period", "2023", *form)
            self._run(*since, *(["--period", PERIOD] if form else []), *form)  # all periods once
        self._run("status", "--full")
        for name in list(indicators())[::13]:
            self._run("explain", name, "--period", "2023", "--out", str(out / "explain" / f"{name}.xlsx"))
        for form in ("--json", "--csv"):
            for name in list(indicators())[::23]:
                self._run("explain", name, "--period", PERIOD, form)
        self._run("statistics", "--year", "2023", "--out", str(out / "statistics.xlsx"))
        self._run("statistics", "--year", "2023", "--json")
        for ending, period in (("docx", PERIOD), ("xlsx", "2023"), ("html", PERIOD)):
            self._run("report", "--period", period, "--out", str(out / f"report.{ending}"))
        for ending in ("html", "md", "xlsx"):
            self._run("dictionary", "--out", str(out / f"dictionary.{ending}"))
        self._run("template", "cases", "--out", str(out / "template"))
        self._run("export", "--out", str(out / "export"))
        self._run("publish", "--period", PERIOD)
        self._run("publish", "--period", PERIOD, "--provisional")
        self._run("verify")
        self._run("backfill", "--from", PERIOD, "--to", PERIOD)

    def _run(self, *arguments: str) -> None:
        name = " ".join(arguments).replace(str(self.folder), "")
        result = CliRunner().invoke(main, ["--home", str(self.workspace.home.folder), *arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise AssertionError(name) from result.exception
        self.texts[f"huizong {name}"] = result.output
        self.exit_codes[name] = result.exit_code


def text_of(file: Path) -> str:
    """Return what a file holds as text: every part of a workbook, the rows of a Parquet."""
    if file.suffix == ".parquet":
        return str(parquet.read_table(file).to_pylist())
    return "\n".join(_parts(file.read_bytes()))


def _parts(data: bytes) -> Iterator[str]:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        yield data.decode("utf-8-sig")
        return
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            part = package.read(name)
            if zipfile.is_zipfile(io.BytesIO(part)):  # the numbers of a chart in a document
                yield from _parts(part)
            else:
                yield part.decode(errors="replace")
