"""Check the zip around an xlsx before anything reads it: sizes, ratios, names, passwords, document types.

A workbook of 2 KB can unpack to gigabytes, or request files of the machine that reads it. Whatever the
directory of the zip shows is refused before a byte is unpacked.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter

from transforms.read.containers.grid import Notice, UnusableFileError, unreadable_file

MOST_PARTS = 10_000
LARGEST_PART = 256 * 2**20  # a sheet of 100,000 × 20 has 64 to 100 MB
LARGEST_TOTAL = 512 * 2**20
#: real workbooks unpack at 5:1, seldom at 20:1; the ratio of small parts does not matter
LARGEST_RATIO, RATIO_COUNTS_FROM = 100, 2**20
_HEAD = 4096  # a document type precedes the first element
_ENTRY = b"PK\x01\x02"
_XML = (".xml", ".rels")
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

#: folder of a part → the notice that it is ignored
_IGNORED = {
    "vbaproject.bin": "file.macros",
    "/externallinks/": "file.external_links",
    "/embeddings/": "file.embedded_objects",
    "/connections.xml": "file.data_connections",
    "/querytables/": "file.data_connections",
}


class Package:
    """The XML parts of a zip that passed the checks, by name in small letters with `/`."""

    def __init__(
        self, archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], notices: tuple[Notice, ...]
    ) -> None:
        self._archive, self._parts, self.notices = archive, parts, notices

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def read(self, name: str) -> bytes:
        """Return an unpacked part, whose checksum was verified."""
        if name not in self:
            raise UnusableFileError("file.unreadable", detail=f"缺少 {name}")
        try:
            content = self._archive.read(self._parts[name.lower()])
        except Exception as error:  # of any kind, from zipfile or zlib
            raise unreadable_file(error) from error
        if b"\0" in content:  # UTF-16, which the standard allows and nobody writes, would evade every check
            raise UnusableFileError("file.unreadable", detail=f"{name} 不是 UTF-8 编码")
        return content


def open_package(data: bytes) -> Package:
    """Return the parts of a zip. Raises UnusableFileError where a check fails."""
    if data.count(_ENTRY) > MOST_PARTS:
        raise UnusableFileError("file.too_large", detail=f"内部超过 {MOST_PARTS} 个部件")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:
        raise unreadable_file(error) from error
    # is_dir() fails for an empty name
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if any(info.flag_bits & 1 for info in infos):
        raise UnusableFileError("file.encrypted")
    strange = [info.filename for info in infos if leads_outside(info.filename)]
    named = [(plain_name(info.filename), info) for info in infos if not leads_outside(info.filename)]
    notices: list[Notice] = (
        [("file.unsafe_parts", "", {"detail": "、".join(strange[:3])})] if strange else []
    )
    notices += [(rule_id, "", {}) for rule_id in _ignored([name for name, _ in named])]
    xml = [(name, info) for name, info in named if name.endswith(_XML)]
    _check_names([name for name, _ in xml])
    check_sizes([info for _, info in xml])
    for _, info in xml:
        _check_head(archive, info)
    return Package(archive, dict(named), tuple(notices))


def plain_name(name: str) -> str:
    """Return the name of a part with `/`, in small letters."""
    return name.replace("\\", "/").lower()


def leads_outside(name: str) -> bool:
    """Return whether a name would be outside the folder into which a zip is unpacked."""
    plain = plain_name(name)
    return plain.startswith("/") or plain[1:2] == ":" or ".." in plain.split("/")


def _ignored(names: list[str]) -> list[str]:
    ignored_rules = {
        rule_id for folder, rule_id in _IGNORED.items() if any(folder in f"/{name}" for name in names)
    }
    return sorted(ignored_rules)


def _check_names(names: list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UnusableFileError("file.duplicate_part", detail=twice[0])


def check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    """Raise UnusableFileError where a part, or all together, would be too large or are packed strangely."""
    for info in infos:
        if info.file_size > LARGEST_PART:
            raise UnusableFileError(
                "file.too_large", detail=f"{info.filename} 解开后有 {info.file_size // 2**20} MB"
            )
        if info.file_size > max(RATIO_COUNTS_FROM, LARGEST_RATIO * info.compress_size):
            ratio = info.file_size // max(info.compress_size, 1)
            raise UnusableFileError("file.inflated", detail=f"{info.filename} 解开后大了 {ratio} 倍")
        if info.compress_type not in _READABLE:
            raise UnusableFileError(
                "file.unreadable", detail=f"{info.filename} 的压缩方法不是 Excel 所用的"
            )
    total = sum(info.file_size for info in infos)
    if total > LARGEST_TOTAL:
        raise UnusableFileError("file.too_large", detail=f"解开后共有 {total // 2**20} MB")


def check_document(data: bytes) -> None:
    """Check a Word document as a whole. Raises UnusableFileError.

    Its libraries unpack every part, and not only XML. Pictures may be packed to any ratio.
    """
    open_package(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
    largest = max(infos, key=lambda info: info.file_size)
    if largest.file_size > LARGEST_PART or sum(info.file_size for info in infos) > LARGEST_TOTAL:
        size = largest.file_size // 2**20
        raise UnusableFileError("file.too_large", detail=f"{largest.filename} 解开后有 {size} MB")


def _check_head(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    try:
        with archive.open(info) as part:
            head = part.read(_HEAD)
    except Exception as error:
        raise unreadable_file(error) from error
    if b"<!DOCTYPE" in head.replace(b"\0", b"").upper():
        raise UnusableFileError("file.doctype")
