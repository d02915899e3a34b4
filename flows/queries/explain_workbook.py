"""An explained figure as a workbook: what it is, each unit's share, the rows that count and those left out."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from flows.queries.explain import REASONS

#: rows of an Excel sheet below its heading
MOST_ROWS = 1_048_575
SIDES = {"numerator": "分子", "denominator": "分母"}
FONT = {"font_name": "宋体", "font_size": 10, "valign": "top"}
#: key of a row, its heading and how wide the column is
UNIT_COLUMNS = [("unit_name", "单位", 16), ("unit_code", "代码", 10), ("month", "月份", 10), ("numerator", "分子", 16),
                ("denominator", "分母", 16), ("has_reported", "是否报齐", 10)]  # fmt: skip
ROW_COLUMNS = [
    ("side", "计入", 8), ("unit_name", "单位", 16), ("unit_code", "代码", 10), ("month", "月份", 10),
    ("period", "报送月份", 10), ("source_file", "文件", 40), ("source_sheet", "工作表", 20), ("source_row", "行", 8),
    ("cell", "单元格", 8), ("field", "栏目", 20), ("value", "内容", 30), ("counts", "计入数", 14),
    ("submission_id", "报送编号", 10),
]  # fmt: skip
LEFT_OUT_COLUMNS = [one for one in ROW_COLUMNS if one[0] != "counts"] + [
    ("kind", "原因", 30),
    ("reason", "说明", 60),
]


def build_explain_workbook(told: Mapping[str, Any]) -> bytes:
    """The workbook of an explanation."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        text = book.add_format({**FONT, "text_wrap": True})
        head = book.add_format({**FONT, "bold": True, "bottom": 1})
        _about(book.add_worksheet("说明"), told, text, head)
        left_out = [{**one, "kind": REASONS[one["code"]]} for one in told["left_out"]]
        sheets = (("各单位", UNIT_COLUMNS, told["by_unit"]), ("计入的行", ROW_COLUMNS, told["rows"]),
                  ("未计入的行", LEFT_OUT_COLUMNS, left_out))  # fmt: skip
        for name, columns, rows in sheets:
            _table(book.add_worksheet(name), columns, rows, book.add_format(FONT), head)
    return written.getvalue()


def _about(page: Any, told: Mapping[str, Any], text: Any, head: Any) -> None:
    sums = (
        [("分子", told["numerator"]), ("分母", told["denominator"])]
        if told["denominator"] is not None
        else []
    )
    lines = [
        ("指标", f"{told['title']}（{told['indicator_id']}）"), ("范围", f"{told['region_name']}（{told['region_code']}）"),
        ("期间", told["period"]), ("数字", told["display"]), *sums, ("单位", told["unit"]),
        ("口径", told["definition"]), *(("算法", rule) for rule in told["rule"]), ("依据", told["source"]),
        ("数据截至", told["as_of"]), ("报齐单位", f"{told['units_reported']}/{told['units_expected']}"),
        *(("未报", f"{one['unit_name']} {one['ledger_title']} {one['month']}") for one in told["missing"]),
        *(("未计入", f"{group['rows']} 行：{group['reason']}{_of_side(group)}") for group in told["left_out_counts"]),
    ]  # fmt: skip
    page.set_column(0, 0, 12)
    page.set_column(1, 1, 100)
    for at, (name, value) in enumerate(lines):
        _put(page, at, 0, name, head)
        _put(page, at, 1, value, text)


def _of_side(one: Mapping[str, Any]) -> str:
    return f"（{SIDES[one['side']]}）" if one["side"] else ""


def _table(
    page: Any,
    columns: Sequence[tuple[str, str, int]],
    rows: Sequence[Mapping[str, Any]],
    text: Any,
    head: Any,
) -> None:
    """A heading that stays in sight and can be filtered by, and the rows."""
    for at, (_, title, width) in enumerate(columns):
        page.set_column(at, at, width)
        _put(page, 0, at, title, head)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, min(len(rows), MOST_ROWS), len(columns) - 1)
    for number, row in enumerate(rows[:MOST_ROWS], start=1):
        for at, (name, _, _) in enumerate(columns):
            value = SIDES.get(row[name], row[name]) if name == "side" else row[name]
            _put(page, number, at, value, text)


def _put(page: Any, row: int, column: int, value: Any, form: Any) -> None:
    """A number as a number, all else as text: nothing that a county wrote can run as a formula."""
    if value is None or value == "":
        page.write_blank(row, column, None, form)
    elif isinstance(value, bool):
        page.write_string(row, column, "是" if value else "否", form)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, float(value), form)
    else:
        page.write_string(row, column, str(value), form)
