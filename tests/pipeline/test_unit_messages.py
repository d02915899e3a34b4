"""Units get messages on what became of what they sent, and reminders: of themselves only, each once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from flows.notify.mail import Mail, MailError, send_mail
from flows.notify.unit_messages import _stage, result_messages
from flows.notify.units import tell_units
from flows.pipeline import run_pipeline
from flows.workspace import RunScope, Workspace
from schemas.contacts import ContactsError, parse_contacts
from tests.support.counties import ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from tests.support.mail_server import MailServer, running_mail_server

STAR, RIDGE = "990102", "990121"
UNDECIDED = {"fine_fen": "待定", "decision_no": "某环罚(星)〔2023〕2号"}
SECRET = "李隐名"


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def mails(mail_server: MailServer) -> MailServer:
    mail_server.received.clear()
    mail_server.dead.clear()
    return mail_server


def with_contacts(workspace: Workspace, mails: MailServer, text: str, **settings: Any) -> Workspace:
    """Return the workspace with addresses of units and a mail server."""
    (workspace.home.folder / "contacts.toml").write_text(text, "utf-8")
    workspace.contacts = workspace.home.contacts(workspace.regions)
    changes = {
        "mail_server": mails.url,
        "mail_from": "huizong@bureau.cn",
        "remind_days_before": [],
        "remind_days_after": [],
    }
    for name, value in (changes | settings).items():
        setattr(workspace.home.settings, name, value)
    return workspace


def night(workspace: Workspace, day: int = 1) -> Any:
    return run_pipeline(workspace, RunScope(), datetime(2023, 7, day, 2))


TWO = f'[units]\n{STAR} = ["star@county.cn"]\n{RIDGE} = ["ridge@county.cn"]\n'


def test_each_unit_gets_its_own_verdict_problems_and_receipt(
    workspace: Workspace, mails: MailServer
) -> None:
    with_contacts(workspace, mails, TWO, portal_url="http://10.0.0.1:8600/")
    inbox = workspace.home.inbox
    put(inbox, f"2023-06/{STAR}/处罚.xlsx", ledger_bytes("penalties", {}, UNDECIDED))
    put(inbox, f"2023-06/{RIDGE}/立案.xlsx", ledger_bytes("cases", {"party_name": SECRET}))
    night(workspace)
    night(workspace, 2)
    (star,), (ridge,) = mails.to("star@county.cn"), mails.to("ridge@county.cn")
    assert star["Subject"] == "某市执法数据：星河区2023年6月报送结果，部分收下1张"
    assert star["Auto-Submitted"] == "auto-generated"
    body = star.get_body().get_content()
    assert "△ 部分收下　处罚.xlsx，行政处罚决定台账（收下 1 行，未收 1 行）" in body
    assert "最值得先改的 1 项：\n1. 工作表“行政处罚决定台账” " in body
    assert "1 行不能收下" in body
    assert "邮件附有回执；回执在 http://10.0.0.1:8600/month?period=2023-06。" in body
    (receipt,) = star.iter_attachments()
    assert receipt.get_filename().startswith("处罚-回执-000001-")
    assert openpyxl.load_workbook(io.BytesIO(receipt.get_payload(decode=True))).sheetnames[0] == "回执"
    assert "收下1张" in ridge["Subject"]
    assert "立案" not in str(star)
    assert SECRET not in body
    assert "处罚" not in ridge.get_body().get_content().replace("行政处罚", "")


def test_what_is_another_units_is_in_no_mail(workspace: Workspace, mails: MailServer) -> None:
    """A workbook of two units: each gets a receipt without the other's sheet."""
    with_contacts(workspace, mails, TWO)
    sheets = {
        "立案台账": [["填报单位：星河区"], *sheet_cells("cases", rows_of("cases", {}))],
        "行政诉讼台账": [
            ["填报单位：长岭县"],
            *sheet_cells("lawsuits", rows_of("lawsuits", {"court": SECRET})),
        ],
    }
    put(workspace.home.inbox, "2023-06/两家.xlsx", workbook_bytes(sheets))
    night(workspace)
    (star,), (ridge,) = mails.to("star@county.cn"), mails.to("ridge@county.cn")
    assert "行政诉讼" not in star.get_body().get_content()
    assert "立案" not in ridge.get_body().get_content()
    for mail, own in ((star, "立案台账"), (ridge, "行政诉讼台账")):
        (receipt,) = mail.iter_attachments()
        book = openpyxl.load_workbook(io.BytesIO(receipt.get_payload(decode=True)))
        assert book.sheetnames == ["回执", own]


def test_without_receipts_the_message_promises_none(workspace: Workspace, mails: MailServer) -> None:
    with_contacts(workspace, mails, TWO, receipts="none")
    put(workspace.home.inbox, f"2023-06/{STAR}/立案.xlsx", ledger_bytes("cases", {}))
    night(workspace)
    (star,) = mails.to("star@county.cn")
    assert "回执" not in star.get_body().get_content()
    assert list(star.iter_attachments()) == []


def test_a_dead_address_stops_no_other_and_is_tried_again(workspace: Workspace, mails: MailServer) -> None:
    with_contacts(
        workspace, mails, f'[units]\n{STAR} = ["dead@county.cn", "json://127.0.0.1:9/", "star@county.cn"]\n'
    )
    mails.dead.add("dead@county.cn")
    put(workspace.home.inbox, f"2023-06/{STAR}/立案.xlsx", ledger_bytes("cases", {}))
    night(workspace)
    assert [mail["To"] for mail in mails.received] == ["star@county.cn"]
    mails.dead.clear()
    night(workspace, 2)
    assert [mail["To"] for mail in mails.received] == ["star@county.cn", "dead@county.cn"]
    (first, later) = mails.received
    assert first["Subject"] == later["Subject"]
    assert len(list(later.iter_attachments())) == 1
    night(workspace, 20)
    assert len(mails.received) == 2


def test_without_addresses_there_are_no_messages(workspace: Workspace, mails: MailServer) -> None:
    with_contacts(workspace, mails, "", remind_days_before=[9], remind_days_after=[1])
    put(workspace.home.inbox, f"2023-06/{STAR}/立案.xlsx", ledger_bytes("cases", {}))
    night(workspace, 20)
    assert mails.received == []
    with_contacts(workspace, mails, f'[units]\n{RIDGE} = ["ridge@county.cn"]\n')
    put(workspace.home.inbox, f"2023-06/{STAR}/诉讼.xlsx", ledger_bytes("lawsuits", {}))
    night(workspace, 21)
    assert mails.received == []
    assert list(result_messages(workspace, 1)) == []


def test_an_error_never_makes_a_run_fail(
    workspace: Workspace, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.notify.units as module

    with_contacts(workspace, mails, TWO)
    monkeypatch.setattr(module, "result_messages", lambda *_: 1 / 0)
    put(workspace.home.inbox, f"2023-06/{STAR}/立案.xlsx", ledger_bytes("cases", {}))
    assert night(workspace).load_id == 1


def test_deadlines_are_reminded_of_once_for_each_stage(workspace: Workspace, mails: MailServer) -> None:
    """June is due on the 7th of July; star has sent its cases, and nothing else."""
    with_contacts(workspace, mails, f'[units]\n{STAR} = ["star@county.cn"]\n')
    put(workspace.home.inbox, f"2023-06/{STAR}/立案.xlsx", ledger_bytes("cases", {}))
    night(workspace, 1)
    mails.received.clear()
    settings = {"remind_days_before": [3, 1], "remind_days_after": [1], "portal_url": "http://p"}
    with_contacts(workspace, mails, f'[units]\n{STAR} = ["star@county.cn"]\n', **settings)
    subjects = []
    for day in (3, 4, 5, 6, 7, 8, 9, 12):
        night(workspace, day)
        subjects += [(day, mail["Subject"].rsplit("（", 1)[1]) for mail in mails.received]
        mails.received.clear()
    assert subjects == [(4, "还有3天）"), (6, "还有1天）"), (8, "已过1天）")]


def test_a_reminder_names_what_is_missing(workspace: Workspace, mails: MailServer) -> None:
    with_contacts(
        workspace,
        mails,
        f'[units]\n{STAR} = ["star@county.cn"]\n',
        remind_days_before=[3],
        portal_url="http://p",
    )
    put(workspace.home.inbox, f"2023-06/{STAR}/立案.xlsx", ledger_bytes("cases", {}))
    put(workspace.home.inbox, f"2023-06/{STAR}/星河区诉讼台账.xlsx", b"no workbook")
    night(workspace, 5)
    reminder = next(mail for mail in mails.received if "还有" in mail["Subject"])
    text = reminder.get_body().get_content()
    assert "2023年7月7日到期的报表，还有 2 天" in text
    assert "行政处罚决定台账" in text
    assert "立案台账" not in text
    assert "报送：http://p/month?period=2023-06" in text
    assert list(reminder.iter_attachments()) == []


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (1, ""), (4, "before:3"), (5, "before:3"), (6, "before:1"), (7, "before:1"), (8, "after:1"), (9, "after:1"),
        (12, "after:5"),
    ],
)  # fmt: skip
def test_the_stage_of_a_reminder(day: int, stage: str) -> None:
    assert _stage([3, 1], [1, 5], date(2023, 7, 7), date(2023, 7, day)) == stage
    assert _stage([], [], date(2023, 7, 7), date(2023, 7, day)) == ""
    assert _stage([], [1], date(2023, 7, 7), date(2023, 9, 7)) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[units", "contacts.toml, at its end: a square bracket is not closed"),
        ("[unit]\n", "no key 'unit'"),
        ("units = 3\n", "write [units]"),
        ('[units]\n123456 = ["a@b.cn"]\n', "no unit '123456'"),
        (f'[units]\n{STAR} = "a@b.cn"\n', "are a list"),
        (f'[units]\n{STAR} = ["nobody"]\n', "neither a mail address"),
    ],
)
def test_wrong_contacts_are_named(text: str, words: str) -> None:
    with pytest.raises(ContactsError) as raised:
        parse_contacts(text, [STAR])
    assert words in str(raised.value)


def test_contacts_know_whose_mail_it_is() -> None:
    lines = (f'{STAR} = ["Star@County.cn", "json://x/"]', f'{RIDGE} = ["b@c.cn", "star@county.cn"]')
    contacts = parse_contacts("\n".join(["[units]", *lines]), [STAR, RIDGE])
    assert contacts.units_of(" STAR@county.cn") == [STAR, RIDGE]
    assert contacts.units_of("b@c.cn") == [RIDGE]
    assert contacts.units_of("json://x/") == []
    assert contacts.units_of("stranger@county.cn") == []


@pytest.mark.parametrize(
    ("server", "sender", "words"),
    [
        ("", "a@b.cn", "is written smtps"),
        ("smtp://127.0.0.1:9", "a@b.cn", "ConnectionRefusedError"),
        ("smtp://127.0.0.1:9", "", "no `mail_from`"),
    ],
)
def test_why_a_mail_was_not_sent(workspace: Workspace, server: str, sender: str, words: str) -> None:
    settings = workspace.home.settings.model_copy(update={"mail_server": server, "mail_from": sender})
    with pytest.raises(MailError, match=words):
        send_mail(settings, Mail("c@d.cn", "title", "body"))


def test_a_password_is_not_sent_in_the_clear(
    workspace: Workspace, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.notify.mail._is_here", lambda _host: False)
    url = mails.url.replace("//", "//user:secret@")
    settings = workspace.home.settings.model_copy(update={"mail_server": url, "mail_from": "a@b.cn"})
    with pytest.raises(MailError, match="no encryption") as raised:
        send_mail(settings, Mail("c@d.cn", "title", "body"))
    assert "secret" not in str(raised.value)


def test_a_workspace_without_load_and_addresses_sends_nothing(workspace: Workspace) -> None:
    assert tell_units(workspace, None, datetime(2023, 7, 1)) == 0
