"""Read the comments on the cells of an xlsx; calamine does not give them."""

from __future__ import annotations

import html
import posixpath
import re

from xlsxwriter.utility import xl_cell_to_rowcol

from schemas.receipt_marks import county_comment
from transforms.read.containers.xlsx_package import Package

_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_TARGET = re.compile(rb"Target\s*=\s*[\"']([^\"']*)[\"']")
#: notes; a thread of comments is repeated in a note for older programs
_IS_NOTES = re.compile(rb"Type\s*=\s*[\"'][^\"']*/comments[\"']")
_COMMENT = re.compile(
    rb"<(?:\w+:)?comment\s[^<>]*?ref=[\"']([A-Z]{1,3}[0-9]{1,7})[\"'][^<>]*>(.*?)</(?:\w+:)?comment>",
    re.DOTALL,
)
_WRITTEN = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)</(?:\w+:)?t>")


def read_comments(package: Package, sheet: str) -> dict[tuple[int, int], str]:
    """Return the text of each comment of a sheet, given by the path of its XML, by row and column from 0."""
    folder, name = posixpath.split(sheet)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in package:
        return {}
    comments: dict[tuple[int, int], str] = {}
    for relation in _RELATION.findall(package.read(relations)):
        target = _TARGET.search(relation)
        if target is None or not _IS_NOTES.search(relation):
            continue
        path = posixpath.normpath(posixpath.join("/", folder, target[1].decode("utf-8", "replace"))).lstrip(
            "/"
        )
        if path in package:
            comments |= {
                xl_cell_to_rowcol(cell.decode()): county_comment(_text(content))
                for cell, content in _COMMENT.findall(package.read(path))
            }
    return comments


def _text(content: bytes) -> str:
    return html.unescape(b"".join(_WRITTEN.findall(content)).decode("utf-8", "replace"))
