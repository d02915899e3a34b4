"""Write a bulletin as a workbook: first page, figures, units, months, charts to edit, data quality."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from schemas.figures.indicator import Indicator
from transforms.bulletin.charts import standard_charts
from transforms.bulletin.comparison import describe_change, print_last_year
from transforms.bulletin.model import Bulletin, Row
from transforms.bulletin.variables import build_variables
from transforms.bulletin.words import (
    describe_coverage,
    describe_moves,
    describe_provisional,
    name_period,
)
from transforms.charts.chart import Chart
from transforms.charts.native import make_native_chart, write_chart_numbers
from transforms.foreign_text import fit_workbook
from transforms.text_width import lines_of

A4 = 9
FONT = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
BOXED = {**FONT, "border": 1}
FORMATS: dict[str, dict[str, Any]] = {
    "title": {**FONT, "font_size": 18, "bold": True, "align": "center"}, "section": {**FONT, "font_size": 12, "bold": True},
    "name": {**BOXED, "bold": True, "valign": "top"}, "about": {**BOXED, "text_wrap": True}, "plain": {**FONT, "text_wrap": True},
    "warning": {**BOXED, "text_wrap": True, "bold": True, "font_color": "#9C0006"},
    "head": {**BOXED, "bold": True, "bg_color": "#E8EEF4", "align": "center", "text_wrap": True},
    "text": {**BOXED, "text_wrap": True}, "center": {**BOXED, "align": "center"}, "right": {**BOXED, "align": "right"},
    "none": {**BOXED, "align": "right", "font_color": "#808080"},
    "count": {**BOXED, "num_format": "#,##0"}, "count*": {**BOXED, "num_format": '#,##0"*"'},
    "yuan": {**BOXED, "num_format": "#,##0.00"}, "yuan*": {**BOXED, "num_format": '#,##0.00"*"'},
    "percent": {**BOXED, "num_format": "0.00%"}, "percent*": {**BOXED, "num_format": '0.00%"*"'},
    "number": {**BOXED, "num_format": "#,##0.##"},
}  # fmt: skip
#: rows of a sheet that a chart takes, with a free one after it
ROWS_OF_CHART, CHARTS_ON_PAGE = 16, 2
ABOUT_WIDTHS = (16, 80)
#: title of a column, and how wide it is
FIGURE_COLUMNS = (
    ("类别", 22), ("指标", 30), ("指标代号", 30), ("数值", 16), ("单位", 8), ("公布写法", 18), ("上年", 18),
    ("同比", 20), ("分子", 14), ("分母", 12), ("应报单位", 9), ("报齐单位", 9), ("暂定", 7),
)  # fmt: skip
MONTH_COLUMNS = (
    ("指标", 30), ("指标代号", 30), ("月份", 10), ("数值", 16), ("单位", 8), ("公布写法", 18), ("上年同月数值", 16),
    ("上年同月", 18), ("报齐", 8), ("暂定", 7),
)  # fmt: skip
#: headings of the tables on data quality, by the list of variables that has their rows
QUALITY_TITLES = {"报送质量": "一、报送是否及时、一次通过", "缺报清单": "二、还没有报齐的台账",
                  "更正清单": "三、市局对数据的更正与决定", "变动清单": "四、公布以后的变动"}  # fmt: skip


def write_workbook(bulletin: Bulletin, made_at: datetime) -> bytes:
    """Write the workbook; equal bulletins become equal files."""
    written = io.BytesIO()
    # text is never a formula or a link, whatever it begins with
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({
            "title": f"{bulletin.region_name}{name_period(bulletin.period)}指标", "subject": bulletin.stamp,
            "comments": bulletin.digest, "created": made_at,
        })  # fmt: skip
        writer = _Writer(book, bulletin)
        writer.write_first_page()
        writer.write_figures()
        writer.write_units()
        writer.write_months()
        writer.write_charts()
        writer.write_quality()
    return written.getvalue()


class _Writer:
    """Writes the sheets of one bulletin."""

    def __init__(self, book: Any, bulletin: Bulletin) -> None:
        self.book, self.bulletin = book, bulletin
        self.formats = {name: book.add_format(properties) for name, properties in FORMATS.items()}

    def write_first_page(self) -> None:
        bulletin = self.bulletin
        page = self._page("首页", ABOUT_WIDTHS)
        page.set_row(0, 36)
        title = f"{bulletin.region_name}{name_period(bulletin.period)}指标"
        page.merge_range(0, 0, 0, 1, fit_workbook(title), self.formats["title"])
        lines = [
            ("地区", f"{bulletin.region_name}（{bulletin.region_code}）"), ("期间", str(bulletin.period)),
            ("公布", bulletin.publication_words), ("数据截至", bulletin.as_of), ("规则版本", bulletin.ruleset),
            ("数字校验码", bulletin.digest), ("报送情况", describe_coverage(bulletin)),
            *(("说明", note) for note in bulletin.notes),
            ("写法", "带“*”的数字是暂定的，有单位还没有报齐；“—”表示没有数，不等于零；带“†”的上年数是以前公布、后来录入的。"),
        ]  # fmt: skip
        for row, (name, text) in enumerate(lines, start=2):
            self._line(page, row, name, text, "about")
        if provisional := describe_provisional(list(bulletin.figures.values())):
            self._line(page, len(lines) + 2, "暂定", provisional, "warning")

    def _line(self, page: Any, row: int, name: str, text: str, form: str) -> None:
        page.write_string(row, 0, name, self.formats["name"])
        page.write_string(row, 1, fit_workbook(text), self.formats[form])
        page.set_row(row, 16 * lines_of(text, ABOUT_WIDTHS[1] - 2) + 2)

    def write_figures(self) -> None:
        page = self._table_page("指标", FIGURE_COLUMNS)
        for number, figure in enumerate(self.bulletin.figures.values(), start=1):
            indicator, row = figure.indicator, figure.row
            is_rate = indicator.is_rate
            self._texts(page, number, 0, [indicator.theme, indicator.title, indicator.indicator_id])
            self._number(page, number, 3, indicator, row)
            self._texts(
                page, number, 4, [_unit(indicator), row["display"], print_last_year(figure)], "right"
            )
            self._texts(page, number, 7, [describe_change(figure)], "center")
            for column, name in (
                (8, "numerator"),
                (9, "denominator"),
                (10, "units_expected"),
                (11, "units_reported"),
            ):
                value = row[name] if is_rate or column > 9 else None
                self._plain_number(page, number, column, value)
            self._texts(page, number, 12, ["暂定" if figure.is_provisional else ""], "center")

    def write_units(self) -> None:
        """Write a row for each figure and a column for each part of the region."""
        units = self.bulletin.units
        if not units:
            return
        columns = [
            ("指标", 30),
            ("单位", 8),
            (self.bulletin.region_name, 16),
            *((unit.name, 16) for unit in units),
        ]
        page = self._table_page("各单位", columns, frozen=2)
        for number, figure in enumerate(self.bulletin.figures.values(), start=1):
            indicator = figure.indicator
            self._texts(page, number, 0, [indicator.title, _unit(indicator)])
            self._number(page, number, 2, indicator, figure.row)
            for column, unit in enumerate(units, start=3):
                self._number(page, number, column, indicator, unit.rows.get(indicator.indicator_id))

    def write_months(self) -> None:
        """Write a row for each figure and month, for filters and pivot tables."""
        months = [
            (self.bulletin.figures[name].indicator, month)
            for name, figures in self.bulletin.months.items() for month in figures
        ]  # fmt: skip
        if not months:
            return
        page = self._table_page("各月", MONTH_COLUMNS)
        for number, (indicator, month) in enumerate(months, start=1):
            row, earlier = month.row, month.earlier
            self._texts(page, number, 0, [indicator.title, indicator.indicator_id, month.month])
            self._number(page, number, 3, indicator, row)
            self._texts(page, number, 4, [_unit(indicator), row["display"]], "right")
            self._number(page, number, 6, indicator, earlier)
            reported = f"{row['units_reported']}/{row['units_expected']}"
            self._texts(page, number, 7, [earlier["display"] if earlier else "—"], "right")
            self._texts(page, number, 8, [reported, "暂定" if row["is_provisional"] else ""], "center")

    def write_charts(self) -> None:
        """Write the numbers of each chart, and the chart beside them."""
        charts = standard_charts(self.bulletin)
        if not charts:
            return
        page = self._page("图表", (16, 12, 12, 3, *(11,) * 8), is_fitted=False)
        row, breaks = 0, []
        for number, chart in enumerate(charts):
            if number and number % CHARTS_ON_PAGE == 0:
                breaks.append(row)
            row = self._chart(page, row, chart)
        # Excel passes over breaks on a sheet that is fitted to pages
        page.set_print_scale(75)
        page.set_h_pagebreaks(breaks)
        page.print_area(0, 0, row, 11)

    def _chart(self, page: Any, row: int, chart: Chart) -> int:
        page.write_string(row, 0, chart.title, self.formats["section"])
        used_rows = write_chart_numbers(page, chart, row + 1, 0, self.formats)
        native = make_native_chart(self.book, "图表", chart, row + 1, 0)
        options = {"description": chart.description, "object_position": 1}
        page.insert_chart(row + 1, 4, native, options)
        return row + max(used_rows + 2, ROWS_OF_CHART)

    def write_quality(self) -> None:
        """Write the tables on data quality below each other."""
        variables = build_variables(self.bulletin)
        page = self._page("数据质量", (30, 20, 26, 12, 12, 12, 12))
        row = 0
        for name, title in QUALITY_TITLES.items():
            page.write_string(row, 0, title, self.formats["section"])
            row = self._quality_table(page, row + 1, name, variables[name]) + 1

    def _quality_table(self, page: Any, row: int, name: str, rows: Sequence[Mapping[str, Any]]) -> int:
        if name == "变动清单":
            page.write_string(row, 0, describe_moves(self.bulletin), self.formats["section"])
            row += 1
        if not rows:
            if name != "变动清单":
                page.write_string(row, 0, "没有。")
            return row + 1
        if name == "缺报清单":
            for offset, line in enumerate(rows):
                text = fit_workbook(line["内容"])
                page.merge_range(row + offset, 0, row + offset, 6, text, self.formats["plain"])
                page.set_row(row + offset, 15 * lines_of(text, 120))
            return row + len(rows)
        for column, head in enumerate(rows[0]):
            page.write_string(row, column, head, self.formats["head"])
        for offset, line in enumerate(rows, start=1):
            for column, value in enumerate(line.values()):
                if isinstance(value, int):
                    page.write_number(row + offset, column, value, self.formats["count"])
                else:
                    form = self.formats["right" if value.endswith("%") else "text"]
                    page.write_string(row + offset, column, fit_workbook(value), form)
        return row + len(rows) + 1

    def _page(self, name: str, widths: Sequence[float], *, is_fitted: bool = True) -> Any:
        """Add a sheet that is ready to be printed on A4."""
        page = self.book.add_worksheet(name)
        page.set_paper(A4)
        page.set_landscape()
        if is_fitted:
            page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page.set_footer(f"&L&8{self.bulletin.stamp.replace('&', '&&')}&R&8第&P页 共&N页")
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        return page

    def _table_page(self, name: str, columns: Sequence[tuple[str, float]], frozen: int = 1) -> Any:
        """Add a sheet with a frozen heading that is repeated on every page, and a filter."""
        page = self._page(name, [width for _, width in columns])
        page.set_row(0, 32)
        for column, (title, _) in enumerate(columns):
            page.write_string(0, column, fit_workbook(title), self.formats["head"])
        page.freeze_panes(1, frozen)
        page.repeat_rows(0)
        rows = len(self.bulletin.figures)
        if name == "各月":
            rows = sum(len(months) for months in self.bulletin.months.values())
        page.autofilter(0, 0, rows, len(columns) - 1)
        return page

    def _texts(self, page: Any, row: int, column: int, texts: Sequence[Any], form: str = "text") -> None:
        for offset, text in enumerate(texts):
            page.write_string(row, column + offset, fit_workbook(str(text)), self.formats[form])

    def _number(self, page: Any, row: int, column: int, indicator: Indicator, figure: Row | None) -> None:
        """Write a value in the base of its unit; what is not known is a dash, never a zero."""
        if figure is None or figure["value"] is None:
            page.write_string(row, column, "—", self.formats["none"])
            return
        form = "percent" if indicator.is_rate else "yuan" if indicator.unit == "元" else "count"
        mark = "*" if figure["is_provisional"] else ""
        page.write_number(row, column, float(figure["value"]), self.formats[form + mark])

    def _plain_number(self, page: Any, row: int, column: int, value: Any) -> None:
        if value is None:
            page.write_blank(row, column, None, self.formats["number"])
        else:
            page.write_number(row, column, float(value), self.formats["number"])


def _unit(indicator: Indicator) -> str:
    return "%" if indicator.is_rate else indicator.unit
