"""Render the dictionary as one self-contained web page, with an anchor (#id) for each rule."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from transforms.dictionary.structure import Dictionary, Link
from transforms.foreign_text import make_lines_visible


def render_html(dictionary: Dictionary) -> str:
    """Render the dictionary as one HTML page that requests nothing; it has a search box where scripts run."""
    return _template().render(dictionary=dictionary)


@cache
def _template() -> Template:
    """Load the page's template, with autoescape for all texts."""
    loader = PackageLoader("transforms.dictionary", "")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_make_visible,
    )
    environment.tests["link"] = lambda line: isinstance(line, Link)
    return environment.get_template("page.html")


def _make_visible(value: object) -> object:
    return make_lines_visible(value) if type(value) is str else value
