"""Take reports out of a mailbox: from registered addresses only, each mail answered once."""

from __future__ import annotations

import hashlib
import imaplib
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from imap_tools import (
    AND,
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessage,
    MailMessageFlags,
)

from flows.errors import FlowError
from flows.logs import get_logger
from flows.mailbox.messages import (
    files_of,
    headers_of,
    is_automatic,
    is_wrapped,
    message_id_of,
)
from flows.mailbox.reports import take_files
from flows.notify.mail import Mail, MailError, send_mail
from flows.portal_store import PORTAL_FOLDER, open_store
from flows.workspace import Workspace
from warehouse.engine import Engine, reading, writing
from warehouse.portal.mails import TakenMail, add_mail, find_mail, mark_answered

FOLDER = "mails"
SECONDS = 60.0
PORTS = {"imap": 143, "imaps": 993}
_NO_FILE = "没有看到能读的表格（xlsx、xls、et、csv、ods、zip）。请把台账作为附件寄来。"
_WRAPPED = "附件被 Outlook 包成了 winmail.dat，打不开。请改用“纯文本”或“HTML”格式再寄一次。"
_ENDING = "这封信是程序自动回的。有问题请与市局联系。"

log = get_logger("huizong.mailbox")


class MailboxError(FlowError):
    """The mailbox cannot be used; the message says why, without a password."""


@dataclass
class MailboxResult:
    """How many mails were taken, how many workbooks of them, and how many mails were left as they are."""

    mails: int = 0
    files: int = 0
    unanswered: int = 0
    strangers: int = 0


def take_mails_if_any(workspace: Workspace, now: datetime) -> MailboxResult | None:
    """Take what lies in the mailbox before a run; what fails is logged, and the run goes on without it."""
    if not workspace.home.settings.mailbox:
        return None
    try:
        return take_mails(workspace, now)
    except MailboxError as error:
        log.warning("%s; the run goes on without it", error)
    except Exception:
        log.exception("the mailbox could not be read; the run goes on without it")
    return None


def take_mails(workspace: Workspace, now: datetime) -> MailboxResult:
    """Take the unread mails of registered addresses; leave all others as they are. Raises MailboxError.

    A mail is marked as read, and moved, only after its workbooks lie in the inbox and its answer is sent.
    """
    result, store = MailboxResult(), open_store(workspace.home.folder)
    try:
        with _open_mailbox(workspace) as mailbox:
            for uid, units in _registered(workspace, mailbox, result):
                for message in mailbox.fetch(AND(uid=uid), mark_seen=False):
                    _take_mail(workspace, store, mailbox, message, units, result, now)
    except (OSError, ImapToolsError, imaplib.IMAP4.error) as error:
        raise MailboxError(f"the mailbox cannot be used: {type(error).__name__}") from error
    finally:
        store.dispose()
    return result


def _registered(
    workspace: Workspace, mailbox: BaseMailBox, result: MailboxResult
) -> list[tuple[str, list[str]]]:
    """Return the unread mails of registered addresses, each with its units; others are not read further."""
    mails = []
    for message in mailbox.fetch(AND(seen=False), mark_seen=False, headers_only=True):
        units = workspace.contacts.units_of(message.from_)
        if units and message.uid:
            mails.append((message.uid, units))
        else:
            result.strangers += 1
    return mails


def _take_mail(
    workspace: Workspace, store: Engine, mailbox: BaseMailBox, message: MailMessage, units: list[str],
    result: MailboxResult, now: datetime,
) -> None:  # fmt: skip
    """Take the workbooks of a mail and answer it; a mail that was taken before is only answered."""
    identity, own_address = message_id_of(message), workspace.home.settings.mail_from
    with reading(store) as connection:
        known_mail = find_mail(connection, identity)
    is_program = is_automatic(message, own_address)
    if known_mail is None:
        known_mail = _take_content(workspace, message, units, identity, result, now)
        with writing(store) as connection:
            add_mail(connection, known_mail)
        result.mails += 1
    if not (known_mail.answered_at or is_program) and not _answer(
        workspace, store, message, known_mail, now
    ):
        result.unanswered += 1
        return
    mailbox.flag(str(message.uid), MailMessageFlags.SEEN, True)
    _move(mailbox, str(message.uid), workspace.home.settings.mailbox_done)


def _take_content(
    workspace: Workspace, message: MailMessage, units: list[str], identity: str, result: MailboxResult, now: datetime
) -> TakenMail:  # fmt: skip
    files = files_of(message)
    name = hashlib.sha256(identity.encode()).hexdigest()
    folder = workspace.home.folder / PORTAL_FOLDER / FOLDER / name
    reports = take_files(workspace, folder, files, units, message.subject, now.replace(tzinfo=UTC))
    result.files += sum(report.is_taken for report in reports)
    lines = [line for report in reports for line in report.lines]
    if not files:
        lines = [_WRAPPED if is_wrapped(message) else _NO_FILE]
    receipts = [str(report.receipt) for report in reports if report.receipt is not None]
    return TakenMail(identity, units, now, "\n".join([*lines, "", _ENDING]), receipts, None)


def _answer(
    workspace: Workspace, store: Engine, message: MailMessage, known_mail: TakenMail, now: datetime
) -> bool:
    """Answer a mail with its receipts; return whether that is done.

    That it is answered is stored first, so that no mail is answered twice whatever happens.
    """
    with writing(store) as connection:
        mark_answered(connection, known_mail.message_id, now)
    subject = message.subject if message.subject.lower().startswith("re:") else f"Re: {message.subject}"
    references = " ".join([*headers_of(message).get("references", "").split(), known_mail.message_id])
    headers = {"Auto-Submitted": "auto-replied", "Precedence": "bulk"}
    if not known_mail.message_id.startswith("sha256:"):
        headers |= {"In-Reply-To": known_mail.message_id, "References": references}
    attachments = [Path(name) for name in known_mail.receipts if Path(name).is_file()]
    try:
        send_mail(
            workspace.home.settings, Mail(message.from_, subject, known_mail.answer, attachments, headers)
        )
    except MailError as error:
        log.warning("a mail of the mailbox is not answered: %s; the next time tries again", error)
        with writing(store) as connection:
            mark_answered(connection, known_mail.message_id, None)
        return False
    return True


def _move(mailbox: BaseMailBox, uid: str, folder: str) -> None:
    """Move a mail into a folder, which is made where it is not there; without a folder it stays."""
    if folder:
        if not mailbox.folder.exists(folder):
            mailbox.folder.create(folder)
        mailbox.move(uid, folder)


@contextmanager
def _open_mailbox(workspace: Workspace) -> Iterator[BaseMailBox]:
    """Sign in to the mailbox; a password never goes over a line that others can read. Raises MailboxError."""
    parts = urlsplit(workspace.home.settings.mailbox)
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not (host and parts.username):
        raise MailboxError("`mailbox` is written imaps://USER:PASSWORD@HOST")
    port, context = parts.port or PORTS[parts.scheme], ssl.create_default_context()
    options: dict[str, Any] = {"host": host, "port": port, "timeout": SECONDS}
    if parts.scheme == "imaps":
        mailbox: BaseMailBox = MailBox(**options, ssl_context=context)
    elif _is_here(host):
        mailbox = MailBoxUnencrypted(**options)
    else:
        mailbox = MailBoxStartTls(**options, ssl_context=context)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    try:
        mailbox.login(unquote(parts.username), unquote(parts.password or ""), initial_folder=None)
        # some servers refuse a client that does not say its name
        if "ID" in mailbox.client.capabilities:
            with suppress(mailbox.client.error):
                mailbox.client.xatom("ID", '("name" "huizong" "version" "1")')
        mailbox.folder.set(folder)
        yield mailbox
        mailbox.logout()
    finally:
        with suppress(OSError):  # closed already after a logout
            mailbox.client.shutdown()


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
