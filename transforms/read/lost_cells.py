"""Cells of an xlsx whose content the workbook reader passes over: Excel's errors, and formulas saved without their result.

Read as empty, a #REF! in an optional column would silently be a case without a closing date.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile

NO_RESULT = "#公式没有结果"

_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_CELL = re.compile(r"<(?:\w+:)?c\s([^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(r"<(?:\w+:)?v(?:\s[^>]*)?>([^<]+)<")
_FORMULA = re.compile(r"<(?:\w+:)?f[\s>/]")
_PLACE = re.compile(r"([A-Z]{1,2})([1-9][0-9]{0,5})")  # what lies further off is no ledger's


def lost_cells(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet, the text that stands in each lost cell; rows and columns from 0."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = set(archive.namelist())
        return {
            name: _lost(archive.read(path).decode("utf-8", "replace"))
            for name, path in _sheet_paths(archive, parts)
            if path in parts
        }


def _sheet_paths(archive: zipfile.ZipFile, parts: set[str]) -> list[tuple[str, str]]:
    """(name, path in the archive) of the sheets; none where the file is no xlsx."""
    workbook, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {workbook, relations} <= parts:
        return []
    targets = {}
    for found in _RELATION.findall(archive.read(relations).decode("utf-8", "replace")):
        relation = dict(_ATTRIBUTE.findall(found))
        targets[relation.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
    sheets = [dict(_ATTRIBUTE.findall(found)) for found in _SHEET.findall(archive.read(workbook).decode("utf-8", "replace"))]
    return [(html.unescape(sheet.get("name", "")), targets.get(sheet.get("r:id", ""), "")) for sheet in sheets]


def _lost(sheet: str) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    if 't="e"' not in sheet and "t='e'" not in sheet and not _FORMULA.search(sheet):
        return found
    for attributes, content in _CELL.findall(sheet):
        given = dict(_ATTRIBUTE.findall(attributes))
        place, kind, value = _PLACE.fullmatch(given.get("r", "")), given.get("t", "n"), _VALUE.search(content)
        if place is None or not (kind == "e" or (value is None and kind != "str" and _FORMULA.search(content))):
            continue
        column = 0
        for letter in place[1]:
            column = column * 26 + ord(letter) - ord("A") + 1
        found[int(place[2]) - 1, column - 1] = value[1] if value else NO_RESULT
    return found
