"""The bureau's adjustments and what each of them does, as of the last load."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from flows.words import count_submissions
from flows.workspace import Workspace
from schemas.adjustments import Adjustment
from schemas.ledgers.finding import MASKED
from schemas.ledgers.masking import masking_policy
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.load.adjustments import current_adjustments
from warehouse.ops.loads import received_files

#: how many received files are named where the file of an entry is missing
MOST_FILES = 5


@dataclass(frozen=True)
class AdjustmentEffect:
    """An adjustment, and its effect in words; `is_idle`: it has none."""

    adjustment: Adjustment
    text: str
    is_idle: bool


def adjustment_effects(
    workspace: Workspace, today: date, months: Collection[str] | None = None
) -> list[AdjustmentEffect]:
    """Read what the adjustments do, all of them or those of some months."""
    chosen = [item for item in workspace.adjustments if months is None or item.period in months]
    if not chosen:
        return []
    with reading(workspace.engine) as connection:
        rows_by_adjustment = {
            entry["adjustment_id"]: entry["rows"]
            for entry in current_adjustments(connection, workspace.tables)
        }
        reports = {item.report for item in chosen if not item.is_about_rows}
        received = received_files(connection, workspace.tables, reports)
    effects = []
    for item in chosen:
        files = None if item.is_about_rows else received.get((item.unit, item.period), {})
        text = describe_effect(item, rows_by_adjustment, today, files)
        effects.append(AdjustmentEffect(item, text, not rows_by_adjustment.get(item.adjustment_id)))
    return effects


def name_row_or_file(workspace: Workspace, adjustment: Adjustment) -> str:
    """Name what an adjustment is about; a text by which it finds a row is shown where it is a number."""
    if adjustment.file:
        return adjustment.file
    ledger = workspace.ledgers[adjustment.ledger]
    fields = {field.name: field for field in ledger.fields}
    texts = (
        text if masking_policy(fields[name]) in (None, "number") and not fields[name].private else MASKED
        for name, text in adjustment.row.items()
    )
    return workspace.masked_sources.sentence("，".join(texts))


def describe_effect(
    adjustment: Adjustment,
    rows_by_adjustment: Mapping[str, int | None],
    today: date,
    received: Mapping[str, Collection[str]] | None = None,
) -> str:
    """Describe the effect of an adjustment as of the last load.

    For a decision on a file, `received` are the files of its unit and month, with the ledgers in each.
    """
    rows = rows_by_adjustment.get(adjustment.adjustment_id)
    if received is not None and not rows and (problem := _file_problem(adjustment, received)):
        return problem
    if adjustment.adjustment_id not in rows_by_adjustment:
        return Sentence("takes effect with the next run")
    if rows is None:
        return Sentence("its report has not come yet")
    if rows == 0 and adjustment.until < today:
        return Sentence(
            "ended on {until}, and the report came again since: extend `until` if it still "
            "applies, else take it out",
            until=adjustment.until,
        )
    if rows == 0:
        return Sentence("no longer needed: take it out")
    expired = (
        Sentence("; holds for nothing that arrives after {day}", day=adjustment.until)
        if adjustment.until < today
        else ""
    )
    return Sentence(
        "in effect on {items}{expired}", items=_count_items(rows, adjustment.is_about_rows), expired=expired
    )


def _count_items(number: int, is_rows: bool) -> Sentence:
    if is_rows:
        return Sentence("{count} row", count=1) if number == 1 else Sentence("{count} rows", count=number)
    return count_submissions(number)


def _file_problem(adjustment: Adjustment, received: Mapping[str, Collection[str]]) -> str | None:
    """Say that the file of an entry is none of those received; None if it is one of its report."""
    ledgers = received.get(str(adjustment.file))
    if ledgers and adjustment.ledger in ledgers:
        return None
    if ledgers is not None:
        return Sentence(
            "the file holds no report of this ledger, so this entry does nothing; it holds {ledgers}",
            ledgers=tuple(sorted(ledgers)) or Sentence("no ledger that can be recognised"),
        )
    if not received:
        return Sentence(
            "there is no such file, so this entry does nothing; nothing of this unit and month has come yet"
        )
    other_files = sorted(received, key=lambda file: adjustment.ledger not in received[file])
    more = (
        Sentence(" and others, {count} in all", count=len(other_files))
        if len(other_files) > MOST_FILES
        else ""
    )
    return Sentence(
        "there is no such file, so this entry does nothing; of this unit and month came {files}{more}",
        files=tuple(other_files[:MOST_FILES]),
        more=more,
    )
