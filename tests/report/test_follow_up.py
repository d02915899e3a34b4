"""Whom to ask for what: reports that are not in order, and files that somebody has to settle."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from transforms.report.follow_up import files_to_settle, follow_up_list, leave_out_answered

TITLES = {"cases": "立案", "payments": "缴纳", "permits": "许可"}
NO_DOUBTS = pd.DataFrame({"submission_id": [], "rule_id": [], "message": []})


def states(*reports: tuple[str, str, str]) -> pd.DataFrame:
    """Make the states of one unit's reports: ledger, month, state."""
    rows = [
        {
            "unit_code": "990181", "unit_name": "临江市", "ledger": ledger, "period": month, "state": state,
            "due_on": None, "submission_id": index, "held_back": 2, "received_at": "2023-07-01T10:00:00+08:00",
        }
        for index, (ledger, month, state) in enumerate(reports)
    ]  # fmt: skip
    return pd.DataFrame(rows, dtype=object)


def submission(number: int, state: str, **changes: Any) -> dict[str, Any]:
    is_current = state in ("accepted", "partial", "zero")
    return {
        "submission_id": number, "load_id": number, "unit_code": "990181", "ledger": "cases", "period": "2023-06",
        "state": state, "sha256": f"{number}", "source_file": f"2023-06/990181/{number}.xlsx", "source_sheet": "",
        "received_at": f"2023-07-{number:02}T10:00:00+08:00", "received_on": date(2023, 7, number),
        "is_current": is_current, "is_open": True,
    } | changes  # fmt: skip


def settle(*submissions: dict[str, Any]) -> pd.DataFrame:
    return files_to_settle(pd.DataFrame(submissions, dtype=object), ["2023-06"])


def lines(
    *submissions: dict[str, Any], of: pd.DataFrame | None = None, **reasons: str
) -> list[dict[str, Any]]:
    """Return the lines of files to settle, beside reports that are in order."""
    reports = states(("cases", "2023-06", "on_time")) if of is None else of
    files = settle(*submissions)
    files = files.assign(unit_name=files["unit_code"].map({"990181": "临江市"}))
    by_number = {int(name[1:]): text for name, text in reasons.items()}
    return follow_up_list(reports, NO_DOUBTS, files, by_number, TITLES, [])


TWO_MONTHS = states(
    ("cases", "2023-05", "on_time"), ("payments", "2023-05", "late"), ("permits", "2023-05", "zero"),
    ("cases", "2023-06", "missing"), ("payments", "2023-06", "missing"), ("permits", "2023-06", "missing"),
)  # fmt: skip
NO_FILES = settle(submission(1, "accepted")).assign(unit_name=None)


def test_what_is_missing_in_the_same_months_shares_a_line() -> None:
    reasons = pd.DataFrame({"submission_id": [0], "rule_id": ["a"], "message": ["没有填"]})
    listed = follow_up_list(TWO_MONTHS, reasons, NO_FILES, {}, TITLES, [])
    assert [(line["what"], line["months"], line["ledgers"], line["reports"], line["reason"]) for line in listed] == [
        ("missing", "2023-06", "全部台账", 3, ""), ("doubtful", "2023-05", "立案", 1, "没有填"),
    ]  # fmt: skip
    listed = follow_up_list(TWO_MONTHS, reasons, NO_FILES, {}, TITLES, ["2023-06"])
    assert [line["what"] for line in listed] == ["doubtful"]
    (line,) = follow_up_list(states(("cases", "2023-05", "partial")), NO_DOUBTS, NO_FILES, {}, TITLES, [])
    assert (line["what"], line["reason"]) == ("partial", "2 行未收下")


def test_months_doubted_for_the_same_reason_share_a_line() -> None:
    months = [f"2023-{month:02}" for month in range(1, 7)]
    reports = states(*(("cases", month, "on_time") for month in months))
    rules = ["few", "few", "few", "parts", "parts", "few"]
    doubts = pd.DataFrame(
        {"submission_id": range(6), "rule_id": rules, "message": [f"{rule}。" for rule in rules]}
    )
    listed = follow_up_list(reports, doubts, NO_FILES, {}, TITLES, [])
    assert [(line["months"], line["reports"]) for line in listed] == [
        ("2023-01 to 2023-03, 2023-06", 4), ("2023-04 to 2023-05", 2),
    ]  # fmt: skip
    assert listed[0]["reason"] == "few。（这是2023年1月的，其余各月类似）"


def test_most_ledgers_are_named_by_the_few_that_are_not_among_them() -> None:
    titles = {f"ledger {number}": f"台账{number}" for number in range(8)}
    reports = states(
        *((name, "2023-06", "missing" if number else "on_time") for number, name in enumerate(titles))
    )
    (line,) = follow_up_list(reports, NO_DOUBTS, NO_FILES, {}, titles, [])
    assert line["ledgers"] == "台账0以外的 7 种台账"


@pytest.mark.parametrize("silent", [[], ["2023-06"]])
def test_a_rejected_report_says_why_also_in_a_silent_month(silent: list[str]) -> None:
    rejected = states(("cases", "2023-06", "rejected"))
    (line,) = follow_up_list(rejected, NO_DOUBTS, NO_FILES, {0: "加了密码"}, TITLES, silent)
    assert (line["what"], line["ledgers"], line["reason"]) == ("rejected", "全部台账", "加了密码")


def test_a_rejected_resend_is_listed_though_the_report_is_in_order() -> None:
    (line,) = lines(
        submission(1, "accepted"),
        submission(2, "rejected"),
        _2="文件“2.xlsx”：加了密码。请取消密码后重报。",
    )
    assert (line["what"], line["months"], line["ledgers"], line["reports"]) == (
        "rejected",
        "2023-06",
        "立案",
        1,
    )
    assert line["reason"] == (
        "2023年7月2日又报来的“2.xlsx”没有收下，仍以以前收下的为准：加了密码。请取消密码后重报。"
    )


def test_a_rejected_resend_that_was_sent_again_is_settled() -> None:
    superseded = submission(1, "accepted", is_current=False, is_open=False)
    assert lines(superseded, submission(2, "rejected"), submission(3, "accepted")) == []


def test_a_rejected_resend_is_listed_once_however_often_it_was_validated() -> None:
    again = submission(3, "rejected", source_file="2023-06/990181/2.xlsx")
    (line,) = lines(submission(1, "accepted"), submission(2, "rejected"), again, _3="还是不行")
    assert line["reason"].endswith("还是不行")


def test_a_report_of_which_all_was_rejected_is_listed_by_its_state_alone() -> None:
    assert settle(submission(1, "rejected")).empty


@pytest.mark.parametrize(
    ("unknown", "unit", "months", "ledgers"),
    [
        ("ledger", "临江市", "2023-06", "看不出是哪种台账"),
        ("period", "临江市", "看不出月份", "立案"),
        ("unit_code", "看不出单位", "2023-06", "立案"),
    ],
)
def test_a_rejected_file_of_unknown_report_is_listed(
    unknown: str, unit: str, months: str, ledgers: str
) -> None:
    rejected = submission(2, "rejected", **{unknown: None})
    (line,) = lines(submission(1, "accepted"), rejected, _2="文件打不开。")
    assert (line["unit"], line["months"], line["ledgers"]) == (unit, months, ledgers)
    assert line["reason"] == "2023年7月2日报来的“2.xlsx”没有收下：文件打不开。"
    sent_again = submission(3, "accepted", source_file=rejected["source_file"])
    assert lines(submission(1, "accepted"), rejected, sent_again) == []


def test_a_rejected_file_for_a_month_that_is_not_shown_is_listed() -> None:
    """Nobody's report for July was accepted yet."""
    (line,) = lines(submission(1, "rejected", period="2023-07"), _1="加了密码。")
    assert (line["months"], line["ledgers"]) == ("2023-07", "立案")
    assert line["reason"] == "2023年7月1日报来的“1.xlsx”没有收下：加了密码。"


def test_another_sheet_of_the_same_file_does_not_settle_a_rejected_one() -> None:
    file = "2023-06/990181/a.xlsx"
    rejected = submission(1, "rejected", ledger=None, source_sheet="表一", source_file=file, sha256="a")
    other_sheet = submission(2, "accepted", source_sheet="表二", source_file=file, sha256="a", load_id=1)
    again = submission(3, "accepted", source_sheet="表二", source_file=file, sha256="a")
    assert len(lines(rejected, other_sheet, again)) == 1
    assert lines(rejected, other_sheet, submission(4, "accepted", source_file=file, sha256="b")) == []


def test_a_file_of_unknown_ledger_is_answered_once_nothing_of_the_month_is_missing() -> None:
    rejected = settle(submission(2, "rejected", ledger=None, received_at="2023-06-30T10:00:00+08:00"))
    assert leave_out_answered(rejected, states(("cases", "2023-06", "on_time"))).empty
    assert len(leave_out_answered(rejected, states(("cases", "2023-06", "missing")))) == 1
    later = rejected.assign(received_at="2023-07-02T10:00:00+08:00")
    assert len(leave_out_answered(later, states(("cases", "2023-06", "on_time")))) == 1


def test_a_file_that_waits_is_listed_until_it_is_superseded() -> None:
    (line,) = lines(submission(1, "accepted"), submission(2, "awaiting"), _2="请市局确认。")
    assert (line["what"], line["reason"]) == (
        "awaiting",
        "2023年7月2日报来的“2.xlsx”待确认：请市局确认。",
    )
    assert lines(submission(1, "accepted"), submission(2, "awaiting", is_open=False)) == []


def test_a_withdrawn_file_is_listed_where_nothing_else_is_current() -> None:
    missing = states(("cases", "2023-06", "missing"), ("payments", "2023-06", "missing"))
    withdrawn = submission(1, "withdrawn")
    listed = lines(withdrawn, of=missing, _1="市局已撤回这份报送。")
    assert [(line["what"], line["ledgers"]) for line in listed] == [
        ("missing", "缴纳"),
        ("withdrawn", "立案"),
    ]
    assert listed[1]["reason"] == (
        "2023年7月1日报来的“1.xlsx”已撤回，现在没有收下的报送：市局已撤回这份报送。"
    )
    assert lines(withdrawn, submission(2, "accepted")) == []


def test_a_refused_file_is_settled_by_its_marked_workbook_mended() -> None:
    folder = "2023-06/990181"
    refused = submission(1, "rejected", ledger=None, source_file=f"{folder}/报表.xlsx")
    mended = submission(2, "accepted", source_file=f"{folder}/报表-回执-需改1处.xlsx")
    other = submission(2, "accepted", source_file=f"{folder}/另一份.xlsx")
    assert settle(refused, mended).empty
    assert settle(refused, other)["submission_id"].tolist() == [1]
