"""One key with other matters, one matter with other keys: doubted in both reports; corrections are not."""

from __future__ import annotations

from typing import Any

import pandas as pd

from flows.workspace import Workspace
from schemas.ledgers.finding import compose_message
from schemas.ledgers.rules import OTHER_KEY, OTHER_MATTER, OTHER_PARTY, REPLACED_OTHER
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import BUREAU, RIVER, STAR, findings_of, inbox, night

NO_MARK = "某环立〔2023〕5号"


def send(workspace: Workspace, *reports: tuple[str, str, str, dict[str, Any]]) -> pd.DataFrame:
    """Send reports (unit, month, ledger, row) of one night; return the doubts about pairs of rows."""
    for index, (unit, month, ledger, row) in enumerate(reports):
        name = f"{month}/{unit}/{ledger}{index}.xlsx"
        put(inbox(workspace), name, ledger_bytes(ledger, row), f"2023-1{index}-05T10:00")
    report = night(workspace)
    assert report is not None
    findings = findings_of(report)
    return findings[findings["rule_id"].isin([OTHER_MATTER, OTHER_KEY, REPLACED_OTHER])]


def case(**values: Any) -> dict[str, Any]:
    return {"case_no": NO_MARK, **values}


def test_two_counties_with_one_number_and_other_parties_are_both_asked(workspace: Workspace) -> None:
    first, second = case(party_name="甲厂"), case(party_name="丙公司", filed_on="2023-06-09")
    (doubt,) = send(
        workspace, (RIVER, "2023-06", "cases", first), (STAR, "2023-06", "cases", second)
    ).to_dict("records")
    assert (doubt["rule_id"], doubt["severity"]) == (OTHER_MATTER, "warning")
    message = compose_message(doubt)
    assert message.startswith(f"第 {doubt['row']} 行“案号”（{doubt['cell']}）：")
    assert "“当事人”、“立案日期”却不同" in message
    assert "编号都没有写错的请告知市局" in message


def test_the_bureaus_registration_of_a_countys_case_is_not_doubted(workspace: Workspace) -> None:
    assert send(workspace, (RIVER, "2023-06", "cases", case()), (BUREAU, "2023-06", "cases", case())).empty


def test_a_serial_that_each_month_begins_again_is_doubted_in_both_months(workspace: Workspace) -> None:
    months = [("2023-06", "2023-06-02"), ("2023-07", "2023-07-03")]
    doubts = send(
        workspace,
        *((STAR, month, "petitions", {"petition_no": "来-001", "accepted_on": day, "closed_on": None, "due_on": None})
          for month, day in months),
    )  # fmt: skip
    assert sorted(doubts["file"].str[:7]) == ["2023-06", "2023-07"]
    assert doubts["rule_id"].eq(OTHER_MATTER).all()


def test_one_corrected_field_in_a_later_month_is_no_other_matter(workspace: Workspace) -> None:
    changes = ({"party_name": "甲某某"}, {"filed_on": "2023-06-04"}, {"closed_on": "2023-07-20"})
    first = [
        {"case_no": f"某环立(星)〔2023〕{number}号", "party_name": f"{number}厂"} for number in (1, 2, 3)
    ]
    second = [{**row, **change} for row, change in zip(first, changes, strict=True)]
    for month, rows in (("2023-06", first), ("2023-07", second)):
        put(inbox(workspace), f"{month}/{STAR}/a.xlsx", ledger_bytes("cases", *rows), "2023-08-05T10:00")
    report = night(workspace)
    assert report is not None
    assert not {OTHER_MATTER, OTHER_KEY} & set(findings_of(report)["rule_id"])


def test_a_payment_under_another_receipt_in_a_later_month_is_doubted_in_both(workspace: Workspace) -> None:
    rows = [{"receipt_no": "000000001251"}, {"receipt_no": "1251"}]
    doubts = send(workspace, (STAR, "2023-06", "payments", rows[0]), (STAR, "2023-07", "payments", rows[1]))
    assert doubts["rule_id"].tolist() == [OTHER_KEY, OTHER_KEY]
    assert compose_message(doubts.iloc[0].to_dict()).startswith(
        "第 2 行“票据号”（E2）：第 2 行与本单位2023年"
    )


def test_two_cases_of_one_party_with_other_numbers_in_one_report_are_two(workspace: Workspace) -> None:
    put(
        inbox(workspace),
        f"2023-06/{STAR}/a.xlsx",
        ledger_bytes("cases", {"case_no": "某环立(星)〔2023〕1号"}, {"case_no": "某环立(星)〔2023〕2号"}),
    )
    report = night(workspace)
    assert report is not None
    assert findings_of(report).empty


def test_the_same_serial_under_another_spelling_in_one_report_is_doubted(workspace: Workspace) -> None:
    put(
        inbox(workspace),
        f"2023-06/{STAR}/a.xlsx",
        ledger_bytes("cases", {"case_no": "某环立(星)〔2023〕7号"}, {"case_no": "某环立〔2023〕7号"}),
    )
    report = night(workspace)
    assert report is not None
    assert findings_of(report)["rule_id"].tolist() == [OTHER_KEY]


def test_a_payment_with_and_without_its_receipt_in_one_report_is_doubted(workspace: Workspace) -> None:
    rows = [{"receipt_no": "P-1"}, {"receipt_no": None}]
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("payments", *rows))
    report = night(workspace)
    assert report is not None
    assert findings_of(report)["rule_id"].tolist() == [OTHER_KEY]


def test_serials_of_one_day_are_as_many_petitions(workspace: Workspace) -> None:
    rows = [{"petition_no": number} for number in ("1", "2", "11")]
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("petitions", *rows))
    report = night(workspace)
    assert report is not None
    assert findings_of(report)["rule_id"].tolist() == ["petitions.petition_no.serial_only"]


def test_reviews_of_one_case_on_one_day_by_two_reviewers_are_two(workspace: Workspace) -> None:
    reviews = [{"reviewer_kind": kind} for kind in ("法制机构", "法律顾问")]
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("legal_reviews", *reviews))
    report = night(workspace)
    assert report is not None
    assert findings_of(report).empty


def test_another_matter_in_place_of_an_earlier_row_is_doubted(workspace: Workspace) -> None:
    send(workspace, (STAR, "2023-06", "cases", case(party_name="甲厂", filed_on="2023-06-02")))
    other = case(party_name="乙厂", filed_on="2023-06-20")
    (doubt,) = send(
        workspace, (RIVER, "2023-06", "hearings", {}), (STAR, "2023-06", "cases", other)
    ).to_dict("records")
    assert (doubt["rule_id"], doubt["severity"], doubt["row"]) == (REPLACED_OTHER, "warning", 2)
    assert "代替了以前报送的“cases0.xlsx”第 2 行" in compose_message(doubt)


def test_a_corrected_party_or_day_in_place_of_an_earlier_row_is_not_doubted(workspace: Workspace) -> None:
    send(workspace, (STAR, "2023-06", "cases", case(party_name="甲厂", filed_on="2023-06-02")))
    assert send(
        workspace, (STAR, "2023-06", "cases", case(party_name="甲工厂", filed_on="2023-06-02"))
    ).empty
    assert send(
        workspace,
        (STAR, "2023-06", "cases", case(party_name="甲工厂", filed_on="2023-06-05", stage="审查")),
    ).empty


def test_a_doubt_stands_in_the_receipts_of_reports_that_are_sent_again(workspace: Workspace) -> None:
    first, second = case(party_name="甲厂"), case(party_name="丙公司", filed_on="2023-06-09")
    for number in (1, 2):
        for unit, mark, row in ((RIVER, "江", first), (STAR, "星", second)):
            rows = [{"case_no": f"某环立({mark})〔2023〕9号", "party_name": f"{mark}厂"}, row]
            data = ledger_bytes("cases", *rows[-number:])
            put(inbox(workspace), f"2023-06/{unit}/a.xlsx", data, f"2023-1{number}-05T10:00")
        report = night(workspace)
        assert report is not None
    findings = findings_of(report)
    doubts = findings[findings["rule_id"].isin([OTHER_MATTER, "row.other_unit_has_key"])]
    assert sorted(zip(doubts["file"].str[8:14], doubts["row"], strict=True)) == [(STAR, 3), (RIVER, 3)]
    assert doubts["submission_id"].isin(report.submissions["submission_id"]).all()


PAYMENT = "某环罚(星)〔2023〕5号"


def test_one_payment_from_two_counties_is_doubted_in_both(workspace: Workspace) -> None:
    first, second = (
        {"decision_no": PAYMENT, "receipt_no": None},
        {"decision_no": PAYMENT, "receipt_no": "A1"},
    )
    doubts = send(workspace, (RIVER, "2023-06", "payments", first), (STAR, "2023-06", "payments", second))
    assert doubts["rule_id"].tolist() == [OTHER_KEY, OTHER_KEY]
    assert doubts["problem"].str.contains("只有一处写明编号，目前各作一行收下").all()


def test_payments_of_other_decisions_or_amounts_from_two_counties_are_not_doubted(
    workspace: Workspace,
) -> None:
    first, second = {"decision_no": PAYMENT, "receipt_no": "A1"}, {"receipt_no": "A2"}
    third = {"decision_no": PAYMENT, "receipt_no": "A3", "amount_fen": 1234}
    reports = [(RIVER, "2023-06", first), (STAR, "2023-06", second), (BUREAU, "2023-06", third)]
    assert send(workspace, *((unit, month, "payments", row) for unit, month, row in reports)).empty


def test_one_exam_under_two_spellings_is_doubted(workspace: Workspace) -> None:
    def exam(session: str) -> dict[str, Any]:
        return {"kind": "执法资格", "session_no": session}

    same = (
        (RIVER, "2023-06", "exams", exam("2023年第1期")),
        (BUREAU, "2023-06", "exams", exam("2023年第1期")),
    )
    assert send(workspace, *same).empty
    doubts = send(workspace, (STAR, "2023-06", "exams", exam("2023年第一期")))
    assert doubts["rule_id"].eq(OTHER_KEY).all()
    assert set(doubts["file"].str.split("/").str[1]) == {STAR, RIVER, BUREAU}


def test_a_document_reviewed_once_under_two_titles_is_doubted(workspace: Workspace) -> None:
    titles = "关于印发排污权交易细则的通知", "《关于印发排污权交易细则的通知》（终稿）"
    doubts = send(
        workspace,
        *((STAR, month, "policy_reviews", {"document_title": title, "reviewed_on": "2023-06-02"})
          for month, title in zip(("2023-06", "2023-07"), titles, strict=True)),
    )  # fmt: skip
    assert doubts["rule_id"].tolist() == [OTHER_KEY, OTHER_KEY]
    assert "名称或代码的写法却不同" in doubts["problem"].iloc[0]
    other = {"document_title": "空气站运维合同", "reviewed_on": "2023-06-02"}
    assert OTHER_KEY not in set(send(workspace, (RIVER, "2023-06", "policy_reviews", other))["rule_id"])


def test_an_object_with_and_without_the_word_for_its_region_is_doubted(workspace: Workspace) -> None:
    rows = [
        {"party_name": name, "party_uscc": None, "task_no": None, "inspected_on": "2023-06-02"}
        for name in ("冷水江1号采石场", "冷水江市1号采石场")
    ]
    doubts = send(
        workspace, (STAR, "2023-06", "inspections", rows[0]), (STAR, "2023-07", "inspections", rows[1])
    )
    assert doubts["rule_id"].tolist() == [OTHER_KEY, OTHER_KEY]
    assert doubts["column"].tolist() == ["检查对象"] * 2


def test_one_number_of_officers_with_other_certificates_in_two_counties_is_doubted_in_both(
    workspace: Workspace,
) -> None:
    doubts = send(
        workspace,
        *((unit, "2023-06", "officers", {"officer_no": "RY01", "certificate_no": certificate})
          for unit, certificate in ((RIVER, "1813010001"), (STAR, "1813020001"), (BUREAU, "1813020001"))),
    )  # fmt: skip
    assert doubts["rule_id"].eq(OTHER_MATTER).all()
    assert doubts["problem"].str.contains("“执法证号”却不同").all()
    assert doubts["file"].str.split("/").str[1].value_counts().to_dict() == {RIVER: 1, STAR: 1, BUREAU: 1}


def test_other_numbers_of_officers_are_not_doubted(workspace: Workspace) -> None:
    reports = [
        (unit, "2023-06", "officers", {"officer_no": number, "certificate_no": number})
        for unit, number in ((RIVER, "RY01"), (STAR, "RY02"))
    ]
    assert send(workspace, *reports).empty


def test_an_enterprise_with_and_without_its_code_is_doubted(workspace: Workspace) -> None:
    def leniency(day: str, code: str | None, name: str = "娄底甲有限公司") -> dict[str, Any]:
        return {"party_name": name, "party_uscc": code, "decided_on": day}

    code = "91000000MA0000001R"
    send(
        workspace,
        (STAR, "2023-06", "leniencies", leniency("2023-06-05", code)),
        (RIVER, "2023-06", "leniencies", leniency("2023-06-08", None, "娄底乙有限公司")),
    )
    put(
        inbox(workspace), f"2023-07/{STAR}/b.xlsx",
        ledger_bytes("leniencies", leniency("2023-07-05", None), leniency("2023-07-05", code, "娄底丙有限公司")),
    )  # fmt: skip
    report = night(workspace)
    assert report is not None
    findings = findings_of(report)
    doubts = findings[findings["rule_id"].eq(OTHER_PARTY)]
    assert sorted(doubts["file"].str[:7]) == ["2023-06", "2023-07"]
    assert doubts["column"].tolist() == ["企业名称"] * 2
