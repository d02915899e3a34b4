"""Write a bulletin as one web page that requests nothing; charts answer to the mouse without scripts."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from schemas.catalogue import indicators
from transforms.bulletin.charts import month_chart, unit_chart
from transforms.bulletin.model import Bulletin
from transforms.bulletin.sections import MAIN_FIGURES, MONTH_CHARTS, SECTIONS, UNIT_CHARTS
from transforms.bulletin.sentences import make_environment, render_sentence
from transforms.bulletin.variables import build_variables, has_section
from transforms.charts.chart import Chart
from transforms.charts.svg import draw_svg
from transforms.foreign_text import make_lines_visible


def write_page(bulletin: Bulletin) -> str:
    """Write the page."""
    variables = build_variables(bulletin)
    sections = [
        {
            "number": variables["序"][section.name],
            "heading": section.heading,
            "paragraphs": _sentences(section.paragraphs, variables),
            "incomparable": variables["上年说明"][section.name],
            "charts": _drawings([month_chart(bulletin, _indicator(title)) for title in section.charts]),
        }
        for section in SECTIONS
        if has_section(bulletin, section)
    ]
    shown = {title for section in SECTIONS for title in section.charts}
    further = [month_chart(bulletin, _indicator(title)) for title in MONTH_CHARTS if title not in shown]
    of_units = [unit_chart(bulletin, _indicator(title)) for title in UNIT_CHARTS]
    return _template().render(
        bulletin=bulletin,
        words=variables,
        sections=sections,
        main_figures=list(MAIN_FIGURES),
        month_charts=_drawings(further),
        unit_charts=_drawings(of_units),
    )


def _indicator(title: str) -> Any:
    return next(indicator for indicator in indicators().values() if indicator.title == title)


def _sentences(paragraphs: tuple[str, ...], variables: dict[str, Any]) -> list[str]:
    environment = make_environment()
    return [render_sentence(environment, text, variables) for text in paragraphs]


def _drawings(charts: list[Chart | None]) -> list[dict[str, Any]]:
    return [{"chart": chart, "svg": draw_svg(chart)} for chart in charts if chart]


@cache
def _template() -> Template:
    """Load the page's template, with everything escaped."""
    environment = Environment(
        loader=PackageLoader("transforms.bulletin", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_make_visible,
    )
    return environment.get_template("page.html")


def _make_visible(value: object) -> object:
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return make_lines_visible(str(value)) if is_text else value
