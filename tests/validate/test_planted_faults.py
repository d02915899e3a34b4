"""Faults planted in whole sheets, one of every rule, are found where Excel shows them: sheet, row, column and cell.

Every container that offices send, bare, below titles, and with rows hidden. Where a fault stands is counted by openpyxl and not
by the reader; everything is judged in one batch.
"""

from __future__ import annotations

import html
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import openpyxl
import pytest
import xlwt
from openpyxl.utils import get_column_letter

from schemas.catalogue import ledgers
from schemas.ledgers.finding import MASKED
from tests.schemas.test_rules import RULE_IDS, case, parts
from tests.support.counties import csv_bytes, sheet_cells
from tests.support.validation import read_one, validate_all
from transforms.read.layout.header import split_money_unit

LABELS = [["临江市2023年6月台账"], [None], ["填报单位：", None, "临江市", None, "填报期间：2023年6月"]]


@dataclass(frozen=True)
class Sheet:
    """What a person sees: cells, how many columns the title spans, rows that are hidden (from 0)."""

    name: str
    cells: list[list[Any]]
    title_spans: int
    hidden: frozenset[int]


def as_xlsx(sheet: Sheet) -> bytes:
    workbook = openpyxl.Workbook()
    page = workbook.active
    page.title = sheet.name
    for row in sheet.cells:
        page.append(row)
    if sheet.title_spans:
        page.merge_cells(start_row=1, end_row=1, start_column=1, end_column=sheet.title_spans)
    for row in sheet.hidden:
        page.row_dimensions[row + 1].hidden = True
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def as_xls(sheet: Sheet) -> bytes:
    workbook = xlwt.Workbook(encoding="utf-8")
    page = workbook.add_sheet(sheet.name)
    for at, row in enumerate(sheet.cells):
        for column, cell in enumerate(row):
            if at == 0 and column == 0 and sheet.title_spans:
                page.write_merge(0, 0, 0, sheet.title_spans - 1, cell)
            elif cell is not None:
                page.write(at, column, cell)
    for row in sheet.hidden:
        page.row(row).hidden = True
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def as_html(sheet: Sheet) -> bytes:
    rows = []
    for at, row in enumerate(sheet.cells):
        span = f' colspan="{sheet.title_spans}"' if at == 0 and sheet.title_spans else ""
        cells = "".join(f"<td{span}>{'' if cell is None else html.escape(str(cell))}</td>" for cell in row)
        rows.append(f"<tr style='display:none'>{cells}</tr>" if at in sheet.hidden else f"<tr>{cells}</tr>")
    return f'<html><meta charset="gb2312"><table border="1">{"".join(rows)}</table></html>'.encode(
        "gb18030"
    )


def as_xml_2003(sheet: Sheet) -> bytes:
    def cell_xml(cell: Any, span: str) -> str:
        if cell is None:
            return "<Cell/>"
        kind = (
            "Number"
            if isinstance(cell, int | float)
            else "Error"
            if str(cell).startswith("#")
            else "String"
        )
        return f'<Cell{span}><Data ss:Type="{kind}">{html.escape(str(cell))}</Data></Cell>'

    rows = []
    for at, row in enumerate(sheet.cells):
        span = f' ss:MergeAcross="{sheet.title_spans - 1}"' if at == 0 and sheet.title_spans else ""
        hidden = ' ss:Hidden="1"' if at in sheet.hidden else ""
        rows.append(f"<Row{hidden}>{''.join(cell_xml(cell, span) for cell in row)}</Row>")
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="{sheet.name}">'
        f"<Table>{''.join(rows)}</Table></Worksheet></Workbook>"
    ).encode()


class Container(NamedTuple):
    write: Callable[[Sheet], bytes]
    ending: str
    #: what a finding calls the one sheet, where that is not the name of its tab
    sheet: str | None = None


CONTAINERS = {
    "xlsx": Container(as_xlsx, "xlsx"),
    "xls": Container(as_xls, "xls"),
    "csv in GB18030": Container(lambda sheet: csv_bytes(sheet.cells, "gb18030"), "csv", ""),
    "csv in UTF-16": Container(lambda sheet: csv_bytes(sheet.cells, "utf-16"), "csv", ""),
    "html named xls": Container(as_html, "xls", sheet=""),
    "xml 2003 named xls": Container(as_xml_2003, "xls"),
}
#: below titles and labels every second row is hidden, where the container knows hidden rows
LAYOUTS = ("bare", "below titles")
PLACES = list(product(CONTAINERS, LAYOUTS))


class Found(NamedTuple):
    """Where a finding says that a fault is."""

    sheet: str
    row: int
    column: str
    cell: str
    value: str


class Planted(NamedTuple):
    rule_id: str
    at: Found


def rows_with_keys_of_their_own(rule_ids: list[str]) -> list[dict[str, Any]]:
    """The bad row of each rule; no two of them are the same matter, unless the fault itself has eaten the key."""
    rows = []
    for number, rule_id in enumerate(rule_ids, 101):
        ledger, field, _ = parts(rule_id)
        row = case(rule_id, is_bad=True)
        for part in ledgers()[ledger].fields:
            value = row.get(part.name)
            if (
                part.is_in_key
                and part.name != field.name
                and part.type.kind in ("text", "document_no")
                and value
            ):
                row[part.name] = (
                    value.replace("1号", f"{number}号") if "1号" in value else f"{value}之{number}"
                )
        rows.append(row)
    return rows


def sheet_of(
    ledger: str, rule_ids: list[str], layout: str, *, has_units: bool
) -> tuple[Sheet, list[Planted]]:
    """A sheet with the bad row of each rule, and where each fault lies in it as Excel counts."""
    definition = ledgers()[ledger]
    rows = rows_with_keys_of_their_own(rule_ids)
    headers = (
        {} if has_units else {field.name: split_money_unit(field.header)[0] for field in definition.fields}
    )
    above = [] if layout == "bare" else LABELS
    cells = sheet_cells(ledger, rows, above=above, headers=headers)
    header = cells[len(above)]
    first_row = len(above) + 2
    planted = []
    for at, (rule_id, row) in enumerate(zip(rule_ids, rows, strict=True)):
        _, field, _ = parts(rule_id)
        column = headers.get(field.name, field.header)
        letter = get_column_letter(header.index(column) + 1) if column in header else None
        value = "" if row.get(field.name) is None else MASKED if field.private else str(row[field.name])
        cell = f"{letter}{first_row + at}" if letter else ""
        planted.append(Planted(rule_id, Found(definition.title, first_row + at, column, cell, value)))
    hidden = range(first_row, len(cells), 2) if above else ()
    return Sheet(definition.title, cells, len(header) if above else 0, frozenset(hidden)), planted


@cache
def told_and_planted() -> dict[tuple[str, str, str], tuple[set[tuple[str, Found]], list[Planted]]]:
    """By ledger, container and layout: what was told of the rows, and what was planted there."""
    submissions, planted = [], []
    for ledger, layout in product(ledgers(), LAYOUTS):
        rule_ids = [rule_id for rule_id in RULE_IDS if rule_id.startswith(f"{ledger}.")]
        unitless = [rule_id for rule_id in rule_ids if rule_id.endswith(".no_unit")]
        sheets = [
            sheet_of(
                ledger,
                [rule_id_ for rule_id_ in rule_ids if rule_id_ not in unitless],
                layout,
                has_units=True,
            )
        ]
        if unitless:
            sheets.append(sheet_of(ledger, unitless, layout, has_units=False))
        for name, container in CONTAINERS.items():
            for sheet, faults in sheets:
                folder = "2023-06/临江市/" if layout == "bare" else ""
                path = f"{folder}{len(submissions)}.{container.ending}"
                submissions.append(read_one(container.write(sheet), path))
                tab = sheet.name if container.sheet is None else container.sheet
                planted.append(
                    (
                        ledger,
                        name,
                        layout,
                        [fault._replace(at=fault.at._replace(sheet=tab)) for fault in faults],
                    )
                )
    refused = [
        found["message"]
        for submission in submissions
        if submission.is_rejected
        for found in submission.findings
    ]
    assert not refused, refused
    findings = validate_all(submissions).findings
    rows = findings[findings["row"].notna()]
    result: dict[tuple[str, str, str], tuple[set[tuple[str, Found]], list[Planted]]] = {}
    for at, (*place, faults) in enumerate(planted):
        told, known = result.setdefault(tuple(place), (set(), []))
        for row in rows[rows["submission"].eq(at)].itertuples():
            value = row.value.removesuffix(".0")
            found = (row.rule_id, Found(row.sheet, row.row, row.column, row.cell, value))
            assert found not in told, f"told twice: {found}"
            told.add(found)
        known += [
            fault._replace(at=fault.at._replace(value=fault.at.value.removesuffix(".0")))
            for fault in faults
        ]
    return result


@pytest.mark.parametrize("ledger", ledgers())
@pytest.mark.parametrize(("container", "layout"), PLACES)
def test_every_planted_fault_is_told_where_it_is(ledger: str, container: str, layout: str) -> None:
    told, planted = told_and_planted()[ledger, container, layout]
    assert {one.rule_id for one in planted} == set(ledgers()[ledger].rules())
    missed = {}
    for rule_id, at in planted:
        found = [place for name, place in told if name == rule_id and place.row == at.row]
        if found != [at]:
            missed[rule_id] = {"planted": at, "told": found}
    assert not missed


@pytest.mark.parametrize("ledger", ledgers())
def test_every_container_tells_the_same_and_nothing_more(ledger: str) -> None:
    """What else a bad row breaks does not hang on how the sheet was saved, or on what stands above it."""

    def shifted(container: str, layout: str) -> set[tuple[str, int, str]]:
        told, planted = told_and_planted()[ledger, container, layout]
        top = min(one.at.row for one in planted)
        return {(rule_id, place.row - top, place.column) for rule_id, place in told}

    expected = shifted("xlsx", "bare")
    for container, layout in PLACES:
        assert shifted(container, layout) == expected, (container, layout)
