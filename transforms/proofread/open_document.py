"""Open a document of any kind that is proofread: Word, web page, Markdown or plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.etree import ParserError

from schemas.sentences import Sentence
from transforms.errors import TransformError
from transforms.proofread.read_docx import DocxRead, read_docx
from transforms.proofread.read_html import read_html
from transforms.proofread.read_plain import read_plain
from transforms.proofread.text import TextRead
from transforms.read.containers.csv import decode
from transforms.read.containers.grid import UnusableFileError
from transforms.read.containers.xlsx_package import check_document

WORD = ".docx"
PLAIN, MARKDOWN, PAGES = (".txt", ".text"), (".md", ".markdown"), (".html", ".htm")
KINDS = (WORD, *PLAIN, *MARKDOWN, *PAGES)
#: no report is longer; what is, would be read for minutes
MOST_BYTES, MOST_CHARACTERS, MOST_NUMBERS = 50_000_000, 1_000_000, 50_000
_DIGITS = re.compile(r"\d+")
_OLD_OFFICE = bytes.fromhex("D0CF11E0")
_HOW_TO_SAVE = {
    **dict.fromkeys((".doc", ".wps", ".wpt", ".dot", ".rtf", ".odt", ".docm", ".dotx"), Sentence(
        "open it in Word or WPS and save it as .docx")),
    ".pdf": Sentence("take the Word document that the PDF was made from, as .docx"),
}  # fmt: skip


class UnreadableDocumentError(TransformError):
    """A document cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class OpenDocument:
    """A document as read; `docx` is there for Word, so that it can be given back with comments."""

    text: TextRead
    docx: DocxRead | None = None


def open_document(data: bytes, ending: str) -> OpenDocument:
    """Read a document by the ending of its name. Raises UnreadableDocumentError."""
    if ending in _HOW_TO_SAVE:
        raise UnreadableDocumentError(
            Sentence("a file {ending} cannot be proofread: {remedy}", ending=ending, remedy=_HOW_TO_SAVE[ending])
        )  # fmt: skip
    if ending not in KINDS:
        raise UnreadableDocumentError(
            Sentence("a file {ending} cannot be proofread; these can: {kinds}", ending=ending or "?", kinds=" ".join(KINDS))
        )  # fmt: skip
    if len(data) > MOST_BYTES:
        raise _too_long()
    if ending == WORD:
        docx = _open_docx(data)
        return OpenDocument(_within_bounds(docx.text), docx)
    text = _decode(data)
    if ending in PAGES:
        return OpenDocument(_within_bounds(_read_page(text)))
    return OpenDocument(_within_bounds(read_plain(text, has_markup=ending in MARKDOWN)))


def _within_bounds(text: TextRead) -> TextRead:
    """Return the text; refuse one that is longer than any report."""
    numbers = sum(1 for _ in _DIGITS.finditer(text.text))
    if len(text.text) > MOST_CHARACTERS or numbers > MOST_NUMBERS:
        raise _too_long()
    return text


def _too_long() -> UnreadableDocumentError:
    return UnreadableDocumentError(
        Sentence(
            "the text is too long to be proofread: at most {characters} characters, with {numbers} numbers; take a part of it",
            characters=format(MOST_CHARACTERS, ","), numbers=format(MOST_NUMBERS, ","),
        )
    )  # fmt: skip


def _read_page(text: str) -> TextRead:
    try:
        return read_html(text)
    except (ParserError, RecursionError) as error:
        raise UnreadableDocumentError(
            Sentence("the page cannot be read; copy its text into a Word document or a text file")
        ) from error


def _open_docx(data: bytes) -> DocxRead:
    if data.startswith(_OLD_OFFICE):
        raise UnreadableDocumentError(
            Sentence("the file is protected by a password, or an old Word file by its content: open it in Word or WPS, "
                     "take the password off, and save it as .docx")
        )  # fmt: skip
    try:
        check_document(data)  # refuses what unpacks without end before a byte is unpacked
        return read_docx(data)
    except Exception as error:  # whatever a damaged file makes the library raise
        raise UnreadableDocumentError(
            Sentence(
                "the file is no Word document, or a damaged one: open it in Word or WPS and save it as .docx"
            )
        ) from error


def _decode(data: bytes) -> str:
    try:
        text = decode(data)
    except UnusableFileError as error:
        raise UnreadableDocumentError(
            Sentence("the file is no text in UTF-8 or GB18030; save it as a text in one of them")
        ) from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
