"""Tables that people download as CSV: titles, months and yes or no in Chinese, as Excel opens them right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flows.render import as_csv
from transforms.report.preview_words import period_words


def table_for_people(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> bytes:
    """Return the columns that `titles` names, under these titles."""
    listed = [{title: _in_words(name, row.get(name)) for name, title in titles.items()} for row in rows]
    return as_csv(listed, list(titles.values())).encode()


def _in_words(name: str, value: Any) -> Any:
    if name == "period" and value:  # Excel makes a day of 2023-06
        return period_words(value)
    return ("否", "是")[value] if isinstance(value, bool) else value
