"""Write an explained figure as a workbook: the figure, each unit's share, the rows that count and those
left out.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from flows.queries.explained_rows import REASONS
from flows.words import describe_period, format_instant
from schemas.periods import month_words
from transforms.foreign_text import FORMULA_STARTS, fit_workbook

#: rows of an Excel sheet below its heading
MOST_ROWS = 1_048_575
#: the number of the paper in a workbook
A4 = 9
SIDES = {"numerator": "分子", "denominator": "分母"}
FONT = {"font_name": "宋体", "font_size": 10, "valign": "top"}
#: a text like a formula stays text when somebody edits its cell
LIKE_FORMULA = {**FONT, "quote_prefix": True}
#: key of a row, its heading and how wide the column is
UNIT_COLUMNS = [("unit_name", "单位", 16), ("unit_code", "代码", 10), ("month", "月份", 10), ("numerator", "分子", 16),
                ("denominator", "分母", 16), ("has_reported", "是否报齐", 10)]  # fmt: skip
ROW_COLUMNS = [
    ("side", "计入", 8), ("unit_name", "单位", 16), ("unit_code", "代码", 10), ("month", "月份", 10),
    ("period", "报送月份", 10), ("source_file", "文件", 40), ("source_sheet", "工作表", 20), ("source_row", "行", 8),
    ("cell", "单元格", 8), ("field", "栏目", 20), ("written", "填的是", 24),
    ("value", "读作（金额按元；未收的照所填）", 24), ("counts", "计入数", 14), ("submission_id", "报送编号", 10),
]  # fmt: skip
LEFT_OUT_COLUMNS = [item for item in ROW_COLUMNS if item[0] != "counts"] + [
    ("kind", "原因", 30),
    ("reason", "说明", 60),
]


def build_explain_workbook(explanation: Mapping[str, Any]) -> bytes:
    """Build the workbook of an explanation."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        text = book.add_format({**FONT, "text_wrap": True})
        head = book.add_format({**FONT, "bold": True, "bottom": 1})
        _about(book.add_worksheet("说明"), explanation, text, head)
        left_out = [{**item, "kind": REASONS[item["code"]]} for item in explanation["left_out"]]
        sheets = (("各单位", UNIT_COLUMNS, explanation["by_unit"]), ("计入的行", ROW_COLUMNS, explanation["rows"]),
                  ("未计入的行", LEFT_OUT_COLUMNS, left_out))  # fmt: skip
        for name, columns, rows in sheets:
            quoted = book.add_format(LIKE_FORMULA)
            _table(book.add_worksheet(name), columns, rows, book.add_format(FONT), head, quoted)
    return written.getvalue()


def _about(page: Any, explanation: Mapping[str, Any], text: Any, head: Any) -> None:
    sums = (
        [("分子", explanation["numerator"]), ("分母", explanation["denominator"])]
        if explanation["denominator"] is not None
        else []
    )
    lines = [
        ("指标", f"{explanation['title']}（{explanation['indicator_id']}）"),
        ("范围", f"{explanation['region_name']}（{explanation['region_code']}）"),
        ("期间", describe_period(explanation["period"])), ("数字", explanation["display"]), *sums, ("单位", explanation["unit"]),
        ("口径", explanation["definition"]), *(("算法", rule) for rule in explanation["rule"]), ("依据", explanation["source"]),
        ("数据截至", format_instant(explanation["as_of"] or "")),
        ("报齐单位", f"{explanation['units_reported']}/{explanation['units_expected']}"),
        *(("未报", _name_report(report)) for report in explanation["missing"]),
        *(("未计入", f"{group['rows']} 行：{group['reason']}{_of_side(group)}") for group in explanation["left_out_counts"]),
    ]  # fmt: skip
    _set_up_page(page)
    page.set_column(0, 0, 12)
    page.set_column(1, 1, 100)
    for row, (name, value) in enumerate(lines):
        _write_cell(page, row, 0, name, head)
        _write_cell(page, row, 1, value, text)


def _name_report(report: Mapping[str, Any]) -> str:
    return f"{report['unit_name']} {report['ledger_title']} {month_words(report['month'])}"


def _set_up_page(page: Any) -> None:
    """Print on A4, landscape, as wide as the paper, with the page's number below."""
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&C&A  第 &P 页，共 &N 页")


def _of_side(item: Mapping[str, Any]) -> str:
    return f"（{SIDES[item['side']]}）" if item["side"] else ""


def _table(
    page: Any,
    columns: Sequence[tuple[str, str, int]],
    rows: Sequence[Mapping[str, Any]],
    text: Any,
    head: Any,
    quoted: Any,
) -> None:
    """Write the rows under a frozen heading with a filter, which each printed page repeats."""
    _set_up_page(page)
    page.repeat_rows(0)
    for column, (_, title, width) in enumerate(columns):
        page.set_column(column, column, width)
        _write_cell(page, 0, column, title, head)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, min(len(rows), MOST_ROWS), len(columns) - 1)
    for number, row in enumerate(rows[:MOST_ROWS], start=1):
        for column, (name, _, _) in enumerate(columns):
            _write_cell(page, number, column, _in_words(name, row.get(name)), text, quoted)


def _in_words(name: str, value: Any) -> Any:
    """Return a value as people read it."""
    if name == "side":
        return SIDES.get(value, value)
    return month_words(value) if name in ("month", "period") and value else value


def _write_cell(page: Any, row: int, column: int, value: Any, form: Any, quoted: Any = None) -> None:
    """Write a number as a number, anything else as text: nothing a county wrote can run as a formula."""
    if value is None or value == "":
        page.write_blank(row, column, None, form)
    elif isinstance(value, bool):
        page.write_string(row, column, "是" if value else "否", form)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, float(value), form)
    else:
        text = fit_workbook(str(value))
        page.write_string(row, column, text, quoted if text.startswith(FORMULA_STARTS) else form)
