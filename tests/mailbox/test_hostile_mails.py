"""What is wrong with one mail stays with that mail: those behind it are taken."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from filelock import FileLock

from flows.cli import main
from flows.mailbox import take_mails as module
from flows.mailbox.take_mails import MailboxBusyError
from tests.mailbox.test_take_mails import LABELS, STAR, Office, mail_server, office, port
from tests.support.counties import ledger_bytes
from warehouse.portal.tables import open_portal_store

__all__ = ["mail_server", "office", "port"]
GOOD = f"2023-06/{STAR}/good.xlsx"
_PLAIN = b"From: star@county.cn\nSubject: x\nMessage-ID: <ID>\nMIME-Version: 1.0\n"
_ATTACHMENT = b'Content-Type: application/x; name="NAME"\n\nPK\x03\x04'


def _workbook() -> tuple[str, bytes]:
    return "good.xlsx", ledger_bytes("cases", {}, above=LABELS)


@pytest.mark.parametrize(
    "content",
    [
        b"From: =?utf-8?b?YWJjZ?= <spam@x.com>\nSubject: hi\n\nx",
        b"From: \xd5\xc5 <spam@x.com>\nSubject: hi\n\nx",
        re.sub(rb"Subject: x", b"Subject: =?utf-8?b?YWJjZ?=", _PLAIN) + b"\nx",
        re.sub(rb"Subject: x", b"Subject: =?idna?b?gICA?= =?punycode?b?gICA?= =?undefined?q?x?=", _PLAIN)
        + b"\nx",
        _PLAIN.replace(b"<ID>", "<1@张三的电脑>".encode("gbk")) + b"\nx",
        _PLAIN.replace(b"<ID>", b"<1\n 2@county.cn>") + b"\nx",
        _PLAIN.replace(b"Subject", b"References: <\xd5\xc5@x>\nSubject") + b"\nx",
        _PLAIN + b'Content-Disposition: attachment; filename="=?undefined?b?YWJj?="\n' + _ATTACHMENT,
    ],
)
def test_a_broken_mail_stops_no_other(office: Office, content: bytes) -> None:
    office.put(content.replace(b"\n", b"\r\n"), "")
    office.send(_workbook())
    office.take()
    assert office.inbox() == [GOOD]


def test_a_mail_that_fails_is_named_and_stays_unread(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.send(_workbook(), subject="fails")
    office.send(_workbook())
    answers = iter([ValueError("no\x1b[2Jmail"), None])

    def fail_once(*_: object) -> list[object]:
        if error := next(answers):
            raise error
        return []

    monkeypatch.setattr(module, "take_files", fail_once)
    result = office.take()
    assert result.mails == 1
    (problem,) = result.failed
    assert "star@county.cn" in problem
    assert "no\\x1b[2Jmail" in problem
    assert ("star@county.cn", False) in office.mails_in("INBOX")


def test_a_name_of_which_nothing_is_left_becomes_a_neutral_one(office: Office) -> None:
    office.send((".. .xlsx", _workbook()[1]))
    office.take()
    assert office.inbox() == [f"2023-06/{STAR}/附件.xlsx"]


@pytest.mark.parametrize(
    "sender",
    ["star@county.cn <evil@x.com>", "star@county.cn, evil@x.com", "evil@x.com\r\nFrom: star@county.cn"],
)
def test_several_senders_are_a_stranger(office: Office, sender: str) -> None:
    content = _PLAIN.replace(b"\n", b"\r\n").replace(b"star@county.cn", sender.encode()) + b"\r\nx"
    office.put(content, "")
    result = office.take()
    assert (result.mails, office.server.received) == (0, [])


def test_one_message_id_of_two_senders_is_two_mails(office: Office) -> None:
    for sender in ("star@county.cn", "both@city.cn"):
        content = _PLAIN.replace(b"\n", b"\r\n").replace(b"star@county.cn", sender.encode()) + b"\r\nx"
        office.put(content, "")
    assert office.take().mails == 2
    assert sorted(mail["To"] for mail in office.server.received) == ["both@city.cn", "star@county.cn"]


def test_one_message_id_with_other_content_is_taken_too(office: Office) -> None:
    for number in (1, 2):
        row = {"case_no": f"某环立(星)〔2023〕{number}号"}
        office.number = 0  # the same Message-ID
        office.send((f"{number}.xlsx", ledger_bytes("cases", row, above=LABELS)))
    assert office.take().files == 2


def test_two_programs_take_no_mail_at_once(office: Office) -> None:
    office.take()
    with (
        FileLock(office.workspace.home.folder / "portal" / "mailbox.lock"),
        pytest.raises(MailboxBusyError),
    ):
        office.take()


def test_answers_of_an_hour_are_few(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ANSWERS_AN_HOUR", 1)
    for number in range(2):
        office.send(subject=str(number))
    assert office.take().unanswered == 1
    module.take_mails(office.workspace, datetime(2023, 7, 3, 1) + timedelta(hours=2))
    assert len(office.server.received) == 2


@pytest.mark.parametrize("subject", ["自动回复：出差", "Automatic reply: 报表"])
def test_an_automatic_subject_is_not_answered(office: Office, subject: str) -> None:
    office.send(subject=subject)
    assert office.take().mails == 1
    assert office.server.received == []


def test_a_store_from_before_learns_of_senders(office: Office) -> None:
    folder = office.workspace.home.folder
    store = open_portal_store(folder / "old.sqlite")
    with store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE mails DROP COLUMN sender")
    store.dispose()
    with open_portal_store(folder / "old.sqlite").begin() as connection:
        columns = connection.exec_driver_sql("PRAGMA table_info(mails)").all()
    assert "sender" in {column[1] for column in columns}


def test_the_first_night_of_a_home_takes_mails(
    office: Office, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.commands.nightly as nightly

    home = tmp_path_factory.mktemp("new-home")
    (home / "huizong.toml").write_text("")
    monkeypatch.setenv("HUIZONG_MAILBOX", office.workspace.home.settings.mailbox)
    seen: list[object] = []
    monkeypatch.setattr(
        nightly, "run_command", lambda workspace, _: seen.append(workspace.form().value) or 0
    )
    result = CliRunner().invoke(main, ["--home", str(home), "nightly"])
    assert (result.exit_code, len(seen), bool(seen[0])) == (0, 1, False), result.output
