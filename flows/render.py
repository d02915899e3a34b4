"""Output: lines and tables for terminals, JSON for programs and CSV for Excel.

Nothing else prints. Text from outside is escaped here, so that no cell colours the terminal or forges a line.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.language import translate
from transforms.foreign_text import escape_json, make_visible, neutralise_formula

if TYPE_CHECKING:
    import pandas as pd

#: of a table that is not printed on a terminal
WIDTH_IN_FILES = 120


def as_json(content: Any, long: Sequence[str] = ()) -> str:
    """Format readable JSON with Chinese unescaped.

    The lists named in `long` have one row per line: indented, hundreds of thousands of rows would bypass
    Python's C encoder, which takes most of the time.
    """
    return escape_json(_as_json(content, long))


def _as_json(content: Any, long: Sequence[str]) -> str:
    if not long:
        return json.dumps(content, ensure_ascii=False, indent=2, default=_plain)
    line = json.JSONEncoder(ensure_ascii=False, default=_plain).encode
    members = []
    for name, member in content.items():
        if name in long and member:
            text = "[\n    " + ",\n    ".join(map(line, member)) + "\n  ]"
        else:
            text = _as_json(member, ()).replace("\n", "\n  ")
        members.append(f"  {line(name)}: {text}")
    return "{\n" + ",\n".join(members) + "\n}"


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Format CSV with a byte order mark, which Excel needs for Chinese; no cell can run as a formula."""
    return _csv(columns, [[row.get(name) for row in rows] for name in columns])


def frame_as_csv(frame: pd.DataFrame, *, is_start: bool = True) -> str:
    """Format a frame as CSV, column by column, because a load's report has hundreds of thousands of rows.

    A continuation (`is_start` false) has no heading.
    """
    whole = frame.astype(object).where(frame.notna(), None)
    return _csv(list(frame.columns) if is_start else None, [whole[name].tolist() for name in frame.columns])


def _csv(names: Sequence[str] | None, columns: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if names is not None:
        text.write("\ufeff")
        writer.writerow(names)
    writer.writerows(zip(*map(_inert, columns), strict=True))
    return text.getvalue()


def _inert(values: Sequence[object]) -> Sequence[object]:
    """Neutralise formulas in a column. Texts repeat, so each distinct text is checked once."""
    texts = {value for value in values if isinstance(value, str)}
    escaped = {text: inert for text in texts if (inert := neutralise_formula(text)) != text}
    return (
        [escaped.get(value, value) if isinstance(value, str) else value for value in values]
        if escaped
        else values
    )


def print_line(text: object = "", *, is_error: bool = False) -> None:
    """Print one line, whatever the text holds; a `Sentence` in the chosen language."""
    click.echo(make_visible(translate(text)), err=is_error)


def print_data(text: str) -> None:
    """Print JSON or CSV that this module formatted."""
    click.echo(text, nl=not text.endswith("\n"))


def print_table(
    title: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], right: Sequence[str] = ()
) -> None:
    """Print a table; `columns` maps a key of the rows to its heading. Chinese counts two columns wide."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_IN_FILES
    table = Table(
        title=_cell(title), box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False
    )
    for name, heading in columns.items():
        table.add_column(
            _cell(heading),
            justify="right" if name in right else "left",
            overflow="fold",
            no_wrap=name in right,
        )
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in columns))
    console.print(table)


def _cell(value: object) -> Text:
    """Make a text in which rich finds no markup, no emoji and nothing to highlight."""
    return Text("" if value is None else make_visible(translate(value)))
