"""Make OpenDocument spreadsheets as LibreOffice writes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

NAMES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{part}:1.0"
    for name, part in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
    )
} | {"calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"}
TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_DECLARED = " ".join(f"xmlns:{name}={quoteattr(uri)}" for name, uri in NAMES.items())


def cell_xml(cell: Any, attributes: str = "") -> str:
    """Write a cell; text in angle brackets is taken as it is."""
    if isinstance(cell, str) and cell.startswith("<"):
        return cell
    if cell is None:
        return f"<table:table-cell {attributes}/>"
    if isinstance(cell, int | float):
        return (
            f'<table:table-cell {attributes} office:value-type="float" office:value="{cell}">'
            f"<text:p>{cell}</text:p></table:table-cell>"
        )
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).split("\n"))
    return f'<table:table-cell {attributes} office:value-type="string">{paragraphs}</table:table-cell>'


def row_xml(cells: Sequence[Any], attributes: str = "") -> str:
    """Write a row."""
    return f"<table:table-row {attributes}>{''.join(map(cell_xml, cells))}</table:table-row>"


def table_xml(name: str, rows: Sequence[Sequence[Any] | str], columns: str = "", style: str = "ta1") -> str:
    """Write a sheet; a row that is text is taken as it is. The rest of the sheet follows as empty rows."""
    lines = [row if isinstance(row, str) else row_xml(row) for row in rows]
    empty = cell_xml(None, 'table:number-columns-repeated="16384"')
    lines.append(row_xml([empty], 'table:number-rows-repeated="1048000"'))
    names = f"table:name={quoteattr(name)} table:style-name={quoteattr(style)}"
    return f"<table:table {names}>{columns}{''.join(lines)}</table:table>"


def content_xml(tables: str, styles: str = "", root: str = "document-content", attributes: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:{root} {_DECLARED} {attributes}><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:{root}>"
    )


def ods_bytes(tables: str, styles: str = "", **parts: str) -> bytes:
    """Make an ods; `parts` are further files of its zip."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", TYPE, zipfile.ZIP_STORED)
        archive.writestr("content.xml", content_xml(tables, styles))
        for name, text in {"META-INF/manifest.xml": "<manifest/>", **parts}.items():
            archive.writestr(name, text)
    return written.getvalue()


def fods_bytes(tables: str, styles: str = "") -> bytes:
    return content_xml(tables, styles, "document", f'office:mimetype="{TYPE}"').encode()
