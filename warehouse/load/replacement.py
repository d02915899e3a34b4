"""Apply what is decided about staged submissions: which become current, which replace others, which wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, and_, bindparam, exists, func, insert, or_, select, update

from schemas.ledgers.finding import finding
from schemas.ledgers.rules import ADDED, NAMED_PARTS, PARTS
from schemas.reporting.replacement import PART_WORDS, Delivery, Effect
from schemas.states import AWAITING, CURRENT_STATES, REJECTED, WITHDRAWN
from warehouse.load.comparison import ARRIVAL, Comparison, Decisions, ReplacementPolicy
from warehouse.load.merge import merge_ledger
from warehouse.load.staging import StagedLedger
from warehouse.schema.tables import Tables
from warehouse.written_once import alias_once

#: unit, ledger, month
Report = tuple[str, str, str]
STATES = {Effect.AWAITING: AWAITING, Effect.WITHDRAWN: WITHDRAWN}


def merge_batch(
    connection: Connection, tables: Tables, staged: StagedLedger, load_id: int, policy: ReplacementPolicy
) -> Decisions:
    """Decide on the submissions of a staged batch, and merge the rows of those that become current."""
    decisions = Comparison(connection, tables, staged, load_id).decide(policy)
    _set_states(connection, tables, decisions)
    _keep_awaiting_rows(connection, tables, staged, decisions.ids(Effect.AWAITING))
    _supersede(connection, tables, _replaced_pairs(decisions), load_id)
    remaining = staged.without(
        connection, decisions.ids(Effect.AWAITING, Effect.WITHDRAWN, Effect.CONTAINED)
    )
    if len(remaining.reports):
        merge_ledger(connection, tables, remaining, load_id, decisions.kept)
    _supersede(connection, tables, _settled_pairs(connection, tables, staged, decisions, load_id), load_id)
    return decisions


def _set_states(connection: Connection, tables: Tables, decisions: Decisions) -> None:
    """Store the states of submissions that do not count, and how the bureau wants others to be taken."""
    table = tables.submissions
    for number, outcome in decisions.outcomes.items():
        values = {"state": STATES[outcome.effect]} if outcome.effect in STATES else {}
        if outcome.adjustment and outcome.adjustment.mode:
            values["delivery"] = outcome.adjustment.mode.value
        if values:
            connection.execute(update(table).where(table.c.submission_id == number).values(**values))


def _keep_awaiting_rows(
    connection: Connection, tables: Tables, staged: StagedLedger, numbers: Collection[int]
) -> None:
    """Store the keys of submissions that wait, quarantined rows included."""
    if not numbers:
        return
    rows, quarantined, reports = staged.rows.c, staged.quarantined.c, tables.submissions.c
    of_report = and_(reports.unit_code == quarantined.unit_code, reports.period == quarantined.period)
    accepted = select(rows.submission_id, rows.row_key).where(rows.submission_id.in_(numbers))
    held = select(reports.submission_id, quarantined.row_key).where(
        of_report, reports.submission_id.in_(numbers)
    )
    keys = accepted.union(held).subquery()
    connection.execute(insert(tables.awaiting_rows).from_select(["submission_id", "row_key"], select(keys)))


def _replaced_pairs(decisions: Decisions) -> list[tuple[int, int]]:
    """List (superseded, superseded by)."""
    pairs = []
    for number, outcome in decisions.outcomes.items():
        if outcome.effect is Effect.CURRENT:
            pairs += [(target, number) for target in outcome.targets]
        elif outcome.effect is Effect.CONTAINED:
            pairs.append((number, outcome.targets[0]))
    return pairs


def _supersede(
    connection: Connection, tables: Tables, pairs: Collection[tuple[int, int]], load_id: int
) -> None:
    if pairs:
        table = tables.submissions
        supersede = (
            update(table)
            .where(table.c.submission_id == bindparam("an_id"))
            .values(superseded_load=load_id, superseded_by=bindparam("a_later_id"))
        )
        connection.execute(supersede, [{"an_id": number, "a_later_id": later} for number, later in pairs])


def _settled_pairs(
    connection: Connection, tables: Tables, staged: StagedLedger, decisions: Decisions, load_id: int
) -> list[tuple[int, int]]:
    """List the submissions that need not wait any more: sent again under their name, or another file took
    the place of earlier ones since, and all their rows are there. One that is only added settles nothing.
    """
    table, pairs = tables.submissions, []
    columns = ("submission_id", "unit_code", "period", "source_file")
    waiting = connection.execute(
        select(
            *(table.c[name] for name in columns),
            func.coalesce(table.c.arrived_load, table.c.load_id).label("came_with"),
        ).where(
            table.c.ledger == staged.ledger, table.c.state == AWAITING, table.c.superseded_load.is_(None)
        )
    ).all()
    if not waiting:
        return []
    later = {(row.unit_code, row.period): row for row in staged.reports.itertuples()}
    for row in waiting:
        by = later.get((row.unit_code, row.period))
        if by is None or by.submission_id <= row.submission_id:
            continue
        outcome = decisions.outcomes[by.submission_id]
        effect = outcome.effect
        came_with = load_id if pd.isna(by.arrived_load) else int(by.arrived_load)
        is_sent_again = by.source_file == row.source_file and effect in (Effect.CURRENT, Effect.AWAITING)
        is_later = effect is Effect.CURRENT and bool(outcome.targets) and row.came_with < came_with
        if is_sent_again or (is_later and _has_all_rows(connection, tables, staged, row)):
            pairs.append((row.submission_id, by.submission_id))
    return pairs


def _has_all_rows(connection: Connection, tables: Tables, staged: StagedLedger, awaiting: Any) -> bool:
    """Whether every row of a submission that waits is in its report now, if only quarantined."""
    keys, ledger = tables.awaiting_rows, tables.ledgers[staged.ledger]

    def is_in(table: Table) -> Any:
        return exists().where(
            table.c.row_key == keys.c.row_key,
            table.c.unit_code == awaiting.unit_code,
            table.c.period == awaiting.period,
            *([table.c.retired_load.is_(None)] if table is ledger else []),
        )

    lacking = (
        select(func.count())
        .select_from(keys)
        .where(
            keys.c.submission_id == awaiting.submission_id, ~or_(is_in(ledger), is_in(staged.quarantined))
        )
    )
    return connection.scalar(lacking) == 0


def reset_reports(
    connection: Connection, tables: Tables, reports: Collection[Report], load_id: int
) -> None:
    """Empty reports whose submissions are all validated again by this load, in the order in which they came.

    Each earlier submission is superseded by itself as validated again.
    """
    table = tables.submissions
    for unit_code, ledger, period in sorted(reports):
        of_report = and_(table.c.unit_code == unit_code, table.c.ledger == ledger, table.c.period == period)
        columns = (table.c.submission_id, *(table.c[name] for name in ARRIVAL))
        again = connection.execute(
            select(*columns).where(of_report, table.c.load_id == load_id, table.c.is_revalidated)
        ).all()
        if not again:
            continue
        first, by_arrival = (
            min(row.submission_id for row in again),
            {tuple(row[1:]): row[0] for row in again},
        )
        earlier = connection.execute(
            select(*columns).where(
                of_report,
                table.c.load_id < load_id,
                table.c.superseded_load.is_(None),
                table.c.state != REJECTED,
            )
        ).all()
        pairs = [(row.submission_id, by_arrival.get(tuple(row[1:]), first)) for row in earlier]
        _supersede(connection, tables, pairs, load_id)
        _retire_rows(connection, tables, (unit_code, ledger, period), load_id, first)


def hand_over_reports(
    connection: Connection, tables: Tables, units_now: Mapping[tuple[str, str], str], load_id: int
) -> None:
    """Supersede the submissions of reports that are another unit's now by themselves as read again for it,
    and empty these reports.
    """
    table, columns = tables.submissions, ("ledger", "sha256", "source_file", "source_sheet", "received_at")
    for (unit_code, period), unit_now in sorted(units_now.items()):
        query = select(table.c.submission_id, *(table.c[name] for name in columns)).where(
            table.c.period == period
        )
        is_again = and_(table.c.unit_code == unit_now, table.c.load_id == load_id, table.c.is_revalidated)
        again = {tuple(row[1:]): row.submission_id for row in connection.execute(query.where(is_again))}
        is_open = and_(table.c.superseded_load.is_(None), table.c.state != REJECTED)
        by_ledger: dict[str, list[tuple[int, int | None]]] = {}
        for row in connection.execute(query.where(table.c.unit_code == unit_code, is_open)):
            by_ledger.setdefault(row.ledger, []).append((row.submission_id, again.get(tuple(row[1:]))))
        for ledger, numbers in by_ledger.items():
            pairs = [(number, later) for number, later in numbers if later is not None]
            if len(pairs) == len(numbers):
                _supersede(connection, tables, pairs, load_id)
                _retire_rows(connection, tables, (unit_code, ledger, period), load_id, min(pairs)[1])


def _retire_rows(connection: Connection, tables: Tables, report: Report, load_id: int, by: int) -> None:
    """Retire all current rows of a report."""
    unit_code, ledger, period = report
    rows = tables.ledgers[ledger]
    is_row = and_(rows.c.unit_code == unit_code, rows.c.period == period, rows.c.retired_load.is_(None))
    connection.execute(update(rows).where(is_row).values(retired_load=load_id, retired_by=by))


def describe_several_current(
    connection: Connection, tables: Tables, load_id: int, decisions: Collection[Decisions]
) -> list[dict[str, Any]]:
    """Build the findings on current submissions of this load whose report has other current ones.

    Where all but one of these were said to be additions, nothing is doubtful. A decision of the bureau is
    described already.
    """
    confirmed = {
        number
        for decided in decisions
        for number, outcome in decided.outcomes.items()
        if outcome.adjustment
    }
    reports, other_reports = tables.submissions, alias_once(tables.submissions, "other_reports")
    same_report = and_(
        *(reports.c[name] == other_reports.c[name] for name in ("unit_code", "ledger", "period"))
    )
    query = (
        select(
            reports.c.submission_id, reports.c.source_file, reports.c.source_sheet, reports.c.delivery,
            other_reports.c.source_file.label("other_file"), other_reports.c.delivery.label("other_delivery"),
        )
        .join(other_reports, and_(same_report, other_reports.c.submission_id != reports.c.submission_id))
        .where(reports.c.load_id == load_id, *_is_current(reports), *_is_current(other_reports))
        .order_by(reports.c.submission_id, other_reports.c.submission_id)
    )  # fmt: skip
    by_part: dict[int, list[Any]] = {}
    for row in connection.execute(query):
        by_part.setdefault(row.submission_id, []).append(row)
    beside = {number for decided in decisions for number in decided.beside}
    findings = []
    for number, rows in by_part.items():
        first, is_added = rows[0], rows[0].delivery == Delivery.ADD
        undeclared = sum(
            delivery != Delivery.ADD for delivery in [first.delivery, *(row.other_delivery for row in rows)]
        )
        is_doubtful = undeclared > 1 or number in beside
        if not is_doubtful and (not is_added or number in confirmed):
            continue
        names = dict.fromkeys(row.other_file.rsplit("/", 1)[-1] for row in rows)
        rule = PARTS if is_doubtful else ADDED
        if is_doubtful and _are_named_parts([first.source_file, *(row.other_file for row in rows)]):
            rule = NAMED_PARTS
        part_finding = finding(
            rule,
            file=first.source_file,
            sheet=first.source_sheet,
            files="、".join(f"“{name}”" for name in names),
        )
        findings.append({"submission_id": number, **part_finding})
    return findings


def _are_named_parts(paths: Sequence[str]) -> bool:
    """Whether the name of each of several files says which part of the month it is, each another one."""
    named = [
        next((word for word in PART_WORDS if word in path.rsplit("/", 1)[-1]), None)
        for path in dict.fromkeys(paths)
    ]
    return None not in named and len(set(named)) == len(named)


def _is_current(submissions: Any) -> list[Any]:
    return [submissions.c.state.in_(CURRENT_STATES), submissions.c.superseded_load.is_(None)]
