"""The operator's morning and what lies behind it: reports, submissions, files and receipts."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pandas as pd
import pytest

from tests.support.counties import ledger_bytes
from tests.support.portal_site import Site, Visitor
from transforms.report.timeliness import timeliness


@pytest.fixture(scope="module")
def operator(worked: Site) -> Visitor:
    return worked.visitor("bureau")


def table(answer: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]


def test_the_morning_has_every_part(operator: Visitor) -> None:
    text = operator.get("/morning?year=2023&since=2023-07-01").text
    for words in (
        "每夜入库",
        "已入库，有退回的",
        "长岭县",
        "立案2.xlsx",
        "有疑问",
        "报送质量",
        "2023年8月7日",
    ):
        assert words in text, words
    assert "首次报送，星河区 +4件" in text
    assert '<span class="value">1</span> 份退回' in text
    assert '<span class="value">1</span> 份待确认' in text


@pytest.mark.parametrize(
    "page",
    [
        "/morning",
        "/chase",
        "/settling",
        "/runs",
        "/reports",
        "/deadlines?full=1",
        "/figures",
        "/publish?period=2023-06",
        "/jobs",
        "/decisions",
        "/questions",
        "/audit",
        "/moved",
        "/report",
        "/coverage",
        "/submissions/1",
        "/figures/case_filed_count/rows?year=2023",
        "/figures/case_filed_count/history?period=2023",
    ],
)
def test_days_are_written_in_one_form(operator: Visitor, page: str) -> None:
    text = re.sub("<[^>]*>", " ", operator.get(page).text)
    assert re.findall(r".{0,30}20\d{2}-\d{2}-\d{2}.{0,20}", text) == []


def test_what_moved_before_the_chosen_day_is_left_out(operator: Visitor) -> None:
    assert "首次报送，星河区" not in operator.get("/moved?year=2023&since=2023-07-10").text
    assert "首次报送，星河区" in operator.get("/moved?year=2023&since=2023-07-01").text
    rows = table(operator.get("/moved.csv?year=2023&since=2023-07-01"))
    assert ("立案", "4", "星河区") in {
        (row["指标"], row["这一项的变动（数值，金额按元）"], row["单位"]) for row in rows
    }


@pytest.mark.parametrize("since", ["", "yesterday", "2023-02-30", "9999-12-31", "0001-01-01"])
def test_any_day_can_be_asked_for(operator: Visitor, since: str) -> None:
    assert operator.get(f"/morning?since={since}").status_code == 200


def test_a_refused_file_is_named_with_reason_and_receipt(operator: Visitor) -> None:
    text = operator.get("/settling?since=2023-07-01").text
    [number] = [part.split('/receipt"')[0] for part in text.split("/submissions/") if '/receipt"' in part][
        -1:
    ]
    answer = operator.get(f"/submissions/{number}/receipt")
    assert answer.content.startswith(b"PK")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert operator.get(f"/submissions/{number}/file").content == b"no workbook"
    assert 'class="alert"' in operator.get(f"/submissions/{number}").text


def test_a_report_leads_to_its_submissions_and_files(worked: Site, operator: Visitor) -> None:
    matrix = operator.get("/reports?year=2023&unit=990102").text
    assert "/reports/2023-06/990102/cases" in matrix
    assert "/reports/2023-06/990121/cases" not in matrix
    sent = worked.portal.workspace().home.inbox / "2023-06/990102/立案.xlsx"
    text = operator.get("/reports/2023-06/990102/cases").text
    assert text.index("立案2.xlsx") < text.index("立案.xlsx")
    assert "待确认" in text
    assert "现在算数" in text
    number = text.split("现在算数")[0].rsplit("/submissions/", 1)[1].split('"')[0]
    assert operator.get(f"/submissions/{number}/file").content == sent.read_bytes()
    page = operator.get(f"/submissions/{number}").text
    assert "收下 4 行" in page


def test_what_an_operator_downloads_is_recorded(worked: Site, operator: Visitor) -> None:
    before = len(worked.audited())
    operator.get("/submissions/1/file")
    operator.get("/submissions/1/receipt")
    operator.get("/figures/case_filed_count/rows.xlsx?year=2023")
    new = worked.audited()[before:]
    assert [(name, action) for name, action, _ in new] == [("bureau", "download")] * 3
    assert "2023-06/990102" in new[0][2]


def test_the_findings_of_a_submission_name_their_cells(operator: Visitor) -> None:
    text = operator.get("/reports/2023-06/990102/penalties").text
    number = text.rsplit("/submissions/", 1)[1].split("/")[0]
    page = operator.get(f"/submissions/{number}").text
    assert "部分收下" in page
    assert "待定" in page


@pytest.mark.parametrize(
    "path",
    ["/reports/2023-13/990102/cases", "/reports/2023/990102/cases", "/reports/2023-06/1/cases",
     "/reports/2023-06/990102/..%2fcases", "/submissions/99999", "/submissions/99999999999/file",
     "/submissions/99999/receipt"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(operator: Visitor, path: str) -> None:
    assert operator.get(path).status_code == 404


def test_a_damaged_archive_is_said_and_not_handed_out(site: Site) -> None:
    from tests.support.counties import put

    home = site.portal.workspace().home
    put(home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {}))
    site.night()
    operator = site.visitor("bureau")
    for file in home.archive.glob("[0-9a-f][0-9a-f]/*"):
        file.chmod(0o600)
        file.write_bytes(b"altered")
    answer = operator.get("/submissions/1/file")
    assert answer.status_code == 410
    assert "altered" not in answer.text


def test_whom_to_chase_and_how_well_units_report_can_be_downloaded(operator: Visitor) -> None:
    chased = table(operator.get("/chase.csv?year=2023"))
    assert {"长岭县", "星河区"} <= {row["单位"] for row in chased}
    [star] = [row for row in table(operator.get("/rates.csv?year=2023")) if row["单位代码"] == "990102"]
    assert (star["按时"], star["已报"], star["一次通过"]) == ("2", "2", "1")
    assert operator.get("/chase?year=2023").status_code == 200
    assert operator.get("/runs").text.count("每夜入库") == 2


def test_rates_count_reports_that_are_due_and_first_arrivals() -> None:
    states = pd.DataFrame(
        {
            "unit_code": "1", "unit_name": "甲", "ledger": list("abcde"), "period": "2023-06",
            "state": ["on_time", "late", "missing", "rejected", "not_due"],
            "due_on": [date(2023, 7, 7)] * 4 + [None], "days_late": [0, 2, None, 0, None],
        },
        dtype=object,
    )  # fmt: skip
    arrivals = [
        ("a", "accepted"),
        ("b", "rejected"),
        ("b", "accepted"),
        ("d", "rejected"),
        (None, "rejected"),
    ]
    submissions = pd.DataFrame(
        [
            {"submission_id": number, "unit_code": "1", "period": "2023-06", "ledger": ledger, "state": state,
             "is_revalidated": False}
            for number, (ledger, state) in enumerate(arrivals)
        ]
    )  # fmt: skip
    [row] = timeliness(states, submissions).to_dict("records")
    assert [row[name] for name in ("due", "on_time", "came", "first_pass")] == [4, 1, 3, 1]


def test_open_questions_are_counted_by_title_with_where_to_look(site: Site) -> None:
    from tests.support.counties import put

    inbox = site.portal.workspace().home.inbox
    put(inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {"case_no": "某环立(星)〔2023〕9号"}))
    put(inbox, "2023-06/990102/b.xlsx", ledger_bytes("legal_reviews", {}))
    site.night()
    operator = site.visitor("bureau")
    text = operator.get("/questions?year=2023&rule=legal_reviews.case_no.not_found").text
    assert "在立案台账里找不到" in text
    assert "星河区 1" in text
    assert '<td data-label="多少" class="number">1 处</td>' in text
    assert "b.xlsx" in text
    [row] = table(operator.get("/questions.csv?year=2023&rule=legal_reviews.case_no.not_found"))
    assert (row["单位"], row["填的是"]) == ("星河区", "某环立(星)〔2023〕1号")
    assert "在立案台账里找不到" in operator.get("/morning?year=2023").text


def test_differences_of_rates_have_two_decimals_and_add_up(site: Site) -> None:
    from tests.support.counties import put

    inbox = site.portal.workspace().home.inbox
    rows: list[dict[str, object]] = [
        {"decision_no": f"某环罚(星)〔2023〕{number}号"} for number in (1, 2, 3)
    ]
    put(inbox, "2023-06/990102/a.xlsx", ledger_bytes("penalties", *rows))
    site.night()
    text = site.visitor("bureau").get("/moved?year=2023&since=2023-07-01").text
    points = re.findall(r"[+-]([0-9.]+)个百分点", text)
    assert all(len(number.partition(".")[2]) <= 2 for number in points)
    assert "变动按没有截的数算" in text
