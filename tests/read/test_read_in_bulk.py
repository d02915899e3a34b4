"""Files read in bulk give what each gives by itself, however irregular some of them are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from benchmarks.made_files import region_table, write_ledgers
from schemas.regions.parse import parse_regions
from tests.support.counties import csv_bytes, ledger_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.histories import EXAMPLES_TIMES
from tests.support.made_files import xls_bytes
from tests.support.validation import CITY, INDEX, validate_all
from transforms.read import FileRead
from transforms.read.bulk import workbooks as bulk_workbooks
from transforms.read.containers.grid import Grid
from transforms.read.layout import read_file as read_file_module
from transforms.read.layout.evidence import Source
from transforms.read.layout.identity import IdentityHint
from transforms.read.layout.read_file import SheetLayout, lay_out_sheet
from transforms.read.read_files import read_files

HEADERS = ["行政处罚决定书文号", "缴款日期", "缴款金额(万元)", "缴款类别", "经办科室", ""]
ROW = ["某环罚(江)〔2023〕1号", "2023-06-20", "3.5", "罚款", "执法科", ""]
#: cells that decide what their row is, are stripped, quoted or counted in a special way, or are ordinary
CELLS = [
    *(
        "",
        " ",
        "\u3000",
        "\xa0甲\x1c",
        "无",
        "/",
        "—",
        "合计",
        "小计：",
        "审计处",
        "共计3件",
        "示例",
        "汇总",
        "甲公司 汇总",
        "一、罚款",
        "（二）",
        "作废",
        "2号（作废）",
        "以下空白",
        "注：以上",
        "填报人：张三",
    ),
    *(
        "填报",
        "报",
        "：",
        "a:b",
        "填报单位：星河区",
        "2023年5月",
        "零报告",
        "本月无",
        "1",
        "2",
        "3",
        "4",
        "万元",
        "元",
        "罚款3万元",
    ),
    *(
        "行政处罚决定书文号",
        "*行政处罚 决定书文号",
        "缴款日期",
        "行政",
        "缴款类别",
        "2023-06-05",
        "1,234",
        "1,234.5",
        'a"b',
        "=",
    ),
    *('="5"', "=5", "\ufeff", "a;b;c", "a\tb", "𠀀", "é", "e\u0301", "\u0301", "x" * 40, "两\n行", "，"),
]
LINES = [
    *(
        "",
        ",,,,,",
        "一段话",
        ",".join(HEADERS),
        "立案台账,,,,,",
        "1,2,3,4,5,",
        "合计,,,,3,",
        "单位：万元,,,,,",
        "sep=,",
    ),
    *('"a,b",,,,,', '"a', 'a,"b"c,d,,,', "a,b", "a,b,c,d,e,f,g", "a\rb", "\0"),
]
PATHS = [
    "2023-06/990181/罚款缴纳台账.csv", "2023-06/990181/报表.csv", "2023-06/无此县/缴纳.csv", "罚款缴纳台账.csv",
    "2023-06/临江市/立案台账.csv",
]  # fmt: skip


def assert_same(first: FileRead, second: FileRead) -> None:
    assert first.findings == second.findings
    assert len(first.submissions) == len(second.submissions)
    for left, right in zip(first.submissions, second.submissions, strict=True):
        for name in {field.name for field in fields(left)} - {"span", "controls"}:
            assert getattr(left, name) == getattr(right, name)
        assert left.is_rejected == right.is_rejected
        if not left.is_rejected:
            assert_frame_equal(left.rows, right.rows)
        assert (left.controls is None) == (right.controls is None)
        if left.controls is not None:
            assert_frame_equal(left.controls, right.controls)


def read_each(files: Sequence[tuple[str, bytes]], hint: IdentityHint | None = None) -> list[FileRead]:
    return read_files(files, CITY, INDEX, hint, in_bulk=False)


def assert_all_same(first_files: Sequence[FileRead], second_files: Sequence[FileRead]) -> None:
    for first, second in zip(first_files, second_files, strict=True):
        assert_same(first, second)


def assert_same_as_read_alone(files: Sequence[tuple[str, bytes]], hint: IdentityHint | None = None) -> None:
    assert_all_same(read_files(files, CITY, INDEX, hint), read_each(files, hint))


@pytest.fixture
def read_by_row(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that collects the paths of files with a sheet that had to be read row by row."""
    paths: list[str] = []

    def log_and_lay_out_sheet(source: Source, grid: Grid) -> SheetLayout:
        paths.append(source.path)
        return lay_out_sheet(source, grid)

    monkeypatch.setattr(read_file_module, "lay_out_sheet", log_and_lay_out_sheet)
    return paths


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    """A ledger as CSV: mostly good rows, some odd cells and lines."""
    rows = [list(ROW) for _ in range(draw(st.sampled_from([5, 1, 2, 6, 9, 0])))]
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 1, 2])) if rows else 0):
        rows[draw(st.integers(0, len(rows) - 1))][draw(st.integers(0, len(ROW) - 1))] = draw(
            st.sampled_from(CELLS)
        )
    if draw(st.integers(0, 4)) == 4:
        rows = [row if draw(st.booleans()) else ["", *row[1:]] for row in rows]
    header = list(HEADERS)
    if draw(st.integers(0, 9)) == 9:
        header[draw(st.integers(0, len(header) - 1))] = draw(st.sampled_from(CELLS))
    write = quoted if draw(st.booleans()) else str
    lines = [",".join(map(write, row)) for row in [header, *rows]]
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2]))):
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(LINES)))
    ending = draw(st.sampled_from([*["\n"] * 5, *["\r\n"] * 4, "\r"]))
    text = ending.join(lines) + draw(st.sampled_from([*[ending] * 5, "", "", ending * 2]))
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"])))


@settings(max_examples=20 * EXAMPLES_TIMES, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), csv_files()), min_size=1, max_size=5))
def test_csv_files_in_bulk_give_what_each_gives_alone(files: list[tuple[str, bytes]]) -> None:
    assert_same_as_read_alone(files)


def ledger(*rows: Sequence[str], header: Sequence[str] = HEADERS) -> str:
    return "".join(",".join(map(quoted, row)) + "\n" for row in [header, *rows])


@pytest.mark.parametrize(
    "data",
    [
        ledger(ROW).encode(),
        ledger(*[ROW] * 500).encode("utf-8-sig"),
        ledger(*[ROW] * 5).encode("gb18030"),
        ledger(*[ROW] * 5).encode("utf-16"),
        ledger(ROW, ROW).replace("\n", "\r\n").encode(),
        ledger(ROW, ROW).rstrip().encode(),
        ledger(["甲,乙", *ROW[1:]], ROW).encode(),
        ledger([" 甲\u3000", "", *ROW[2:]], ["", *ROW[1:]]).encode(),
        ledger(["审计局〔2023〕1号", *ROW[1:]], ["行政罚〔2023〕1号", *ROW[1:]]).encode(),
        ledger(["a;b", *ROW[1:]], ROW).encode(),
        ledger([*ROW[:2], "待定", *ROW[3:]], ROW).encode(),
    ],
)
def test_regular_files_are_read_together(data: bytes, read_by_row: list[str]) -> None:
    files = [(PATHS[0], data), (PATHS[1], ledger(ROW).encode())]
    together = read_files(files, CITY, INDEX)
    assert read_by_row == []
    assert_all_same(together, read_each(files))


def test_files_with_one_header_share_a_block_that_is_validated_at_once(read_by_row: list[str]) -> None:
    other_row = ["某环罚(江)〔2023〕2号", *ROW[1:]]
    files = [
        (f"2023-06/{unit}/罚款缴纳台账.csv", ledger(ROW, other_row).encode())
        for unit in ("990181", "990102", "990121")
    ]
    files.insert(1, ("2023-06/9901X0/罚款缴纳台账.csv", ledger(ROW, ["合计", *ROW[1:]]).encode()))
    together = [file_read.submissions[0] for file_read in read_files(files, CITY, INDEX)]
    assert read_by_row == [files[1][0]]
    separately = [file_read.submissions[0] for file_read in read_each(files)]
    assert len({id(submission.accepted_span.block) for submission in together}) == 1
    assert_frame_equal(validate_all(together).rows["payments"], validate_all(separately).rows["payments"])


#: cells as a workbook holds them, and the title and labels above its header
TYPED = [3.5, 7, 20230605, 1e20, True, date(2023, 6, 5), datetime(2023, 6, 5, 10), None]
ABOVE = [
    ["罚款缴纳台账"],
    ["填报单位：星河区", None, None, "单位：万元"],
    ["2023年6月"],
    [],
    ["填报单位", "临江市"],
    ["说明"],
]


@st.composite
def sheets(draw: st.DrawFn) -> list[list[Any]]:
    """A ledger as a sheet: mostly good rows below its header, some odd cells and rows."""
    rows: list[list[Any]] = [list(ROW) for _ in range(draw(st.sampled_from([5, 1, 2, 6, 9, 0])))]
    for _ in range(draw(st.sampled_from([0, 1, 1, 2])) if rows else 0):
        odd = st.sampled_from(TYPED) | st.sampled_from([cell for cell in CELLS if "\x1c" not in cell])
        rows[draw(st.integers(0, len(rows) - 1))][draw(st.integers(0, len(ROW) - 1))] = draw(odd)
    header: list[list[Any]] = [list(HEADERS)]
    if draw(st.integers(0, 3)) == 3:
        header = [["缴款情况", None, None, None, "其他", None], header[0]]
    above = draw(st.lists(st.sampled_from(ABOVE), max_size=3)) if draw(st.booleans()) else []
    cells: list[list[Any]] = [*above, *header, *rows]
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 2]))):
        line = draw(
            st.sampled_from(
                [
                    header[-1],
                    [],
                    ["合计", None, 3],
                    ["一段话"],
                    ["填报人：张三"],
                    ["立案台账"],
                    list("123456"),
                ]
            )
        )
        cells.insert(draw(st.integers(0, len(cells))), list(line))
    return cells


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """A workbook with one or two such sheets."""
    drawn_sheets = draw(st.lists(sheets(), min_size=1, max_size=2))
    return workbook_bytes({f"表{index}": cells for index, cells in enumerate(drawn_sheets)})


@settings(max_examples=15 * EXAMPLES_TIMES, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), workbooks()), min_size=1, max_size=4))
def test_sheets_in_bulk_give_what_each_gives_alone(files: list[tuple[str, bytes]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_workbooks, "FEWEST_ROWS_TOGETHER", 1)
        assert_same_as_read_alone(files)


PENALTIES = sheet_cells("penalties", rows_of("penalties", {}, {"decision_no": "某环罚(江)〔2023〕2号"}))
#: files of other ledgers and formats, and files that cannot be read
OTHER_FILES = [
    csv_bytes(PENALTIES),
    csv_bytes(PENALTIES[:1], "gb18030"),
    ledger_bytes("cases", {}, {"case_no": "某环立(星)〔2023〕2号"}),
    xls_bytes({"罚款缴纳台账": [HEADERS[:5], ROW[:5]], "空": []}),
    b"<html><table><tr><td>x</td></tr></table></html>",
    b"",
    b"PK\3\4",
    b"%PDF-1.7",
]
HINTS = [None, IdentityHint("选项", "990181", None), IdentityHint("选项", "990121", "2023-05")]


@settings(max_examples=15 * EXAMPLES_TIMES, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(PATHS), csv_files() | workbooks() | st.sampled_from(OTHER_FILES)),
        max_size=6,
    ),
    st.sampled_from(HINTS),
    st.sampled_from([1, 300]),
    st.sampled_from([20, 200_000]),
)
def test_a_mixed_batch_in_bulk_gives_what_each_file_gives_alone(
    files: list[tuple[str, bytes]], hint: IdentityHint | None, fewest_rows: int, most_cells: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_workbooks, "FEWEST_ROWS_TOGETHER", fewest_rows)
        patch.setattr(bulk_workbooks, "MOST_CELLS_TOGETHER", most_cells)
        assert_same_as_read_alone(files, hint)


def test_a_row_without_number_is_read_together_where_a_day_makes_it_a_record(
    read_by_row: list[str],
) -> None:
    header, *rows = PENALTIES
    unnumbered = [
        None if title == "行政处罚决定书文号" else cell for title, cell in zip(header, rows[0], strict=True)
    ]
    together = read_files([(PATHS[0], csv_bytes([header, *rows, unnumbered]))], CITY, INDEX)
    assert read_by_row == []
    assert_all_same(together, read_each([(PATHS[0], csv_bytes([header, *rows, unnumbered]))]))


def test_switched_off_every_sheet_is_read_row_by_row(read_by_row: list[str]) -> None:
    files = [(path, ledger(ROW).encode()) for path in PATHS]
    read_files(files, CITY, INDEX, in_bulk=False)
    assert read_by_row == PATHS


@pytest.mark.parametrize(
    "above", [[], [["罚款缴纳台账"]], [["罚款缴纳台账"], ["填报单位：星河区", None, None, "单位：万元"]]]
)
def test_sheets_of_regular_rows_are_read_together(above: list[list[Any]], read_by_row: list[str]) -> None:
    rows = [[*ROW[:2], 3.5, *ROW[3:]]] * 200
    books = [
        workbook_bytes({"罚款缴纳台账": [*above, HEADERS, *rows], "说明": [["一"], ["二"]]})
        for _ in range(2)
    ]
    files = [(f"2023-06/星河区/{index}.xlsx", book) for index, book in enumerate(books)]
    together = read_files(files, CITY, INDEX)
    assert read_by_row == [path for path, _ in files]  # because of the sheet with text
    assert [file_read.submissions[0].accepted_span.count for file_read in together] == [200, 200]
    assert_all_same(together, read_each(files))


def test_no_file_of_the_benchmarks_is_read_row_by_row(tmp_path: Path, read_by_row: list[str]) -> None:
    units = 4
    write_ledgers(tmp_path, units)
    regions = parse_regions(region_table(units))
    files = [
        (file.relative_to(tmp_path).as_posix(), file.read_bytes())
        for file in sorted(tmp_path.rglob("*.csv"))
    ]
    together = read_files(files, regions, INDEX)
    assert (len(together), read_by_row) == (units, [])
    assert_all_same(together, read_files(files, regions, INDEX, in_bulk=False))
