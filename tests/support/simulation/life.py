"""Play a story over a home: files arrive, runs begin and fail, backups are put back."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from flows import atomic, pipeline
from flows.archive.consistency import WarehouseBehindError
from flows.archive.log import ArchiveLog
from flows.archive.ownership import ForeignArchiveError
from flows.cli import main
from flows.home import Home
from flows.ingest import load, read_batches
from flows.outputs import load_reports
from flows.outputs.publication import NothingLoadedError, publish
from flows.outputs.receipt_files import RECEIPT_NAME
from flows.pipeline import RunResult, run_pipeline
from flows.run_lock import hold_run_lock
from flows.sandbox import render_receipts
from flows.storage_errors import describe_storage_error
from flows.workspace import RunScope, Workspace
from schemas.periods import Period
from tests.support.counties import put
from tests.support.simulation.faults import NO_FAULT, Fault, InThisThread, KilledError, failing
from tests.support.simulation.story import ARCHIVE, WAREHOUSE, Night, Story
from tests.support.true_histories.city import FIRST_NIGHT, City
from tests.support.true_histories.matters import NEW, RECODED, REGION_TABLE
from warehouse.engine import reading
from warehouse.figures.publications import published_figures
from warehouse.load.recorded_entries import recorded_entries

#: the region table before the county 长岭县 became the city 长岭市
EARLIER_TABLE = "\n".join(
    line.replace(f"{RECODED[:4]}-06-30,{NEW}", ",")
    for line in REGION_TABLE.splitlines()
    if not line.startswith(NEW)
)
PERIOD = Period.parse("2023-Q3")
#: what belongs to the warehouse beside its main file
BESIDE = ("", "-wal", "-shm")


class BrokenPromiseError(Exception):
    """Something does not hold that is promised."""


@dataclass
class Ledger:
    """The plain model: what was sent and accepted, what was published, what was deleted on purpose.

    `accepted`: by path the hash of every file that lay in the inbox when a run ended as it should.
    `published`: the figures by number, as they were when they were published.
    """

    accepted: dict[str, str] = field(default_factory=dict)
    published: dict[int, Any] = field(default_factory=dict)
    lost_receipts: set[str] = field(default_factory=set)


@dataclass
class Life(City):
    """A home in which a story happens."""

    story: Story = field(kw_only=True)
    model: Ledger = field(default_factory=Ledger, init=False)
    decisions: list[str] = field(default_factory=list, init=False)
    #: what happened, for who reads a failure
    log: list[str] = field(default_factory=list, init=False)
    result: RunResult | None = field(default=None, init=False)
    #: whether the fault of the last run occurred
    has_failed: bool = field(default=False, init=False)

    @property
    def backups(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-backups")

    def play(self) -> Iterator[int]:
        """Play the nights; yield the number of each after whose last run nothing is left undone."""
        shutil.rmtree(self.backups, ignore_errors=True)
        rng = random.Random(self.story.seed)
        for number, night in enumerate(self.story.nights):
            now = FIRST_NIGHT + timedelta(days=number)
            if self._would_overwrite_unread(number):
                self.run(RunScope(), now - timedelta(hours=12))
            self.arrive(number, now, rng)
            self.damage(night, rng)
            clock = now + timedelta(days=night.days_off)
            if self.run_through(night, clock, rng):
                yield number
                if night.publishes:
                    self.publish(night, clock)
                self.back_up(number)
        end = FIRST_NIGHT + timedelta(days=len(self.story.nights))
        (self.folder / "regions.csv").write_text(REGION_TABLE, encoding="utf-8")
        (self.folder / "adjustments.toml").write_text("".join(self.decisions), encoding="utf-8")
        self.run(RunScope(), end)
        yield len(self.story.nights)

    def _would_overwrite_unread(self, number: int) -> bool:
        """Whether a file arrives under the name of one that no run took yet."""
        for file in (file for step in self.story.history.nights[number] for file in step.files):
            there = self.folder / "inbox" / file.path
            if there.exists() and self.model.accepted.get(file.path) != hash_of(there.read_bytes()):
                return True
        return False

    def arrive(self, number: int, now: datetime, rng: random.Random) -> None:
        """Let the files of a night arrive, others go, and the bureau decide."""
        is_recoded = number >= self.story.recoded_on
        table = REGION_TABLE if is_recoded else EARLIER_TABLE
        (self.folder / "regions.csv").write_text(table, encoding="utf-8")
        for step in self.story.history.nights[number]:
            for path in step.gone:
                (self.folder / "inbox" / path).unlink(missing_ok=True)
            self.decisions += step.decisions
            for file in step.files:
                arrived = now - timedelta(minutes=rng.randrange(600))
                put(self.folder / "inbox", file.path, file.data, arrived.isoformat())
                sha256 = hash_of(file.data)
                self.files[sha256] = file
                self.arrivals.setdefault(sha256, 0)
        # a decision about a unit waits until the region table knows it, as the bureau could not enter it
        decisions = [entry for entry in self.decisions if is_recoded or f'"{NEW}"' not in entry]
        (self.folder / "adjustments.toml").write_text("".join(decisions), encoding="utf-8")

    def damage(self, night: Night, rng: random.Random) -> None:
        """Delete outputs, and put an old warehouse or archive in the place of the newer one."""
        receipts = sorted((self.folder / "receipts").glob("*/*/*.xlsx"))
        if night.loses_receipts and receipts:
            for receipt in rng.sample(receipts, (len(receipts) + 1) // 2):
                self.model.lost_receipts.add(digest_of_receipt(receipt))
                receipt.unlink()
                self.log.append(f"deleted {receipt.name}")
        if night.loses_reports:
            self.log.append("deleted the reports")
            shutil.rmtree(self.folder / "reports", ignore_errors=True)

    def run_through(self, night: Night, now: datetime, rng: random.Random) -> bool:
        """Run as often as it takes; return whether the last run ended as it should."""
        scope = RunScope()
        if night.is_rerun and self.story.history.plans:
            plan = rng.choice(list(self.story.history.plans))
            scope = RunScope(plan.unit, plan.month)
        for fault in night.faults:
            if self.run(scope, now, fault) is not None and scope.is_all:
                return True
        if night.is_patient and night.faults:
            return False
        for what in (scope, RunScope()) if not scope.is_all else (scope,):
            now += timedelta(minutes=1)
            if not self.run_on_what_was_put_back(night, what, now):
                self.run(what, now)
        return True

    def run_on_what_was_put_back(self, night: Night, scope: RunScope, now: datetime) -> bool:
        """Put an old backup back and run; return whether that run ended as it should."""
        backup = self.backups / str(night.old_night)
        if not night.old or not backup.exists() or not scope.is_all:
            return False
        self.log.append(f"put the {night.old} of night {night.old_night} back")
        newest = self.back_up("newest")
        self.put_back(backup, night.old)
        is_older = self._is_older(newest, night.old)
        try:
            self.run(scope, now)
        except (WarehouseBehindError, ForeignArchiveError) as error:
            self.log.append(f"refused: {error}")
            if night.old == WAREHOUSE and night.is_rebuilt:
                self.rebuild_in_place()
            else:
                self.put_back(newest, night.old)
            return False
        if is_older and self._is_older(newest, night.old):
            raise BrokenPromiseError(f"a run took no notice of an old {night.old}")
        return True

    def _is_older(self, newest: Path, what: str) -> bool:
        """Whether what was put back lacks what the newest backup has: loads or publications."""
        if what == ARCHIVE:
            with reading(self.workspace.engine) as connection:
                logged = {entry.digest for entry in recorded_entries(connection, self.workspace.tables)}
            return not logged <= {entry.digest for entry in ArchiveLog(self.folder / "archive").entries()}
        now, then = (_counts(folder / "warehouse.sqlite") for folder in (self.folder, newest))
        return now[0] < then[0] or now[1] < then[1]

    def run(self, scope: RunScope, now: datetime, fault: Fault = NO_FAULT) -> RunResult | None:
        """Run the pipeline; return how it ended, None where the fault ended it."""
        self.result = None
        with self.without_what_costs(), failing(self.folder, fault) as disk:
            workspace = None
            try:
                workspace = Workspace(Home(self.folder))
                self.result = run_pipeline(workspace, scope, now)
            except KilledError:
                pass
            except Exception as error:
                if not disk.has_failed:
                    raise
                if describe_storage_error(error) is None:
                    raise BrokenPromiseError(f"{fault} ended a run without a sentence") from error
            finally:
                if workspace:
                    workspace.engine.dispose()
        self.has_failed = disk.has_failed
        self.log.append(
            f"run {scope} at {now}: {fault}, failed {disk.has_failed}, {self.result and 'ended'}"
        )
        if self.result is None or disk.has_failed:
            return None
        self.workspace = Workspace(Home(self.folder))
        self._take(scope)
        return self.result

    def _take(self, scope: RunScope) -> None:
        """Note what lies in the inbox, where the run looked for it, after it ended as it should."""
        load_id, inbox = self._last_load(), self.folder / "inbox"
        searched = inbox if scope.is_all else inbox / str(scope.period) / str(scope.unit_code)
        for file in sorted(searched.rglob("*")):
            if file.is_file():
                sha256 = hash_of(file.read_bytes())
                if self.model.accepted.get(file.relative_to(inbox).as_posix()) != sha256:
                    self.arrivals[sha256] = load_id
                self.model.accepted[file.relative_to(inbox).as_posix()] = sha256

    @contextmanager
    def without_what_costs(self) -> Iterator[None]:
        """Leave out child processes and, except in whole stories, what follows from the rows alone."""
        with ExitStack() as stack:
            for module, name, instead in (
                (render_receipts, "map_isolated", in_this_process),
                (read_batches, "map_once", in_this_process),
                (atomic, "ThreadPoolExecutor", InThisThread),
            ):
                stack.enter_context(patch.object(module, name, instead))
            if not self.story.is_whole:
                for module, name in (
                    (load, "refresh_materialized"),
                    (pipeline, "refresh_marts"),
                    (pipeline, "refresh_snapshot"),
                ):
                    stack.enter_context(patch.object(module, name, lambda *_: None))
                stack.enter_context(patch.object(load_reports, "_write_report", _write_short_report))
            yield

    def publish(self, night: Night, now: datetime) -> None:
        """Publish the figures, and keep them in the model; a fault of the night meets that too."""
        for fault in (*night.faults[-1:], NO_FAULT):
            expected = (NothingLoadedError,) if fault == NO_FAULT else (KilledError, Exception)
            with self.without_what_costs(), failing(self.folder, fault) as disk, suppress(*expected):
                workspace = Workspace(Home(self.folder))
                try:
                    with hold_run_lock(workspace):
                        publish(workspace, PERIOD, "", as_provisional=True, now=now)
                finally:
                    workspace.engine.dispose()
            if not disk.has_failed:
                break
        self.workspace = Workspace(Home(self.folder))
        with reading(self.workspace.engine) as connection:
            number = 1
            while figures := published_figures(connection, self.workspace.tables, number):
                self.model.published.setdefault(number, figures)
                number += 1
        self.log.append(f"published {number - 1}")

    def back_up(self, name: object) -> Path:
        """Copy warehouse and archive aside."""
        self.workspace.engine.dispose()
        target = self.backups / str(name)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for suffix in BESIDE:
            with suppress(FileNotFoundError):
                shutil.copy2(f"{self.folder}/warehouse.sqlite{suffix}", target)
        if (self.folder / "archive").exists():
            shutil.copytree(self.folder / "archive", target / "archive")
        return target

    def put_back(self, backup: Path, what: str) -> None:
        """Put the warehouse or the archive of a backup in the place of the one that is there."""
        self.workspace.engine.dispose()
        if what == ARCHIVE:
            shutil.rmtree(self.folder / "archive", ignore_errors=True)
            shutil.copytree(backup / "archive", self.folder / "archive")
            return
        for suffix in BESIDE:
            Path(f"{self.folder}/warehouse.sqlite{suffix}").unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                shutil.copy2(backup / f"warehouse.sqlite{suffix}", self.folder)

    def rebuild_in_place(self) -> None:
        """Rebuild the warehouse from the archive."""
        with self.without_what_costs():
            result = CliRunner().invoke(main, ["--home", str(self.folder), "rebuild", "--replace"])
        self.log.append(result.output)
        if "It now is" not in result.output:
            raise BrokenPromiseError(f"a rebuild ended with {result.output} {result.exception!r}")


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of_receipt(file: Path) -> str:
    """Return the first digits of the hash of the file that a receipt is about."""
    match = RECEIPT_NAME.search(file.name)
    assert match is not None, file
    return match[2]


def in_this_process(_limits: Any, function: Any, calls: Any, *_: Any) -> list[Any]:
    return [function(*call) for call in calls]


def _write_short_report(report: load_reports.LoadReport, folder: Path) -> None:
    """Write a report that takes no time: its submissions alone."""
    folder.mkdir()
    report.submissions[["source_file", "state"]].to_csv(folder / "submissions.csv", index=False)


def _counts(warehouse: Path) -> tuple[int, int]:
    """Return how many loads and publications a warehouse has."""
    connection = sqlite3.connect(warehouse)
    try:
        (loads,) = connection.execute("SELECT count(*) FROM loads").fetchone()
        (publications,) = connection.execute("SELECT count(*) FROM publications").fetchone()
        return loads, publications
    finally:
        connection.close()
