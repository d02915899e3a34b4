"""A receipt's name says what became of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.outputs.receipt_files import (
    find_earlier_receipt,
    find_receipt,
    receipt_target,
    remove_other_verdicts,
)
from schemas.ledgers.rules import Severity
from schemas.states import ACCEPTED, AWAITING, REJECTED, WITHDRAWN, ZERO
from transforms.receipt import ReceiptSubject
from transforms.receipt.subject import ReceiptFinding, SheetResult
from transforms.receipt.verdict import verdict_in_name
from transforms.receipt.words import SUPERSEDED

SHA, OTHER = "abcdef0123", "fedcba0123"


def subject(states: list[str], severities: list[Severity]) -> ReceiptSubject:
    outcomes = [SheetResult("台账", "cases", "某区", "2023-06", state, 1, 0) for state in states]
    findings = [
        ReceiptFinding("rule", severity, "台账", 2, "案号", "A2", "", "", "", "", 0)
        for severity in severities
    ]
    return ReceiptSubject("立案.xlsx", SHA, "", "", outcomes, findings)


@pytest.mark.parametrize(
    ("states", "severities", "verdict"),
    [
        ([ACCEPTED], [], "已接收"),
        ([ZERO], [Severity.NOTICE], "已接收"),
        ([ACCEPTED], [Severity.WARNING] * 2, "已接收，核对2处"),
        ([ACCEPTED, REJECTED], [Severity.FATAL, Severity.ERROR, Severity.WARNING], "需改2处"),
        ([], [Severity.FATAL], "需改1处"),
        ([REJECTED], [], "已退回"),
        ([AWAITING, ACCEPTED], [Severity.WARNING], "待确认"),
        ([WITHDRAWN], [], "已撤回"),
        ([SUPERSEDED], [], "已被代替"),
    ],
)
def test_the_verdict(states: list[str], severities: list[Severity], verdict: str) -> None:
    assert verdict_in_name(subject(states, severities)) == verdict


def write(folder: Path, name: str) -> Path:
    file = folder / "2023-06/990102" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"receipt")
    return file


def test_receipts_are_found_with_and_without_a_verdict_in_their_name(tmp_path: Path) -> None:
    of_older_version = write(tmp_path, "立案-回执-000001-abcdef.xlsx")
    write(tmp_path, "立案-回执-000001-abcdef-回执-000002-abcdef-已接收.xlsx")  # of a receipt sent again
    write(tmp_path, "立案-回执-000002-fedcba-已接收.xlsx")

    def find(load_id: int, sha256: str = SHA) -> Path | None:
        return find_receipt(tmp_path, "2023-06", "990102", "立案.xlsx", load_id, sha256)

    assert (find(1), find(3)) == (of_older_version, of_older_version)
    newer = write(tmp_path, "立案-回执-000003-abcdef-需改1处.xlsx")
    assert (find(1), find(2), find(3), find(9)) == (of_older_version, of_older_version, newer, newer)
    assert (find(1, OTHER), find(2, "012345")) == (None, None)
    assert find_earlier_receipt(newer) == of_older_version


def test_a_verdict_that_changes_leaves_one_receipt(tmp_path: Path) -> None:
    write(tmp_path, "立案-回执-000001-abcdef.xlsx")
    write(tmp_path, "立案-回执-000001-abcdef-需改1处.xlsx")
    other_receipts = [
        write(tmp_path, f"立案-回执-{ending}.xlsx") for ending in ("000002-abcdef-已接收", "000001-fedcba")
    ]
    target = tmp_path / receipt_target("2023-06", "990102", "立案.xlsx", 1, SHA, "已接收")
    write(tmp_path, target.name)
    remove_other_verdicts(target)
    assert sorted(target.parent.iterdir()) == sorted([target, *other_receipts])
