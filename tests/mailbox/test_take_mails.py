"""A workbook that comes by mail from a registered address is taken like an upload, and answered once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.ingest.inbox import list_inbox
from flows.mailbox.take_mails import MailboxError, MailboxResult, take_mails, take_mails_if_any
from flows.pipeline import run_pipeline
from flows.workspace import RunScope, Workspace
from schemas.contacts import parse_contacts
from tests.support.counties import ledger_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.imap_server import PASSWORD, USER, running_mailbox, signed_in
from tests.support.mail_server import MailServer, running_mail_server

STAR, RIDGE = "990102", "990121"
NOW = datetime(2023, 7, 3, 1)
LABELS = [["填报单位：星河区", "填报期间：2023年6月"]]
DONE = "已收"


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A mailbox for all tests: each leaves it without mails of registered addresses."""
    with running_mailbox() as port:
        yield port


class Office:
    """A home with a mailbox, and what units send to it."""

    def __init__(self, workspace: Workspace, port: int, server: MailServer) -> None:
        self.workspace, self.port, self.server = workspace, port, server
        self.number = 0

    def send(
        self,
        *files: tuple[str, bytes],
        sender: str = "star@county.cn",
        subject: str = "报表",
        **headers: str,
    ) -> str:
        """Put a mail into the mailbox; return its Message-ID."""
        self.number += 1
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "huizong@bureau.cn", subject
        message["Message-ID"] = f"<{id(self)}.{self.number}@county.cn>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content("请收")
        for name, data in files:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        return self.put(message.as_bytes(), message["Message-ID"])

    def put(self, content: bytes, message_id: str) -> str:
        with signed_in(self.port) as mailbox:
            mailbox.append(content, "INBOX")
        return message_id

    def take(self) -> MailboxResult:
        return take_mails(self.workspace, NOW)

    def inbox(self) -> list[str]:
        return sorted(file.path for file in list_inbox(self.workspace.home.inbox, [], []))

    def mails_in(self, folder: str) -> list[tuple[str, bool]]:
        """Return sender and whether it was read, of each mail in a folder."""
        with signed_in(self.port) as mailbox:
            if not mailbox.folder.exists(folder):
                return []
            mailbox.folder.set(folder)
            return [(mail.from_, "\\Seen" in mail.flags) for mail in mailbox.fetch(mark_seen=False)]


@pytest.fixture
def office(workspace: Workspace, port: int, mail_server: MailServer) -> Iterator[Office]:
    mail_server.received.clear()
    mail_server.dead.clear()
    lines = f'[units]\n{STAR} = ["star@county.cn", "both@city.cn"]\n{RIDGE} = ["both@city.cn"]\n'
    workspace.contacts = parse_contacts(lines, [STAR, RIDGE])
    changes = {
        "mailbox": f"imap://{USER}:{PASSWORD}@127.0.0.1:{port}",
        "mail_server": mail_server.url,
        "mail_from": "huizong@bureau.cn",
    }
    for name, value in changes.items():
        setattr(workspace.home.settings, name, value)
    yield Office(workspace, port, mail_server)
    with signed_in(port) as mailbox:
        for folder in ("INBOX", DONE):
            if mailbox.folder.exists(folder):
                mailbox.folder.set(folder)
                uids = [
                    mail.uid
                    for mail in mailbox.fetch(mark_seen=False)
                    if "example.com" not in str(mail.obj["From"])
                ]
                mailbox.delete([uid for uid in uids if uid])


def answer_to(office: Office) -> tuple[Any, str]:
    (mail,) = office.server.received
    return mail, mail.get_body().get_content()


def test_a_workbook_is_taken_answered_and_loaded(office: Office) -> None:
    identity = office.send(("立案台账.xlsx", ledger_bytes("cases", {}, above=LABELS)))
    result = office.take()
    assert (result.mails, result.files, result.unanswered) == (1, 1, 0)
    assert result.strangers > 0
    assert office.inbox() == [f"2023-06/{STAR}/立案台账.xlsx"]
    mail, text = answer_to(office)
    assert (mail["To"], mail["Subject"]) == ("star@county.cn", "Re: 报表")
    assert (mail["In-Reply-To"], mail["References"]) == (identity, identity)
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-replied", "bulk")
    assert "“立案台账.xlsx”：可以报送" in text
    assert "已收下，作为星河区2023年6月的报送，等待入库。" in text
    (receipt,) = mail.iter_attachments()
    assert receipt.get_filename() == "立案台账-回执-可以报送.xlsx"
    assert openpyxl.load_workbook(io.BytesIO(receipt.get_payload(decode=True))).sheetnames[0] == "回执"
    assert office.mails_in(DONE) == [("star@county.cn", True)]
    assert ("star@county.cn", True) not in office.mails_in("INBOX")
    assert ("friend@example.com", False) in office.mails_in("INBOX")  # a stranger's mail stays as it is
    assert run_pipeline(office.workspace, RunScope(), NOW).load_id == 1
    assert office.take().mails == 0
    assert [mail["In-Reply-To"] for mail in office.server.received if mail["In-Reply-To"]] == [identity]


def test_the_month_may_stand_in_the_subject_and_the_unit_is_the_senders(office: Office) -> None:
    office.send(("a.xlsx", ledger_bytes("cases", {})), subject="报送2023年6月立案")
    office.take()
    assert office.inbox() == [f"2023-06/{STAR}/a.xlsx"]


def test_what_would_be_refused_is_answered_and_not_taken(office: Office) -> None:
    office.send(("a.xlsx", ledger_bytes("cases", {})))  # it says no month
    assert (office.take().files, office.inbox()) == (0, [])
    mail, text = answer_to(office)
    assert "没有收：整份都会退回" in text
    assert len(list(mail.iter_attachments())) == 1
    assert office.mails_in(DONE) == [("star@county.cn", True)]


def test_another_units_report_is_not_taken(office: Office) -> None:
    labels = [["填报单位：长岭县", "填报期间：2023年6月"]]
    office.send(("a.xlsx", ledger_bytes("cases", {}, above=labels)))
    office.take()
    assert office.inbox() == []
    assert "发件邮箱登记的单位是“星河区”" in answer_to(office)[1]


def test_an_address_of_two_units_sends_for_either_and_no_third(office: Office) -> None:
    for number, unit in enumerate(("长岭县", "临江市", "")):
        label = [[f"填报单位：{unit}" if unit else "", "填报期间：2023年6月"]]
        office.send((f"{number}.xlsx", ledger_bytes("cases", {}, above=label)), sender="both@city.cn")
    office.take()
    assert office.inbox() == [f"2023-06/{RIDGE}/0.xlsx"]
    texts = [mail.get_body().get_content() for mail in office.server.received]
    assert "没有登记为临江市的" in texts[1]
    assert "没有收：整份都会退回" in texts[2]


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}, {"List_Id": "x"}, {"X_Autoreply": "yes"}],
)  # fmt: skip
def test_a_programs_mail_is_taken_and_never_answered(office: Office, headers: dict[str, str]) -> None:
    office.send(("a.xlsx", ledger_bytes("cases", {}, above=LABELS)), **headers)
    assert office.take().files == 1
    assert office.server.received == []
    assert office.mails_in(DONE) == [("star@county.cn", True)]


def test_strangers_are_left_alone(office: Office) -> None:
    office.send(("a.xlsx", ledger_bytes("cases", {}, above=LABELS)), sender="stranger@elsewhere.cn")
    assert office.take().mails == 0
    assert (office.inbox(), office.server.received) == ([], [])
    assert ("stranger@elsewhere.cn", False) in office.mails_in("INBOX")


def test_a_mail_is_answered_once_whatever_fails(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the answer cannot be sent, the file is in the inbox, the mail unread; the next time answers."""
    office.server.dead.add("star@county.cn")
    identity = office.send(("a.xlsx", ledger_bytes("cases", {}, above=LABELS)))
    assert office.take().unanswered == 1
    assert office.inbox() == [f"2023-06/{STAR}/a.xlsx"]
    assert ("star@county.cn", False) in office.mails_in("INBOX")
    office.server.dead.clear()
    import flows.mailbox.take_mails as module

    with monkeypatch.context() as patch:  # killed after the answer, before the mail is marked
        patch.setattr(module, "_move", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            office.take()
    with signed_in(office.port) as mailbox:
        (uid,) = [mail.uid for mail in mailbox.fetch(mark_seen=False) if mail.from_ == "star@county.cn"]
        mailbox.flag(str(uid), "\\Seen", False)
    office.take()
    assert [mail["In-Reply-To"] for mail in office.server.received] == [identity]
    assert office.mails_in(DONE) == [("star@county.cn", True)]


def test_a_mail_sent_twice_is_taken_once(office: Office) -> None:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "star@county.cn", "x", "<twice@county.cn>"
    message.add_attachment(
        ledger_bytes("cases", {}, above=LABELS), maintype="a", subtype="b", filename="a.xlsx"
    )
    for _ in range(2):
        office.put(message.as_bytes(), "")
    assert office.take().mails == 1
    assert len(office.server.received) == 1
    assert office.mails_in(DONE) == [("star@county.cn", True)] * 2


def test_a_mail_without_a_workbook_is_told_what_to_do(office: Office) -> None:
    office.send(("签名.png", b"\x89PNG"))
    office.send(("winmail.dat", b"\x78\x9f\x3e\x22"))
    office.take()
    texts = [mail.get_body().get_content() for mail in office.server.received]
    assert "没有看到能读的表格" in texts[0]
    assert "winmail.dat" in texts[1]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../../etc/cron.d/x.xlsx", "_.._.._etc_cron.d_x.xlsx"),
        ("C:\\x\\立案.xlsx", "C__x_立案.xlsx"),
        ("CON.xlsx", "_CON.xlsx"),
    ],
)
def test_a_name_is_never_a_path(office: Office, name: str, path: str) -> None:
    office.send((name, ledger_bytes("cases", {}, above=LABELS)))
    office.take()
    assert office.inbox() == [f"2023-06/{STAR}/{path}"]


def test_a_name_in_raw_gbk_is_read(office: Office) -> None:
    """Old programs write the name as bytes that the standard does not allow."""
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "star@county.cn", "x", "<gbk@county.cn>"
    message.add_attachment(
        ledger_bytes("cases", {}, above=LABELS), maintype="a", subtype="b", filename="NAME.xlsx"
    )
    content = message.as_bytes().replace(b'"NAME.xlsx"', '"立案台账.xlsx"'.encode("gb18030"))
    office.put(content, "")
    office.take()
    assert office.inbox() == [f"2023-06/{STAR}/立案台账.xlsx"]


def test_a_later_file_of_the_name_replaces_one_that_waits(office: Office) -> None:
    for number in (1, 2):
        row = {"case_no": f"某环立(星)〔2023〕{number}号"}
        office.send(("a.xlsx", ledger_bytes("cases", row, above=LABELS)))
    office.take()
    assert office.inbox() == [f"2023-06/{STAR}/a.xlsx"]
    texts = [mail.get_body().get_content() for mail in office.server.received]
    assert ["由这一份代替" in text for text in texts] == [False, True]
    mails = office.workspace.home.folder / "portal" / "mails"
    assert len(list(mails.glob("*/0/a.xlsx"))) == 2
    inbox = office.workspace.home.inbox / f"2023-06/{STAR}/a.xlsx"
    sheet = openpyxl.load_workbook(inbox).worksheets[0]
    assert any("2号" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_a_file_of_several_months_and_too_large_or_too_many_files_are_answered(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = {
        "六月": [["填报期间：2023年6月"], *sheet_cells("cases", rows_of("cases", {}))],
        "七月": [["填报期间：2023年7月"], *sheet_cells("lawsuits", rows_of("lawsuits", {}))],
    }
    import flows.mailbox.reports as module

    monkeypatch.setattr(module, "MOST_FILES", 2)
    office.workspace.home.settings.largest_file_mebibytes = 1
    large = io.BytesIO()
    with zipfile.ZipFile(large, "w") as archive:
        archive.writestr("a.bin", bytes(2**20 + 1))
    office.send(
        ("两月.xlsx", workbook_bytes(sheets)), ("大.zip", large.getvalue()), ("3.xlsx", b"PK\x03\x04")
    )
    assert office.take().files == 0
    text = answer_to(office)[1]
    assert "请按单位和月份分开" in text or "整份都会退回" in text
    assert "“大.zip”太大" in text
    assert "一封邮件最多收 2 个文件" in text


def test_what_fails_stops_no_night_and_names_no_password(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    settings = office.workspace.home.settings
    for url in (
        "imaps://user:secret@127.0.0.1:9",
        "pop3://user:secret@127.0.0.1",
        f"imap://user:secret@127.0.0.1:{office.port}",
    ):
        settings.mailbox = url
        with pytest.raises(MailboxError) as raised:
            take_mails(office.workspace, NOW)
        assert "secret" not in str(raised.value)
        assert take_mails_if_any(office.workspace, NOW) is None
    assert "secret" not in caplog.text
    settings.mailbox = ""
    assert take_mails_if_any(office.workspace, NOW) is None


def test_the_command_says_what_it_took(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    home = office.workspace.home.folder
    (home / "contacts.toml").write_text(f'[units]\n{STAR} = ["star@county.cn"]\n')
    monkeypatch.setenv("HUIZONG_MAIL_SERVER", office.server.url)
    monkeypatch.setenv("HUIZONG_MAIL_FROM", "huizong@bureau.cn")
    without = CliRunner().invoke(main, ["--home", str(home), "mailbox"])
    assert (without.exit_code, "no mailbox is set" in without.stderr) == (2, True)
    monkeypatch.setenv("HUIZONG_MAILBOX", office.workspace.home.settings.mailbox)
    office.send(("a.xlsx", ledger_bytes("cases", {}, above=LABELS)))
    result = CliRunner().invoke(main, ["--home", str(home), "mailbox"])
    assert result.exit_code == 0, result.output
    assert "Mails taken: 1, workbooks in the inbox: 1, not answered yet: 0" in result.output
    assert office.inbox() == [f"2023-06/{STAR}/a.xlsx"]


def test_a_night_goes_on_without_a_mailbox_that_does_not_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIZONG_MAILBOX", "imap://user:secret@127.0.0.1:9")
    result = CliRunner().invoke(main, ["--home", str(office.workspace.home.folder), "nightly"])
    assert result.exit_code == 0, result.output
    assert "secret" not in result.output


def test_a_night_takes_the_mails_before_it_looks_into_the_inbox(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.commands.nightly as module

    home = office.workspace.home.folder
    (home / "contacts.toml").write_text(f'[units]\n{STAR} = ["star@county.cn"]\n')
    monkeypatch.setenv("HUIZONG_MAILBOX", office.workspace.home.settings.mailbox)
    seen = []
    monkeypatch.setattr(module, "run_command", lambda *_: seen.extend(office.inbox()) or 0)
    office.send(("a.xlsx", ledger_bytes("cases", {}, above=LABELS)), Precedence="bulk")
    assert CliRunner().invoke(main, ["--home", str(home), "nightly"]).exit_code == 0
    assert seen == [f"2023-06/{STAR}/a.xlsx"]
