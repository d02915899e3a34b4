"""Take reports out of a mailbox: from registered addresses only, each mail answered once."""

from __future__ import annotations

import imaplib
import ipaddress
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout
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
from flows.file_modes import SECRET_MODE
from flows.logs import get_logger
from flows.mailbox.arrival import Arrival, arrival_of
from flows.mailbox.messages import (
    MailedFile,
    files_of,
    headers_of,
    identity_of,
    is_automatic,
    is_wrapped,
    message_id_of,
    sender_of,
    subject_of,
)
from flows.mailbox.reports import Incoming, take_files
from flows.notify.mail import Mail, send_mail
from flows.portal_store import MAILS, PORTAL_FOLDER, open_store
from flows.workspace import Workspace
from transforms.foreign_text import make_visible
from warehouse.engine import Engine, reading, writing
from warehouse.portal.mails import TakenMail, add_mail, count_answers, find_mail, mark_answered

LOCK_FILE = "mailbox.lock"
MOST_ANSWERS_AN_HOUR = 10
LONGEST_PROBLEM = 200
SECONDS = 60.0
PORTS = {"imap": 143, "imaps": 993}
_NO_FILE = "没有看到能读的表格（xlsx、xls、et、csv、ods、zip）。请把台账作为附件寄来。"
_WRAPPED = "附件被 Outlook 包成了 winmail.dat，打不开。请改用“纯文本”或“HTML”格式再寄一次。"
_ENDING = "这封信是程序自动回的。有问题请与市局联系。"

log = get_logger("huizong.mailbox")


class MailboxError(FlowError):
    """The mailbox cannot be used; the message says why, without a password."""


class MailboxBusyError(MailboxError):
    """Another program takes the mails at this moment."""


@dataclass
class MailboxResult:
    """How many mails were taken, how many workbooks of them, and how many mails were left as they are."""

    mails: int = 0
    files: int = 0
    unanswered: int = 0
    strangers: int = 0
    #: mails that could not be taken, each with its sender and why
    failed: list[str] = field(default_factory=list)


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
    What fails with one mail is its own: it stays unread and is named in the result.
    """
    result, store = MailboxResult(), open_store(workspace.home.folder)
    lock = FileLock(
        workspace.home.folder / PORTAL_FOLDER / LOCK_FILE, mode=SECRET_MODE, fallback_to_soft=False
    )
    try:
        with lock.acquire(timeout=0), _open_mailbox(workspace) as mailbox:
            for uid in sorted(mailbox.uids(AND(seen=False)), key=int):
                if _take_uid(workspace, store, mailbox, uid, result, now):
                    mailbox.flag(uid, MailMessageFlags.SEEN, True)
                    _move(mailbox, uid, workspace.home.settings.mailbox_done)
    except Timeout as error:
        raise MailboxBusyError("another program takes the mails at this moment") from error
    except (OSError, ImapToolsError, imaplib.IMAP4.error) as error:
        raise MailboxError(f"the mailbox cannot be used: {type(error).__name__}") from error
    finally:
        store.dispose()
    return result


def _take_uid(
    workspace: Workspace, store: Engine, mailbox: BaseMailBox, uid: str, result: MailboxResult, now: datetime
) -> bool:  # fmt: skip
    """Take a mail; return whether it is done. The text of a stranger is never fetched."""
    headers = next(iter(mailbox.fetch(AND(uid=uid), mark_seen=False, headers_only=True)), None)
    sender = ""
    try:
        sender = sender_of(headers) if headers else ""
        units = workspace.contacts.units_of(sender) if sender else []
    except Exception:  # a stranger may write anything
        units = []
    if not units:
        result.strangers += 1
        return False
    message = next(iter(mailbox.fetch(AND(uid=uid), mark_seen=False)), None)
    if message is None or sender_of(message) != sender:
        return False
    try:
        arrival = arrival_of(mailbox, uid, now)
        return _take_mail(workspace, store, message, arrival, sender, units, result, now)
    except Exception as error:
        log.exception("a mail could not be taken; it stays unread")
        problem = f"{sender} (UID {uid}): {type(error).__name__}: {error}"
        result.failed.append(make_visible(problem)[:LONGEST_PROBLEM])
        return False


def _take_mail(
    workspace: Workspace, store: Engine, message: MailMessage, arrival: Arrival, sender: str, units: list[str],
    result: MailboxResult, now: datetime,
) -> bool:  # fmt: skip
    """Take the workbooks of a mail and answer it; a mail that was taken before is only answered."""
    files = files_of(message)
    identity = identity_of(message, sender, files)
    with reading(store) as connection:
        known_mail = find_mail(connection, identity)
    if known_mail is None:
        folder = workspace.home.folder / PORTAL_FOLDER / MAILS / identity.removeprefix("sha256:")
        incoming = Incoming(store, folder, units, subject_of(message), arrival, now)
        known_mail = _take_content(workspace, incoming, message, files, sender, identity, result)
        with writing(store) as connection:
            add_mail(connection, known_mail)
        result.mails += 1
    if known_mail.answered_at or is_automatic(message, sender, workspace.home.settings.mail_from):
        return True
    is_answered = _answer(workspace, store, message, known_mail, now)
    result.unanswered += not is_answered
    return is_answered


def _take_content(
    workspace: Workspace, incoming: Incoming, message: MailMessage, files: Sequence[MailedFile], sender: str,
    identity: str, result: MailboxResult,
) -> TakenMail:  # fmt: skip
    reports = take_files(workspace, incoming, files)
    result.files += sum(report.is_taken for report in reports)
    lines = [line for report in reports for line in report.lines]
    if not files:
        lines = [_WRAPPED if is_wrapped(message) else _NO_FILE]
    receipts = [str(report.receipt) for report in reports if report.receipt is not None]
    answer = "\n".join([*lines, "", _ENDING])
    return TakenMail(identity, incoming.units, incoming.now, answer, receipts, None, sender)


def _answer(
    workspace: Workspace, store: Engine, message: MailMessage, known_mail: TakenMail, now: datetime
) -> bool:
    """Answer a mail with its receipts; return whether that is done.

    That it is answered is stored first, so that no mail is answered twice whatever happens. One answer more
    than an hour allows waits for the next time: two programs that answer each other end there.
    """
    with writing(store) as connection:
        if count_answers(connection, known_mail.sender, now - timedelta(hours=1)) >= MOST_ANSWERS_AN_HOUR:
            return False
        mark_answered(connection, known_mail.message_id, now)
    try:
        send_mail(workspace.home.settings, _compose_answer(message, known_mail))
    except Exception as error:
        log.warning("a mail of the mailbox is not answered: %s; the next time tries again", error)
        with writing(store) as connection:
            mark_answered(connection, known_mail.message_id, None)
        return False
    return True


def _compose_answer(message: MailMessage, known_mail: TakenMail) -> Mail:
    subject = subject_of(message)
    title = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    headers = {"Auto-Submitted": "auto-replied", "Precedence": "bulk"}
    if message_id := message_id_of(message):
        earlier = [
            word
            for word in headers_of(message).get("references", "").split()
            if word.isascii() and word.isprintable()
        ]
        headers |= {"In-Reply-To": message_id, "References": " ".join([*earlier, message_id])}
    attachments = [Path(name) for name in known_mail.receipts if Path(name).is_file()]
    return Mail(known_mail.sender, title, known_mail.answer, attachments, headers)


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
