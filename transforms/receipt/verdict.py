"""The verdict on a file in a few signs, for the name of its receipt."""

from __future__ import annotations

from schemas.ledgers.rules import Severity
from schemas.states import AWAITING, REJECTED, WITHDRAWN
from transforms.receipt.subject import ReceiptSubject
from transforms.receipt.words import SUPERSEDED


def verdict_in_name(subject: ReceiptSubject) -> str:
    """Say what became of a file: 需改3处, 待确认, 已接收 …; without a hyphen, which parts the name."""
    severities = [finding.severity for finding in subject.findings]
    if must := severities.count(Severity.FATAL) + severities.count(Severity.ERROR):
        return f"需改{must}处"
    states = {outcome.state for outcome in subject.outcomes}
    if REJECTED in states:
        return "已退回"
    if AWAITING in states:
        return "待确认"
    if states == {WITHDRAWN}:
        return "已撤回"
    if states == {SUPERSEDED}:
        return "已被代替"
    should = severities.count(Severity.WARNING)
    return f"已接收，核对{should}处" if should else "已接收"
