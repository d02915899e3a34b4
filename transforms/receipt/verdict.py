"""The verdict on a file in a few signs, for the name of its receipt."""

from __future__ import annotations

from schemas.states import AWAITING, REJECTED, WITHDRAWN
from transforms.receipt.places import count_places
from transforms.receipt.subject import ReceiptSubject
from transforms.receipt.words import SUPERSEDED


def verdict_in_name(subject: ReceiptSubject) -> str:
    """Say what became of a file: 需改3处, 待确认, 已接收 …; without a hyphen, which parts the name.

    Before it is sent: what would become of it.
    """
    must, should = count_places(subject.findings)
    if must:
        return f"需改{must}处"
    states = {outcome.state for outcome in subject.outcomes}
    is_check = not subject.received_at
    if REJECTED in states:
        return "会退回" if is_check else "已退回"
    if AWAITING in states:
        return "会待确认" if is_check else "待确认"
    if states == {WITHDRAWN}:
        return "已撤回"
    if states == {SUPERSEDED}:
        return "已被代替"
    accepted = "可以报送" if is_check else "已接收"
    return f"{accepted}，核对{should}处" if should else accepted
