"""Open a county's xlsx as the parts that a receipt keeps of it; nothing that could run is among them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from transforms.read.containers.grid import UnusableFileError
from transforms.read.containers.xlsx_package import Package, open_package
from transforms.read.containers.xlsx_relations import main_part, read_relations
from transforms.receipt.words import FORMULA_STARTS
from transforms.receipt.workbook.package import MAIN, PRINT_TITLES, RELATIONS
from transforms.receipt.workbook.package import escape_attribute as escape

#: the most unpacked bytes of a file whose sheets are patched; larger files are redrawn
LARGEST_UNPACKED = 6_000_000
M = f"{{{MAIN}}}"
_TEXT = f"{M}t"
_NAMES = {PRINT_TITLES, "_xlnm.Print_Area", "_xlnm._FilterDatabase"}
_SHEET_NAME = r"(?:'(?:[^'\[\]]|'')+'|[\w.]+)"
_RANGE = r"\$?[A-Z]{0,3}\$?[0-9]{0,7}(?::\$?[A-Z]{0,3}\$?[0-9]{0,7})?"
_PLAIN_REFERENCE = re.compile(rf"{_SHEET_NAME}!{_RANGE}(?:,{_SHEET_NAME}!{_RANGE})*")
#: a shared text is empty, or one may begin as a formula does
_IS_EMPTY = re.compile(rb"<(?:\w+:)?(?:si|t)(?:\s[^<>]*)?(?:/>|>\s*</)")
_TEXT_ITEM = re.compile(rb"<(?:\w+:)?si[\s/>]")
_MAY_BE_FORMULA = re.compile(rb">\s*(?:[=+@-]|&#|<!)")


class NotUnderstoodError(Exception):
    """The package has another form than the programs of offices give it."""


@dataclass(frozen=True)
class CountySheet:
    """A sheet of the county's workbook: its part, and those that it refers to, by kind."""

    name: str
    state: str
    path: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SharedTexts:
    """The texts that cells share, as they lie in the package."""

    xml: bytes

    @cached_property
    def texts(self) -> list[str]:
        """The texts by number."""
        return [text_of(item) for item in parse(self.xml).iterfind(f"{M}si")] if self.xml else []

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return len(_TEXT_ITEM.findall(self.xml))

    @cached_property
    def has_empty(self) -> bool:
        """Whether one of the texts, or a part of one, is empty."""
        return _IS_EMPTY.search(self.xml) is not None

    def blank_others(self, used: Collection[int]) -> bytes:
        """Return the part with only the texts of these numbers: others may be of sheets left out."""
        root = parse(self.xml)
        for number, item in enumerate(root.iterfind(f"{M}si")):
            if number not in used:
                item.clear()
                etree.SubElement(item, _TEXT)
        xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return xml

    @cached_property
    def like_formulas(self) -> frozenset[str]:
        """The numbers of texts that begin as a formula does."""
        if not _MAY_BE_FORMULA.search(self.xml):
            return frozenset()
        return frozenset(
            str(number) for number, text in enumerate(self.texts) if text.startswith(FORMULA_STARTS)
        )


@dataclass(frozen=True)
class CountyBook:
    """A county's workbook; `protection` is the element that locks its list of sheets, or empty.

    `sheets` are those with cells, of `all_sheets`.
    """

    package: Package
    sheets: list[CountySheet]
    all_sheets: int
    styles: bytes
    theme: bytes
    shared: SharedTexts = field(repr=False)
    is_1904: bool
    protection: str


def is_small(data: bytes) -> bool:
    """Return whether an xlsx is small enough to be patched; a file that is no zip is so too."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(part.file_size for part in archive.infolist()) <= LARGEST_UNPACKED
    except zipfile.BadZipFile:
        return True


def open_county_book(data: bytes, needed: set[str]) -> CountyBook | None:
    """Open a workbook; None where it has an unusual form, or lacks a sheet in `needed`."""
    try:
        book = _open(open_package(data))
    except (UnusableFileError, NotUnderstoodError, etree.XMLSyntaxError, ValueError):
        return None
    return book if book.sheets and needed <= {sheet.name for sheet in book.sheets} else None


def parse(xml: bytes, element: str = "") -> etree._Element:
    """Parse a part; raises NotUnderstoodError for another main element, or entities of its own."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(xml, parser)
    if root.getroottree().docinfo.doctype or (element and root.tag != f"{M}{element}"):
        raise NotUnderstoodError(element)
    return root


def text_of(item: etree._Element) -> str:
    """Return the text of a shared text or a comment, without how it is pronounced."""
    if len(item) == 1 and item[0].tag == _TEXT:  # as nearly all
        return item[0].text or ""
    runs = (run.text or "" for run in item.iter(f"{M}t") if run.getparent().tag != f"{M}rPh")
    return "".join(runs)


def _open(package: Package) -> CountyBook:
    main = main_part(package)
    root = parse(package.read(main), "workbook")
    relations = read_relations(package, main)
    properties, protection = root.find(f"{M}workbookPr"), root.find(f"{M}workbookProtection")
    return CountyBook(
        package,
        _list_sheets(root, relations),
        len(root.findall(f"{M}sheets/{M}sheet")),
        _part(package, relations, "styles"),
        _checked(_part(package, relations, "theme")),
        SharedTexts(_checked(_part(package, relations, "sharedStrings"))),
        properties is not None and properties.get("date1904", "").lower() in ("1", "true"),
        _rewrite(protection) if protection is not None else "",
    )


def _list_sheets(root: etree._Element, relations: Mapping[str, tuple[str, str]]) -> list[CountySheet]:
    """List the sheets that have cells; those of charts and macros are left out."""
    names: dict[int, list[tuple[str, str]]] = {}
    for defined in root.iterfind(f"{M}definedNames/{M}definedName"):
        name, sheet, reference = (
            defined.get("name", ""),
            defined.get("localSheetId", ""),
            defined.text or "",
        )
        if name in _NAMES and sheet.isdecimal() and _PLAIN_REFERENCE.fullmatch(reference):
            names.setdefault(int(sheet), []).append((name, reference))
    sheets = []
    for number, sheet in enumerate(root.iterfind(f"{M}sheets/{M}sheet")):
        kind, path = relations.get(sheet.get(f"{{{RELATIONS}}}id", ""), ("", ""))
        if kind == "worksheet":
            state = sheet.get("state", "visible")
            sheets.append(CountySheet(sheet.get("name", ""), state, path, tuple(names.get(number, ()))))
    return sheets


def _part(package: Package, relations: Mapping[str, tuple[str, str]], kind: str) -> bytes:
    path = next((path for other, path in relations.values() if other == kind), "")
    return package.read(path) if path in package else b""


def _checked(xml: bytes) -> bytes:
    """Return a part that is kept byte by byte; it declares nothing, and hides nothing in asides."""
    if b"<!" in xml:
        raise NotUnderstoodError("declaration")
    return xml


def _rewrite(element: etree._Element) -> str:
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.items() if "{" not in name)
    return f"<{etree.QName(element).localname}{attributes}/>"
