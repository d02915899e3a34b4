"""The bureau's decisions on rows and submissions, added to `adjustments.toml` by a form."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from flows.outputs.decisions_file import (
    DecisionRefusedError,
    DecisionsChangedError,
    add_decision,
    entry_text,
    fingerprint,
)
from flows.portal.numbers import parse_number
from flows.portal.operator.corrections import (
    correction_fault,
    correction_words,
    corrections_of_row,
    submitted_row,
)
from flows.portal.operator.submissions import (
    chosen_submission,
    records,
    settling_reason,
)
from flows.portal.operator.words import DECISION_WORDS
from flows.portal.visit import Visit
from schemas.adjustments import ROW_KINDS
from schemas.ledgers.finding import MASKED, compose_messages
from schemas.ledgers.rules import Severity
from transforms.receipt.words import TONES
from warehouse.engine import reading
from warehouse.ops.submissions import find_submission, findings_of_submission

#: days for which a decision holds unless another day is chosen
USUAL_DAYS = 365
#: how a submission that waits relates to the earlier ones
MODES = {"replace": "代替以前收下的", "add": "补充以前收下的"}
FAULTS = {
    "reason": "请写明理由（至少两个字）。",
    "approved_by": "请写明谁批准（至少两个字）。",
    "until": "请选这个决定到哪天为止。",
    "read_as": "请写更正后的内容。",
    "mode": "请选它与以前收下的是什么关系。",
}


def show_row(visit: Visit) -> Response:
    """Show a row of a submission as its file has it, with what was found in it and what can be decided."""
    submission = chosen_submission(visit)
    row_number = visit.request.path_params["row"]
    row = submitted_row(visit, submission, row_number)
    if submission is None or row is None:
        return visit.refuse(404, "归档的文件里读不出这一行。")
    ledger = visit.workspace.ledgers[submission["ledger"]]
    findings = _findings_of_row(visit, submission, row_number)
    waivable = ledger.waivable_rules()
    return visit.page(
        "operator/row.html",
        submission=submission,
        ledger=ledger,
        row_number=row_number,
        fields=[
            (
                field,
                row.headers.get(field.name, field.header),
                MASKED if field.private else row.texts.get(field.name, ""),
                submission["source_columns"].get(field.name, ""),
            )
            for field in ledger.fields
        ],
        findings=[finding | {"can_be_waived": finding["rule_id"] in waivable} for finding in findings],
        can_be_named=bool(row.naming),
        corrections=corrections_of_row(visit, submission, row),
    )  # fmt: skip


def _findings_of_row(visit: Visit, submission: dict[str, Any], row_number: int) -> list[dict[str, Any]]:
    with reading(visit.workspace.engine) as connection:
        findings = findings_of_submission(connection, visit.workspace.tables, submission["submission_id"])
    of_row = findings[findings["row"].eq(row_number).fillna(False)]
    return [
        finding | {"word": TONES[Severity(finding["severity"])].word}
        for finding in records(of_row.assign(message=compose_messages))
    ]


def show_decision_form(visit: Visit) -> Response:
    """Show what a decision would be, and ask for its reason, who approved it, and until when it holds."""
    choice = {name: visit.query(name) for name in ("kind", "submission", "row", "rule", "field")}
    entry = _entry(visit, choice)
    if isinstance(entry, str):
        return visit.refuse(404, entry)
    values = {"until": str(visit.today + timedelta(days=USUAL_DAYS))}
    return _form(visit, choice, entry, values, fingerprint(visit.workspace), "", 200)


def decide(visit: Visit) -> Response:
    """Add a decision to those of the home, and say what makes it take effect."""
    choice = {name: visit.field(name) for name in ("kind", "submission", "row", "rule", "field")}
    entry = _entry(visit, choice)
    if isinstance(entry, str):
        return visit.refuse(404, entry)
    values = {
        name: visit.field(name).strip()
        for name in ("reason", "approved_by", "until", "read_as", "mode", "replaces")
    }
    seen = visit.field("seen")
    fault = _fault(choice["kind"], values)
    if not fault and choice["kind"] == "correction":
        fault = correction_fault(visit, choice, entry, values)
    if fault:
        return _form(visit, choice, entry, values, seen, fault, 422)
    whole = entry | {name: values[name] for name in ("reason", "approved_by")}
    whole["until"] = date.fromisoformat(values["until"])
    whole |= {"read_as": values["read_as"]} if choice["kind"] == "correction" else {}
    whole |= {"mode": values["mode"]} if choice["kind"] == "confirm" else {}
    comment = f"{visit.local(visit.now):%Y-%m-%d %H:%M} {visit.visitor.name}在门户上写入"
    try:
        with visit.portal.decisions_lock:
            added = add_decision(visit.workspace, choice["kind"], whole, seen, comment)
    except DecisionsChangedError as error:
        return visit.refuse(409, str(error))
    except DecisionRefusedError as error:
        return _form(visit, choice, entry, values, seen, f"没有写入：{error}", 422)
    if added is not None:
        subject = f"{entry['unit']} {entry['period']} {entry['ledger']}"
        visit.portal.record(
            visit.visitor, visit.address, f"decide_{choice['kind']}", subject, decision=added.adjustment_id,
            submission=choice["submission"], reason=values["reason"], approved_by=values["approved_by"],
            until=values["until"],
        )  # fmt: skip
    decided = added.adjustment_id if added is not None else "1"
    return visit.redirect(f"/rerun?unit={entry['unit']}&period={entry['period']}&decided={decided}")


def _fault(kind: str, values: dict[str, str]) -> str:
    """Say what is missing from the form of a decision; nothing if it is complete."""
    for name in ("reason", "approved_by"):
        if len(values[name]) < 2:
            return FAULTS[name]
    try:
        date.fromisoformat(values["until"])
    except ValueError:
        return FAULTS["until"]
    if kind == "correction" and not values["read_as"]:
        return FAULTS["read_as"]
    return FAULTS["mode"] if kind == "confirm" and values["mode"] not in MODES else ""


def _form(
    visit: Visit, choice: dict[str, str], entry: dict[str, Any], values: dict[str, str], seen: str, fault: str,
    status: int,
) -> Response:  # fmt: skip
    workspace = visit.workspace
    ledger = workspace.ledgers[entry["ledger"]]
    about = {"submission_id": int(choice["submission"]), "period": entry["period"]}
    return visit.page(
        "operator/decision.html",
        why=settling_reason(visit, about) if choice["kind"] == "confirm" else "",
        status=status,
        choice=choice,
        word=DECISION_WORDS[choice["kind"]],
        unit=workspace.regions.name_of(entry["unit"]),
        entry={"file": "", "stands": ""} | entry,
        ledger=ledger,
        row={ledger.field(name).header: text for name, text in entry.get("row", {}).items()},
        **correction_words(visit, choice, entry),
        rule=ledger.rules()[entry["rule"]].problem if "rule" in entry else "",
        text=entry_text(choice["kind"], entry),
        values={"reason": "", "approved_by": "", "until": "", "read_as": "", "mode": "", "replaces": ""}
        | values,
        modes=MODES,
        seen=seen,
        fault=fault,
        today=visit.today,
    )


def _entry(visit: Visit, choice: dict[str, str]) -> dict[str, Any] | str:
    """Return the entry of a decision as far as what it is about decides it, or why there can be none."""
    kind, number = choice["kind"], parse_number(choice["submission"])
    if kind not in DECISION_WORDS or number is None:
        return "没有这种决定。"
    with reading(visit.workspace.engine) as connection:
        submission = find_submission(connection, visit.workspace.tables, number)
    names = ("unit_code", "period", "ledger")
    if submission is None or any(submission[name] is None for name in names):
        return "没有这份报送，或看不出它的单位、月份和台账。"
    if submission["ledger"] not in visit.workspace.ledgers:
        return "没有这种台账。"
    entry = {
        "unit": submission["unit_code"],
        "period": submission["period"],
        "ledger": submission["ledger"],
    }
    if kind not in ROW_KINDS:
        return entry | {"file": submission["source_file"]}
    return _entry_of_row(visit, choice, submission, entry)


def _entry_of_row(
    visit: Visit, choice: dict[str, str], submission: dict[str, Any], entry: dict[str, Any]
) -> dict[str, Any] | str:
    ledger = visit.workspace.ledgers[submission["ledger"]]
    number = parse_number(choice["row"])
    row = submitted_row(visit, submission, number) if number else None
    if row is None or not row.naming:
        return "归档的文件里读不出这一行，或者没有能认出它的栏目。请直接在更正表（数据目录的 adjustments.toml）里写。"
    entry = entry | {"row": row.naming}
    if choice["kind"] == "waiver":
        return (
            entry | {"rule": choice["rule"]}
            if choice["rule"] in ledger.waivable_rules()
            else "这一处不能准予收下。"
        )
    name = choice["field"]
    if name not in ledger.field_names() or ledger.field(name).private:
        return "这一栏不能在这里更正：是个人信息，或者没有这一栏。请直接在更正表（数据目录的 adjustments.toml）里写。"
    return entry | {"field": name, "stands": row.texts.get(name, "")}
