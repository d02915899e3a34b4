"""The ledger of a file of which nothing but its name is known."""

from __future__ import annotations

import pytest

from schemas.catalogue import ledgers
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.ledger_match import ledger_of_name


@pytest.mark.parametrize(
    ("path", "sheet", "ledger"),
    [
        ("2023-06/990181/立案台账.xlsx", "", "cases"),
        ("2023-06/990181/6月立案.xlsx", "", "cases"),
        ("2023-06/990181/行政处罚决定（6月）.et", "", "penalties"),
        ("2023-06/990181/petitions.csv", "", "petitions"),
        ("2023-06/990181/报表.xlsx", "罚款缴纳台账", "payments"),
        ("2023-06/990181/行政复议/1.xlsx", "", "reconsiderations"),
        ("2023-06/990181/报表.xlsx", "", None),
        ("2023-06/990181/立案和听证、行政复议.xlsx", "", None),
    ],
)
def test_the_ledger_of_a_file_of_which_only_the_name_is_known(
    path: str, sheet: str, ledger: str | None
) -> None:
    assert ledger_of_name(HeaderIndex(ledgers()), path, sheet) == ledger
