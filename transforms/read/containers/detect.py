"""Open a file as grids of cells, by what its bytes are and never by its extension."""

from __future__ import annotations

from collections.abc import Callable

from transforms.read.containers.archive import is_archive, open_archive
from transforms.read.containers.csv import open_delimited
from transforms.read.containers.grid import Grid, OpenedFile, UnusableFileError, cell_text
from transforms.read.containers.markup import is_markup, is_opendocument, open_markup, open_opendocument
from transforms.read.containers.xls import BARE_MAGICS, CFB_MAGIC, open_biff
from transforms.read.containers.xlsx import open_xlsx

__all__ = ["Grid", "OpenedFile", "UnusableFileError", "cell_text", "open_file"]

ZIP_MAGIC = b"PK\x03\x04"
#: what an empty file may contain: byte order marks, blanks, zeros
NOTHING = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
LARGEST_FILE = 256 * 2**20

#: how other files begin that are sent by mistake
_OTHER_FORMATS = {
    b"%PDF-": "是 PDF 文件",
    b"\x89PNG": "是图片",
    b"\xff\xd8\xff": "是图片",
    b"GIF8": "是图片",
    b"II*\0": "是图片",
    b"MM\0*": "是图片",
    b"RIFF": "是图片或音像",
    b"Rar!": "是 RAR 压缩包",
    b"7z\xbc\xaf": "是 7z 压缩包",
    b"\x1f\x8b": "是 gzip 压缩包",
    b"{\\rtf": "是 RTF 文档",
    b"PK\x05\x06": "是空的压缩包",
}


def open_file(data: bytes) -> OpenedFile:
    """Return the grids of a workbook, web page or CSV file, or of all in a zip.

    Raises UnusableFileError with the rule that rejects it.
    """
    return _opener(data)(data)


def is_delimited(data: bytes) -> bool:
    """Return whether the bytes would be opened as CSV."""
    try:
        return _opener(data) is _open_text
    except UnusableFileError:
        return False


def _opener(data: bytes) -> Callable[[bytes], OpenedFile]:
    if len(data) > LARGEST_FILE:
        raise UnusableFileError("file.too_large", detail=f"{len(data) // 2**20} MB")
    if not data[:4096].strip(NOTHING) and not data.strip(NOTHING):
        raise UnusableFileError("file.empty")
    if data.startswith(ZIP_MAGIC) and is_opendocument(data):
        return open_opendocument
    if data.startswith(ZIP_MAGIC):
        return _open_archive if is_archive(data) else open_xlsx
    if data.startswith((CFB_MAGIC, *BARE_MAGICS)):
        return open_biff
    for magic, detail in _OTHER_FORMATS.items():
        if data.startswith(magic):
            raise UnusableFileError("file.unknown_format", detail=detail)
    if data[4:8] == b"ftyp":
        raise UnusableFileError("file.unknown_format", detail="是图片或音像")
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        raise UnusableFileError("file.unknown_format", detail="是图片")
    if is_markup(data):
        return open_markup
    return _open_text


def _open_archive(data: bytes) -> OpenedFile:
    return open_archive(data, open_file)


def _open_text(data: bytes) -> OpenedFile:
    return OpenedFile([open_delimited(data)])
