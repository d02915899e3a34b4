"""Faults planted in sheets, one of every rule, are reported where Excel
shows them: sheet, row, column and cell.

In every container that offices send: bare, below titles, and with hidden rows. The position of a fault is
counted by openpyxl, not by the reader. Everything is validated in one batch.
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
from schemas.ledgers.finding import MASKED, compose_message
from tests.schemas.test_rules import RULE_IDS, case, split_rule_id
from tests.support.counties import csv_bytes, sheet_cells
from tests.support.validation import read_one, validate_all
from transforms.read.containers.grid import NO_RESULT
from transforms.read.layout.header_text import split_money_unit

LABELS = [["临江市2023年6月台账"], [None], ["填报单位：", None, "临江市", None, "填报期间：2023年6月"]]


@dataclass(frozen=True)
class Sheet:
    """What a person sees: cells, the number of columns that the title spans, the hidden rows (from 0)."""

    name: str
    cells: list[list[Any]]
    title_spans: int
    hidden: frozenset[int]


def write_xlsx(sheet: Sheet) -> bytes:
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


def write_xls(sheet: Sheet) -> bytes:
    workbook = xlwt.Workbook(encoding="utf-8")
    page = workbook.add_sheet(sheet.name)
    for index, row in enumerate(sheet.cells):
        for column, cell in enumerate(row):
            if index == 0 and column == 0 and sheet.title_spans:
                page.write_merge(0, 0, 0, sheet.title_spans - 1, cell)
            elif cell is not None:
                page.write(index, column, cell)
    for row in sheet.hidden:
        page.row(row).hidden = True
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def write_html(sheet: Sheet) -> bytes:
    rows = []
    for index, row in enumerate(sheet.cells):
        span = f' colspan="{sheet.title_spans}"' if index == 0 and sheet.title_spans else ""
        cells = "".join(f"<td{span}>{'' if cell is None else html.escape(str(cell))}</td>" for cell in row)
        rows.append(
            f"<tr style='display:none'>{cells}</tr>" if index in sheet.hidden else f"<tr>{cells}</tr>"
        )
    return f'<html><meta charset="gb2312"><table border="1">{"".join(rows)}</table></html>'.encode(
        "gb18030"
    )


def write_xml_2003(sheet: Sheet) -> bytes:
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
    for index, row in enumerate(sheet.cells):
        span = f' ss:MergeAcross="{sheet.title_spans - 1}"' if index == 0 and sheet.title_spans else ""
        hidden = ' ss:Hidden="1"' if index in sheet.hidden else ""
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
    #: the name of the sheet in findings, where that is not the name of its tab
    sheet: str | None = None


CONTAINERS = {
    "xlsx": Container(write_xlsx, "xlsx"),
    "xls": Container(write_xls, "xls"),
    "csv in GB18030": Container(lambda sheet: csv_bytes(sheet.cells, "gb18030"), "csv", ""),
    "csv in UTF-16": Container(lambda sheet: csv_bytes(sheet.cells, "utf-16"), "csv", ""),
    "html named xls": Container(write_html, "xls", sheet=""),
    "xml 2003 named xls": Container(write_xml_2003, "xls"),
}
#: below titles and labels every second row is hidden, where the container has hidden rows
LAYOUTS = ("bare", "below titles")
CONTAINERS_AND_LAYOUTS = list(product(CONTAINERS, LAYOUTS))


class Position(NamedTuple):
    """The position of a fault, as in a finding."""

    sheet: str
    row: int
    column: str
    cell: str
    value: str


class PlantedFault(NamedTuple):
    rule_id: str
    position: Position


def rows_with_distinct_keys(rule_ids: list[str]) -> list[dict[str, Any]]:
    """Return the bad row of each rule; their natural keys differ, unless the fault is in the key itself."""
    rows = []
    for number, rule_id in enumerate(rule_ids, 101):
        ledger, field, _ = split_rule_id(rule_id)
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


def make_sheet(
    ledger: str, rule_ids: list[str], layout: str, *, has_units: bool
) -> tuple[Sheet, list[PlantedFault]]:
    """Return a sheet with the bad row of each rule, and the position of each fault as Excel counts."""
    definition = ledgers()[ledger]
    rows = rows_with_distinct_keys(rule_ids)
    headers = (
        {} if has_units else {field.name: split_money_unit(field.header)[0] for field in definition.fields}
    )
    above = [] if layout == "bare" else LABELS
    cells = sheet_cells(ledger, rows, above=above, headers=headers)
    header = cells[len(above)]
    first_row = len(above) + 2
    planted = []
    for index, (rule_id, row) in enumerate(zip(rule_ids, rows, strict=True)):
        _, field, _ = split_rule_id(rule_id)
        column = headers.get(field.name, field.header)
        letter = get_column_letter(header.index(column) + 1) if column in header else None
        value = (
            ""
            if row.get(field.name) in (None, NO_RESULT)
            else MASKED
            if field.private or rule_id.endswith(".personal_number")
            else str(row[field.name])
        )
        cell = f"{letter}{first_row + index}" if letter else ""
        planted.append(
            PlantedFault(rule_id, Position(definition.title, first_row + index, column, cell, value))
        )
    hidden = range(first_row, len(cells), 2) if above else ()
    return Sheet(definition.title, cells, len(header) if above else 0, frozenset(hidden)), planted


@cache
def reported_and_planted() -> dict[
    tuple[str, str, str], tuple[set[tuple[str, Position]], list[PlantedFault]]
]:
    """Return the reported and the planted faults by ledger, container and layout."""
    submissions, planted = [], []
    for ledger, layout in product(ledgers(), LAYOUTS):
        rule_ids = [rule_id for rule_id in RULE_IDS if rule_id.startswith(f"{ledger}.")]
        unitless = [rule_id for rule_id in rule_ids if rule_id.endswith(".no_unit")]
        sheets = [
            make_sheet(
                ledger,
                [rule_id_ for rule_id_ in rule_ids if rule_id_ not in unitless],
                layout,
                has_units=True,
            )
        ]
        if unitless:
            sheets.append(make_sheet(ledger, unitless, layout, has_units=False))
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
                        [fault._replace(position=fault.position._replace(sheet=tab)) for fault in faults],
                    )
                )
    rejections = [
        compose_message(finding)
        for submission in submissions
        if submission.is_rejected
        for finding in submission.findings
    ]
    assert not rejections, rejections
    findings = validate_all(submissions).findings
    rows = findings[findings["row"].notna()]
    result: dict[tuple[str, str, str], tuple[set[tuple[str, Position]], list[PlantedFault]]] = {}
    for index, (*key, faults) in enumerate(planted):
        reported, known = result.setdefault(tuple(key), (set(), []))
        for row in rows[rows["submission"].eq(index)].itertuples():
            value = row.value.removesuffix(".0")
            fault = (row.rule_id, Position(row.sheet, row.row, row.column, row.cell, value))
            assert fault not in reported, f"reported twice: {fault}"
            reported.add(fault)
        known += [
            fault._replace(position=fault.position._replace(value=fault.position.value.removesuffix(".0")))
            for fault in faults
        ]
    return result


@pytest.mark.parametrize("ledger", ledgers())
@pytest.mark.parametrize(("container", "layout"), CONTAINERS_AND_LAYOUTS)
def test_every_planted_fault_is_reported_at_its_position(ledger: str, container: str, layout: str) -> None:
    reported, planted = reported_and_planted()[ledger, container, layout]
    assert {fault.rule_id for fault in planted} == set(ledgers()[ledger].rules())
    missed = {}
    for rule_id, position in planted:
        matches = [match for name, match in reported if name == rule_id and match.row == position.row]
        if matches != [position]:
            missed[rule_id] = {"planted": position, "reported": matches}
    assert not missed


@pytest.mark.parametrize("ledger", ledgers())
def test_every_container_gives_the_same_findings(ledger: str) -> None:
    """Which other rules a bad row breaks does not depend on its container, or on the rows above it."""

    def relative_positions(container: str, layout: str) -> set[tuple[str, int, str]]:
        reported, planted = reported_and_planted()[ledger, container, layout]
        top = min(fault.position.row for fault in planted)
        return {(rule_id, position.row - top, position.column) for rule_id, position in reported}

    expected = relative_positions("xlsx", "bare")
    for container, layout in CONTAINERS_AND_LAYOUTS:
        assert relative_positions(container, layout) == expected, (container, layout)
