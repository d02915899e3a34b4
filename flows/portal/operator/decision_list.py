"""The bureau's decisions with what each of them does, and how one is cancelled."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from flows.language import say_in_chinese
from flows.outputs.decisions_file import (
    DecisionRefusedError,
    DecisionsChangedError,
    cancel_decision,
    fingerprint,
)
from flows.portal.operator.words import DECISION_WORDS
from flows.portal.visit import Visit
from flows.queries.adjustments import AdjustmentEffect, adjustment_effects, name_row_or_file

_NO_REASON = "请写明为什么取消（至少两个字）。"
#: what happens when a decision is cancelled, by its kind
CONSEQUENCES = {
    "correction": "取消后，这一格照单位填的读。",
    "waiver": "取消后，这一行重新按规则判断，可能不再收下。",
    "confirm": "取消后，这份报送回到待确认。",
    "withdraw": "取消后，这个文件里的这种台账重新计入。",
}


def list_decisions(visit: Visit) -> Response:
    """List the bureau's decisions and what each of them does."""
    entries = [_describe(visit, effect) for effect in adjustment_effects(visit.workspace, visit.today)]
    return visit.page("operator/decisions.html", entries=entries)


def show_cancel_form(visit: Visit) -> Response:
    """Show a decision that may be cancelled, and ask why."""
    return _form(visit, "", "", fingerprint(visit.workspace), 200)


def cancel(visit: Visit) -> Response:
    """Cancel a decision, and say what makes that take effect."""
    reason, seen = visit.field("reason").strip(), visit.field("seen")
    if len(reason) < 2:
        return _form(visit, _NO_REASON, reason, seen, 422)
    decision_id = visit.request.path_params["decision_id"]
    comment = f"{visit.local(visit.now):%Y-%m-%d %H:%M} {visit.visitor.name}在门户上取消了下面这一条，理由：{reason}"
    try:
        with visit.portal.decisions_lock:
            cancelled = cancel_decision(visit.workspace, decision_id, seen, comment)
    except DecisionsChangedError as error:
        return visit.refuse(409, str(error), f"/decisions/{decision_id}/cancel", "重新打开")
    except DecisionRefusedError as error:
        return _form(visit, str(error), reason, seen, 422)
    if cancelled is None:  # the form may have been sent before
        return _refuse(visit)
    visit.portal.record(
        visit.visitor, visit.address, "cancel_decision", f"{cancelled.unit} {cancelled.period} {cancelled.ledger}",
        decision=decision_id, kind=DECISION_WORDS[cancelled.kind], reason=reason,
    )  # fmt: skip
    return visit.redirect(f"/rerun?unit={cancelled.unit}&period={cancelled.period}&decided=cancelled")


def _form(visit: Visit, fault: str, reason: str, seen: str, status: int) -> Response:
    decision_id = visit.request.path_params["decision_id"]
    effects = adjustment_effects(visit.workspace, visit.today)
    effect = next((each for each in effects if each.adjustment.adjustment_id == decision_id), None)
    if effect is None:
        return _refuse(visit)
    return visit.page(
        "operator/cancel.html", status=status, entry=_describe(visit, effect), seen=seen, fault=fault,
        reason=reason, consequence=CONSEQUENCES[effect.adjustment.kind],
    )  # fmt: skip


def _refuse(visit: Visit) -> Response:
    return visit.refuse(404, "没有这条决定，或者已经取消。", "/decisions", "市局的决定")


def _describe(visit: Visit, effect: AdjustmentEffect) -> dict[str, Any]:
    workspace, adjustment = visit.workspace, effect.adjustment
    return {
        "decision_id": adjustment.adjustment_id,
        "kind": DECISION_WORDS[adjustment.kind],
        "unit": workspace.regions.name_of(adjustment.unit),
        "unit_code": adjustment.unit,
        "period": adjustment.period,
        "ledger": workspace.ledgers[adjustment.ledger].title,
        "ledger_name": adjustment.ledger,
        "what": name_row_or_file(workspace, adjustment),
        "decided": adjustment.decided,
        "effect": say_in_chinese(effect.text),
        "is_idle": effect.is_idle,
    }
