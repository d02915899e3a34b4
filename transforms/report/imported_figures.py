"""Read a CSV of figures that were published before this system existed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
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
from transforms.read.containers.grid import LONGEST_CELL

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
    figures, problems, lines = [], list[str](), dict[tuple[str, str], int]()
    for line_num, cells in _read_lines(data):
        try:
            if cells is None:
                raise PublishedFigureError(
                    Sentence("it cannot be read; a cell may be too long, or a quotation mark open")
                )
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
            problems.append(Sentence("line {line_num}: {error}", line_num=line_num, error=error))
            continue
        lines[key] = line_num
        figures.append(figure)
    if problems or not figures:
        raise ImportedFiguresError(problems or [Sentence("it has no figure")])
    return figures


def _read_lines(data: bytes) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Yield the number and the cells of each line that has any; None for the last if it cannot be read."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(decode(data), newline=""))
    columns: list[str] | None = None
    try:
        for row in reader:
            texts = [text.strip() for text in row]
            if not any(texts):
                continue
            if columns is None:
                columns = _check_columns([text.lstrip("\ufeff") for text in texts])
                continue
            texts += [""] * (len(columns) - len(texts))
            yield reader.line_num, dict(zip(columns, texts, strict=False))
    except csv.Error:
        yield reader.line_num, None
        return
    if columns is None:
        _check_columns([])


def _check_columns(columns: list[str]) -> list[str]:
    """Return the columns. Raises ImportedFiguresError if some are not there, or one is there twice."""
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
    for name in (INDICATOR, VALUE, TEXT, REGION):
        if columns.count(name) > 1:
            raise ImportedFiguresError(
                [Sentence("line 1: the column {column} stands there more than once", column=name)]
            )
    return columns


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
