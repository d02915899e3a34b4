"""Send mails with attachments by the mail server of the settings."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flows.errors import FlowError
from flows.settings import Settings
from transforms.foreign_text import make_lines_visible, make_visible

SECONDS = 30.0
PORTS = {"smtp": 25, "smtps": 465}
_SHEET = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class MailError(FlowError):
    """A mail could not be sent; the message says why, without a password."""


@dataclass(frozen=True)
class Mail:
    """A mail to one address; `headers` are further ones, such as In-Reply-To."""

    to: str
    title: str
    body: str
    attachments: Sequence[Path] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def send_mail(settings: Settings, mail: Mail) -> None:
    """Send a mail. Raises MailError."""
    message = _compose(settings, mail)
    try:
        with _connect(settings.mail_server) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"the mail could not be sent: {type(error).__name__}") from error


def _compose(settings: Settings, mail: Mail) -> EmailMessage:
    if not settings.mail_from:
        raise MailError("no `mail_from` is set")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        settings.mail_from,
        mail.to,
        make_visible(mail.title),
    )
    message["Date"], message["Message-ID"] = (
        formatdate(localtime=True),
        make_msgid(domain="huizong.invalid"),
    )
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        del message[name]
        message[name] = value
    message.set_content(make_lines_visible(mail.body))
    for file in mail.attachments:
        message.add_attachment(file.read_bytes(), maintype=_SHEET[0], subtype=_SHEET[1], filename=file.name)
    return message


def _connect(url: str) -> smtplib.SMTP:
    """Connect and sign in; a password never goes over a line that others can read. Raises OSError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not host:
        raise MailError("`mail_server` is written smtps://USER:PASSWORD@HOST or smtp://HOST:PORT")
    port = parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS)
    try:
        server.ehlo_or_helo_if_needed()
        is_secret = parts.scheme == "smtps"
        if not is_secret and server.has_extn("starttls"):
            server.starttls(context=context)
            is_secret = True
        if parts.username:
            if not is_secret and not _is_here(host):
                raise MailError("the mail server offers no encryption; no password was sent to it")
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
