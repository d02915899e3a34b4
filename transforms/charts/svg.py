"""Charts of a page as SVG, without scripts and without inline styles; the numbers stand in a table beside.

Each point and bar has a title, which browsers show beside the mouse.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from transforms.charts.chart import Chart, Point
from transforms.foreign_text import make_visible

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 70, 16, 18, 34
BAR, GAP, LABEL, ROOM_FOR_WORDS = 18, 8, 190, 150
STEPS = (1, 2, 2.5, 5, 10)
#: into how many parts an axis may be divided, the best first
PARTS = (4, 5, 2, 1)


def draw_svg(chart: Chart) -> Markup:
    """Draw a chart; nothing where it has no value."""
    if chart.kind == "bars":
        return bar_chart(chart.series[0].points, chart.title)
    now, *before = chart.series
    earlier = before[0] if before else now._replace(points=())
    return line_chart(now.points, earlier.points, f"{chart.title}，{now.name}", earlier.name, chart.unit)


def line_chart(
    points: Sequence[Point], earlier: Sequence[Point], title: str, earlier_title: str, unit: str
) -> Markup:
    """Draw the months of a year as a line, those of the year before dashed."""
    values = [point.value for point in (*points, *earlier) if point.value is not None]
    if not values:
        return Markup("")
    marks = _marks(values)
    top = marks[-1]
    grid = Markup("").join(_grid_line(mark, top) for mark in marks)
    labels = Markup("").join(
        Markup('<text class="axis" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            _x(index, len(points)), HEIGHT - 12, make_visible(point.label)
        )
        for index, point in enumerate(points)
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}'
        '<text class="axis unit" x="4" y="12">{}</text></svg>'
    ).format(
        WIDTH, HEIGHT, f"{title}，虚线为{earlier_title}" if earlier else title, grid, labels, _line(earlier, top, "line-before"),
        _line(points, top, "line-now"), unit,
    )  # fmt: skip


def _line(points: Sequence[Point], top: float, name: str) -> Markup:
    """Draw a line with a dot and a title at each value; it breaks where a value is missing."""
    parts, dots, is_drawing = [], Markup(""), False
    for index, point in enumerate(points):
        if point.value is None:
            is_drawing = False
            continue
        x, y = _x(index, len(points)), _y(point.value, top)
        parts.append(f"{'L' if is_drawing else 'M'}{x:.1f} {y:.1f}")
        is_drawing = True
        dots += Markup(
            '<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="3.5"><title>{}</title></circle>'
        ).format(
            f"{name}-dot{' provisional' if point.is_provisional else ''}",
            x,
            y,
            f"{point.label} {point.words}",
        )
    return Markup('<path class="{}" d="{}" fill="none"/>{}').format(name, " ".join(parts), dots)


def _grid_line(mark: float, top: float) -> Markup:
    y = _y(mark, top)
    return Markup(
        '<line class="grid" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/>'
        '<text class="axis" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
    ).format(LEFT, y, WIDTH - RIGHT, y, LEFT - 8, y + 4, f"{mark:,.10g}")


def bar_chart(bars: Sequence[Point], title: str) -> Markup:
    """Draw a horizontal bar for each value, in the order given; one without a figure says so."""
    values = [bar.value for bar in bars if bar.value is not None]
    if not values:
        return Markup("")
    top, height = max(*values, 1e-9), len(bars) * (BAR + GAP) + GAP
    rows = Markup("").join(_bar(index, bar, top) for index, bar in enumerate(bars))
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, title, rows
    )


def _bar(index: int, bar: Point, top: float) -> Markup:
    y = GAP + index * (BAR + GAP)
    width = (WIDTH - LABEL - ROOM_FOR_WORDS) * max(bar.value, 0) / top if bar.value is not None else 0
    label, shown = make_visible(bar.label), bar.words if bar.value is not None else bar.why_none
    return Markup(
        '<text class="axis" x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="bar{}" x="{}" y="{}" width="{:.1f}" height="{}"><title>{}</title></rect>'
        '<text class="axis" x="{:.1f}" y="{}">{}</text>'
    ).format(
        LABEL - 8, y + BAR - 4, label, " provisional" if bar.is_provisional else "", LABEL, y, width, BAR,
        f"{label} {shown}", LABEL + width + 6, y + BAR - 4, shown,
    )  # fmt: skip


def _x(index: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (index + 0.5) / count


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _marks(values: Sequence[float]) -> list[float]:
    """Return where an axis has its lines: at whole numbers if the values are whole."""
    top = _round_up(max(values))
    is_whole = all(float(value).is_integer() for value in values)
    parts = next(number for number in PARTS if not is_whole or (top / number).is_integer())
    return [top * part / parts for part in range(parts + 1)]


def _round_up(value: float) -> float:
    """Return the next round number, as the top of an axis."""
    if value <= 0:
        return 1.0
    magnitude = 1.0
    while magnitude * 10 <= value:
        magnitude *= 10
    while magnitude > value:
        magnitude /= 10
    return next(step * magnitude for step in STEPS if step * magnitude >= value)
