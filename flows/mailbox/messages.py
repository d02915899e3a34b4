"""What a mail is: from whom, whether a program sent it, and which workbooks it brings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class MailedFile:
    """An attachment: its name, which is data and never a path, and its content."""

    name: str
    content: bytes


def message_id_of(message: MailMessage) -> str:
    """Return what identifies a mail; the hash of its content where it has no Message-ID."""
    stated = headers_of(message).get("message-id", "")
    return stated or f"sha256:{hashlib.sha256(message.obj.as_bytes()).hexdigest()}"


def headers_of(message: MailMessage) -> dict[str, str]:
    """Return the headers of a mail by name, in lower case; of one that stands there twice the first."""
    headers = cast("Mapping[str, tuple[str, ...]]", message.headers)
    return {name.lower(): values[0].strip() for name, values in headers.items() if values}


def is_automatic(message: MailMessage, own_address: str) -> bool:
    """Whether a program sent a mail: it is never answered, as its answer would be answered too."""
    first = {name: value.lower() for name, value in headers_of(message).items()}
    return (
        first.get("auto-submitted", "no").split(";")[0] != "no"
        or first.get("precedence", "") in _BULK
        or first.get("return-path", "-") == "<>"
        or "list-id" in first
        or "x-autoreply" in first
        or message.from_.lower() == own_address.lower()
        or message.from_.lower().split("@")[0] in ("mailer-daemon", "postmaster")
    )


def files_of(message: MailMessage) -> list[MailedFile]:
    """Return the attachments that may be reports."""
    return list(_files(message))


def is_wrapped(message: MailMessage) -> bool:
    """Whether Outlook wrapped the attachments of a mail so that others cannot open them."""
    return any(attachment.filename.lower() == WRAPPED for attachment in message.attachments)


def _files(message: MailMessage) -> Iterator[MailedFile]:
    for attachment in message.attachments:
        name = _name_of(attachment)
        content: bytes = attachment.payload
        if name.lower().endswith(ENDINGS) or content.startswith(_FIRST_BYTES):
            yield MailedFile(name or "附件.xlsx", content)


def _name_of(attachment: MailAttachment) -> str:
    """Return the name of an attachment; old programs write it in GBK, where nothing but ASCII is allowed."""
    name: str = attachment.filename
    if "\ufffd" not in name:
        return name
    for header, value in attachment.part.raw_items():
        match = _FILE_NAME.search(str(value)) if header.lower() == "content-disposition" else None
        if match:
            return match[1].encode("ascii", "surrogateescape").decode("gb18030", "replace")
    return name
