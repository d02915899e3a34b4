"""A receipt's name says what became of the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
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
from transforms.receipt.check_words import count_to_mend
from transforms.receipt.names import check_receipt_name, is_check_receipt_name
from transforms.receipt.places import count_places
from transforms.receipt.subject import ReceiptFinding, SheetResult
from transforms.receipt.verdict import verdict_in_name
from transforms.receipt.words import SUPERSEDED

SHA, OTHER = "abcdef0123", "fedcba0123"


def subject(states: list[str], severities: list[Severity]) -> ReceiptSubject:
    outcomes = [SheetResult("台账", "cases", "某区", "2023-06", state, 1, 0) for state in states]
    findings = [
        ReceiptFinding("rule", severity, "台账", row, "案号", f"A{row}", "", "", "", "", 0)
        for row, severity in enumerate(severities, start=2)
    ]
    return ReceiptSubject("立案.xlsx", SHA, "2023-07-01 08:00", "", outcomes, findings)


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


@pytest.mark.parametrize(
    ("states", "severities", "verdict"),
    [
        ([ACCEPTED], [], "可以报送"),
        ([ACCEPTED], [Severity.WARNING] * 2, "可以报送，核对2处"),
        ([ACCEPTED], [Severity.ERROR], "需改1处"),
        ([REJECTED], [], "会退回"),
        ([AWAITING], [Severity.WARNING], "会待确认"),
    ],
)
def test_the_verdict_of_a_check(states: list[str], severities: list[Severity], verdict: str) -> None:
    assert verdict_in_name(replace(subject(states, severities), received_at="")) == verdict


@pytest.mark.parametrize(
    ("name", "is_of_file"),
    [
        ("立案-回执.xlsx", True),
        ("立案-回执-2.xlsx", True),
        ("立案-回执-需改2处.xlsx", True),
        ("立案-回执-可以报送，核对2处-3.xlsx", True),
        ("立案-回执-000001-123456.xlsx", False),
        ("立案-回执-000001-abcdef-需改2处.xlsx", False),
        ("立案2-回执-需改2处.xlsx", False),
        ("立案.xlsx", False),
    ],
)
def test_names_of_receipts_of_checks(name: str, is_of_file: bool) -> None:
    for source in ("立案.xlsx", "立案-回执-需改5处.xlsx", "立案-回执-000001-abcdef-需改1处.xlsx"):
        assert is_check_receipt_name(name, source) == is_of_file
    assert check_receipt_name("立案-回执-需改5处.xlsx", "可以报送") == "立案-回执-可以报送.xlsx"


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


def test_a_place_counts_once() -> None:
    """A cell with several findings is a place; the refusal that follows is none."""
    findings = [
        ReceiptFinding(rule, severity, sheet, row, "", cell, "", "", "", "", 0)
        for rule, severity, sheet, row, cell in (
            ("a", Severity.ERROR, "甲", 2, "A2"),
            ("b", Severity.ERROR, "甲", 2, "A2"),
            ("c", Severity.WARNING, "甲", 2, "A2"),
            ("submission.all_rows_held", Severity.FATAL, "甲", 0, ""),
            ("d", Severity.WARNING, "甲", 3, "A3"),
            ("e", Severity.NOTICE, "甲", 4, "A4"),
        )
    ]
    assert count_places(findings) == (1, 1)
    further = [findings[0]._replace(sheet="乙"), findings[0]._replace(row=0, cell="")]
    assert count_places([*findings, *further]) == (3, 1)
    assert count_to_mend(pd.DataFrame(findings)) == (1, 1)
    assert verdict_in_name(replace(subject([REJECTED], []), findings=findings)) == "需改1处"
