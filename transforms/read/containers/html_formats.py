"""Number formats in web pages that Excel wrote or is to open: `mso-number-format` in a style, and `x:num`."""

from __future__ import annotations

import math
import re

from lxml import etree

#: a property whose value is a string in which CSS escapes signs: "0\\.0\\,\\0022万元\\0022"
_PROPERTY = re.compile(
    r"""mso-number-format\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^;}]*))""",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{4})|\\(.)", re.DOTALL)
_SELECTOR = re.compile(r"(?:[a-z]*)\.([\w-]+)$|(t[dhr])$", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_SHOWN = re.compile(r"[¥￥]?\s?(-?\d+(?:,\d{3})*(?:\.\d*)?(?:E[+-]?\d{1,3})?)", re.IGNORECASE)
_HELD = re.compile(r"-?\d+(?:\.\d+)?(?:E[+-]?\d{1,3})?", re.IGNORECASE)
#: numbers from here on have more digits than Excel keeps
MOST_EXACT = 1e15
#: formats that are called by a name and show another amount
_NAMED = {"percent": "0.00%"}


class NumberFormats:
    """The number formats of a page: those of its style sheets, by class or element, and of cells."""

    def __init__(self, root: etree._Element) -> None:
        self._by_selector: dict[str, str] = {}
        for style in root.iter("style"):
            for rule in (style.text or "").split("}"):
                selectors, _, properties = rule.partition("{")
                code = _code_in(properties)
                names = [_SELECTOR.search(selector.strip()) for selector in selectors.split(",")]
                self._by_selector |= {(name[1] or name[2].lower()): code for name in names if name and code}

    def of(self, row: etree._Element, cell: etree._Element) -> str:
        """Return the format of a cell, empty if it has none: its own, its class's, then its row's."""
        for element in (cell, row):
            if code := _code_in(element.get("style") or ""):
                return code
            for name in ((element.get("class") or "").split(), [str(element.tag)]):
                if code := next((self._by_selector[key] for key in name if key in self._by_selector), ""):
                    return code
        return ""


def _code_in(properties: str) -> str:
    """Return the number format among the properties of a style."""
    if "mso-number-format" not in properties.lower():
        return ""
    match = _PROPERTY.search(properties)
    if match is None:
        return ""
    text = next((group for group in match.groups() if group is not None), "").strip()
    code = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else escape[2], text)
    return _NAMED.get(code.lower(), code)


def shown_otherwise(cell: etree._Element, text: str) -> float | None:
    """Return the number that Excel wrote beside a cell which shows it rounded; None where it shows all of it.

    What is shown must be a number too: a day is a number for Excel, and its text is read. A code with more
    digits than a number can hold keeps the text that says so.
    """
    held = (cell.get("x:num") or "").strip()
    shown = _SHOWN.fullmatch(text.strip())
    if shown is None or not _HELD.fullmatch(held):
        return None
    number = float(held)
    if not math.isfinite(number) or abs(number) >= MOST_EXACT:
        return None
    return None if float(shown[1].replace(",", "")) == number else number


def stored_number(cell: etree._Element, text: str) -> float | None:
    """Return the number that Excel would hold in a cell; None for a text."""
    held = (cell.get("x:num") or "").strip() or text
    if not _NUMBER.fullmatch(held):
        return None
    number = float(held.replace(",", ""))
    return number if math.isfinite(number) else None
