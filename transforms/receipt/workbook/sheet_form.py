"""Check that a sheet has the form that Excel writes: a patch would keep the faults of others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from lxml import etree

from transforms.receipt.workbook.county_book import M, NotUnderstoodError

_SPACES = {"m": M[1:-1]}
_LAST_ROW, _LAST_COLUMN = 1_048_576, "XFD"
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
#: a number that is none, or a cell with two values; looked for where the text has a sign of one
_ODD_VALUES = etree.XPath(
    "boolean(//m:c[not(@t) or @t='n']/m:v[text() and not(number(.) = number(.))] | //m:c[m:v[2]])",
    namespaces=_SPACES,
)
_SIGN_OF_ODD_VALUE = re.compile(rb"<v(?!>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?</v></c>)|:v[\s/>]")
_NAMES = etree.XPath("m:c/@r", namespaces=_SPACES, smart_strings=False)
_STYLES = etree.XPath("//m:c/@s | //m:row/@s | //m:col/@style", namespaces=_SPACES, smart_strings=False)
_TEXTS = etree.XPath("//m:c[@t='s']/m:v/text()", namespaces=_SPACES, smart_strings=False)
#: how Excel and the common libraries write a cell with a shared text
_PLAIN_TEXT, _TEXT_TYPE = re.compile(rb't="s"><v>(\d+)</v>'), re.compile(rb"t=[\"']s[\"']")


def check_form(
    root: etree._Element, xml: bytes, order: Collection[str], *, styles: int, texts: int
) -> None:
    """Raise NotUnderstoodError unless rows and cells are in order, and refer to what there is.

    `xml` is the text that the elements were read from; `order` has the tags of a sheet's elements, each of
    which stands once; `styles` and `texts` say how many cell styles and shared texts the workbook has.
    Source of the form: ECMA-376 Part 1, 18.3.1.
    """
    if [element.tag for element in root] != [tag for tag in order if root.find(tag) is not None]:
        raise NotUnderstoodError("elements twice or in another order")
    if _SIGN_OF_ODD_VALUE.search(xml) and _ODD_VALUES(root):
        raise NotUnderstoodError("odd values")
    _check_references(_STYLES(root), styles)
    plain = _PLAIN_TEXT.findall(xml)
    is_all = len(plain) == len(_TEXT_TYPE.findall(xml))
    _check_references(map(bytes.decode, set(plain)) if is_all else _TEXTS(root), texts)
    _check_rows(root.find(f"{M}sheetData"))


def _check_references(numbers: Iterable[str], count: int) -> None:
    for number in set(numbers):
        if not (number.isascii() and number.strip().isdigit() and int(number) < count):
            raise NotUnderstoodError(f"{number} of {count}")


def _check_rows(data: etree._Element) -> None:
    last = 0
    for row in data:
        number = row.get("r", "")
        if row.tag != f"{M}row" or not _NUMBER.fullmatch(number) or not last < int(number) <= _LAST_ROW:
            raise NotUnderstoodError(f"row {number} after row {last}")
        names = _NAMES(row)
        if len(names) != len(row):
            raise NotUnderstoodError(f"row {number} holds more than cells")
        last = int(number)
        _check_names(names, number)


def _check_names(names: list[str], number: str) -> None:
    """Raise NotUnderstoodError unless these are names of cells of a row, from left to right."""
    last = (0, "")
    for name in names:
        letters = name.removesuffix(number)
        column = (len(letters), letters)
        is_name = letters != name and letters.isascii() and letters.isalpha() and letters.isupper()
        if not is_name or not last < column <= (len(_LAST_COLUMN), _LAST_COLUMN):
            raise NotUnderstoodError(f"cell {name} in row {number}")
        last = column
