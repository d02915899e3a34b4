"""What a clerk uploads: checked in seconds, sent to the inbox whole or not at all, taken back in time."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from openpyxl import load_workbook
from sqlalchemy.exc import IntegrityError

from flows.ingest.into_inbox import stored_name
from tests.support.counties import ledger_bytes
from tests.support.portal_site import Site, cases_workbook
from warehouse.engine import writing


def inbox_files(site: Site) -> list[str]:
    inbox = site.portal.workspace().home.inbox
    return sorted(file.relative_to(inbox).as_posix() for file in inbox.rglob("*") if file.is_file())


def test_a_good_file_is_checked_sent_loaded_and_answered(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("立案 6月.xlsx", cases_workbook(1, 2))
    text = clerk.get(page).text
    assert "可以报送" in text
    assert "立案台账，星河区，2023年6月" in text
    assert inbox_files(site) == []
    assert clerk.post(f"{page}/send").status_code == 303
    assert inbox_files(site) == ["2023-06/990102/立案 6月.xlsx"]
    assert "已报送，等待入库" in clerk.get(page).text
    site.night()
    assert "已读入" in clerk.get(page).text
    month = clerk.get("/month?period=2023-06").text
    assert "按时" in month
    assert re.search(r'href="/receipts/2023-06/[^"]+"', month)
    assert site.audited() == [
        ("star", "sign_in", "star"), ("star", "send", "2023-06/990102/立案 6月.xlsx"),
    ]  # fmt: skip


def test_a_wrong_cell_is_named_and_marked(site: Site) -> None:
    clerk = site.visitor("star")
    wrong = {"case_no": "某环立(星)〔2023〕2号", "filed_on": "待定"}
    page = clerk.checked("a.xlsx", ledger_bytes("cases", {}, wrong))
    text = clerk.get(page).text
    assert "先不要报送，要改正 1 处" in text
    assert ">待定<" in text
    assert ">不是日期。" in text
    assert "填的是“待定”" not in clerk.get(f"{page}?severity=warning").text
    answer = clerk.get(f"{page}/receipt")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=utf-8''a-")
    assert load_workbook(io.BytesIO(answer.content)).sheetnames[0]


def test_what_is_found_is_counted_in_places_where_it_is_filtered(site: Site) -> None:
    clerk = site.visitor("star")
    wrong = {"case_no": "某环立(星)〔2023〕2号", "filed_on": "待定"}
    text = clerk.get(clerk.checked("a.xlsx", ledger_bytes("cases", wrong, wrong))).text
    assert "要改正 2 处" in text
    assert "错误 2 处</a>" in text
    assert "退回 1 张</a>" in text  # all rows have errors: said of the sheet, and no place of its own


def test_what_would_be_rejected_cannot_be_sent(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("长岭县2023年6月立案台账.xlsx", cases_workbook(1))
    text = clerk.get(page).text
    assert "会退回" in text
    assert "报送时选的是“星河区”" in text
    assert clerk.post(f"{page}/send").status_code == 409
    assert inbox_files(site) == []


@pytest.mark.parametrize("data", [b"", b"no workbook", b"PK\x03\x04 broken", b"%PDF-1.7 scanned"])
def test_a_file_that_is_no_report_is_answered_with_a_sentence(site: Site, data: bytes) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", data)
    text = clerk.get(page).text
    assert "先不要报送" in text
    assert ">先不要报送，没有认出台账<" in text
    assert "这份文件里没有认出台账" in text
    assert '/templates?unit=990102&amp;period=2023-06">下载空白表' in text
    assert "下载标好的表" not in text
    assert "下载原文件" in text
    assert "请在标好的表里改好" not in text
    assert clerk.post(f"{page}/send").status_code == 409


def test_a_sent_file_is_taken_back_until_it_is_loaded(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1))
    clerk.post(f"{page}/send")
    assert clerk.post(f"{page}/take-back").status_code == 303
    assert inbox_files(site) == []
    assert "已收回" in clerk.get(page).text
    assert clerk.post(f"{page}/take-back").status_code == 409
    clerk.post(f"{page}/send")
    site.night()
    answer = clerk.post(f"{page}/take-back")
    assert answer.status_code == 409
    assert "已经入库" in answer.text
    assert inbox_files(site) == ["2023-06/990102/a.xlsx"]


def test_a_second_file_of_the_name_waits_until_the_first_is_loaded_or_taken_back(site: Site) -> None:
    clerk = site.visitor("star")
    first = clerk.checked("a.xlsx", cases_workbook(1, 2, 3))
    second = clerk.checked("a.xlsx", cases_workbook(1, 2, 4))
    clerk.post(f"{first}/send")
    answer = clerk.post(f"{second}/send")
    assert answer.status_code == 409
    assert "请先把那一份收回" in answer.text
    clerk.post(f"{first}/take-back")
    assert clerk.post(f"{second}/send").status_code == 303
    site.night()
    third = clerk.checked("a.xlsx", cases_workbook(1, 2, 4, 5))
    assert clerk.post(f"{third}/send").status_code == 303
    site.night()
    assert "已读入" in clerk.get(third).text
    assert "已被代替：后来又报了同名的一份" in clerk.get(second).text


def test_sending_twice_is_sending_once(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1))
    assert [clerk.post(f"{page}/send").status_code for _ in range(2)] == [303, 409]


def test_the_same_file_sent_by_two_uploads_is_sent_once(site: Site) -> None:
    clerk = site.visitor("star")
    first, second = (clerk.checked("a.xlsx", cases_workbook(1)) for _ in range(2))
    assert clerk.post(f"{first}/send").status_code == 303
    assert clerk.post(f"{second}/send").status_code == 409
    assert clerk.post(f"{first}/take-back").status_code == 303
    assert clerk.post(f"{second}/send").status_code == 303
    assert inbox_files(site) == ["2023-06/990102/a.xlsx"]


def test_of_two_files_of_one_name_sent_at_once_the_sent_one_lies_in_the_inbox(site: Site) -> None:
    bodies = {1: cases_workbook(1), 2: cases_workbook(2)}
    clerks = {number: site.visitor("star") for number in bodies}
    pages = {number: (clerk, clerk.checked("a.xlsx", bodies[number])) for number, clerk in clerks.items()}
    with ThreadPoolExecutor(2) as pool:
        tries = {number: pool.submit(clerk.post, f"{page}/send") for number, (clerk, page) in pages.items()}
        codes = {number: answer.result().status_code for number, answer in tries.items()}
    assert sorted(codes.values()) == [303, 409]
    [winner] = [number for number, code in codes.items() if code == 303]
    inbox = site.portal.workspace().home.inbox
    assert (inbox / "2023-06/990102/a.xlsx").read_bytes() == bodies[winner]


@pytest.mark.parametrize("name", ["~$立案.xlsx", "立案.xlsx.tmp", "Thumbs.db", " .xlsx"])
def test_a_name_that_a_run_would_skip_is_refused(site: Site, name: str) -> None:
    answer = site.visitor("star").upload((name, cases_workbook(1)))
    assert answer.status_code == 422
    assert "入库时会跳过" in answer.text


def test_a_number_beyond_all_is_no_upload(site: Site) -> None:
    assert site.visitor("star").get(f"/uploads/{10**20}").status_code == 404


def test_several_files_are_listed_together(site: Site) -> None:
    clerk = site.visitor("star")
    answer = clerk.upload(("a.xlsx", cases_workbook(1)), ("b.xlsx", cases_workbook(2)))
    assert answer.headers["location"] == "/uploads"
    assert {"a.xlsx", "b.xlsx"} <= set(re.findall(r">(\w\.xlsx)<", clerk.get("/uploads").text))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\x\\立案.xlsx", "C__Users_x_立案.xlsx"),
        ("a\x00b.xlsx", "a_b.xlsx"),
        ("CON.xlsx", "_CON.xlsx"),
        ("a.xlsx/..", "a.xlsx_."),
        ("x" * 300 + ".xlsx", "x" * 60 + ".xlsx"),
        ("no suffix", "no suffix"),
    ],
)
def test_a_name_is_never_a_path(name: str, stored: str) -> None:
    assert "/" not in stored_name(name)
    assert stored_name(name).strip(".") == stored.strip(".")


def test_a_name_of_an_old_browser_is_read_as_chinese(site: Site) -> None:
    clerk = site.visitor("star")
    name = "立案.xlsx".encode("gb18030").decode("latin-1")
    page = clerk.checked(name, cases_workbook(1))
    assert "<h1>立案.xlsx</h1>" in clerk.get(page).text


def test_a_file_that_is_too_large_is_refused_before_it_is_stored(site: Site) -> None:
    site.portal.workspace().home.settings.largest_file_mebibytes = 1
    from flows.portal.app import create_app

    site.app = create_app(site.portal)
    clerk = site.visitor("star")
    answer = clerk.upload(("a.xlsx", bytes(3 * 2**20)))
    assert answer.status_code == 413
    assert "文件太大" in answer.text
    assert not (site.portal.folder / "uploads").exists()


def test_a_form_without_a_file_says_so(site: Site) -> None:
    clerk = site.visitor("star")
    answer = clerk.upload(("", b""))
    assert answer.status_code == 422
    assert "没有收到文件" in answer.text
    assert clerk.upload(("a.xlsx", b"x"), period="2050-01").status_code == 422


def test_a_stopped_check_is_done_by_the_next_portal(site: Site) -> None:
    clerk = site.visitor("star")
    site.portal.checks.stop()
    del site.portal.__dict__["checks"]
    site.portal.checks.add = lambda _upload: None  # type: ignore[method-assign]
    page = clerk.upload(("a.xlsx", cases_workbook(1))).headers["location"]
    assert "正在检查" in clerk.get(page).text
    del site.portal.__dict__["checks"]
    site.portal.checks.start()
    site.portal.checks.stop(waits=True)
    assert "可以报送" in clerk.get(page).text


def test_the_audit_log_cannot_be_changed(site: Site) -> None:
    site.visitor("star")
    for statement in ("DELETE FROM audit_log", "UPDATE audit_log SET action = 'x'"):
        with pytest.raises(IntegrityError, match="only added to"), writing(site.portal.store) as connection:
            connection.exec_driver_sql(statement)
    assert site.audited() == [("star", "sign_in", "star")]


def test_the_marked_workbook_of_a_file_that_waits_is_not_sent_beside_it(site: Site) -> None:
    clerk = site.visitor("star")
    first = clerk.checked("a.xlsx", cases_workbook(1, 2))
    clerk.post(f"{first}/send")
    marked = clerk.checked("a-回执.xlsx", cases_workbook(1, 2, 3))
    other = clerk.checked("a-2.xlsx", cases_workbook(4))
    answer = clerk.post(f"{marked}/send")
    assert answer.status_code == 409
    assert f'href="{first}"' in answer.text
    assert clerk.post(f"{other}/send").status_code == 303
    clerk.post(f"{first}/take-back")
    assert clerk.post(f"{marked}/send").status_code == 303
    assert clerk.post(f"{first}/send").status_code == 409
    site.night()
    assert clerk.post(f"{first}/send").status_code == 303


def test_the_month_says_what_was_sent_and_waits(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1, 2))
    assert "已报送，等待入库" not in clerk.get("/month?period=2023-06").text
    clerk.post(f"{page}/send")
    text = clerk.get("/month?period=2023-06").text
    assert text.count(">已报送，等待入库</span>") == 1
    assert "，1 份已报送，等待入库。" in text
    site.night()
    assert "已报送，等待入库" not in clerk.get("/month?period=2023-06").text


def test_a_file_taken_back_by_several_presses_at_once_is_taken_back_once(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1))
    clerk.post(f"{page}/send")
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: clerk.post(f"{page}/take-back").status_code, range(6)))
    assert sorted(answers) == [303, *[409] * 5]
    assert [action for _, action, _ in site.audited()].count("take_back") == 1


def test_a_mended_workbook_does_not_keep_the_verdict_in_its_name(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("立案-回执-需改7处.xlsx", cases_workbook(1))
    assert "<h1>立案-回执.xlsx</h1>" in clerk.get(page).text
    clerk.post(f"{page}/send")
    assert inbox_files(site)[0].endswith("立案-回执.xlsx")
    assert "需改7处" not in clerk.get("/uploads").text
