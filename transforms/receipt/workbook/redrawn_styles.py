"""The styles of redrawn sheets: every look that a cell can have, numbered once a process."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from itertools import product
from typing import Any

import xlsxwriter

from schemas.ledgers.rules import Severity
from transforms.receipt.page import FONT, LOOKS
from transforms.receipt.words import TONES

_LIGHT_UP = 14  # xlsxwriter's number of the stripes

_BASE: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@", "text_wrap": True, "valign": "vcenter"},
    "formula_like": {"num_format": "@", "text_wrap": True, "valign": "vcenter", "quote_prefix": True},
    "general": {"valign": "vcenter"},
    "whole": {"num_format": "0", "valign": "vcenter"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "vcenter"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left", "valign": "vcenter"},
    "time": {"num_format": "hh:mm:ss", "align": "left", "valign": "vcenter"},
    "duration": {"num_format": "[h]:mm:ss", "align": "left", "valign": "vcenter"},
    "head": {
        "num_format": "@",
        "bold": True,
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "bg_color": "#D9E1F2",
    },
    "above": {"num_format": "@", "bold": True},
}


class Styles:
    """The numbers of all looks, and the parts of a workbook that describe them; XlsxWriter writes these."""

    def __init__(self) -> None:
        written = io.BytesIO()
        with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:

            def add(properties: dict[str, Any]) -> int:
                return int(workbook.add_format(properties)._get_xf_index())

            self._of_cells = {
                (kind, severity): add({**_BASE[kind], **_fill_of(severity)})
                for kind, severity in product(_BASE, (None, *Severity))
            }
            self._of_looks = {name: add(_look_properties(name)) for name in LOOKS}
        with zipfile.ZipFile(written) as archive:
            self.parts = {
                "styles": archive.read("xl/styles.xml"),
                "theme": archive.read("xl/theme/theme1.xml"),
            }

    def of_cell(self, kind: str, severity: Severity | None) -> int:
        """Return the number of the style for a kind of value with a mark of this severity."""
        return self._of_cells[kind, severity]

    def of_look(self, name: str) -> int:
        """Return the number of the style with this name."""
        return self._of_looks[name]


@cache
def redrawn_styles() -> Styles:
    """Return the styles of this process."""
    return Styles()


def _fill_of(severity: Severity | None) -> dict[str, Any]:
    return _fill_properties(TONES[severity].fill, TONES[severity].ground) if severity else {}


def _look_properties(name: str) -> dict[str, Any]:
    look = LOOKS[name]
    return {
        "font_name": FONT,
        "font_size": look.size,
        "bold": look.bold,
        "font_color": f"#{look.colour}",
        "align": look.align,
        "valign": "vcenter",
        "text_wrap": True,
        "num_format": "General" if name == "number" else "@",
        **(_fill_properties(look.fill, look.ground) if look.fill else {}),
        **({"border": 1, "border_color": "#BFBFBF"} if look.border else {}),
    }


def _fill_properties(fill: str, ground: str) -> dict[str, Any]:
    if ground:
        return {"pattern": _LIGHT_UP, "fg_color": f"#{fill}", "bg_color": f"#{ground}"}
    return {"pattern": 1, "bg_color": f"#{fill}"}
