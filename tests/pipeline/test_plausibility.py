"""Plausibility checks of reports: empty, far fewer rows than usual, rows of an earlier month."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from schemas.ledgers.finding import compose_messages
from schemas.ledgers.rules import FEW_ROWS, LIST_SHRANK, NO_ROWS, REPEATS_EARLIER
from schemas.periods import months_between
from tests.support.sheets import LABELS, case_cells, read_cells, rule_ids_of
from transforms.report.status_report import matrix, spans
from transforms.validate.plausibility import list_findings, plausibility_findings
from warehouse.load.plausibility import REPEATED_COLUMNS

REPORT = {"unit_code": "990181", "ledger": "cases"}
HEADER = case_cells()[0]


@pytest.mark.parametrize(
    ("below", "above", "has_warning"),
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
def test_an_empty_table_has_a_warning_unless_it_is_a_zero_report(
    below: Any, above: Any, has_warning: bool
) -> None:
    sheet_read = read_cells([*above, HEADER, *below])
    assert not sheet_read.is_rejected
    assert len(sheet_read.rows) == 0
    assert (NO_ROWS in rule_ids_of(sheet_read)) is has_warning


def report(period: str, rows: int, number: int = 1, held_back: int = 0) -> dict[str, Any]:
    return {"submission_id": number, **REPORT, "period": period, "rows": rows, "held_back": held_back,
            "source_file": "a.xlsx", "source_sheet": "立案"}  # fmt: skip


def find_warnings(
    rows: int, earlier: list[int], repeated: list[tuple[str, int, int]] = (), held_back: int = 0
) -> list[str]:
    """Return the findings on June's report; `earlier` has the row
    counts of the months before it, up to May.
    """
    months = months_between("2022-01", "2023-05")[-len(earlier) :] if earlier else []
    june = report("2023-06", rows, held_back=held_back)
    current = pd.DataFrame(
        [june, *(report(month, count) for month, count in zip(months, earlier, strict=True))]
    )
    repeated_frame = pd.DataFrame(
        [(1, *repeated_row) for repeated_row in repeated], columns=REPEATED_COLUMNS
    )
    findings = plausibility_findings(
        pd.DataFrame([june]), current.drop(columns="submission_id"), repeated_frame
    )
    return findings["rule_id"].tolist() + compose_messages(findings).tolist()


def test_far_fewer_rows_than_usual_have_a_warning() -> None:
    rule_id, message = find_warnings(2, [12, 90, 11, 12])
    assert rule_id == FEW_ROWS
    assert "只有 2 行，而本单位此前 4 个月的这种台账一般有 12 行" in message


@pytest.mark.parametrize(
    ("rows", "earlier", "held_back"),
    [
        (3, [12, 12, 12], 0),  # a quarter of the usual
        (0, [12, 12], 0),  # two months are too few
        (0, [6, 7, 7, 100], 0),  # a small office
        (1, [12, 12, 12], 2),  # quarantined, but sent
        (0, [40, 40, 40, *[0] * 12], 0),  # a year ago
    ],
)
def test_plausible_numbers_of_rows_have_no_warning(rows: int, earlier: list[int], held_back: int) -> None:
    assert find_warnings(rows, earlier, held_back=held_back) == []


@pytest.mark.parametrize(
    ("rows", "repeated", "text"),
    [
        (3, [("2023-05", 3, 3)], "3 行里有 3 行与本单位2023年5月所报的完全相同"),
        (3, [("2023-05", 2, 2), ("2023-04", 2, 2)], "有 2 行与本单位2023年5月"),
        (6, [("2023-05", 6, 0)], "6 行里有 6 行与本单位2023年5月所报的编号相同、内容有改动"),
    ],
)
def test_an_earlier_month_sent_again_has_a_warning(
    rows: int, repeated: list[tuple[str, int, int]], text: str
) -> None:
    rule_id, message = find_warnings(rows, [6, 6], repeated)
    assert rule_id == REPEATS_EARLIER
    assert text in message


@pytest.mark.parametrize(
    ("rows", "repeated"),
    [
        (4, [("2023-05", 2, 2)]),  # half of it
        (3, [("2023-05", 3, 0)]),  # cases reported again because they went on
        (20, [("2023-05", 6, 0)]),  # all of May's, among more new ones
    ],
)
def test_matters_carried_over_have_no_warning(rows: int, repeated: list[tuple[str, int, int]]) -> None:
    assert find_warnings(rows, [6, 6], repeated) == []


def doubt_list(rows: int, *earlier: tuple[str, int]) -> list[str]:
    """Return the findings on June's roster, after those of earlier months."""
    june = report("2023-06", rows)
    known = pd.DataFrame([june, *(report(month, count) for month, count in earlier)])
    findings = list_findings(pd.DataFrame([june]), known.drop(columns="submission_id"))
    return findings["rule_id"].tolist() + compose_messages(findings).tolist()


@pytest.mark.parametrize(
    ("rows", "earlier", "text"),
    [
        (0, [("2023-05", 18)], "上次（2023年5月）报了 18 行，这次一行也没有；从2023年6月起按这次的计"),
        (0, [("2020-05", 1)], "上次（2020年5月）报了 1 行"),  # a roster stands until there is a later one
        (2, [("2023-05", 18), ("2023-04", 0)], "这次只有 2 行"),  # the changes alone
    ],
)
def test_a_list_without_most_of_the_last_one_has_a_warning(
    rows: int, earlier: list[tuple[str, int]], text: str
) -> None:
    rule_id, message = doubt_list(rows, *earlier)
    assert rule_id == LIST_SHRANK
    assert text in message


@pytest.mark.parametrize(
    ("rows", "earlier"),
    [
        (0, []),
        (0, [("2023-05", 0), ("2023-04", 18)]),  # doubted in May
        (0, [("2023-07", 18)]),
        (9, [("2023-05", 18)]),
        (1, [("2023-05", 3)]),  # a small office
    ],
)
def test_a_list_like_the_last_one_has_no_warning(rows: int, earlier: list[tuple[str, int]]) -> None:
    assert doubt_list(rows, *earlier) == []


def states(*reports: tuple[str, str, str]) -> pd.DataFrame:
    """Make the states of one unit's reports: ledger, month, state."""
    rows = [{"unit_name": "临江市", "ledger": ledger, "period": month, "state": state, "due_on": None, "submission_id": index,
             "held_back": 2} for index, (ledger, month, state) in enumerate(reports)]  # fmt: skip
    return pd.DataFrame(rows, dtype=object)


TITLES = {"cases": "立案", "payments": "缴纳", "permits": "许可"}
TWO_MONTHS = states(
    ("cases", "2023-05", "on_time"), ("payments", "2023-05", "late"), ("permits", "2023-05", "zero"),
    ("cases", "2023-06", "missing"), ("payments", "2023-06", "missing"), ("permits", "2023-06", "missing"),
)  # fmt: skip
MONTHS = ["2023-05", "2023-06"]


def test_a_matrix_shows_the_ledgers_that_differ() -> None:
    rows = matrix(TWO_MONTHS, {0}, TITLES, MONTHS, is_full=False)
    assert [tuple(row.values()) for row in rows] == [
        ("临江市", "全部 3 种台账", "迟1!", "缺"), ("", "立案", "✓!", "缺"), ("", "缴纳", "迟", "缺"),
    ]  # fmt: skip
    assert len(matrix(TWO_MONTHS, (), TITLES, MONTHS, is_full=True)) == 4


def test_spans_of_months() -> None:
    assert spans(["2023-12", "2024-01", "2023-02"]) == "2023-02, 2023-12 to 2024-01"
