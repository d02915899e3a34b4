"""OpenDocument spreadsheets (.ods, .fods) are read as workbooks are."""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.support.counties import rows_of, sheet_cells
from tests.support.grids import filled_cells, open_single_grid
from tests.support.opendocument import cell_xml, fods_bytes, ods_bytes, row_xml, table_xml
from tests.support.sheets import rejection
from tests.support.validation import read, read_one
from transforms.read.containers.detect import UnusableFileError, open_file
from transforms.read.containers.grid import NO_RESULT

CELLS = sheet_cells("penalties", rows_of("penalties", {"fine_fen": 3.5}, {"fine_fen": 4}))
FINE = CELLS[0].index("罚款金额(万元)")


def single(rows: Any, styles: str = "", columns: str = "") -> bytes:
    return ods_bytes(table_xml("台账", rows, columns), styles)


@pytest.mark.parametrize("make", [ods_bytes, fods_bytes])
def test_a_ledger_is_read(make: Any) -> None:
    submission = read_one(make(table_xml("处罚", CELLS)))
    assert (submission.is_rejected, submission.ledger, submission.sheet) == (False, "penalties", "处罚")
    assert submission.rows["fine_fen"].tolist() == ["3.5", "4"]
    assert submission.rows["source_row"].tolist() == [2, 3]


def typed(kind: str, attributes: str, text: str = "") -> str:
    """Write a cell of a type with its value, and the text that is shown."""
    paragraph = f"<text:p>{text}</text:p>" if text else ""
    return f'<table:table-cell office:value-type="{kind}" {attributes}>{paragraph}</table:table-cell>'


def test_values_are_read_by_their_type() -> None:
    formula = 'table:formula="of:=1/0"'
    comment = "<office:annotation><text:p>批注</text:p></office:annotation>"
    words = '<text:p>甲<text:s text:c="2"/>乙<text:span>丙</text:span><text:line-break/>丁</text:p><text:p>戊</text:p>'
    cells = {
        typed("date", 'office:date-value="2023-06-08"', "23-6-8"): datetime(2023, 6, 8),
        typed("date", 'office:date-value="2023-06-08T10:30:00"'): datetime(2023, 6, 8, 10, 30),
        typed("time", 'office:time-value="PT10H30M00S"'): time(10, 30),
        typed("percentage", 'office:value="0.5"', "50%"): 0.5,
        typed("currency", 'office:value="35000"', "￥3.5万"): 35000.0,
        typed("boolean", 'office:boolean-value="true"', "TRUE"): True,
        typed("string", f'{formula} calcext:value-type="error"', "#DIV/0!"): "#DIV/0!",
        typed("float", f'{formula} office:value="0"', "Err:502"): "#ERR502!",
        f"<table:table-cell {formula}/>": NO_RESULT,
        f'<table:table-cell office:value-type="string">{comment}{words}</table:table-cell>': "甲  乙丙\n丁\n戊",
    }
    assert list(filled_cells(single([list(cells)])).values()) == list(cells.values())


def test_calamine_reads_the_same_values_from_a_plain_sheet() -> None:
    data = single(CELLS)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert open_single_grid(data).rows == rows


ROWS, COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"


def test_repeated_cells_and_rows_are_as_many() -> None:
    repeated = row_xml([cell_xml("乙", f'{COLUMNS}="3"')], f'{ROWS}="2"')
    blank = row_xml([cell_xml(None, f'{COLUMNS}="9"')], f'{ROWS}="2"')
    header = f"<table:table-header-rows>{repeated}</table:table-header-rows>"
    group = f"<table:table-row-group>{header}</table:table-row-group>"
    assert open_single_grid(single([["甲"], blank, group])).rows == [
        ["甲", "", ""], ["", "", ""], ["", "", ""], ["乙"] * 3, ["乙"] * 3,
    ]  # fmt: skip


@pytest.mark.parametrize(("rows", "columns"), [(1_000_000, 16_000), (1_048_576, 1), (1, 16_384)])
def test_a_cell_that_stands_for_millions_is_refused_or_small(rows: int, columns: int) -> None:
    cell = cell_xml("甲", f'{COLUMNS}="{columns}"')
    (grid,) = open_file(single([["乙"], row_xml([cell], f'{ROWS}="{rows}"')])).grids
    if rows == 1:
        assert grid.refused is None
    else:
        assert grid.refused is not None
        assert grid.refused.rule_id == "sheet.far_cell"


def style_xml(name: str, family: str, inside: str = "", attributes: str = "") -> str:
    return f'<style:style style:name="{name}" style:family="{family}" {attributes}>{inside}</style:style>'


def test_hidden_rows_and_sheets_merged_cells_and_struck_ones() -> None:
    line = '<style:text-properties style:text-line-through-style="solid"/>'
    styles = style_xml("gone", "table", '<style:table-properties table:display="false"/>')
    styles += style_xml("ce1", "table-cell", line)
    styles += style_xml("ce2", "table-cell", attributes='style:parent-style-name="ce1"')
    spans = 'table:number-columns-spanned="2" table:number-rows-spanned="2"'
    rows = [
        [cell_xml("甲", spans), "<table:covered-table-cell/>", "丙"],
        row_xml([cell_xml("丁", 'table:style-name="ce2"')], 'table:visibility="filter"'),
        ["乙"],
    ]
    tables = table_xml("一", rows) + table_xml("二", [["x"]], style="gone")
    shown, hidden = open_file(ods_bytes(tables, styles)).grids
    assert (shown.merged, shown.hidden_rows, shown.struck) == (((0, 0, 1, 1),), {1}, {(1, 0)})
    assert (shown.is_visible, hidden.is_visible) == (True, False)


@pytest.mark.parametrize(
    ("format_xml", "is_told"),
    [
        ('<number:number-style style:name="N1"><number:number number:display-factor="1000"/></number:number-style>', True),
        ('<number:number-style style:name="N1"><number:number/><number:text>元</number:text></number:number-style>', True),
        ('<number:percentage-style style:name="N1"><number:number/><number:text>%</number:text></number:percentage-style>', True),
        ('<number:number-style style:name="N1"><number:number number:decimal-places="2"/></number:number-style>', False),
    ],
)  # fmt: skip
def test_formats_that_show_another_amount_are_told(format_xml: str, is_told: bool) -> None:
    styles = (
        f'{format_xml}<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
    )
    columns = f'<table:table-column table:number-columns-repeated="{FINE}"/>'
    columns += '<table:table-column table:default-cell-style-name="ce1"/>'
    findings = [finding["rule_id"] for finding in read_one(single(CELLS, styles, columns)).findings]
    assert findings == ["sheet.scaled_format"] * is_told


def test_encrypted_other_and_broken_documents_are_refused() -> None:
    encrypted = ods_bytes("", **{"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"})
    nothing = ods_bytes("").replace(b"content.xml", b"kontent.xml")
    external = fods_bytes(table_xml("一", [["x"]])).replace(
        b"?>", b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1
    )
    for data, rule_id in (
        (encrypted, "file.encrypted"),
        (nothing, "file.unreadable"),
        (external, "file.doctype"),
    ):
        with pytest.raises(UnusableFileError) as refused:
            open_file(data)
        assert refused.value.rule_id == rule_id
    assert rejection(read_one(ods_bytes("")))["rule_id"] == "file.no_data_sheet"


def test_macros_are_named() -> None:
    file_read = read(ods_bytes(table_xml("处罚", CELLS), **{"Basic/script-lc.xml": "<x/>"}))
    assert [finding["rule_id"] for finding in file_read.findings] == ["file.macros"]


def test_columns_have_their_widths() -> None:
    style = (
        '<style:style style:name="co1" style:family="table-column">'
        '<style:table-column-properties style:column-width="5cm"/></style:style>'
    )
    columns = '<table:table-column/><table:table-column table:style-name="co1" table:number-columns-repeated="2"/>'
    widths = open_single_grid(single([["甲", "乙", "丙", "丁"]], style, columns)).column_widths
    assert {column: round(width) for column, width in widths.items()} == {1: 26, 2: 26}
