"""Read a CSV of figures that were published before this system existed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.figures.indicator import Indicator
from schemas.figures.published_text import (
    PublishedFigureError,
    format_value,
    parse_published_text,
    parse_value,
)
from schemas.sentences import Sentence
from transforms.errors import TransformError
from transforms.read.containers.csv import decode

#: the columns that are read; further ones are passed over
INDICATOR, VALUE, TEXT, REGION = "indicator_id", "value", "published_text", "region_code"


class ImportedFiguresError(TransformError):
    """The file cannot be taken; `problems` has a sentence for each line that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class ImportedFigure:
    """One figure of the file: its region, its value in the base of its unit, and how it was printed."""

    indicator: Indicator
    region_code: str
    value: Decimal
    display: str


#: turns an id or title into its id, or raises ValueError with the nearest
Finder = Callable[[str], str]


def parse_imported_figures(
    data: bytes, indicators: Mapping[str, Indicator], find_indicator: Finder, find_region: Finder
) -> list[ImportedFigure]:
    """Parse the file.

    Raises ImportedFiguresError with every line that is wrong, UnusableFileError where it is no text.
    """
    reader = csv.DictReader(io.StringIO(decode(data), newline=""))
    columns = {(name or "").strip().lstrip("\ufeff"): name for name in reader.fieldnames or ()}
    if INDICATOR not in columns or not {VALUE, TEXT} & set(columns):
        raise ImportedFiguresError(
            [
                Sentence(
                    "its first line has to name the columns {indicator} and {value} or {text}; it has {columns}",
                    indicator=INDICATOR,
                    value=VALUE,
                    text=TEXT,
                    columns=tuple(columns),
                )
            ]
        )
    figures, problems, lines = [], list[str](), dict[tuple[str, str], int]()
    for row in reader:
        cells = {name: (row.get(written) or "").strip() for name, written in columns.items()}
        if not any(cells.values()):
            continue
        try:
            figure = _parse_row(cells, indicators, find_indicator, find_region)
            key = (figure.indicator.indicator_id, figure.region_code)
            if key in lines:
                raise PublishedFigureError(
                    Sentence(
                        "{title} stands in line {lines} already",
                        title=figure.indicator.title,
                        lines=lines[key],
                    )
                )
        except ValueError as error:
            problems.append(Sentence("line {line_num}: {error}", line_num=reader.line_num, error=error))
            continue
        lines[key] = reader.line_num
        figures.append(figure)
    if problems or not figures:
        raise ImportedFiguresError(problems or [Sentence("it has no figure")])
    return figures


def _parse_row(
    cells: Mapping[str, str],
    indicators: Mapping[str, Indicator],
    find_indicator: Finder,
    find_region: Finder,
) -> ImportedFigure:
    indicator = indicators[find_indicator(cells[INDICATOR])]
    region_code = find_region(cells.get(REGION, ""))
    number, text = cells.get(VALUE, ""), cells.get(TEXT, "")
    if not number and not text:
        raise PublishedFigureError(
            Sentence(
                "{title} has no figure; leave out the line of what was not published", title=indicator.title
            )
        )
    if not text:
        value = parse_value(indicator, number)
        return ImportedFigure(indicator, region_code, value, format_value(indicator, value))
    printed, step = parse_published_text(indicator, text)
    value = parse_value(indicator, number) if number else printed
    if abs(value - printed) >= step and value != printed:
        raise PublishedFigureError(
            Sentence(
                "{title}: the value {number} is not what '{text}' says",
                title=indicator.title,
                number=number,
                text=text,
            )
        )
    return ImportedFigure(indicator, region_code, value, text)
