"""Open a zip of workbooks in memory: each table in it is read, and what is none is named."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from schemas.forms import OWN_SHEETS
from schemas.sources import is_temporary
from transforms.read.containers.grid import Grid, Notice, OpenedFile, UnusableFileError, unreadable_file
from transforms.read.containers.xlsx_package import MOST_PARTS, check_sizes, leads_outside, plain_name

#: files in one zip; a month of one unit has some twenty
MOST_MEMBERS = 100
#: a part of these is in every office document, and in no zip that a clerk packs
_OFFICE_PARTS = (
    "[content_types].xml",
    "_rels/.rels",
    "xl/workbook.xml",
    "xl/workbook.bin",
    "word/document.xml",
    "ppt/presentation.xml",
    "mimetype",
    "content.xml",
)
_FIRST_NAMES = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"mimetype")
_NAME_AT, _ENTRY = 30, b"PK\x01\x02"
_UTF8_NAME = 0x800
#: a part of each OFD, a format of printed pages
_OFD_PART = "OFD.xml"
#: of a file that is no table, which a zip may hold beside tables
_NO_TABLE = "file.unknown_format"

Opener = Callable[[bytes], OpenedFile]


def is_archive(data: bytes) -> bool:
    """Return whether a zip is no office document but holds files."""
    if data.startswith(_FIRST_NAMES, _NAME_AT) or data.count(_ENTRY) > MOST_PARTS:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {plain_name(name) for name in archive.namelist()}
    except Exception:  # of any kind, from zipfile
        return False
    return bool(names) and not names.intersection(_OFFICE_PARTS)


def open_archive(data: bytes, open_member: Opener) -> OpenedFile:
    """Return the grids of all tables in a zip; a table that cannot be read is a refused grid."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:
        raise unreadable_file(error) from error
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    members = [(_member_name(info), info) for info in infos]
    members = [(name, info) for name, info in members if not is_temporary(name)]
    if any(info.flag_bits & 1 for _, info in members):
        raise UnusableFileError("file.archive_encrypted")
    if len(members) > MOST_MEMBERS:
        raise UnusableFileError("file.archive_too_many", detail=len(members), most=MOST_MEMBERS)
    check_sizes([info for _, info in members])
    grids: list[Grid] = []
    notices: list[Notice] = []
    opened = {name: _open(archive, name, info, open_member, notices) for name, info in members}
    tables = {name: file for name, file in opened.items() if file is not None}
    for name, file in tables.items():
        grids += _name_grids(name, file, is_alone=len(tables) == 1)
        notices += file.notices
    if not tables:
        raise UnusableFileError(_NO_TABLE, detail=_describe_content([name for name, _ in members]))
    return OpenedFile(grids, tuple(notices))


def _member_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a file in a zip; one that is not marked as UTF-8 is most likely in GBK."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return name.replace("\\", "/")


def _open(
    archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, open_member: Opener, notices: list[Notice]
) -> OpenedFile | None:
    """Open one file of a zip; None, with a notice, where it is no table."""
    try:
        if leads_outside(name):
            notices.append(("file.unsafe_parts", "", {"detail": name}))
            return None
        content = archive.read(info)
        if is_archive(content):
            raise UnusableFileError("file.archive_nested")
        return open_member(content)
    except UnusableFileError as unusable:
        if unusable.rule_id == _NO_TABLE:
            notices.append(("file.archive_member_ignored", "", {"name": name, **unusable.placeholders}))
            return None
        return OpenedFile([Grid(name, [], refused=unusable)])
    except Exception as error:  # of any kind, from zipfile or zlib
        return OpenedFile([Grid(name, [], refused=unreadable_file(error))])


def _name_grids(name: str, file: OpenedFile, *, is_alone: bool) -> list[Grid]:
    """Return the grids of a file in a zip; the name of each is unique in the zip."""
    grids = [grid for grid in file.grids if grid.name not in OWN_SHEETS]
    return [
        replace(
            grid,
            member=name,
            name=grid.name if is_alone or grid.name == name else f"{name}/{grid.name}".rstrip("/"),
        )
        for grid in grids
    ]


def _describe_content(names: Sequence[str]) -> str:
    if _OFD_PART in names:
        return "是 OFD 文件"
    shown = "、".join(f"“{name}”" for name in islice(names, 3))
    return f"是压缩包，里面是{shown}，没有能读的台账文件" if shown else "是空的压缩包"
