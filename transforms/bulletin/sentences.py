"""Render texts with variables: in a sandbox, with everything escaped, and with unknown names collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import ChainableUndefined, Undefined
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from transforms.foreign_text import make_lines_visible


def make_environment(unknown: dict[str, Mapping[str, Any] | None] | None = None) -> SandboxedEnvironment:
    """Make an environment that runs no code of a text and escapes every value.

    A text that reaches for more raises SecurityError. Names that there are not are put into `unknown`, with
    what they were looked for in (None: all variables).
    """
    names = {} if unknown is None else unknown

    class Unknown(ChainableUndefined):
        def __init__(
            self,
            hint: str | None = None,
            obj: Any = missing,
            name: str | None = None,
            exc: Any = UndefinedError,
        ) -> None:
            super().__init__(hint, obj, name, exc)
            if exc is SecurityError:
                raise SecurityError(hint)
            if name is not None and not isinstance(obj, Undefined):
                names.setdefault(str(name), obj if isinstance(obj, Mapping) else None)

    return SandboxedEnvironment(autoescape=True, undefined=Unknown, finalize=_show)


def render_sentence(environment: SandboxedEnvironment, text: str, variables: Mapping[str, Any]) -> Markup:
    """Render one text as markup."""
    return Markup(environment.from_string(text).render(variables))


def _show(value: object) -> object:
    """Make a text visible before it is escaped: XML cannot hold every character, and a page obeys some."""
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return make_lines_visible(str(value)) if is_text else value
