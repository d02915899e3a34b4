"""Open files that are markup: web pages, the XML of Excel 2003, web archives of several pages, and
OpenDocument spreadsheets, alone or in their zip.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace

from lxml import etree

from transforms.read.containers.grid import (
    Grid,
    Notice,
    OpenedFile,
    UnusableFileError,
    clean_cells,
    unreadable_file,
)
from transforms.read.containers.html import Budget, html_grids
from transforms.read.containers.opendocument import document_grids
from transforms.read.containers.spreadsheetml import SPREADSHEET, spreadsheet_grids
from transforms.read.containers.xlsx_package import open_package

#: tree and grid take some forty times as much memory
LARGEST_MARKUP = 16 * 2**20
_HEAD = 4096
#: the first file of an ods, unpacked, is its type; a flat document has its own in its first element
OPENDOCUMENT_TYPE = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
OPENDOCUMENT = "application/vnd.oasis.opendocument.spreadsheet"
_HEAD_OF_ZIP = 200
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_BEGINS = re.compile(r"\s*<(?:[!?]|/?[a-z])|.*<table[\s>]", re.IGNORECASE | re.DOTALL)
_ARCHIVE = re.compile(r"\s*(?:[\w-]+:[^\n]*\n)*?mime-version:", re.IGNORECASE)
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
}
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE([^>\[]*)(\[?)|<!ENTITY", re.IGNORECASE)


def is_markup(data: bytes) -> bool:
    """Return whether the bytes begin like markup or a web archive."""
    head = _head(data)
    return bool(_BEGINS.match(head) or _ARCHIVE.match(head))


def open_markup(data: bytes) -> OpenedFile:
    """Return the tables of a page or the sheets of an XML workbook."""
    if len(data) > LARGEST_MARKUP:
        raise UnusableFileError("file.too_large", detail=f"{len(data) // 2**20} MB 的网页或 XML")
    grids = _archive_grids(data) if _ARCHIVE.match(_head(data)) else _grids(data)
    notices: list[Notice] = []
    for grid in grids:
        notices.extend(clean_cells(grid.rows, grid.name))
    return OpenedFile(grids, tuple(notices))


def is_opendocument(data: bytes) -> bool:
    """Return whether a zip says at its beginning that it is an OpenDocument spreadsheet."""
    return OPENDOCUMENT_TYPE in data[:_HEAD_OF_ZIP]


def open_opendocument(data: bytes) -> OpenedFile:
    """Return the sheets of an ods."""
    package = open_package(data)
    if "meta-inf/manifest.xml" in package and b"encryption-data" in package.read("meta-inf/manifest.xml"):
        raise UnusableFileError("file.encrypted")
    parts = [package.read("content.xml")]
    parts += [package.read("styles.xml")] if "styles.xml" in package else []
    if (size := sum(map(len, parts))) > LARGEST_MARKUP:
        raise UnusableFileError("file.too_large", detail=f"{size // 2**20} MB 的 XML")
    notices: list[Notice] = [*package.notices]
    if "basic/script-lc.xml" in package:
        notices.append(("file.macros", "", {}))
    grids = document_grids([_parse(part, _xml_parser()) for part in parts])
    for grid in grids:
        notices.extend(clean_cells(grid.rows, grid.name))
    return OpenedFile(grids, tuple(notices))


def _head(data: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS.items() if data.startswith(mark)), "latin-1")
    return data[:_HEAD].decode(encoding, "ignore").lstrip("\ufeffï»¿")


def _grids(data: bytes) -> list[Grid]:
    text = decode_markup(data)
    is_flat_document = OPENDOCUMENT in text[:_HEAD]
    is_xml = SPREADSHEET in text[:_HEAD] or is_flat_document
    for doctype in _DOCTYPE.finditer(text):
        if is_xml or doctype[1] is None or doctype[2]:
            raise UnusableFileError("file.doctype")
    content = _XML_DECLARATION.sub("", text, count=1).encode()
    if is_flat_document:
        return document_grids([_parse(content, _xml_parser())])
    grids = (
        spreadsheet_grids(_parse(content, _xml_parser()))
        if is_xml
        else html_grids(_parse(content, _html_parser()), Budget())
    )
    if not grids:
        raise UnusableFileError("file.unknown_format", detail="是网页或 XML，里面没有表格")
    return grids


def decode_markup(data: bytes) -> str:
    """Decode by the byte order mark, else by the first that fits of named charset, UTF-8 and GB18030."""
    marked = [encoding for mark, encoding in _MARKS.items() if data.startswith(mark)]
    named = _CHARSET.search(data, 0, _HEAD)
    declared = _CHARSETS.get(named[1].decode().lower()) if named else None
    for encoding in marked or [*([declared] if declared else []), "utf-8", "gb18030"]:
        try:
            return data.decode(encoding).lstrip("\ufeff").replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise UnusableFileError("file.unknown_format", detail="既不是 UTF-8 也不是 GB18030 编码的网页或 XML")


def _xml_parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _html_parser() -> etree.HTMLParser:
    return etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )


def _parse(content: bytes, parser: etree.XMLParser | etree.HTMLParser) -> etree._Element:
    try:
        root = etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise unreadable_file(error) from error
    if root is None:
        raise UnusableFileError("file.unknown_format", detail="是网页或 XML，里面没有表格")
    return root


def _archive_grids(data: bytes) -> list[Grid]:
    """Return the tables of a web archive (.mht), in which each sheet is a page."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        parts = [part for part in message.walk() if part.get_content_type() == "text/html"]
        pages = [page for part in parts if isinstance(page := part.get_payload(decode=True), bytes)]
    except Exception as error:  # the standard library's parser fails on some headers
        raise unreadable_file(error) from error
    budget = Budget()
    grids = [grid for page in pages for grid in html_grids(_parse(_to_utf8(page), _html_parser()), budget)]
    if not grids:
        raise UnusableFileError("file.unknown_format", detail="是网页归档，里面没有表格")
    return [replace(grid, name=f"表{number}") for number, grid in enumerate(grids, 1)]


def _to_utf8(data: bytes) -> bytes:
    text = decode_markup(data)
    if "<!ENTITY" in text.upper():
        raise UnusableFileError("file.doctype")
    return text.encode()
