"""Corrections of a cell: in the words and the unit of the file, readable, and no second one unseen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from flows.portal.operator.words import DECISION_WORDS
from flows.portal.visit import Visit
from flows.queries.adjustments import name_row_or_file
from flows.queries.submitted_rows import SubmittedRow, find_submitted_row
from schemas.adjustments import Adjustment
from schemas.ledgers.types import STR
from transforms.foreign_text import make_visible
from transforms.validate.adjustments import has_same_text
from transforms.validate.try_correction import find_correction_fault
from warehouse.engine import reading
from warehouse.ops.submissions import find_submission

_IN_FORCE = "这一格已经有一条更正在起作用，读作“{read_as}”。要用新的代替它，请勾选“用新的代替它”。"


def submitted_row(visit: Visit, submission: dict[str, Any] | None, row_number: int) -> SubmittedRow | None:
    """Return a row of a submission as its file has it; None if there is none."""
    if submission is None or submission["ledger"] not in visit.workspace.ledgers:
        return None
    return find_submitted_row(visit.workspace, submission, row_number)


def correction_words(visit: Visit, choice: dict[str, str], entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the form says of the cell: header and unit of the file, and corrections in force."""
    row = _row_of(visit, choice) if "field" in entry else None
    if row is None:
        return {"field": "", "is_money": False, "money_unit": "", "in_force": []}
    field = visit.workspace.ledgers[entry["ledger"]].field(entry["field"])
    return {
        "field": row.headers.get(field.name, field.header),
        "is_money": field.type.kind == "money",
        "money_unit": row.money_units.get(field.name, ""),
        "in_force": _corrections_in_force(visit, entry, row),
    }


def describe_decision(visit: Visit, item: Adjustment) -> str:
    """Say a decision of the bureau: what it does, to what, why, and who approved it."""
    about = make_visible(name_row_or_file(visit.workspace, item))
    ledger = visit.workspace.ledgers[item.ledger]
    field = f"“{ledger.field(item.field).header}”" if item.field else ""
    read_as = f"{field}更正为 {item.read_as}" if item.kind == "correction" else ""
    return "，".join(filter(None, (DECISION_WORDS[item.kind], about, read_as))) + f"（{item.decided}）"


def corrections_of_row(
    visit: Visit, submission: dict[str, Any], row: SubmittedRow
) -> dict[str, list[Adjustment]]:
    """List the corrections that hold today for the cells of a row, by field."""
    entry = {"unit": submission["unit_code"], **{name: submission[name] for name in ("ledger", "period")}}
    fields = visit.workspace.ledgers[submission["ledger"]].field_names()
    return {name: _corrections_in_force(visit, entry | {"field": name}, row) for name in fields}


def correction_fault(
    visit: Visit, choice: dict[str, str], entry: dict[str, Any], values: dict[str, str]
) -> str:
    """Say why a correction cannot be written: it cannot be read, or another one is in force."""
    row = _row_of(visit, choice)
    if row is None:
        return "归档的文件里读不出这一行。"
    ledger, name = visit.workspace.ledgers[entry["ledger"]], entry["field"]
    unit = row.money_units.get(name)
    if rule := find_correction_fault(ledger, row.texts, name, values["read_as"], unit):
        return f"“{values['read_as']}”不能作为更正后的内容：{rule.problem}。应是{rule.expected}。"
    before = [item for item in _corrections_in_force(visit, entry, row) if not _is_same(item, values)]
    if before and values["replaces"] != "1":
        return _IN_FORCE.format(read_as=before[-1].read_as)
    return ""


def _row_of(visit: Visit, choice: dict[str, str]) -> SubmittedRow | None:
    with reading(visit.workspace.engine) as connection:
        submission = find_submission(connection, visit.workspace.tables, int(choice["submission"]))
    return submitted_row(visit, submission, int(choice["row"]))


def _corrections_in_force(visit: Visit, entry: dict[str, Any], row: SubmittedRow) -> list[Adjustment]:
    """List the corrections of this cell that hold today, the one that counts last."""
    report = entry["unit"], entry["ledger"], entry["period"]
    return [
        item
        for item in visit.workspace.adjustments
        if item.kind == "correction"
        and item.report == report
        and item.field == entry["field"]
        and item.until >= visit.today
        and all(
            has_same_text(pd.Series([row.texts.get(name, "")], dtype=STR), text).all()
            for name, text in {**item.row, entry["field"]: str(item.submitted)}.items()
        )
    ]


def _is_same(item: Adjustment, values: dict[str, str]) -> bool:
    """Whether a form that was sent twice wrote this one before."""
    return (item.read_as, item.reason, item.approved_by, str(item.until)) == tuple(
        values[name] for name in ("read_as", "reason", "approved_by", "until")
    )
