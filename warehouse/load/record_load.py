"""Recording of a load: every submission, file and finding of a run, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, bindparam, delete, insert, literal, or_, select

from schemas.adjustments import Adjustment
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.finding import FINDING_COLUMNS, finding, name_number_cell
from schemas.regions import RegionTable
from schemas.states import AWAITING, CURRENT_STATES, REJECTED, WITHDRAWN
from warehouse.frames import insert_frame, values_list
from warehouse.load.adjustments import count_effects, record_adjustments
from warehouse.load.ceased_rows import describe_ceased_rows
from warehouse.load.comparison import ReplacementPolicy, TakeAll
from warehouse.load.other_units_copies import describe_other_units_copies, find_other_units_copies
from warehouse.load.recorded_rows import store_row_counts
from warehouse.load.replacement import (
    Report,
    describe_several_current,
    hand_over_reports,
    merge_batch,
    reset_reports,
)
from warehouse.load.revalidation import IDENTITY, Identity
from warehouse.load.staging import Staging
from warehouse.load.survivorship import resolve_duplicates
from warehouse.schema.tables import Tables

NO_FINDINGS = pd.DataFrame(columns=["submission_id", *FINDING_COLUMNS])


@dataclass(frozen=True)
class LoadRecord:
    """A load to record, apart from the staged rows.

    `ruleset` is the version of the rules, `log_entry` the digest of the load's entry in the archive log,
    `headers` the hash of the city's own headers (None: there are none);
    `adjustments` are those in effect from this load on, `adjusted` the number of rows that each changed.
    `regions` are the units of the load. `policy` decides on submissions whose report
    has current ones. `replayed` reports are decided again from all their submissions; of `discarded` ones
    some could not be read, so that they stay as they are. `moved` are files that lay elsewhere in the inbox
    before, with the path there. `units_now` maps unit and month of reports that are another unit's now to
    that unit.
    """

    kind: str
    started_at: datetime
    ruleset: str
    log_entry: str
    files: pd.DataFrame
    adjustments: Sequence[Adjustment]
    adjusted: pd.DataFrame
    regions: RegionTable
    policy: ReplacementPolicy = field(default_factory=TakeAll)
    replayed: Collection[Report] = ()
    discarded: Collection[Report] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    headers: str | None = None
    units_now: Mapping[tuple[str, str], str] = field(default_factory=dict)


def ingested_submissions(
    connection: Connection, tables: Tables, hashes: Sequence[str]
) -> set[tuple[Any, ...]]:
    """Read (sha256, sheet, ledger, unit, period) of every submission
    ingested from files with these hashes.
    """
    table = tables.submissions
    columns = [table.c[name] for name in ("sha256", "source_sheet", "ledger", "unit_code", "period")]
    ingested: set[tuple[Any, ...]] = set()
    for start in range(0, len(hashes), 500):
        ingested |= {
            tuple(row)
            for row in connection.execute(
                select(*columns).where(table.c.sha256.in_(hashes[start : start + 500]))
            )
        }
    return ingested


def replaced_content(
    connection: Connection, tables: Tables, hashes: Collection[str]
) -> dict[tuple[str, tuple[str | None, str | None]], str]:
    """Read which of some files (by hash, unit and month, or either unknown) count no more, with the hash of
    what replaced them.

    A file counts while its submission of the same report is current or waits. The hash is empty for a
    withdrawn one.
    """
    table = tables.submissions
    columns = [
        table.c[name]
        for name in ("submission_id", "sha256", "unit_code", "ledger", "period", "state", "superseded_by")
    ]
    submissions = connection.execute(
        select(*columns).where(table.c.sha256.in_(values_list(sorted(hashes))))
    ).all()
    open_states = (*CURRENT_STATES, AWAITING)
    is_open = {
        _report_and_hash(row)
        for row in submissions
        if row.superseded_by is None and row.state in open_states
    }
    later = _follow_replacements(connection, table, submissions)
    replaced: dict[tuple[str, tuple[str | None, str | None]], str] = {}
    for row in submissions:
        if _report_and_hash(row) in is_open or row.state == REJECTED:
            continue
        last = row
        while last.superseded_by is not None:
            last = later[last.superseded_by]
        if last.sha256 == row.sha256 and last.state != WITHDRAWN:
            continue
        sha256 = "" if last.sha256 == row.sha256 else last.sha256
        for unit_code, period in product((row.unit_code, None), (row.period, None)):
            replaced[row.sha256, (unit_code, period)] = sha256
    return replaced


def _report_and_hash(row: Any) -> tuple[Any, ...]:
    return row.sha256, row.unit_code, row.ledger, row.period


def _follow_replacements(
    connection: Connection, table: Table, submissions: Sequence[Any]
) -> dict[int, Any]:
    """Read the submissions that replaced others, and those that replaced these, by id."""
    columns = [table.c[name] for name in ("submission_id", "sha256", "state", "superseded_by")]
    later = {row.submission_id: row for row in submissions}
    while (
        missing := {row.superseded_by for row in later.values() if row.superseded_by is not None}
        - later.keys()
    ):
        numbers = sorted(missing)
        for start in range(0, len(numbers), 500):
            is_listed = table.c.submission_id.in_(numbers[start : start + 500])
            later |= {
                row.submission_id: row for row in connection.execute(select(*columns).where(is_listed))
            }
    return later


def last_ingested(
    connection: Connection, tables: Tables, paths: Sequence[str], returned: Collection[str] = ()
) -> set[Identity]:
    """Read the submissions of each path's latest content; of the `returned` paths those that were not
    replaced since.

    Revalidations bring no new content and are skipped.
    """
    table = tables.submissions
    query = (
        select(*(table.c[name] for name in IDENTITY))
        .where(~table.c.is_revalidated)
        .where(or_(table.c.superseded_load.is_(None), table.c.source_file.not_in(sorted(returned))))
        .order_by(table.c.submission_id)
    )
    by_path: dict[str, set[Identity]] = {}
    for start in range(0, len(paths), 500):
        for row in connection.execute(query.where(table.c.source_file.in_(paths[start : start + 500]))):
            submissions = by_path.setdefault(row.source_file, set())
            if any(sha256 != row.sha256 for _, sha256, *_ in submissions):
                submissions.clear()
            submissions.add(tuple(row))
    return {submission for submissions in by_path.values() for submission in submissions}


def last_load(
    connection: Connection, tables: Tables, as_of: datetime | None = None
) -> tuple[int, datetime | None]:
    """Read number and instant of the last load (at or before `as_of`, UTC); (0, None) before the first."""
    loads = tables.loads
    query = select(loads.c.load_id, loads.c.recorded_at).order_by(loads.c.load_id.desc()).limit(1)
    if as_of is not None:
        query = query.where(loads.c.recorded_at <= as_of)
    row = connection.execute(query).first()
    return (row.load_id, row.recorded_at) if row else (0, None)


def record_load(stage: Staging, record: LoadRecord) -> int:
    """Record a load of everything staged, within the stage's transaction; return its number."""
    connection, tables = stage.connection, stage.tables
    last_id, last_at = last_load(connection, tables)
    load_id = last_id + 1
    recorded_at = record.started_at if last_at is None else max(record.started_at, last_at)
    values = {
        "kind": record.kind,
        "recorded_at": recorded_at,
        "ruleset": record.ruleset,
        "log_entry": record.log_entry,
        "headers": record.headers,
    }
    connection.execute(insert(tables.loads), {"load_id": load_id, **values})
    stage.discard_revalidated(record.discarded)
    _move_staged(connection, stage.submissions, tables.submissions, load_id)
    _record_files(connection, tables, record.files, load_id)
    _move_staged(connection, stage.findings, tables.findings, load_id)
    record_adjustments(connection, tables, record.adjustments, record.adjusted, load_id)
    reset_reports(connection, tables, record.replayed, load_id)
    hand_over_reports(connection, tables, record.units_now, load_id)
    decisions = [
        merge_batch(connection, tables, staged, load_id, record.policy)
        for wave in stage.waves()
        for staged in wave
    ]
    count_effects(connection, tables, decisions, record.replayed)
    copies = find_other_units_copies(connection, tables, load_id)
    report_findings = [
        *(finding for decided in decisions for finding in decided.findings),
        *describe_several_current(connection, tables, load_id, decisions),
        *describe_other_units_copies(copies, record.regions, record.moved),
    ]
    record_findings(connection, tables, _findings_frame(report_findings), load_id)
    for ledger in stage.ledgers():
        losing_rows = resolve_duplicates(
            connection,
            stage.definitions[ledger],
            tables.ledgers[ledger],
            tables.regions,
            load_id,
            stage.rows_tables(ledger),
        )
        ceased = describe_ceased_rows(
            connection, tables, stage.definitions[ledger], load_id, record.regions
        )
        record_findings(connection, tables, _findings_frame(ceased), load_id)
        is_copy = losing_rows["submission_id"].isin([copy.submission_id for copy in copies])
        duplicates = _duplicate_findings(
            connection, tables, stage.definitions[ledger], losing_rows[~is_copy], record.regions
        )
        record_findings(connection, tables, duplicates, load_id)
    store_row_counts(connection, tables, load_id)
    return load_id


def _move_staged(connection: Connection, staged: Table, table: Table, load_id: int) -> None:
    """Move staged rows into their table, ordered by submission, whatever the batches were."""
    columns = [column for column in staged.columns if column.name != "finding_id"]
    order = [
        staged.c.submission_id.nulls_last(),
        *([staged.c.finding_id] if "finding_id" in staged.c else []),
    ]
    rows = select(*columns, literal(load_id)).order_by(*order)
    connection.execute(insert(table).from_select([*(column.name for column in columns), "load_id"], rows))


def _findings_frame(findings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(findings, columns=NO_FINDINGS.columns) if findings else NO_FINDINGS


def record_findings(connection: Connection, tables: Tables, findings: pd.DataFrame, load_id: int) -> None:
    """Add findings to a load within its transaction, each with its `submission_id` or null."""
    if len(findings):
        insert_frame(connection, tables.findings, findings.assign(load_id=load_id))


def _record_files(connection: Connection, tables: Tables, files: pd.DataFrame, load_id: int) -> None:
    """Record what is in the inbox, so that an unchanged file is recognised without reading it."""
    if len(files):
        table = tables.inbox_files
        connection.execute(
            delete(table).where(table.c.path == bindparam("a_path")),
            [{"a_path": path} for path in files["path"]],
        )
        insert_frame(connection, table, files.assign(load_id=load_id))


def _duplicate_findings(
    connection: Connection,
    tables: Tables,
    ledger: LedgerDefinition,
    losing_rows: pd.DataFrame,
    regions: RegionTable,
) -> pd.DataFrame:
    """Build a finding for each row sent with the load that does not count because another unit's row does.

    A unit under its earlier or later code is not another.
    """
    if losing_rows.empty:
        return NO_FINDINGS
    pairs = losing_rows[["unit_code", "owner"]].itertuples(index=False, name=None)
    is_of_other = [not regions.history.are_one_line(*pair) for pair in pairs]
    losing_rows = losing_rows[pd.Series(is_of_other, losing_rows.index, dtype=bool)]
    table = tables.submissions
    ids = sorted(set(losing_rows["submission_id"].tolist()))
    columns = [table.c[name] for name in ("submission_id", "source_file", "source_sheet", "source_columns")]
    query = select(*columns).where(table.c.submission_id.in_(ids))
    sources = {row.submission_id: row for row in connection.execute(query)} if ids else {}
    findings = []
    for row in losing_rows.itertuples():
        source = sources[row.submission_id]
        position = {"file": source.source_file, "sheet": source.source_sheet, "row": row.source_row}
        duplicate = finding(
            "row.other_unit_has_key",
            **position,
            key=row.number,
            detail=regions.name_of(str(row.owner)),
        )
        duplicate = name_number_cell(duplicate, ledger, source.source_columns)
        findings.append({"submission_id": row.submission_id, **duplicate})
    return pd.DataFrame(findings, columns=["submission_id", *FINDING_COLUMNS])
