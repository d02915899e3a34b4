"""Mails that are taken late: an older one never replaces the correction that came after it."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from flows.mailbox import reports
from flows.portal_store import open_store
from schemas.contacts import parse_contacts
from tests.mailbox.test_take_mails import LABELS, NOW, RIDGE, STAR, Office, mail_server, office, port
from tests.support.counties import ledger_bytes
from tests.support.imap_server import signed_in
from warehouse.engine import writing
from warehouse.portal.tables import accounts, uploads

__all__ = ["mail_server", "office", "port"]  # fixtures
PATH = f"2023-06/{STAR}/a.xlsx"


@cache
def book(number: int) -> bytes:
    return ledger_bytes("cases", {"case_no": f"某环立(星)〔2023〕{number}号"}, above=LABELS)


def in_inbox(office: Office) -> bytes:
    return (office.workspace.home.inbox / PATH).read_bytes()


def answers(office: Office) -> list[str]:
    return [mail.get_body().get_content() for mail in office.server.received]


def test_one_that_could_not_be_taken_at_first(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.send(("a.xlsx", book(1)))
    office.send(("a.xlsx", book(2)))
    real, calls = reports.write_atomic, []

    def full_once(*arguments: Any, **options: Any) -> None:
        calls.append(arguments)
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(*arguments, **options)

    monkeypatch.setattr(reports, "write_atomic", full_once)
    assert (office.take().files, in_inbox(office)) == (1, book(2))
    assert (office.take().files, in_inbox(office)) == (0, book(2))
    assert ["同名的另一份来得比这一份晚" in text for text in answers(office)] == [False, True]
    assert "请再寄一次" in answers(office)[1]
    office.send(("a.xlsx", book(1)))  # it was meant after all
    assert (office.take().files, in_inbox(office)) == (1, book(1))


def test_one_whose_sender_was_registered_later_and_under_the_name_of_a_receipt(office: Office) -> None:
    office.send(("a.xlsx", book(1)), sender="later@county.cn")
    office.send(("a-回执-需改1处.xlsx", book(2)))
    office.take()
    lines = f'[units]\n{STAR} = ["star@county.cn", "later@county.cn"]\n'
    office.workspace.contacts = parse_contacts(lines, [STAR, RIDGE])
    assert office.take().files == 0
    assert office.inbox() == [f"2023-06/{STAR}/a-回执-需改1处.xlsx"]
    assert "来得比这一份晚" in answers(office)[-1]


@pytest.mark.parametrize(("days", "files"), [(1, 0), (-1, 1)])
def test_the_date_of_arrival_counts_and_what_the_portal_sent(office: Office, days: int, files: int) -> None:
    """The number on the server and the date that the mail states say another order."""
    arrived = datetime(2023, 7, 2, 8, tzinfo=UTC)
    store = open_store(office.workspace.home.folder)
    with writing(store) as connection:
        connection.execute(
            accounts.insert().values(
                name="star", role="clerk", unit_codes=[STAR], password_hash="", has_first_password=True, created_at=NOW
            )
        )  # fmt: skip
        sent_at = (arrived + timedelta(days=days)).replace(tzinfo=None)
        connection.execute(
            uploads.insert().values(
                account_id=1, unit_code=STAR, period="2023-06", file_name="a.xlsx", sha256="0", size_bytes=1,
                uploaded_at=sent_at, address="", state="sent", inbox_path=PATH, sent_at=sent_at,
            )
        )  # fmt: skip
    store.dispose()
    office.send(("a.xlsx", book(1)), Date="Mon, 31 Jul 2023 08:00:00 +0800")
    with signed_in(office.port) as mailbox:
        [mail] = [mail for mail in mailbox.fetch(mark_seen=False) if mail.from_ == "star@county.cn"]
        mailbox.delete(str(mail.uid))
        mailbox.append(mail.obj.as_bytes(), "INBOX", dt=arrived)
    assert office.take().files == files
    assert ("来得比这一份晚" in answers(office)[-1]) == (not files)
