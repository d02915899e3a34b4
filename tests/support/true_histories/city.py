"""A history of a city: its plans made into matters and files, and sent to a home night by night."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import or_, select

from flows.home import Home
from flows.ingest import load
from flows.pipeline import ingest
from flows.queries.cross_checks import find_cross_ledger_findings
from flows.queries.figures import read_figures
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators
from tests.support.counties import put
from tests.support.true_histories.clerks import File, Style
from tests.support.true_histories.matters import (
    AMOUNTS,
    COUNTED_BY,
    DAYS,
    INDICATORS,
    PERIODS,
    REGION_TABLE,
    Figures,
    Truth,
)
from tests.support.true_histories.ways import ORDINARY, WAYS, Desk, Plan, Step
from warehouse.engine import reading
from warehouse.load.record_load import last_load

FIRST_NIGHT = datetime(2023, 9, 5, 18)
#: says that a decision is in no report, perhaps because no plan is about it; it explains no other figure
OF_OTHER_REPORTS = "payments.decision_no.not_found"
#: the notice that says to which code of a recoded unit a report was taken
SETTLED = "submission.unit_settled"
#: how many of the nights follow a rerun
RERUN_SHARE = 0.25


@dataclass
class History:
    """What happened, and what arrives before each night."""

    truth: Truth
    nights: list[list[Step]]
    plans: Sequence[Plan] = ()

    def is_occupied(self, night: int, step: Step) -> bool:
        """Whether a file of the step would be written over one that nobody has read yet."""
        waiting = {
            file.path for other in self.nights[night : night + 1] for step in other for file in step.files
        }
        return any(file.path in waiting for file in step.files)


def make_history(plans: Sequence[Plan]) -> History:
    """Let the matters of the plans happen, and write them down."""
    history = History(Truth(), [], plans)
    ordered = sorted(
        plans,
        key=lambda plan: (plan.month, ["cases", "penalties", "payments"].index(plan.ledger), plan.unit),
    )
    for plan in ordered:
        rng = random.Random(plan.seed)
        style = Style.draw(rng, is_ordinary=plan.way in ORDINARY)
        count = rng.randint(2, 7)
        matters = [
            history.truth.happen(rng, plan.ledger, plan.unit, plan.month, plan.custom) for _ in range(count)
        ]
        desk = Desk(plan, rng, history.truth, sorted(matters, key=lambda matter: matter.day), style)
        steps = WAYS[plan.way](desk)
        history.truth.matters += desk.matters
        night = plan.night
        for step in steps:
            while history.is_occupied(night, step):
                night += 1
            history.nights += [[] for _ in range(night + 1 - len(history.nights))]
            history.nights[night].append(step)
            night += 1
    return history


@dataclass(frozen=True)
class Row:
    """A row that counts: where it was written, and what the warehouse took it for."""

    ledger: str
    unit: str
    month: str
    sha256: str
    source_row: int
    day: Any
    amount: int
    number: str


@dataclass(frozen=True)
class Doubt:
    """A finding that a person is shown: its rule, its load, the file and row that it is on."""

    rule_id: str
    load_id: int
    sha256: str | None
    path: str
    row: int | None
    report: tuple[Any, ...]
    text: str
    is_open: bool = True


@dataclass
class City:
    """A home in which a history happens."""

    folder: Path
    laid_out_file: Path
    workspace: Workspace = field(init=False)
    #: every file that arrived, by hash, and the load with which each arrived last
    files: dict[str, File] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "inbox").mkdir(parents=True)
        (self.folder / "regions.csv").write_text(REGION_TABLE, encoding="utf-8")
        (self.folder / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
        shutil.copy(self.laid_out_file, self.folder / "warehouse.sqlite")

    def live(self, history: History) -> None:
        """Send the files night by night, and run the pipeline after each."""
        rng = random.Random(len(history.plans))
        decisions: list[str] = []
        for number, night in enumerate(history.nights):
            now = FIRST_NIGHT + timedelta(days=number)
            for step in night:
                for path in step.gone:
                    (self.folder / "inbox" / path).unlink(missing_ok=True)
                decisions += step.decisions
                for file in step.files:
                    arrived = now - timedelta(minutes=rng.randrange(600))
                    put(self.folder / "inbox", file.path, file.data, arrived.isoformat())
            (self.folder / "adjustments.toml").write_text("".join(decisions), encoding="utf-8")
            self.workspace = Workspace(Home(self.folder))
            with patch.object(load, "refresh_materialized"):  # figures are computed from the rows
                if night and rng.random() < RERUN_SHARE:
                    plan = rng.choice(list(history.plans))
                    ingest(self.workspace, RunScope(plan.unit, plan.month), now)
                ingest(self.workspace, RunScope(), now + timedelta(minutes=1))
            load_id = self._last_load()
            for file in (file for step in night for file in step.files):
                sha256 = hashlib.sha256(file.data).hexdigest()
                self.files[sha256] = file
                self.arrivals[sha256] = load_id
            self.workspace.engine.dispose()

    def _last_load(self) -> int:
        with reading(self.workspace.engine) as connection:
            return last_load(connection, self.workspace.tables)[0]

    def counted_rows(self) -> list[Row]:
        rows = []
        with reading(self.workspace.engine) as connection:
            submissions = self.workspace.tables.submissions
            for ledger in INDICATORS:
                table = self.workspace.tables.ledgers[ledger]
                query = (
                    select(table, submissions.c.sha256)
                    .join(submissions, submissions.c.submission_id == table.c.submission_id)
                    .where(table.c.retired_load.is_(None), table.c.is_counted)
                )
                for row in connection.execute(query).mappings():
                    amount = row[AMOUNTS[ledger]] if ledger in AMOUNTS else 1
                    number = f"{row['row_key']}"
                    rows.append(
                        Row(ledger, row["unit_code"], row["period"], row["sha256"], row["source_row"],
                            row[DAYS[ledger]], int(amount or 0), number)
                    )  # fmt: skip
        return rows

    def doubts(self) -> list[Doubt]:
        """Return every finding that asks for something: in receipts, and in the list of open questions."""
        tables = self.workspace.tables
        findings, submissions = tables.findings, tables.submissions
        names = ("sha256", "unit_code", "ledger", "period", "superseded_load")
        query = (
            select(findings, *(submissions.c[name].label(f"of_{name}") for name in names))
            .outerjoin(submissions, submissions.c.submission_id == findings.c.submission_id)
            .where(or_(findings.c.severity != "notice", findings.c.rule_id == SETTLED))
        )
        with reading(self.workspace.engine) as connection:
            rows = list(connection.execute(query).mappings())
            as_of = self.workspace.as_of_moment(connection)
            questions = find_cross_ledger_findings(
                self.workspace, as_of, [2023], self.workspace.regions.unit_codes()
            )
        doubts = [
            Doubt(
                row["rule_id"], row["load_id"], row["of_sha256"], row["file"], row["row"],
                (row["of_unit_code"], row["of_ledger"], row["of_period"]), row["problem"],
                row["of_superseded_load"] is None,
            )
            for row in rows
        ]  # fmt: skip
        last = self._last_load()
        for row in questions.to_dict("records"):
            number = None if row.get("row") is None or row["row"] != row["row"] else int(row["row"])
            doubts.append(
                Doubt(
                    row["rule_id"],
                    last,
                    None,
                    row["file"],
                    number,
                    (row["unit_code"], "", ""),
                    row["problem"],
                )
            )
        return [doubt for doubt in doubts if doubt.rule_id != OF_OTHER_REPORTS]

    def figures(self) -> Figures:
        """Return the figures that there are; of what nobody reported there is none."""
        chosen = [indicators()[name] for name in INDICATORS.values()]
        figures: Figures = {}
        with reading(self.workspace.engine) as connection:
            as_of = self.workspace.as_of_moment(connection)
            for period in PERIODS:
                read = read_figures(self.workspace, as_of, chosen, list(COUNTED_BY), period)
                for ledger, name in INDICATORS.items():
                    for region in COUNTED_BY:
                        value = read[name, region].numerator
                        if value is not None:
                            figures[ledger, region, str(period)] = int(value)
        return figures
