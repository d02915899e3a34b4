"""Old uploads and mails are deleted, what waits is not, and nothing comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flows.kept_uploads import delete_old_uploads
from flows.portal_store import MAILS
from tests.support.counties import ledger_bytes
from tests.support.portal_site import Site, cases_workbook
from warehouse.engine import writing
from warehouse.portal.mails import TakenMail, add_mail, find_mail


def keep_days(site: Site, days: int) -> None:
    settings = site.portal.folder.parent / "huizong.toml"
    settings.write_text(f"uploads_kept_days = {days}\n{settings.read_text('utf-8')}", encoding="utf-8")


def stored(site: Site, kind: str) -> list[str]:
    return sorted(folder.name for folder in (site.portal.folder / kind).iterdir())


def test_old_uploads_go_and_what_waits_stays(site: Site) -> None:
    clerk = site.visitor("star")
    loaded = clerk.checked("a.xlsx", cases_workbook(1))
    clerk.post(f"{loaded}/send")
    site.night()
    unsent = clerk.checked("b.xlsx", ledger_bytes("lawsuits", {}))
    waiting = clerk.checked("c.xlsx", ledger_bytes("payments", {}))
    removed = clerk.checked("d.xlsx", b"no workbook")
    clerk.post(f"{removed}/remove")
    site.wait(minutes=60 * 24 * 40)
    clerk = site.visitor("star")
    recent = clerk.checked("e.xlsx", ledger_bytes("transfers", {}))
    clerk.get(waiting)
    site.night()
    assert stored(site, "uploads") == ["1", "2", "3", "4", "5"]  # the default keeps all
    keep_days(site, 30)
    clerk.post(f"{waiting}/send")
    delete_old_uploads(site.portal.workspace(), site.now)
    assert stored(site, "uploads") == ["3", "5"]
    assert stored(site, "receipts") == ["3", "5"]
    assert clerk.get(unsent).status_code == 404
    assert "下载原文件" in clerk.get(recent).text
    text = clerk.get(loaded).text
    assert "已读入（第 1 批）" in text
    assert "下载" not in text.partition("<main")[2]
    assert clerk.get(f"{loaded}/file").status_code == 404
    assert "过了保存的天数" in clerk.get(f"{loaded}/receipt").text
    site.night()
    assert stored(site, "uploads") == ["5"]  # the other one is loaded now


def test_old_mails_go_once_they_are_answered(site: Site) -> None:
    keep_days(site, 30)
    old = site.now - timedelta(days=40)
    for name, answered_at in (("done", old), ("waits", None)):
        file: Path = site.portal.folder / MAILS / name / "0" / "a.xlsx"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"mailed")
        mail = TakenMail(f"sha256:{name}", ["990102"], old, "", [], answered_at, "star@county.cn")
        with writing(site.portal.store) as connection:
            add_mail(connection, mail)
    site.night()
    assert stored(site, MAILS) == ["waits"]
    with writing(site.portal.store) as connection:
        assert find_mail(connection, "sha256:done")  # it is not taken again
