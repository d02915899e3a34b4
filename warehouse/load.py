"""Recording a load: every submission, file and finding of a night, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from schemas.adjustments import Adjustment
from schemas.finding import FINDING_COLUMNS, finding
from schemas.states import REJECTED, STANDING_STATES
from warehouse.adjustments import record_adjustments
from warehouse.frames import insert_frame, records
from warehouse.merge import Stage, merge_ledger, settle_counting
from warehouse.tables import Tables


@dataclass(frozen=True)
class NewLoad:
    """What is to be recorded.

    `submissions` has the columns of that table but for the ids; `rows`, `held` (by ledger) and `findings` name their
    submission by its place in it (`submission`, missing for a finding that belongs to none). Submissions come in the order in
    which they replace each other. `ruleset` is the version of the rules, `log_entry` the digest of the load's entry in the
    archive's log. `adjustments` are all that stand from this load on, `adjusted` what they did.
    """

    kind: str
    started_at: datetime
    ruleset: str
    log_entry: str
    submissions: pd.DataFrame
    rows: Mapping[str, pd.DataFrame]
    held: Mapping[str, pd.DataFrame]
    findings: pd.DataFrame
    files: pd.DataFrame
    adjustments: Sequence[Adjustment]
    adjusted: pd.DataFrame


@dataclass(frozen=True)
class Recorded:
    """What became of it."""

    load_id: int
    recorded_at: datetime
    submission_ids: list[int]


def taken_before(connection: Connection, tables: Tables, hashes: Sequence[str]) -> set[tuple[Any, ...]]:
    """(sha256, sheet, ledger, unit, period) of every submission already taken from files with these hashes."""
    table = tables.submissions
    columns = [table.c[name] for name in ("sha256", "source_sheet", "ledger", "unit_code", "period")]
    found: set[tuple[Any, ...]] = set()
    for start in range(0, len(hashes), 500):
        found |= {
            tuple(row) for row in connection.execute(select(*columns).where(table.c.sha256.in_(hashes[start : start + 500])))
        }
    return found


def last_load(connection: Connection, tables: Tables, as_of: datetime | None = None) -> tuple[int, datetime | None]:
    """Number and instant of the last load, or of the last one at or before `as_of` (UTC); (0, None) before the first."""
    loads = tables.loads
    query = select(loads.c.load_id, loads.c.recorded_at).order_by(loads.c.load_id.desc()).limit(1)
    if as_of is not None:
        query = query.where(loads.c.recorded_at <= as_of)
    row = connection.execute(query).first()
    return (row.load_id, row.recorded_at) if row else (0, None)


def logged_entries(connection: Connection, tables: Tables) -> list[tuple[str, str]]:
    """What the archive's log must tell: (load or publication, digest of its entry)."""
    loads, published = tables.loads, tables.publications
    found = [(f"load {row.load_id}", row.log_entry) for row in connection.execute(select(loads.c.load_id, loads.c.log_entry))]
    query = select(published.c.number, published.c.log_entry)
    return found + [(f"publication {row.number}", row.log_entry) for row in connection.execute(query)]


def record_load(connection: Connection, tables: Tables, new: NewLoad, unit_names: Mapping[str, str]) -> Recorded:
    """Record a load within the caller's transaction."""
    last_id, last_at = last_load(connection, tables)
    load_id = last_id + 1
    recorded_at = new.started_at if last_at is None else max(new.started_at, last_at)
    told = {"kind": new.kind, "recorded_at": recorded_at, "ruleset": new.ruleset, "log_entry": new.log_entry}
    connection.execute(insert(tables.loads), {"load_id": load_id, **told})
    submissions = _record_submissions(connection, tables, new.submissions, load_id)
    _record_files(connection, tables, new.files, load_id)
    _record_findings(connection, tables, _numbered(new.findings, submissions), load_id)
    record_adjustments(connection, tables, new.adjustments, new.adjusted, load_id)
    for _, wave in _waves(submissions):
        _supersede(connection, tables, wave, load_id)
        for ledger, part in wave.groupby("ledger"):
            stage = Stage(part, _numbered(new.rows.get(ledger), submissions), _numbered(new.held.get(ledger), submissions))
            merge_ledger(connection, tables, ledger, stage, load_id)
    touched = sorted(set(submissions.loc[submissions["state"].isin(STANDING_STATES), "ledger"]))
    for ledger in touched:
        outranked = settle_counting(connection, tables.ledgers[ledger], load_id)
        _record_findings(connection, tables, _outranked_findings(connection, tables, outranked, unit_names), load_id)
    return Recorded(load_id, recorded_at, submissions["submission_id"].tolist())


def record_doubts(connection: Connection, tables: Tables, doubts: pd.DataFrame, load_id: int) -> None:
    """Add findings (with `submission_id`) that only a merged load can bring to light, within its transaction."""
    _record_findings(connection, tables, doubts, load_id)


def _record_submissions(connection: Connection, tables: Tables, submissions: pd.DataFrame, load_id: int) -> pd.DataFrame:
    first = (connection.scalar(select(func.max(tables.submissions.c.submission_id))) or 0) + 1
    numbered = submissions.assign(submission_id=range(first, first + len(submissions)), load_id=load_id)
    insert_frame(connection, tables.submissions, numbered)
    return numbered


def _record_files(connection: Connection, tables: Tables, files: pd.DataFrame, load_id: int) -> None:
    """Remember what lies in the inbox, so that an unchanged file is known without reading it."""
    if len(files):
        table = tables.inbox_files
        connection.execute(
            delete(table).where(table.c.path == bindparam("a_path")), [{"a_path": path} for path in files["path"]]
        )
        insert_frame(connection, table, files.assign(load_id=load_id))


def _record_findings(connection: Connection, tables: Tables, findings: pd.DataFrame, load_id: int) -> None:
    insert_frame(connection, tables.findings, findings.assign(load_id=load_id))


def _outranked_findings(
    connection: Connection, tables: Tables, outranked: pd.DataFrame, unit_names: Mapping[str, str]
) -> pd.DataFrame:
    """A finding for each new row that does not count because another unit's row does."""
    table = tables.submissions
    ids = sorted(set(outranked["submission_id"].tolist()))
    query = select(table.c.submission_id, table.c.source_file, table.c.source_sheet).where(table.c.submission_id.in_(ids))
    sources = {row.submission_id: row for row in connection.execute(query)} if ids else {}
    told = []
    for row in outranked.itertuples():
        source = sources[row.submission_id]
        place = {"file": source.source_file, "sheet": source.source_sheet, "row": row.source_row}
        found = finding("row.other_unit_has_key", **place, key=row.row_key, detail=unit_names.get(row.owner, row.owner))
        told.append({"submission_id": row.submission_id, **found})
    return pd.DataFrame(told, columns=["submission_id", *FINDING_COLUMNS])


def _numbered(frame: pd.DataFrame | None, submissions: pd.DataFrame) -> pd.DataFrame:
    """The frame with `submission_id` in place of the place in the batch."""
    if frame is None:
        return pd.DataFrame(columns=["submission_id"])
    ids = frame["submission"].map(submissions["submission_id"]).astype("Int64")
    return frame.drop(columns="submission").assign(submission_id=ids)


def _waves(submissions: pd.DataFrame) -> Any:
    """Submissions of one report follow each other; each wave holds at most one of every report."""
    standing = submissions[submissions["state"].isin(STANDING_STATES)]
    return standing.groupby(standing.groupby(["ledger", "unit_code", "period"]).cumcount())


def _supersede(connection: Connection, tables: Tables, wave: pd.DataFrame, load_id: int) -> None:
    table = tables.submissions
    replaced = (
        update(table)
        .where(
            table.c.ledger == bindparam("a_ledger"),
            table.c.unit_code == bindparam("a_unit"),
            table.c.period == bindparam("a_period"),
            table.c.state != REJECTED,
            table.c.superseded_load.is_(None),
            table.c.submission_id < bindparam("an_id"),
        )
        .values(superseded_load=load_id, superseded_by=bindparam("an_id"))
    )
    columns = {"ledger": "a_ledger", "unit_code": "a_unit", "period": "a_period", "submission_id": "an_id"}
    connection.execute(replaced, records(wave[list(columns)].rename(columns=columns)))
