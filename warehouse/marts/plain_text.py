"""A test, in SQL of both databases, that a text can name nobody: for cell values quoted in findings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement
from sqlalchemy.ext.compiler import compiles

from schemas.ledgers.finding import PLAIN


class is_plain_text(ColumnElement[bool]):  # noqa: N801 - reads as SQL does
    """True if the text consists only of digits, signs and the words of dates and amounts."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, text: ColumnElement[Any]) -> None:
        self.text = text


@compiles(is_plain_text, "sqlite")
def _plain_sqlite(element: is_plain_text, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.text, **options)} NOT GLOB '*[^-{PLAIN}]*')"


@compiles(is_plain_text, "postgresql")
def _plain_postgresql(element: is_plain_text, compiler: Any, **options: Any) -> str:
    written = compiler.process(element.text, **options)
    # the driver would need the percent sign doubled
    return f"({written} ~ '^[-{PLAIN.replace('%', '')}]*$')"
