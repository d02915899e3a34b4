"""Write the report of each load: a folder under `reports/`, made from the warehouse, so that none is ever
missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from flows.atomic import replace_atomic
from flows.executor import Executor
from flows.outputs.coverage_changes import coverage_of_load
from flows.outputs.output_faults import OutputFaults
from flows.outputs.output_files import (
    damaged_loads,
    delete_receipts,
    delete_reports,
    reports_of_other_entries,
)
from flows.outputs.receipts import write_receipts
from flows.outputs.report_manifest import write_manifest
from flows.queries.cross_checks import find_cross_ledger_findings
from flows.queries.deadlines import find_lapsed_limits
from flows.queries.moved_figures import comparisons_moved, figures_moved_by_load
from flows.render import frame_as_csv
from flows.words import STATE_WORDS, count_submissions
from flows.workspace import Workspace
from schemas.figures.reach import Comparisons
from schemas.ledgers.finding import compose_messages
from schemas.ledgers.rules import WAITING_RULES, Severity
from schemas.reporting.working_days import CalendarUnknownError
from schemas.sentences import Sentence
from schemas.states import AWAITING, CURRENT_STATES, PARTIAL, REJECTED, WITHDRAWN
from transforms.receipt.words import source_words
from warehouse.engine import reading
from warehouse.load.plausibility import open_replacement_findings
from warehouse.load.recorded_entries import recorded_entries
from warehouse.ops.findings import count_findings, findings_of_load, pages_of_findings
from warehouse.ops.loads import file_paths_of_months, load_instants, submissions_of_load
from warehouse.ops.submissions import sources_of_submissions

STATES = (*CURRENT_STATES, REJECTED)
#: states that few loads have
RARE_STATES = (AWAITING, WITHDRAWN)


@dataclass(frozen=True)
class LoadReport:
    """What a load did: its submissions, the figures that moved, and disagreements between ledgers.

    Each is read from the warehouse at first use. `every_region`: include the moved figures of units where
    the city's moved too.
    """

    workspace: Workspace
    load_id: int
    every_region: bool

    @property
    def folder(self) -> Path:
        """The folder of the load's report."""
        return self.workspace.home.reports / f"load-{self.load_id:06}"

    @cached_property
    def submissions(self) -> pd.DataFrame:
        """The submissions that the load recorded, in order."""
        with reading(self.workspace.engine) as connection:
            return submissions_of_load(connection, self.workspace.tables, self.load_id)

    @cached_property
    def moved(self) -> list[dict[str, Any]]:
        """The figures that the load moved, with their values before and after."""
        with reading(self.workspace.engine) as connection:
            as_of = self.workspace.as_of(connection, self.load_id)
            return figures_moved_by_load(self.workspace, as_of, every_region=self.every_region)

    @cached_property
    def comparisons(self) -> Comparisons:
        """The periods whose comparisons move with the moved figures."""
        with reading(self.workspace.engine) as connection:
            as_of = self.workspace.as_of(connection, self.load_id)
            return comparisons_moved(self.workspace, as_of, self.moved)

    @cached_property
    def questions(self) -> pd.DataFrame:
        """Cross-ledger findings, doubts about what replaces what, and time limits that had lapsed by the day
        of the load, for its units and years.
        """
        years = {int(period[:4]) for period in self.submissions["period"].dropna()}
        units = set(self.submissions["unit_code"].dropna())
        with reading(self.workspace.engine) as connection:
            as_of = self.workspace.as_of(connection, self.load_id)
            between_ledgers = find_cross_ledger_findings(self.workspace, as_of, years, units)
            of_reports = open_replacement_findings(as_of, years, units)
            recorded_at = self.workspace.recorded_at(as_of)
            lapsed = (
                [find_lapsed_limits(self.workspace, as_of, recorded_at.date(), units)]
                if recorded_at
                else []
            )
        frames = [frame for frame in (between_ledgers, of_reports, *lapsed) if len(frame)]
        return pd.concat(frames, ignore_index=True) if frames else between_ledgers

    def count(self, state: str) -> int:
        return int((self.submissions["state"] == state).sum())

    @property
    def has_rejected(self) -> bool:
        return self.count(REJECTED) > 0

    def headline(self) -> Sentence:
        """Summarise in one line: how many submissions in which state, how many findings."""
        states = tuple(
            Sentence("{count} {state}", count=self.count(state), state=Sentence(STATE_WORDS[state]))
            for state in (*STATES, *RARE_STATES)
            if self.count(state)
        )
        replaced = int(self.submissions["superseded_load"].eq(self.load_id).sum())
        with reading(self.workspace.engine) as connection:
            findings = count_findings(connection, self.workspace.tables, self.load_id)
        return Sentence(
            "Load {load}: {submissions}: {states}{again}; {findings}.",
            load=self.load_id,
            submissions=count_submissions(len(self.submissions)),
            states=states or Sentence("none"),
            again=Sentence(" ({count} of them replaced by another one of the same load)", count=replaced)
            if replaced
            else "",
            findings=Sentence("{count} finding", count=1)
            if findings == 1
            else Sentence("{count} findings", count=findings),
        )

    def states(self) -> tuple[str, ...]:
        """List the states to count: the rare ones only where the load has them."""
        return (*STATES, *(state for state in RARE_STATES if self.count(state)))

    def by_unit(self) -> list[dict[str, Any]]:
        """Count submissions by unit and state, with rows loaded and quarantined."""
        table, regions = [], self.workspace.regions
        for code, submissions in self.submissions.fillna({"unit_code": ""}).groupby("unit_code"):
            name = regions.name_of(code) if code in regions.regions else Sentence("(unit unknown)")
            states = {state: int(submissions["state"].eq(state).sum()) for state in self.states()}
            table.append({"unit_code": code, "unit_name": name, "files": submissions["source_file"].nunique(), **states,
                          "rows": int(submissions["rows"].sum()), "held_back": int(submissions["held_back"].sum())})  # fmt: skip
        return table

    def file_names(self) -> set[str]:
        """Return the names of all files of the load's months, which sentences may quote."""
        months = set(self.submissions["period"].dropna())
        with reading(self.workspace.engine) as connection:
            paths = file_paths_of_months(connection, self.workspace.tables, months)
        return {path.rsplit("/", 1)[-1] for path in (*paths, *self.submissions["source_file"])}

    def rejections(self) -> list[dict[str, Any]]:
        """List each rejected submission with the reason."""
        with reading(self.workspace.engine) as connection:
            fatal = findings_of_load(connection, self.workspace.tables, self.load_id, Severity.FATAL)
        rejected = self.submissions[self.submissions["state"] == REJECTED]
        fatal = fatal.assign(message=compose_messages)
        joined = rejected.merge(fatal, on="submission_id", how="left", validate="1:m")
        records: list[dict[str, Any]] = joined[
            ["unit_code", "period", "source_file", "source_sheet", "message"]
        ].to_dict("records")
        return records

    def awaiting(self) -> list[dict[str, Any]]:
        """List each submission that waits for confirmation, with the reason."""
        with reading(self.workspace.engine) as connection:
            doubts = findings_of_load(connection, self.workspace.tables, self.load_id, Severity.WARNING)
        doubts = doubts[doubts["rule_id"].isin(WAITING_RULES)].assign(message=compose_messages)
        waiting = self.submissions[self.submissions["state"] == AWAITING]
        joined = waiting.merge(doubts, on="submission_id", how="left", validate="1:m")
        records: list[dict[str, Any]] = joined[["source_file", "message"]].to_dict("records")
        return records

    def replaced(self) -> list[dict[str, Any]]:
        """List each submission that another one of the load replaced, with what counts in its place."""
        gone = self.submissions[self.submissions["superseded_load"].eq(self.load_id)]
        with reading(self.workspace.engine) as connection:
            later = sources_of_submissions(
                connection, self.workspace.tables, gone["superseded_by"].dropna().astype(int).tolist()
            )
        return [
            {
                "source_file": row.source_file,
                "message": f"“{row.source_sheet}”" * bool(row.source_sheet)
                + f"不计入，以{source_words(*later[int(row.superseded_by)])}为准",
            }
            for row in gone[gone["superseded_by"].notna()].itertuples()
        ]

    def held_rows(self) -> list[dict[str, Any]]:
        """List each submission with quarantined rows, and how many."""
        partial = self.submissions[self.submissions["state"] == PARTIAL]
        held = partial.assign(is_current=partial["superseded_load"].isna())
        columns = ["unit_code", "ledger", "period", "rows", "held_back", "source_file", "is_current"]
        records: list[dict[str, Any]] = held[columns].to_dict("records")
        return records


def write_missing_reports(
    workspace: Workspace,
    executor: Executor | None = None,
    faults: OutputFaults | None = None,
    now: datetime | None = None,
    report_of_run: LoadReport | None = None,
) -> list[Path]:
    """Write receipts and report of every load that has no report yet, or damaged ones, also of killed runs.

    What tells of a lost load of the same number is replaced. Receipts are rendered by the executor, if there
    is one; what could not be written is noted in `faults`. With `now` (UTC without a zone), what is older
    than the settings keep is deleted, and not written again. What is read for `report_of_run` stays there, to
    be printed.
    """
    home, settings = workspace.home, workspace.home.settings
    faults = faults or OutputFaults()
    with reading(workspace.engine) as connection:
        loads = load_instants(connection, workspace.tables)
        log_entries = {
            entry.number: entry.digest
            for entry in recorded_entries(connection, workspace.tables)
            if entry.is_load
        }
    expired_receipts = _expired(loads, settings.receipts_kept_days, now)
    expired_reports = _expired(loads, settings.reports_kept_days, now)
    other = reports_of_other_entries(home, log_entries)
    damaged = damaged_loads(home) | other
    # a damaged receipt that the settings do not want any more would be found damaged each night
    delete_receipts(home, expired_receipts | other | (damaged if settings.receipts != "all" else set()))
    delete_reports(home, expired_reports | damaged)
    written = []
    for load_id in loads:
        report = LoadReport(workspace, load_id, every_region=False)
        if report == report_of_run:
            report = report_of_run
        has_report = load_id in expired_reports or report.folder.is_dir()
        if has_report and load_id not in damaged:
            continue
        if load_id not in expired_receipts:
            write_receipts(workspace, load_id, report.submissions, executor, faults)
        if not has_report:
            with faults.set_aside():
                with replace_atomic(report.folder, is_durable=True) as temporary:
                    _write_report(report, temporary)
                    write_manifest(temporary, log_entries[load_id])
                written.append(report.folder)
    return written


def _expired(loads: Mapping[int, datetime], kept_days: int, now: datetime | None) -> set[int]:
    """Return the loads whose files are kept no longer."""
    if not kept_days or now is None:
        return set()
    return {
        load_id for load_id, recorded_at in loads.items() if now - recorded_at > timedelta(days=kept_days)
    }


def _write_report(report: LoadReport, folder: Path) -> None:
    folder.mkdir()
    _write_csv(folder / "submissions.csv", report.submissions.drop(columns="source_columns"))
    with reading(report.workspace.engine) as connection:
        findings = pages_of_findings(connection, report.workspace.tables, report.load_id)
        _write_pages(folder / "findings.csv", (page.assign(message=compose_messages) for page in findings))
        with suppress(CalendarUnknownError):
            coverage = coverage_of_load(
                report.workspace, report.workspace.as_of(connection, report.load_id)
            )
            _write_pages(
                folder / "coverage.csv", (page.assign(load_id=report.load_id) for page in coverage)
            )
    _write_csv(folder / "moved_figures.csv", pd.DataFrame(report.moved))
    _write_csv(folder / "open_questions.csv", report.questions.assign(message=compose_messages))


def _write_csv(file: Path, frame: pd.DataFrame) -> None:
    _write_pages(file, [frame])


def _write_pages(file: Path, pages: Iterable[pd.DataFrame]) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        for index, page in enumerate(pages):
            target.write(frame_as_csv(page, is_start=index == 0))
