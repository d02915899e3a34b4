"""What a report tells against itself: nothing in it, far less than usual, an earlier month's rows; and what does not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from schemas.ledgers.finding import compose_messages
from schemas.ledgers.rules import FEW_ROWS, NO_ROWS, REPEATS_EARLIER
from schemas.periods import months_between
from tests.support.sheets import LABELS, case_cells, read_cells, rules
from transforms.report.status_report import follow_up_list, matrix, spans
from transforms.validate.plausibility import plausibility_findings
from warehouse.load.plausibility import REPEATED_COLUMNS

PLACE = {"unit_code": "990181", "ledger": "cases"}
HEADER = case_cells()[0]


@pytest.mark.parametrize(
    ("below", "above", "is_doubted"),
    [
        ([], (), True),
        ([["示例"]], (), True),
        ([["1"]], (), True),
        ([["无"]], (), False),
        ([["1", "/"]], (), False),
        ([["本月无立案案件"]], (), False),
        ([["备注：本月未发生"]], (), False),
        ([], (["2023年6月立案台账（零报告）"],), False),
        ([], (LABELS,), True),
    ],
)
def test_an_empty_table_is_doubted_unless_it_says_so(below: Any, above: Any, is_doubted: bool) -> None:
    sheet_read = read_cells([*above, HEADER, *below])
    assert not sheet_read.is_rejected
    assert len(sheet_read.rows) == 0
    assert (NO_ROWS in rules(sheet_read)) is is_doubted


def report(period: str, rows: int, number: int = 1, held_back: int = 0) -> dict[str, Any]:
    return {"submission_id": number, **PLACE, "period": period, "rows": rows, "held_back": held_back,
            "source_file": "a.xlsx", "source_sheet": "立案"}  # fmt: skip


def doubted(
    rows: int, earlier: list[int], repeated: list[tuple[str, int, int]] = (), held_back: int = 0
) -> list[str]:
    """What is told of June's report, by the rows of the months right before it, the last of them May."""
    months = months_between("2022-01", "2023-05")[-len(earlier) :] if earlier else []
    june = report("2023-06", rows, held_back=held_back)
    standing = pd.DataFrame(
        [june, *(report(month, count) for month, count in zip(months, earlier, strict=True))]
    )
    repeated_frame = pd.DataFrame(
        [(1, *repeated_row) for repeated_row in repeated], columns=REPEATED_COLUMNS
    )
    findings = plausibility_findings(
        pd.DataFrame([june]), standing.drop(columns="submission_id"), repeated_frame
    )
    return findings["rule_id"].tolist() + compose_messages(findings).tolist()


def test_far_fewer_rows_than_usual_are_doubted() -> None:
    rule_id, message = doubted(2, [12, 90, 11, 12])
    assert rule_id == FEW_ROWS
    assert "只有 2 行，而本单位此前 4 个月的这种台账一般有 12 行" in message


@pytest.mark.parametrize(
    ("rows", "earlier", "held_back"),
    [
        (3, [12, 12, 12], 0),  # a quarter of it
        (0, [12, 12], 0),  # two months are no habit
        (0, [6, 7, 7, 100], 0),  # a small office
        (1, [12, 12, 12], 2),  # held back, but sent
        (0, [40, 40, 40, *[0] * 12], 0),  # a year ago
    ],
)
def test_what_may_well_be_is_not(rows: int, earlier: list[int], held_back: int) -> None:
    assert doubted(rows, earlier, held_back=held_back) == []


@pytest.mark.parametrize(
    ("rows", "repeated", "told"),
    [
        (3, [("2023-05", 3, 3)], "3 行里有 3 行与本单位2023年5月所报的完全相同"),
        (3, [("2023-05", 2, 2), ("2023-04", 2, 2)], "有 2 行与本单位2023年5月"),
        (6, [("2023-05", 6, 0)], "6 行里有 6 行与本单位2023年5月所报的编号相同、内容有改动"),
    ],
)
def test_an_earlier_month_sent_again_is_doubted(
    rows: int, repeated: list[tuple[str, int, int]], told: str
) -> None:
    rule_id, message = doubted(rows, [6, 6], repeated)
    assert rule_id == REPEATS_EARLIER
    assert told in message


@pytest.mark.parametrize(
    ("rows", "repeated"),
    [
        (4, [("2023-05", 2, 2)]),  # half of it
        (3, [("2023-05", 3, 0)]),  # cases told again for what became of them
        (20, [("2023-05", 6, 0)]),  # all of May's, among more that is new
    ],
)
def test_matters_carried_over_are_not(rows: int, repeated: list[tuple[str, int, int]]) -> None:
    assert doubted(rows, [6, 6], repeated) == []


def states(*told: tuple[str, str, str]) -> pd.DataFrame:
    """Of one unit: ledger, month, state."""
    rows = [{"unit_name": "临江市", "ledger": ledger, "period": month, "state": state, "due_on": None, "submission_id": at,
             "held_back": 2} for at, (ledger, month, state) in enumerate(told)]  # fmt: skip
    return pd.DataFrame(rows, dtype=object)


TITLES = {"cases": "立案", "payments": "缴纳", "permits": "许可"}
TWO_MONTHS = states(
    ("cases", "2023-05", "on_time"), ("payments", "2023-05", "late"), ("permits", "2023-05", "zero"),
    ("cases", "2023-06", "missing"), ("payments", "2023-06", "missing"), ("permits", "2023-06", "missing"),
)  # fmt: skip
MONTHS = ["2023-05", "2023-06"]


def test_a_matrix_shows_the_ledgers_that_stand_apart() -> None:
    rows = matrix(TWO_MONTHS, {0}, TITLES, MONTHS, is_full=False)
    assert [tuple(row.values()) for row in rows] == [
        ("临江市", "全部 3 种台账", "迟1!", "缺"), ("", "立案", "✓!", "缺"), ("", "缴纳", "迟", "缺"),
    ]  # fmt: skip
    assert len(matrix(TWO_MONTHS, (), TITLES, MONTHS, is_full=True)) == 4


def test_the_chase_list_puts_together_what_is_missing_alike() -> None:
    reasons = pd.DataFrame({"submission_id": [0], "message": ["没有填"]})
    lines = follow_up_list(TWO_MONTHS, reasons, TITLES, [])
    assert [(line["what"], line["months"], line["ledgers"], line["reports"], line["reason"]) for line in lines] == [
        ("missing", "2023-06", "全部台账", 3, ""), ("doubtful", "2023-05", "立案", 1, "没有填"),
    ]  # fmt: skip
    assert [line["what"] for line in follow_up_list(TWO_MONTHS, reasons, TITLES, ["2023-06"])] == [
        "doubtful"
    ]
    (held,) = follow_up_list(states(("cases", "2023-05", "partial")), reasons.iloc[:0], TITLES, [])
    assert (held["what"], held["reason"]) == ("partial", "2 行未收下")


def test_spans_of_months() -> None:
    assert spans(["2023-12", "2024-01", "2023-02"]) == "2023-02, 2023-12 to 2024-01"
