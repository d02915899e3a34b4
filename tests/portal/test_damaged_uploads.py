"""What was checked is what is sent: an upload is on disk before its verdict, and compared when it is sent."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from flows.portal.checks import upload_file
from tests.portal.test_previews import previewed
from tests.portal.test_uploads import inbox_files
from tests.support.portal_site import Site, Visitor, cases_workbook

CHANGED = "请重新上传原文件"


def stored_file(site: Site, page: str) -> Path:
    return upload_file(site.portal.folder, int(page.rsplit("/", 1)[1]), "a.xlsx")


def page_after_check(clerk: Visitor, page: str) -> str:
    for _ in range(600):
        if "正在检查" not in (text := clerk.get(page).text):
            return text
        time.sleep(0.05)
    raise AssertionError("the check does not end")


@pytest.mark.parametrize("is_gone", [False, True])
def test_an_upload_that_is_not_what_was_checked_is_not_sent(site: Site, is_gone: bool) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1, 2))
    stored = stored_file(site, page)
    if is_gone:
        stored.unlink()
    else:
        stored.write_bytes(cases_workbook(1))
    answer = clerk.post(f"{page}/send")
    assert (answer.status_code, "正在重新检查" in answer.text, f'href="{page}"' in answer.text) == (
        409,
        True,
        True,
    )
    assert CHANGED in page_after_check(clerk, page)
    assert clerk.post(f"{page}/send").status_code == 409
    assert inbox_files(site) == []
    assert ("star", "send") not in [entry[:2] for entry in site.audited()]
    again = clerk.checked("a.xlsx", cases_workbook(1, 2))
    assert clerk.post(f"{again}/send").status_code == 303


def test_an_upload_whose_file_is_put_back_can_be_sent_once_it_is_checked_again(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1, 2))
    stored = stored_file(site, page)
    aside = stored.rename(stored.with_name("aside"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site.portal.checks, "add", lambda _upload: None)
        assert clerk.post(f"{page}/send").status_code == 409
    aside.rename(stored)
    site.portal.checks.start()
    assert "可以报送" in page_after_check(clerk, page)
    assert clerk.post(f"{page}/send").status_code == 303


def test_no_preview_is_computed_of_another_file(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1, 2))
    stored_file(site, page).write_bytes(cases_workbook(1))
    previewed(clerk, page)
    text = page_after_check(clerk, page)
    assert CHANGED in text
    assert "报送</button>" not in text


def test_upload_and_marked_workbook_are_on_disk_before_the_verdict(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, real = set[str](), os.fsync

    def note(handle: int) -> None:
        synced.add(os.readlink(f"/proc/self/fd/{handle}"))
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    page = site.visitor("star").checked("a.xlsx", cases_workbook(1))
    folder, number = site.portal.folder, page.rsplit("/", 1)[1]
    [receipt] = (folder / "receipts" / number).iterdir()
    uploads = folder / "uploads"
    assert {
        str(path) for path in (uploads / number / ".a.xlsx", uploads / number, uploads, folder, receipt, receipt.parent)
    } <= synced  # fmt: skip


def test_of_several_sent_at_once_only_the_damaged_one_stays(site: Site) -> None:
    clerk = site.visitor("star")
    bad = clerk.checked("a.xlsx", cases_workbook(1))
    good = clerk.checked("b.xlsx", cases_workbook(2))
    stored_file(site, bad).write_bytes(b"")
    numbers = [page.rsplit("/", 1)[1] for page in (bad, good)]
    data = {"form_token": clerk.form_token, "upload": numbers}
    answer = clerk.client.post("/uploads/sending", data=data, headers=clerk.origin)
    assert (answer.status_code, "正在重新检查" in answer.text) == (409, True)
    assert inbox_files(site) == ["2023-06/990102/b.xlsx"]
    page_after_check(clerk, bad)


def test_a_damaged_file_is_not_downloaded_as_what_was_uploaded(site: Site) -> None:
    clerk = site.visitor("star")
    data = cases_workbook(1)
    page = clerk.checked("a.xlsx", data)
    assert clerk.get(f"{page}/file").content == data
    stored_file(site, page).write_bytes(b"cut")
    answer = clerk.get(f"{page}/file")
    assert (answer.status_code, "与您上传的不一样了" in answer.text) == (409, True)
    stored_file(site, page).unlink()
    assert clerk.get(f"{page}/file").status_code == 404
