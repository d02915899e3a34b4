"""Find the parts of a workbook in its package: the main part, and those that a part refers to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from transforms.read.containers.grid import UnusableFileError
from transforms.read.containers.xlsx_package import Package

_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")

#: a part of a zip → what the file is, if no workbook
_OTHER_FORMATS = {
    "xl/workbook.bin": "是 xlsb 格式的工作簿",
    "content.xml": "是 ods 等开放文档格式",
    "word/document.xml": "是 Word 文档",
    "ppt/presentation.xml": "是 PowerPoint 演示文稿",
}


def main_part(package: Package) -> str:
    """Return the path of workbook.xml, which may have another name."""
    for relation in (
        attributes_of(_RELATION, package.read("_rels/.rels")) if "_rels/.rels" in package else ()
    ):
        if relation.get("Type", "").endswith("/officeDocument"):
            main = _resolve("", relation.get("Target", ""))
            if main in package and main.endswith("workbook.xml"):
                return main
    if "xl/workbook.xml" in package:
        return "xl/workbook.xml"
    detail = next(
        (description for part, description in _OTHER_FORMATS.items() if part in package),
        "是压缩包，里面没有工作簿",
    )
    raise UnusableFileError("file.unknown_format", detail=detail)


def read_relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return id → (kind, path) of the parts that a part such as the workbook refers to."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if path not in package:
        raise UnusableFileError("file.unreadable", detail="缺少工作表目录")
    relations = attributes_of(_RELATION, package.read(path))
    return {
        relation.get("Id", ""): (
            relation.get("Type", "").rpartition("/")[2],
            _resolve(folder, relation.get("Target", "")),
        )
        for relation in relations
    }


def _resolve(folder: str, target: str) -> str:
    """Return the path of a target in the zip; it may be given from the root."""
    target = target.replace("\\", "/")
    if folder and target.startswith(f"{folder}/"):
        return target
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def attributes_of(tag: re.Pattern[bytes], xml: bytes) -> Sequence[dict[str, str]]:
    """Return the attributes of each tag that a pattern finds."""
    return [
        dict(_ATTRIBUTE.findall(tag_match.decode("utf-8", "replace"))) for tag_match in tag.findall(xml)
    ]
