"""Hold staged submissions against the current ones of their reports.

The comparison is set-wise, over the keys of rows. A report without a current submission, as most are, costs
nothing but its share of one query a ledger. `transforms.validate.replacement` decides,
`warehouse.load.replacement` applies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pandas as pd
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Text,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from schemas.reporting.replacement import (
    Arrival,
    CurrentSubmission,
    Delivery,
    Effect,
    Incoming,
    Outcome,
    RowDifferences,
)
from schemas.states import AWAITING, CURRENT_STATES, REJECTED
from warehouse.frames import insert_frame, values_list
from warehouse.load.merge import content_columns, has_same_row, is_unchanged
from warehouse.load.staging import StagedLedger
from warehouse.load.temporary_tables import create_empty, define_temporary
from warehouse.load.value_changes import read_value_changes
from warehouse.schema.tables import Tables
from warehouse.written_once import alias_once

#: staged submissions that are held against others
INCOMING = define_temporary(
    "incoming", Column("submission_id", Integer), Column("unit_code", Text), Column("period", Text)
)
#: what a submission is called by, however often it is validated
ARRIVAL = ("source_file", "sha256", "source_sheet", "received_at")


class ReplacementPolicy(Protocol):
    """Decides on submissions whose report has current ones, and describes the decision to their unit."""

    def decide(self, incoming: Incoming) -> Outcome:
        """Decide what becomes of a submission and which current ones it concerns."""

    def describe(
        self, incoming: Incoming, outcome: Outcome, differences: RowDifferences
    ) -> list[dict[str, Any]]:
        """Build the findings about a decision, for the incoming and for the current submissions."""


class TakeAll:
    """Replace every earlier submission by the later one without a look at its rows."""

    def decide(self, incoming: Incoming) -> Outcome:
        return Outcome(Effect.CURRENT, tuple(submission.submission_id for submission in incoming.current))

    def describe(
        self,
        incoming: Incoming,  # noqa: ARG002 - there is nothing to say
        outcome: Outcome,  # noqa: ARG002
        differences: RowDifferences,  # noqa: ARG002
    ) -> list[dict[str, Any]]:
        return []


@dataclass(frozen=True)
class Decisions:
    """The decisions on the submissions of a staged batch, by their id.

    `kept` are the submissions that brought rows of current ones which are not replaced. `beside` are those
    that were put beside other current ones without having said so.
    """

    outcomes: Mapping[int, Outcome]
    kept: Collection[int] = ()
    beside: Collection[int] = ()
    findings: Sequence[dict[str, Any]] = ()

    def ids(self, *effects: Effect) -> list[int]:
        """List the submissions to which one of these effects applies."""
        return sorted(number for number, outcome in self.outcomes.items() if outcome.effect in effects)


class Comparison:
    """A staged batch beside the current submissions of its reports."""

    def __init__(
        self,
        connection: Connection,
        tables: Tables,
        staged: StagedLedger,
        load_id: int,
    ) -> None:
        self.connection, self.tables, self.staged, self.load_id = connection, tables, staged, load_id
        self.ledger = tables.ledgers[staged.ledger]
        self.current_of: dict[int, int] = {}

    def decide(self, policy: ReplacementPolicy) -> Decisions:
        """Decide on each submission of the batch."""
        incoming = self._read_incoming(is_compared=not isinstance(policy, TakeAll))
        outcomes = {number: policy.decide(report) for number, report in incoming.items()}
        compared = [number for number, outcome in outcomes.items() if outcome.is_compared]
        differences = self._list_differences(compared, outcomes)
        findings = [
            finding
            for number, outcome in outcomes.items()
            for finding in policy.describe(
                incoming[number], outcome, differences.get(number, RowDifferences())
            )
        ]
        kept_ids = {
            submission.submission_id
            for number, outcome in outcomes.items()
            for submission in incoming[number].current
            if outcome.effect is Effect.CURRENT and submission.submission_id not in outcome.targets
        }
        kept = set[int]()
        if kept_ids:
            self._find_successors(incoming)
            kept = {origin for origin, current in self.current_of.items() if current in kept_ids}
        beside = {
            number
            for number, outcome in outcomes.items()
            if outcome.effect is Effect.CURRENT
            and incoming[number].keys
            and (outcome.targets or outcome.is_same_night)
        }
        return Decisions(outcomes, kept, beside, findings)

    def _read_incoming(self, *, is_compared: bool) -> dict[int, Incoming]:
        """Read each submission of the batch with the current ones of its report; rows are counted where they
        matter.
        """
        incoming = {
            int(row.submission_id): Incoming(
                int(row.submission_id), self.staged.ledger, row.unit_code, row.period, row.source_file, row.source_sheet,
                row.received_at, read_delivery(row),
            )
            for row in self.staged.reports.itertuples()
        }  # fmt: skip
        current: dict[int, list[CurrentSubmission]] = {}
        came_with_of = dict[int, int]()
        for staged, row in self._earlier_submissions():
            came_with = self.load_id if pd.isna(staged.arrived_load) else int(staged.arrived_load)
            came_with_of[int(staged.submission_id)] = came_with
            is_same = all(getattr(row, name) == getattr(staged, name) for name in ARRIVAL)
            submission = CurrentSubmission(
                row.submission_id,
                row.source_file,
                is_same,
                row.arrived_load == came_with,
                read_delivery(row),
            )
            current.setdefault(int(staged.submission_id), []).append(submission)
        arrivals = self._read_arrivals([incoming[number] for number in current])
        incoming |= {
            number: replace(
                incoming[number],
                current=of_report,
                came_with=came_with_of[number],
                arrivals=arrivals[number],
            )
            for number, of_report in current.items()
        }
        if is_compared:
            compared = [
                number
                for number, of_report in current.items()
                if not any(submission.is_same_arrival for submission in of_report)
            ]
            incoming |= self._count_rows({number: incoming[number] for number in compared})
        return incoming

    def _read_arrivals(self, incoming: Sequence[Incoming]) -> dict[int, list[Arrival]]:
        """Read the arrivals of each submission's report under its file's name, except for rejected ones."""
        if not incoming:
            return {}
        submissions = self.tables.submissions.c
        came_with = func.coalesce(submissions.arrived_load, submissions.load_id)
        names = (submissions.unit_code, submissions.period, submissions.source_file)
        query = (
            select(*names, came_with, _count_where(submissions.state == AWAITING))
            .where(
                submissions.ledger == self.staged.ledger,
                submissions.source_file.in_(values_list(sorted({item.source_file for item in incoming}))),
                submissions.state != REJECTED,
            )
            .group_by(*names, came_with)
        )
        by_file: dict[tuple[str, str, str], list[Arrival]] = {}
        for *file, load, waited in self.connection.execute(query):
            by_file.setdefault((file[0], file[1], file[2]), []).append(Arrival(load, waited > 0))
        return {
            item.submission_id: by_file.get((item.unit_code, item.period, item.source_file), [])
            for item in incoming
        }

    def _earlier_submissions(self) -> Iterator[tuple[Any, Any]]:
        """Yield each submission of the batch with each current one of its report that came before.

        One query reads those of all the months of the batch: most reports have none.
        """
        staged_by_report = {(row.unit_code, row.period): row for row in self.staged.reports.itertuples()}
        submissions = self.tables.submissions.c
        columns = ("submission_id", "unit_code", "period", *ARRIVAL, "delivery")
        query = (
            select(
                *(submissions[name] for name in columns),
                func.coalesce(submissions.arrived_load, submissions.load_id).label("arrived_load"),
            )
            .where(
                submissions.ledger == self.staged.ledger,
                submissions.period.in_(sorted({period for _, period in staged_by_report})),
                submissions.superseded_load.is_(None),
                submissions.state.in_(CURRENT_STATES),
            )
            .order_by(submissions.submission_id)
        )
        for row in self.connection.execute(query):
            staged = staged_by_report.get((row.unit_code, row.period))
            if staged is not None and row.submission_id < staged.submission_id:
                yield staged, row

    def _fill_incoming(self, numbers: Iterable[int]) -> None:
        create_empty(self.connection, INCOMING)
        reports = self.staged.reports
        chosen = reports[reports["submission_id"].isin(list(numbers))]
        insert_frame(self.connection, INCOMING, chosen[INCOMING.columns.keys()])

    def _count_rows(self, incoming: Mapping[int, Incoming]) -> dict[int, Incoming]:
        """Count the rows that each submission and the current ones of its report have in common."""
        if not incoming:
            return {}
        self._find_successors(incoming)
        self._fill_incoming(incoming)
        ledger, rows = self.ledger, self.staged.rows
        has_key = or_(has_same_row(ledger, rows), has_same_row(ledger, self.staged.quarantined))
        differs = and_(has_same_row(ledger, rows), ~is_unchanged(ledger, rows))
        query = (
            select(
                INCOMING.c.submission_id, ledger.c.submission_id, func.count(), _count_where(has_key), _count_where(differs)
            )
            .join(ledger, self._is_current_row())
            .group_by(INCOMING.c.submission_id, ledger.c.submission_id)
        )  # fmt: skip
        counts: dict[tuple[int, int], tuple[int, ...]] = {}
        for number, origin, *numbers in self.connection.execute(query):
            key = (number, self.current_of.get(origin, incoming[number].current[0].submission_id))
            counts[key] = tuple(map(sum, zip(counts.get(key, (0, 0, 0)), numbers, strict=True)))
        own, returned = self._count_own_rows(), self._find_returned(incoming)
        changes = read_value_changes(self.connection, self.staged, ledger, INCOMING, self._is_current_row())
        counted = {}
        for number, report in incoming.items():
            keys, alone = own.get(number, (0, 0))
            earlier, replaced_by = returned.get(number, (None, None))
            current = [
                _count_shared(submission, counts.get((number, submission.submission_id)))
                for submission in report.current
            ]
            counted[number] = replace(
                report,
                current=current,
                keys=keys,
                alone=alone,
                returned_from=earlier,
                replaced_by=replaced_by,
                changes=changes.get(number, ()),
            )
        return counted | self._find_renumbered(counted)

    def _find_renumbered(self, counted: Mapping[int, Incoming]) -> dict[int, Incoming]:
        """Mark the submissions whose only missing row is there under another number, alike in all else."""
        candidates = [
            number
            for number, report in counted.items()
            if report.alone == 1 and sum(submission.gone for submission in report.current) == 1
        ]
        numbers = self.staged.definition.number_columns()
        columns = [name for name in content_columns(self.ledger) if name not in numbers]
        if not candidates or not numbers:
            return {}
        self._fill_incoming(candidates)
        ledger, rows = self.ledger, self.staged.rows
        staged: Any = rows.alias("staged")
        is_alike = and_(*(ledger.c[name].is_not_distinct_from(rows.c[name]) for name in columns))
        query = (
            select(INCOMING.c.submission_id)
            .select_from(INCOMING)
            .join(rows, rows.c.submission_id == INCOMING.c.submission_id)
            .join(ledger, and_(self._is_current_row(), is_alike))
            .where(self._is_alone(rows), ~has_same_row(ledger, staged))
        )
        return {
            number: replace(counted[number], is_renumbered=True)
            for number in self.connection.scalars(query)
        }

    def _is_current_row(self) -> ColumnElement[bool]:
        ledger = self.ledger
        return and_(
            ledger.c.unit_code == INCOMING.c.unit_code,
            ledger.c.period == INCOMING.c.period,
            ledger.c.retired_load.is_(None),
        )

    def _is_alone(self, staged: Any) -> ColumnElement[bool]:
        """Filter for staged rows or quarantined keys that no current row has."""
        same = (self.ledger.c[name] == staged.c[name] for name in ("row_key", "unit_code", "period"))
        return ~exists().where(*same, self.ledger.c.retired_load.is_(None)).correlate(staged)

    def _own_keys(self) -> list[Any]:
        """Return the staged rows and, apart, the quarantined keys that are not among them, each joined with
        INCOMING.
        """
        rows, quarantined = self.staged.rows, self.staged.quarantined
        is_accepted = exists().where(
            *(rows.c[name] == quarantined.c[name] for name in ("row_key", "unit_code", "period"))
        )
        of_report = and_(
            quarantined.c.unit_code == INCOMING.c.unit_code, quarantined.c.period == INCOMING.c.period
        )
        return [
            (rows, rows.c.submission_id == INCOMING.c.submission_id),
            (quarantined, and_(of_report, ~is_accepted.correlate(quarantined))),
        ]

    def _count_own_rows(self) -> dict[int, tuple[int, int]]:
        """Count the keys of each submission of INCOMING, and those that no current row has."""
        own: dict[int, tuple[int, int]] = {}
        for staged, condition in self._own_keys():
            query = (
                select(INCOMING.c.submission_id, func.count(), _count_where(self._is_alone(staged)))
                .select_from(INCOMING)
                .join(staged, condition)
                .group_by(INCOMING.c.submission_id)
            )
            for number, keys, alone in self.connection.execute(query):
                before = own.get(number, (0, 0))
                own[number] = (before[0] + keys, before[1] + alone)
        return own

    def _find_returned(self, incoming: Mapping[int, Incoming]) -> dict[int, tuple[str, str]]:
        """Find earlier, replaced submissions of the same reports whose file had the same bytes."""
        earlier, later, staged = (
            alias_once(self.tables.submissions, name) for name in ("earlier", "later", "staged")
        )
        same_report = (
            earlier.c[name] == staged.c[name] for name in ("ledger", "unit_code", "period", "sha256")
        )
        query = (
            select(
                INCOMING.c.submission_id, earlier.c.load_id, earlier.c.source_file, later.c.source_file.label("replaced_by")
            )
            .join(staged, staged.c.submission_id == INCOMING.c.submission_id)
            .join(earlier, and_(*same_report, earlier.c.submission_id < staged.c.submission_id))
            .join(later, and_(later.c.submission_id == earlier.c.superseded_by, later.c.sha256 != earlier.c.sha256))
            .where(or_(staged.c.is_revalidated.is_(False), earlier.c.load_id == self.load_id))
            .order_by(earlier.c.submission_id)
        )  # fmt: skip
        return {
            row.submission_id: (row.source_file, row.replaced_by)
            for row in self.connection.execute(query)
            if row.submission_id in incoming
        }

    def _find_successors(self, incoming: Mapping[int, Incoming]) -> None:
        """Map every submission of the reports with current ones to the one that took its place."""
        self._fill_incoming(number for number, report in incoming.items() if report.current)
        submissions = self.tables.submissions
        of_report = and_(
            submissions.c.ledger == self.staged.ledger,
            submissions.c.unit_code == INCOMING.c.unit_code,
            submissions.c.period == INCOMING.c.period,
        )
        query = select(submissions.c.submission_id, submissions.c.superseded_by).join(INCOMING, of_report)
        later = {row.submission_id: row.superseded_by for row in self.connection.execute(query)}
        for number in later:
            current = number
            while later.get(current) is not None:
                current = later[current]
            self.current_of[number] = current

    def _list_differences(
        self, numbers: Sequence[int], outcomes: Mapping[int, Outcome]
    ) -> dict[int, RowDifferences]:
        """List the keys of the rows in which submissions and the current ones compared with them differ."""
        if not numbers:
            return {}
        self._fill_incoming(numbers)
        ledger, rows = self.ledger, self.staged.rows
        is_gone = ~or_(has_same_row(ledger, rows), has_same_row(ledger, self.staged.quarantined))
        differs = and_(has_same_row(ledger, rows), ~is_unchanged(ledger, rows))
        lists: dict[int, dict[str, list[str]]] = {
            number: {"gone": [], "alone": [], "differing": []} for number in numbers
        }
        for name, condition in (("gone", is_gone), ("differing", differs)):
            query = (
                select(INCOMING.c.submission_id, ledger.c.submission_id, ledger.c.row_key)
                .select_from(INCOMING)
                .join(ledger, self._is_current_row())
                .where(condition)
                .order_by(ledger.c.source_row, ledger.c.row_key)
            )
            for number, origin, key in self.connection.execute(query):
                targets = outcomes[number].targets
                if self.current_of.get(origin, targets[0]) in targets:
                    lists[number][name].append(key)
        for staged, condition in self._own_keys():
            order = [staged.c.source_row] if "source_row" in staged.c else []
            query = (
                select(INCOMING.c.submission_id, staged.c.row_key)
                .select_from(INCOMING)
                .join(staged, condition)
                .where(self._is_alone(staged))
                .order_by(*order, staged.c.row_key)
            )
            for number, key in self.connection.execute(query):
                lists[number]["alone"].append(key)
        return {number: RowDifferences(**keys) for number, keys in lists.items()}


def read_delivery(submission: Any) -> Delivery | None:
    """Read what a submission says of the earlier ones; missing in a frame it is not a text."""
    return Delivery(submission.delivery) if isinstance(submission.delivery, str) else None


def _count_shared(submission: CurrentSubmission, numbers: tuple[int, ...] | None) -> CurrentSubmission:
    """Return the submission with its numbers of rows, shared rows and differing rows."""
    if numbers is None:
        return submission
    rows, shared, differing = numbers
    return replace(submission, rows=rows, shared=shared, differing=differing)


def _count_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
