"""Charts of Excel, which people can edit: beside their numbers in a sheet."""

from __future__ import annotations

from typing import Any

from transforms.charts.chart import Chart, Series
from transforms.foreign_text import fit_workbook

#: fill or line of this year's series and of last year's; the dash tells them apart in black and white
NOW, BEFORE, GRID = "#0B5CAB", "#7A8B9C", "#DDE5EC"
FONT = {"name": "宋体", "size": 9}
WIDTH, HEIGHT = 600, 280


def write_chart_numbers(page: Any, chart: Chart, row: int, column: int, formats: dict[str, Any]) -> int:
    """Write the numbers of a chart from this cell on, and return how many rows they take."""
    page.write_string(row, column, chart.unit, formats["head"])
    for offset, series in enumerate(chart.drawn_series, start=1):
        page.write_string(row, column + offset, series.name, formats["head"])
    points = _rows(chart)
    for below, (label, values) in enumerate(points, start=1):
        page.write_string(row + below, column, fit_workbook(label), formats["text"])
        for offset, value in enumerate(values, start=1):
            if value is None:
                page.write_blank(row + below, column + offset, None, formats["number"])
            else:
                page.write_number(row + below, column + offset, value, formats["number"])
    return len(points) + 1


def _rows(chart: Chart) -> list[tuple[str, list[float | None]]]:
    """Return label and values of each row; bars are turned round, as Excel draws the first at the bottom."""
    series = chart.drawn_series
    rows = [
        (point.label, [each.points[index].value for each in series])
        for index, point in enumerate(series[0].points)
    ]
    return rows[::-1] if chart.kind == "bars" else rows


def make_native_chart(book: Any, sheet: str, chart: Chart, row: int, column: int) -> Any:
    """Make the chart of numbers that stand from this cell on."""
    native = book.add_chart({"type": "line" if chart.kind == "line" else "bar"})
    last = row + len(chart.drawn_series[0].points)
    for offset, series in enumerate(chart.drawn_series, start=1):
        native.add_series(
            {
                "name": [sheet, row, column + offset],
                "categories": [sheet, row + 1, column, last, column],
                "values": [sheet, row + 1, column + offset, last, column + offset],
                **_looks(chart, series),
            }
        )
    native.set_title(
        {"name": f"{chart.title}（{chart.unit}）", "name_font": {**FONT, "size": 11}, "overlay": False}
    )
    # what is along is the axis of the numbers in a bar chart, and that of the months in the other
    along, across = _axis(has_lines=chart.kind == "bars"), _axis(has_lines=chart.kind == "line")
    native.set_x_axis(along | ({"min": 0} if chart.kind == "bars" else {}))
    native.set_y_axis(across | ({"min": 0} if chart.kind == "line" else {}))
    if len(chart.drawn_series) > 1:
        native.set_legend({"position": "bottom", "font": FONT})
    else:
        native.set_legend({"none": True})
    native.show_blanks_as("gap")
    native.set_size({"width": WIDTH, "height": HEIGHT})
    return native


def _axis(*, has_lines: bool) -> dict[str, Any]:
    # written out, because by the schema an axis without it has marks of both kinds
    marks = {"major_tick_mark": "outside", "minor_tick_mark": "none"}
    return {"num_font": FONT, "major_gridlines": {"visible": has_lines, "line": {"color": GRID}}, **marks}


def _looks(chart: Chart, series: Series) -> dict[str, Any]:
    if chart.kind == "bars":
        return {"fill": {"color": NOW}, "gap": 60, "data_labels": {"value": True, "font": FONT}}
    is_before = series is not chart.series[0]
    color = BEFORE if is_before else NOW
    line = {
        "color": color,
        "width": 1.75 if is_before else 2.25,
        "dash_type": "dash" if is_before else "solid",
    }
    marker = {
        "type": "diamond" if is_before else "circle",
        "size": 5,
        "fill": {"color": color},
        "border": {"color": color},
    }
    return {"line": line, "marker": marker, "smooth": False}
