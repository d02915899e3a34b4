"""Open an xlsx: check the parts of the package that matter, then let calamine read the sheets that pass."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from transforms.read.containers.grid import (
    LONGEST_CELL,
    Grid,
    Notice,
    OpenedFile,
    UnusableFileError,
    clean_cells,
    unreadable_file,
)
from transforms.read.containers.raised_text import RaisedTexts, read_raised_texts
from transforms.read.containers.xlsx_comments import read_comments
from transforms.read.containers.xlsx_package import Package, open_package
from transforms.read.containers.xlsx_relations import attributes_of, main_part, read_relations
from transforms.read.containers.xlsx_sheet_xml import SheetMetadata, read_sheet_metadata
from transforms.read.containers.xlsx_strike import StruckStyles, read_struck_styles
from transforms.read.containers.xlsx_styles import (
    UnseenStyles,
    find_hidden_columns,
    find_printed_texts,
    read_amount_formats,
    read_unseen_styles,
)

#: bytes of text in all cells: a small file can have one long shared text in a million cells
MOST_TEXT = 256 * 2**20

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_PROPERTIES = re.compile(rb"<(?:\w+:)?workbookPr\s[^>]*>")
_CALCULATED_ON_LOAD = re.compile(rb"<(?:\w+:)?calcPr\s[^>]*fullCalcOnLoad\s*=\s*[\"'](?:1|true)[\"']")
_STRING_CELL = re.compile(rb"<(?:\w+:)?v[^<>]*>\s*([0-9]{1,9})\s*<")


@dataclass(frozen=True)
class _Part:
    """A sheet of the workbook: the path of its XML, and whether it has cells at all (a chart has none)."""

    path: str
    has_cells: bool


@dataclass(frozen=True)
class _Texts:
    """The sizes in bytes, with tags, of the texts that cells share, and whether one may contain NUL."""

    sizes: np.ndarray
    may_hold_nul: bool


@dataclass(frozen=True)
class _Looks:
    """The styles and texts of a workbook by which its cells look unusual."""

    struck: StruckStyles
    raised: RaisedTexts
    unseen: UnseenStyles
    formats: Mapping[int, str]
    is_uncalculated: bool  # to be calculated when it is opened


def open_xlsx(data: bytes) -> OpenedFile:
    """Return the grids of an xlsx or xlsm."""
    package = open_package(data)
    main = main_part(package)
    workbook_xml, relations = package.read(main), read_relations(package, main)
    texts = _shared_texts(package, relations)
    shared_texts, styles = (_read_kind(package, relations, kind) for kind in ("sharedStrings", "styles"))
    looks = _Looks(
        read_struck_styles(styles, shared_texts),
        read_raised_texts(shared_texts),
        read_unseen_styles(styles),
        read_amount_formats(styles),
        _CALCULATED_ON_LOAD.search(workbook_xml) is not None,
    )
    del shared_texts
    parts = [_part(sheet, relations) for sheet in attributes_of(_SHEET, workbook_xml)]
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = workbook.sheets_metadata
    except BaseException as error:
        raise _to_unusable(error) from error
    if len(sheets) != len(parts):
        raise UnusableFileError("file.unreadable", detail="工作表目录前后不一致")
    is_1904 = any(
        attribute.get("date1904", "").lower() in ("1", "true")
        for attribute in attributes_of(_PROPERTIES, workbook_xml)
    )
    grids, notices = [], [*package.notices]
    for sheet, part in zip(sheets, parts, strict=True):
        is_visible = sheet.visible == SheetVisibleEnum.Visible
        if not part.has_cells:
            notices.append(("sheet.not_cells", sheet.name, {}))
            continue
        try:
            grids.append(
                _open_sheet(
                    workbook,
                    sheet.name,
                    is_visible,
                    is_1904,
                    package.read(part.path),
                    texts,
                    looks,
                    read_comments(package, part.path),
                    notices,
                )
            )
        except UnusableFileError as unusable:
            if unusable.rule_id == "file.unreadable":
                unusable = UnusableFileError("sheet.unreadable", **unusable.placeholders)
            grids.append(Grid(sheet.name, [], is_visible=is_visible, is_1904=is_1904, refused=unusable))
    return OpenedFile(grids, tuple(notices))


def find_unreadable_cells(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Return by sheet the texts of cells that readers skip: errors, and formulas without a result."""
    package = open_package(data)
    main = main_part(package)
    relations = read_relations(package, main)
    unreadable = {}
    for sheet in attributes_of(_SHEET, package.read(main)):
        part = _part(sheet, relations)
        if part.has_cells:
            with suppress(UnusableFileError):
                unreadable[html.unescape(sheet.get("name", ""))] = read_sheet_metadata(
                    package.read(part.path)
                ).lost
    return unreadable


def _open_sheet(
    workbook: CalamineWorkbook,
    name: str,
    is_visible: bool,
    is_1904: bool,
    xml: bytes,
    texts: _Texts,
    looks: _Looks,
    comments: Mapping[tuple[int, int], str],
    notices: list[Notice],
) -> Grid:
    metadata = read_sheet_metadata(xml, looks.formats, is_uncalculated=looks.is_uncalculated)
    _check_text(xml, metadata, texts.sizes)
    struck_cells, raised_cells = looks.struck.find_cells(xml), looks.raised.find_cells(xml)
    unseen_cells, hidden_columns = looks.unseen.find_cells(xml), find_hidden_columns(xml)
    partly_struck, printed = looks.struck.find_partly(xml), find_printed_texts(xml)
    has_nul = texts.may_hold_nul or _may_hold_nul(xml)
    del xml  # as large as what calamine makes of it
    try:
        rows: list[list[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except BaseException as error:
        raise _to_unusable(error) from error
    for (row, column), text in metadata.lost.items():
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([""] * (column + 1 - len(rows[row])))
        rows[row][column] = rows[row][column] or text
    for (row, column), text in raised_cells.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    if has_nul or metadata.has_long_text or texts.sizes.max(initial=0) > LONGEST_CELL:
        notices.extend(clean_cells(rows, name))
    return Grid(
        name,
        rows,
        is_visible=is_visible,
        is_1904=is_1904,
        hidden_rows=metadata.hidden_rows,
        merged=metadata.merged,
        struck=struck_cells,
        partly_struck=partly_struck,
        column_widths=metadata.column_widths,
        number_formats=metadata.number_formats,
        unseen=unseen_cells,
        hidden_columns=hidden_columns,
        comments=comments,
        printed=printed,
    )


def _to_unusable(error: BaseException) -> UnusableFileError:
    """Convert an error of calamine, whose panics are no Exceptions; what ends the program is raised again."""
    if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
        raise error
    return unreadable_file(error)


def _part(sheet: dict[str, str], relations: dict[str, tuple[str, str]]) -> _Part:
    id_ = next((value for name, value in sheet.items() if name.endswith(":id")), "")
    kind, path = relations.get(id_, ("", ""))
    return _Part(path, kind == "worksheet")


def _read_kind(package: Package, relations: dict[str, tuple[str, str]], wanted: str) -> bytes:
    """Return the part of a kind that the workbook refers to; empty where there is none."""
    paths = (path for kind, path in relations.values() if kind == wanted and path in package)
    path = next(paths, None)
    return package.read(path) if path is not None else b""


def _shared_texts(package: Package, relations: dict[str, tuple[str, str]]) -> _Texts:
    xml = _read_kind(package, relations, "sharedStrings")
    if not xml:
        return _Texts(np.zeros(0, np.int64), False)
    return _Texts(_text_sizes(xml), _may_hold_nul(xml))


def _text_sizes(xml: bytes) -> np.ndarray:
    item = b":si" if b":sst" in xml[:4096] else b"<si"
    signs = np.frombuffer(xml, np.uint8)
    begins = np.flatnonzero((signs[:-2] == item[0]) & (signs[1:-1] == item[1]) & (signs[2:] == item[2]))
    return np.diff(begins, append=len(xml)) - len(item)


def _may_hold_nul(xml: bytes) -> bool:
    """Return whether a text may become NUL: by _x0000_, in whatever way it is written.

    A search for one sign is ten times as fast as for two, and most parts contain none.
    """
    start = xml.find(b"?>") + 2 if xml.startswith(b"<?xml") else 0
    signs = ((b"_", b"x0000_"), (b"&", b"&#"), (b"!", b"<!"), (b"?", b"<?"))
    return any(
        xml.find(sign, start) >= 0 and xml.find(repeated_sign, start) >= 0 for sign, repeated_sign in signs
    )


def _check_text(xml: bytes, metadata: SheetMetadata, texts: np.ndarray) -> None:
    """Refuse a sheet whose cells repeat shared texts beyond the limit."""
    if metadata.cells * int(texts.max(initial=0)) <= MOST_TEXT:
        return
    used = np.array(_STRING_CELL.findall(xml), dtype="S9").astype(np.int64)
    if int(texts[used[used < len(texts)]].sum()) > MOST_TEXT:
        raise UnusableFileError("sheet.unreadable", detail=f"文字合计超过 {MOST_TEXT // 2**20} MB")
