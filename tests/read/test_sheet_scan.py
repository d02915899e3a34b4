"""A sheet's XML looked at in parts has the cells of the whole, wherever a part ends."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import numpy as np
import pytest

from transforms.read.containers import xlsx_sheet_scan
from transforms.read.containers.xlsx_sheet_scan import scan

XML = (
    b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"/></row>'
    b'<row r="2"><c r="A2"/><c r="AB2" t="s"><f>1</f><v>2</v></c></row></sheetData></worksheet>'
)


def listed(xml: bytes) -> list[Any]:
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in astuple(scan(xml))]


def test_no_cell_is_lost_or_raises_where_a_part_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that ends a part may have content in the next one, so it is taken as filled."""
    rows, columns, has_content, *further = listed(XML)
    assert (rows, columns, has_content) == ([1, 1, 2, 2], [1, 2, 1, 28], [True, False, False, True])
    for step in range(30, len(XML)):
        monkeypatch.setattr(xlsx_sheet_scan, "_STEP", step)
        in_parts = listed(XML)
        assert (in_parts[:2], in_parts[3:]) == ([rows, columns], further)
        assert all(part or not whole for part, whole in zip(in_parts[2], has_content, strict=True))
