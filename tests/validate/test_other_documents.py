"""Numbers of other documents among decisions."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.validation import list_findings, validate_rows

OTHER = ("penalties.decision_no.other_document", 2)


@pytest.mark.parametrize(
    "kind", ["催", "罚催字", "责改字", "撤罚", "罚变", "不罚", "立", "罚缓", "罚执字", "改字"]
)
def test_a_reminder_an_order_or_a_revocation_is_asked_about(kind: str) -> None:
    result = validate_rows("penalties", {"decision_no": f"某环{kind}〔2023〕5号"})
    assert OTHER in list_findings(result)
    assert len(result.rows["penalties"]) == 1


@pytest.mark.parametrize(
    "number",
    ["某环罚〔2023〕5号", "某环罚决字(星)〔2023〕5号", "某环行罚字〔2023〕第5号", "某环综执罚〔2023〕5号"],
)
def test_a_decision_is_not(number: str) -> None:
    assert list_findings(validate_rows("penalties", {"decision_no": number})) == []


def test_many_are_told_once() -> None:
    rows = [
        {"decision_no": f"某环催〔2023〕{number}号", "party_name": f"甲{number}厂"}
        for number in range(1, 13)
    ]
    findings = validate_rows("penalties", *rows).findings
    assert findings["rule_id"].tolist().count(OTHER[0]) == 1


def test_numbers_that_cannot_be_read_beside_others_end_nothing() -> None:
    """The mask of an object column is a view that cannot be written to."""
    from schemas.catalogue import ledgers
    from transforms.validate.other_documents import find_other_documents

    ledger = ledgers()["penalties"]
    fields = [field for field in ledger.fields if field.other_kinds]
    assert fields
    values = pd.DataFrame({field.compared_by: ["某环罚〔2023〕1号", None] for field in fields}, dtype="str")
    unread = {field.name: pd.Series([False, True]) for field in fields}
    assert find_other_documents(ledger, values, values, values, unread).empty
