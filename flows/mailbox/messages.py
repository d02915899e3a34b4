"""What a mail is: from whom, whether a program sent it, and which workbooks it brings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from typing import cast

from imap_tools import MailAttachment, MailMessage

#: endings of the files that are read, and the first bytes of workbooks whose name says nothing
ENDINGS = (".xlsx", ".xlsm", ".xls", ".et", ".csv", ".ods", ".zip", ".htm", ".html", ".xml")
_FIRST_BYTES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
#: what Outlook wraps attachments into where it writes in a format of its own
WRAPPED = "winmail.dat"
MOST_FILES = 20
_FILE_NAME = re.compile(r'filename\s*=\s*"([^"]*)"', re.IGNORECASE)
_BULK = ("bulk", "list", "junk", "auto_reply")
_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
#: how the subjects of mails begin that programs answer with, where no header says so
_AUTOMATIC_SUBJECTS = ("自动回复", "自動回覆", "自动答复", "auto")
_NAMELESS = "附件.xlsx"


@dataclass(frozen=True)
class MailedFile:
    """An attachment: its name, which is data and never a path, and its content."""

    name: str
    content: bytes


def sender_of(message: MailMessage) -> str:
    """Return the address a mail is from; nothing unless it has one From with one address.

    Of several, mail servers check one and readers show another.
    """
    values = message.obj.get_all("From") or []
    addresses = [address for _name, address in getaddresses([str(value) for value in values])]
    is_single = len(values) == len(addresses) == 1 and _ADDRESS.fullmatch(addresses[0])
    return addresses[0].lower() if is_single else ""


def subject_of(message: MailMessage) -> str:
    """Return the subject of a mail; nothing where its encoding is broken."""
    try:
        return str(message.subject)
    except (
        Exception
    ):  # what a stranger wrote may fail in any way, and a mail without a subject can be taken
        return ""


def message_id_of(message: MailMessage) -> str:
    """Return the Message-ID of a mail; nothing where it has none that an answer could name."""
    stated = "".join(headers_of(message).get("message-id", "").split())
    return stated if stated.isascii() and stated.isprintable() else ""


def identity_of(message: MailMessage, sender: str, files: Sequence[MailedFile]) -> str:
    """Return by what a mail is known: who sent it, its Message-ID and what it brings."""
    stated = headers_of(message).get("message-id", "") or message.date_str
    parts = [sender.encode(), stated.encode("utf-8", "replace")]
    parts += [part for file in files for part in (file.name.encode("utf-8", "replace"), file.content)]
    content = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts))
    return f"sha256:{content.hexdigest()}"


def headers_of(message: MailMessage) -> dict[str, str]:
    """Return the headers of a mail by name, in lower case; of one that stands there twice the first."""
    headers = cast("Mapping[str, tuple[str, ...]]", message.headers)
    return {name.lower(): str(values[0]).strip() for name, values in headers.items() if values}


def is_automatic(message: MailMessage, sender: str, own_address: str) -> bool:
    """Whether a program sent a mail: it is never answered, as its answer would be answered too."""
    first = {name: value.lower() for name, value in headers_of(message).items()}
    return (
        first.get("auto-submitted", "no").split(";")[0] != "no"
        or first.get("precedence", "") in _BULK
        or first.get("return-path", "-") == "<>"
        or "list-id" in first
        or "x-autoreply" in first
        or subject_of(message).strip().lower().startswith(_AUTOMATIC_SUBJECTS)
        or sender == own_address.lower()
        or sender.split("@")[0] in ("mailer-daemon", "postmaster")
    )


def files_of(message: MailMessage) -> list[MailedFile]:
    """Return the attachments that may be reports."""
    return list(_files(message))


def is_wrapped(message: MailMessage) -> bool:
    """Whether Outlook wrapped the attachments of a mail so that others cannot open them."""
    return any(_name_of(attachment).lower() == WRAPPED for attachment in message.attachments)


def _files(message: MailMessage) -> Iterator[MailedFile]:
    for attachment in message.attachments:
        name = _name_of(attachment)
        content = _content_of(attachment)
        if name.lower().endswith(ENDINGS) or content.startswith(_FIRST_BYTES):
            yield MailedFile(name or _NAMELESS, content)


def _name_of(attachment: MailAttachment) -> str:
    """Return the name of an attachment; old programs write it in GBK, where nothing but ASCII is allowed."""
    try:
        name: str = attachment.filename
    except Exception:  # its encoding is broken; the content may still be a workbook
        return ""
    if "\ufffd" not in name:
        return name
    for header, value in attachment.part.raw_items():
        match = _FILE_NAME.search(str(value)) if header.lower() == "content-disposition" else None
        if match:
            return match[1].encode("ascii", "surrogateescape").decode("gb18030", "replace")
    return name


def _content_of(attachment: MailAttachment) -> bytes:
    """Return the content of an attachment; nothing where its encoding is broken, as its check says."""
    try:
        return bytes(attachment.payload)
    except Exception:  # what a stranger wrote may fail in any way
        return b""
