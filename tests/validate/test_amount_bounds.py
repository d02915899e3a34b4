"""Amounts are held against the other rows of their report, other units, and the bounds of their field."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import rows_of
from tests.support.validation import list_findings, submit, validate_all, validate_rows
from transforms.validate.unit_errors import MOST_UNITS, differs_from_most_units, differs_from_report

IMPLAUSIBLE = "penalties.fine_fen.implausible"


def doubts(*fines: Any) -> list[tuple[str, Any]]:
    rows = [
        {"decision_no": f"某环罚〔2023〕{number}号", "fine_fen": fine, "penalty_text": "见决定书"}
        for number, fine in enumerate(fines, 1)
    ]
    return list_findings(validate_rows("penalties", *rows))


@pytest.mark.parametrize("odd", [28_000, 0.0003, 35_000, 0.004])
def test_one_row_far_from_its_neighbours_is_doubted_and_no_other(odd: float) -> None:
    findings = doubts(3.5, 4, 2, odd, 6, 3)
    assert [rule_id for rule_id, *_ in findings] == [IMPLAUSIBLE]


def test_two_wrong_rows_do_not_vouch_for_each_other() -> None:
    assert len(doubts(3.5, 28_000, 2, 41_000, 6, 3, 5, 4)) == 2


@pytest.mark.parametrize("fines", [(0.02, 3.5, 4, 20, 100, 0.3), (0.005,), (100,), (1000, 60), (0.02,) * 6])
def test_small_and_great_fines_that_occur_are_not_doubted(fines: tuple[float, ...]) -> None:
    assert doubts(*fines) == []


def test_fines_in_yuan_beside_fines_in_wan_are_doubted() -> None:
    assert doubts(200, 500, 900, 3.5) == [(IMPLAUSIBLE, row) for row in (2, 3, 4)]
    assert doubts(200, 300.5, 30) == []


@pytest.mark.parametrize("fines", [(200, 500, 900), (1000,), (350, 350)])
def test_only_great_fines_in_wan_that_nothing_confirms_are_doubted(fines: tuple[float, ...]) -> None:
    assert doubts(*fines) == [(IMPLAUSIBLE, row) for row in range(2, 2 + len(fines))]


@pytest.mark.parametrize(
    ("amount", "header", "is_doubted"),
    [
        (350, "缴款金额(万元)", True),
        ("350万元", "缴款金额(万元)", False),
        (3_500_000, "缴款金额(元)", False),
    ],
)
def test_great_payments_are_doubted_where_their_column_is_in_wan(
    amount: Any, header: str, is_doubted: bool
) -> None:
    rows = rows_of("payments", *({"amount_fen": amount, "receipt_no": f"P-{number}"} for number in (1, 2)))
    submission = submit("payments", *rows, path="2023-06/长岭县/a.xlsx", headers={"amount_fen": header})
    assert len(list_findings(validate_all([submission]))) == (2 if is_doubted else 0)
    with_history = submit("payments", *rows, headers={"amount_fen": header})
    assert list_findings(validate_all([with_history])) == []


def test_a_great_fine_that_its_text_states_is_not_doubted() -> None:
    rows = [
        {"decision_no": f"某环罚〔2023〕{fine}号", "fine_fen": fine, "penalty_text": f"罚款{fine}万元"}
        for fine in (200, 3)
    ]
    assert list_findings(validate_rows("penalties", *rows)) == []


@pytest.mark.parametrize("fine", [35_000, 0.00035])
def test_the_bounds_of_the_field_hold_from_the_first_report_on(fine: float) -> None:
    assert [rule_id for rule_id, *_ in doubts(fine)] == [IMPLAUSIBLE]


def test_most_units_speak_for_one_without_a_history() -> None:
    amounts = pd.Series([350, 3_500_000, 20_000, 3_500_000 * 10_000], dtype="Int64")
    ranges = {("penalties", "fine_fen", MOST_UNITS): (1_000_000, 20_000_000)}
    assert differs_from_most_units(amounts, ranges, "penalties", "fine_fen").tolist() == [
        True, False, False, True,
    ]  # fmt: skip
    assert not differs_from_most_units(amounts, {}, "penalties", "fine_fen").any()


def test_reports_are_compared_with_their_own_rows_alone() -> None:
    amounts = pd.Series([100, 100, 100, 100, 100, 10**6, 10**6, 10**6, 10**6, 10**6, 100], dtype="Int64")
    submission = pd.Series([0] * 5 + [1] * 6)
    assert differs_from_report(amounts, submission).tolist() == [False] * 10 + [True]


@pytest.mark.parametrize(("count", "cells"), [(9, 9), (10, 1), (300, 1)])
def test_a_whole_column_in_the_other_unit_is_doubted_once(count: int, cells: int) -> None:
    payments = [
        {"decision_no": f"某环罚〔2023〕{number}号", "receipt_no": f"P{number:05}", "amount_fen": 49}
        for number in range(1, count + 1)
    ]
    findings = validate_rows("payments", *payments).findings
    assert findings["rule_id"].tolist() == ["payments.amount_fen.implausible"] * cells
    if cells == 1:
        finding = findings.iloc[0].to_dict()
        message = compose_message(finding | {"row": None})
        assert message.startswith(f"“缴款金额(元)”：填的是“49”，第 2–{count + 1} 行不到 50 元")
        assert pd.isna(finding["row"])


def test_a_fine_of_zero_that_differs_from_its_text_is_told_once() -> None:
    rows = [
        {"decision_no": "某环罚〔2023〕1号", "fine_fen": 0, "penalty_text": "警告，罚款3.5万元"},
        {"decision_no": "某环罚〔2023〕2号", "fine_fen": 0, "penalty_text": "见决定书"},
    ]
    findings = list_findings(validate_rows("penalties", *rows))
    assert [rule_id for rule_id, *_ in findings] == [
        "penalties.fine_fen.differs_from_text",
        "penalties.fine_fen.zero",
    ]
