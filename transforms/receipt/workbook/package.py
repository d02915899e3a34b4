"""Put the parts of a receipt together: its sheets, their comments, and the parts that list them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from transforms.receipt.untouched import CORE, CORE_PART, DECLARATION, PACKAGE
from transforms.receipt.workbook.cell_xml import escape_xml
from transforms.receipt.workbook.comment_boxes import (
    CellComment,
    Edges,
    count_blocks,
    render_boxes,
    render_comments,
)
from transforms.receipt.workbook.zip_parts import pack_parts

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PRINT_TITLES = "_xlnm.Print_Titles"
#: refers to the boxes of comments, at the end of a sheet that has some
BOXES_ID = "rId1"
COLUMN_PX, ROW_PX = 64, 20  # as Excel has them
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_APP = (
    f'{DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Microsoft Excel</Application></Properties>"
)
_ROOT_RELATIONS = (
    (f"{RELATIONS}/officeDocument", "xl/workbook.xml"),
    (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    (f"{RELATIONS}/extended-properties", "docProps/app.xml"),
)
#: parts beside the sheets: the name, and the kind of relation and of content
_SHARED_PARTS = {"styles": "styles.xml", "theme": "theme/theme1.xml", "sharedStrings": "sharedStrings.xml"}
_SHARED_TYPES = {
    "styles": f"{_SPREADSHEET}.styles+xml",
    "theme": "application/vnd.openxmlformats-officedocument.theme+xml",
    "sharedStrings": f"{_SPREADSHEET}.sharedStrings+xml",
}


def _default_columns() -> Edges:
    return Edges((), COLUMN_PX)


def _default_rows() -> Edges:
    return Edges((), ROW_PX)


@dataclass(frozen=True)
class Sheet:
    """A sheet of the receipt: its part in pieces, and what is said of it elsewhere.

    `names` are references by the name of what they are for, such as the rows repeated on each page. Comments
    are in order; the edges of columns and rows say where their boxes lie.
    """

    name: str
    xml: bytes | Iterable[str]
    state: str = "visible"
    names: tuple[tuple[str, str], ...] = ()
    comments: Sequence[CellComment] = ()
    columns: Edges = field(default_factory=_default_columns)
    rows: Edges = field(default_factory=_default_rows)


@dataclass(frozen=True)
class _Entry:
    """What the listing parts say of a sheet."""

    name: str
    state: str
    names: tuple[tuple[str, str], ...]
    has_comments: bool


def quote_sheet(name: str) -> str:
    """Return the name of a sheet as references have it."""
    return "'" + name.replace("'", "''") + "'"


def print_titles(name: str, first: int, last: int) -> tuple[tuple[str, str], ...]:
    """Return the name that repeats rows of a sheet on each page; they count from 1."""
    return ((PRINT_TITLES, f"{quote_sheet(name)}!${first}:${last}"),)


def write_package(
    sheets: Sequence[Sheet], shared: Mapping[str, bytes], *, is_1904: bool = False, protection: str = ""
) -> bytes:
    """Return the workbook of these sheets.

    `shared` are its styles, theme and shared texts; `protection` is an element of the workbook.
    """
    entries = tuple(_Entry(sheet.name, sheet.state, sheet.names, bool(sheet.comments)) for sheet in sheets)
    listing = _list_parts(entries, tuple(shared), is_1904, protection)
    return pack_parts([*listing, *_shared_parts(shared), *_sheet_parts(sheets)])


def _shared_parts(shared: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for kind, content in shared.items():
        yield f"xl/{_SHARED_PARTS[kind]}", content


def _sheet_parts(sheets: Sequence[Sheet]) -> Iterator[tuple[str, bytes | Iterable[str]]]:
    block = 1
    for number, sheet in enumerate(sheets, 1):
        yield f"xl/worksheets/sheet{number}.xml", sheet.xml
        if sheet.comments:
            boxes = render_boxes(sheet.comments, sheet.columns, sheet.rows, block)
            yield f"xl/comments{number}.xml", render_comments(sheet.comments)
            yield f"xl/drawings/vmlDrawing{number}.vml", boxes
            block += count_blocks(sheet.comments)


@lru_cache(256)
def _list_parts(
    sheets: tuple[_Entry, ...], shared: tuple[str, ...], is_1904: bool, protection: str
) -> tuple[tuple[str, bytes], ...]:
    """Return the parts that list others; those of most files are the same."""
    numbered = list(enumerate(sheets, 1))
    of_sheets = [(f"{RELATIONS}/worksheet", f"worksheets/sheet{number}.xml") for number, _ in numbered]
    of_shared = [(f"{RELATIONS}/{kind}", _SHARED_PARTS[kind]) for kind in shared]
    texts = {
        "[Content_Types].xml": _content_types(sheets, shared),
        "_rels/.rels": _relations(_ROOT_RELATIONS),
        CORE_PART: CORE,
        "docProps/app.xml": _APP,
        "xl/workbook.xml": _workbook(sheets, is_1904, protection),
        "xl/_rels/workbook.xml.rels": _relations([*of_sheets, *of_shared]),
    } | {
        f"xl/worksheets/_rels/sheet{number}.xml.rels": _relations(
            [
                (f"{RELATIONS}/vmlDrawing", f"../drawings/vmlDrawing{number}.vml"),
                (f"{RELATIONS}/comments", f"../comments{number}.xml"),
            ]
        )
        for number, sheet in numbered
        if sheet.has_comments
    }
    return tuple((name, text.encode()) for name, text in texts.items())


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def _content_types(sheets: Sequence[_Entry], shared: Iterable[str]) -> str:
    numbered = list(enumerate(sheets, 1))
    parts = {
        "docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "xl/workbook.xml": f"{_SPREADSHEET}.sheet.main+xml",
    }
    parts |= {f"xl/{_SHARED_PARTS[kind]}": _SHARED_TYPES[kind] for kind in shared}
    parts |= {f"xl/worksheets/sheet{number}.xml": f"{_SPREADSHEET}.worksheet+xml" for number, _ in numbered}
    parts |= {
        f"xl/comments{number}.xml": f"{_SPREADSHEET}.comments+xml"
        for number, sheet in numbered
        if sheet.has_comments
    }
    listed = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return (
        f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
        f"{listed}</Types>"
    )


def _workbook(sheets: Sequence[_Entry], is_1904: bool, protection: str) -> str:
    listed = "".join(
        f'<sheet name="{escape_attribute(sheet.name)}" sheetId="{number}"'
        f'{_STATES[sheet.state]} r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    names = "".join(
        f'<definedName name="{name}" localSheetId="{index}"{_HIDDEN.get(name, "")}>{escape_xml(reference)}</definedName>'
        for index, sheet in enumerate(sheets)
        for name, reference in sheet.names
    )
    return (
        f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        f"<workbookPr{_FROM_1904 if is_1904 else ''}/>{protection}"
        f"<bookViews>{_VIEW}</bookViews><sheets>{listed}</sheets>"
        f"{f'<definedNames>{names}</definedNames>' if names else ''}"
        '<calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>'
    )


_VIEW = '<workbookView xWindow="240" yWindow="15" windowWidth="16095" windowHeight="9660"/>'
_FROM_1904 = ' date1904="1"'
_STATES = {"visible": "", "hidden": ' state="hidden"', "veryHidden": ' state="veryHidden"'}
#: names of which programs show nothing
_HIDDEN = {"_xlnm._FilterDatabase": ' hidden="1"'}


def escape_attribute(text: str) -> str:
    """Escape a text for the value of an attribute."""
    return escape_xml(text).replace('"', "&quot;")
