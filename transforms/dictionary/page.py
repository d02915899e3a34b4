"""Render the dictionary as one self-contained web page, with an anchor (#id) for each rule."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from transforms.dictionary.structure import Dictionary, Link


def render_html(dictionary: Dictionary) -> str:
    """Render the dictionary as one HTML page that requests nothing."""
    return _template().render(dictionary=dictionary)


@cache
def _template() -> Template:
    """Load the page's template, with autoescape for all texts."""
    loader = PackageLoader("transforms.dictionary", "")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["link"] = lambda line: isinstance(line, Link)
    return environment.get_template("page.html")
