"""A file that replaces another and lacks values that its rows had, or has all amounts by one factor."""

from __future__ import annotations

from typing import Any

import pytest

from flows.workspace import Workspace
from schemas.ledgers.rules import SCALED, VALUES_AWAIT, VALUES_GONE
from schemas.reporting.replacement import ValueChange
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import STAR, findings_of, inbox, night
from tests.validate.test_replacement import earlier, incoming
from transforms.validate.value_changes import scaled_amounts

VALUE_RULES = (VALUES_GONE, VALUES_AWAIT, SCALED)


def reported_changes(
    workspace: Workspace, ledger: str, *files: list[dict[str, Any]], above: Any = ()
) -> list[str]:
    """Send files of one report night by night; return what is said of the values of the last one."""
    for number, rows in enumerate(files):
        data = ledger_bytes(ledger, *rows, above=above if number else ())
        put(inbox(workspace), f"2023-06/{STAR}/{number}.xlsx", data, f"2023-07-0{number + 1}T10:00")
        report = night(workspace)
        assert report is not None
    findings = findings_of(report)
    findings = findings[findings["rule_id"].isin(VALUE_RULES)]
    return [f"{row.rule_id} {row.problem}" for row in findings.itertuples()]


def transfers(*detained: int | None) -> list[dict[str, Any]]:
    return [
        {"document_no": f"某环移〔2023〕{number}号", "persons_detained": persons}
        for number, persons in enumerate(detained, start=1)
    ]


def test_a_file_that_empties_a_column_waits(workspace: Workspace) -> None:
    (text,) = reported_changes(workspace, "transfers", transfers(1, 2, None), transfers(None, None, None))
    assert text.startswith(VALUES_AWAIT)
    assert "“0.xlsx”：那里填有、这次空着的：“拘留人数”2 行里的 2 行" in text


def test_a_file_that_says_it_is_the_whole_report_empties_values_and_is_told(workspace: Workspace) -> None:
    files = transfers(1, 2), transfers(None, None)
    (text,) = reported_changes(workspace, "transfers", *files, above=[["本次报送：全部"]])
    assert text.startswith(VALUES_GONE)


def test_a_few_emptied_values_are_told(workspace: Workspace) -> None:
    (text,) = reported_changes(workspace, "transfers", transfers(1, 1, 2, 3), transfers(1, 1, 2, None))
    assert text.startswith(VALUES_GONE)
    assert "“拘留人数”4 行里的 1 行" in text


def test_changed_and_added_values_are_not_told(workspace: Workspace) -> None:
    assert reported_changes(workspace, "transfers", transfers(1, None), transfers(2, 1)) == []


def test_what_no_figure_reads_may_be_emptied(workspace: Workspace) -> None:
    rows = transfers(1, 2)
    assert (
        reported_changes(workspace, "transfers", rows, [{**row, "accepted_on": None} for row in rows]) == []
    )


def payments(*yuan: float) -> list[dict[str, Any]]:
    return [
        {"receipt_no": f"43002023{number}", "amount_fen": amount}
        for number, amount in enumerate(yuan, start=1)
    ]


def test_amounts_that_all_became_a_tenth_are_told(workspace: Workspace) -> None:
    (text,) = reported_changes(
        workspace, "payments", payments(10000, 20000, 30000), payments(1000, 2000, 3000)
    )
    assert text.startswith(SCALED)
    assert "3 行里有 3 行的“缴款金额(元)”都是以前的 0.1 倍" in text


@pytest.mark.parametrize(
    ("change", "is_doubted"),
    [
        (ValueChange("amount_fen", 5, 0, 0.1, 5, 5), True),
        (ValueChange("amount_fen", 5, 0, 1.5, 3, 5), True),
        (ValueChange("amount_fen", 5, 0, 1.5, 2, 5), False),
        (ValueChange("amount_fen", 5, 0, 1.0, 5, 5), False),
        (ValueChange("amount_fen", 1, 0, 0.1, 1, 1), True),
        (ValueChange("amount_fen", 1, 0, 1.5, 1, 1), False),
        (ValueChange("amount_fen", 1, 0), False),
    ],
)
def test_amounts_are_doubted_if_most_changed_by_one_factor(change: ValueChange, is_doubted: bool) -> None:
    report = incoming(earlier(shared=4), ledger="payments", changes=[change])
    assert bool(scaled_amounts(report)) is is_doubted
