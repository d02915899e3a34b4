"""The dictionary as one web page that needs nothing beside it: readable offline, on paper, and by #id of a rule."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from transforms.dictionary.structure import Dictionary, Link


def render_html(dictionary: Dictionary) -> str:
    return _template().render(dictionary=dictionary)


@cache
def _template() -> Template:
    """The page's template; whatever a definition says is escaped."""
    loader = PackageLoader("transforms.dictionary", "")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["link"] = lambda line: isinstance(line, Link)
    return environment.get_template("page.html")
