"""Read a figure as a report prints it (248件, 3446.52万余元, 98.5%), and print one given as a number."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from schemas.figures.display import FEN_PER_YUAN, format_figure
from schemas.figures.indicator import Indicator
from schemas.sentences import Sentence

_TEXT = re.compile(r"(?P<number>[\d,]+(?:\.\d+)?)(?P<scale>[万亿]?)(?P<is_cut>[余多]?)(?P<unit>\D*)")
_SCALES = {"": 1, "万": 10**4, "亿": 10**8}


#: no figure of a city has as many characters, is as great, or has as many decimals
LONGEST_FIGURE, GREATEST_FIGURE, MOST_DECIMALS = 60, Decimal(10**14), 20


class PublishedFigureError(ValueError):
    """A published figure cannot be read; the message is one sentence without its place."""


def parse_published_text(indicator: Indicator, text: str) -> tuple[Decimal, Decimal]:
    """Return the value of a printed figure in the base of its unit, and what its last digit stands for.

    Raises PublishedFigureError where it is no figure of this indicator's unit.
    """
    plain = _plain(text)
    match = _TEXT.fullmatch(plain)
    unit = "%" if indicator.display == "percent" else indicator.unit
    if match is None or match["unit"] not in ("", unit) or (unit == "%" and match["unit"] != "%"):
        raise PublishedFigureError(
            Sentence(
                "'{text}' is no figure in {unit}; write it as in {example}",
                text=text,
                unit=unit,
                example=_example(indicator),
            )
        )
    written = match["number"].replace(",", "")
    scale = Decimal(_SCALES[match["scale"]]) / (100 if unit == "%" else 1)
    step = Decimal(1).scaleb(-len(written.partition(".")[2])) * scale
    value = Decimal(written) * scale
    _check_value(indicator, value, text)
    return value, step


def _plain(text: str) -> str:
    """Return a figure without blanks and full-width characters. Raises PublishedFigureError."""
    if len(text) > LONGEST_FIGURE:
        raise PublishedFigureError(
            Sentence("'{text}…' is too long for a figure", text=text[: LONGEST_FIGURE // 3])
        )
    return "".join(unicodedata.normalize("NFKC", text).split())


def parse_value(indicator: Indicator, text: str) -> Decimal:
    """Return the value of a figure that is given as a number in the base of its unit (元, 0–1 for a rate).

    Raises PublishedFigureError.
    """
    try:
        value = Decimal(_plain(text).replace(",", ""))
    except InvalidOperation as error:
        raise PublishedFigureError(
            Sentence(
                "'{text}' is no number; a text such as {example} goes into the column published_text",
                text=text,
                example=_example(indicator),
            )
        ) from error
    _check_value(indicator, value, text)
    return value


def format_value(indicator: Indicator, value: Decimal) -> str:
    """Format a value as reports print it."""
    if indicator.is_rate:
        return format_figure(indicator, *value.as_integer_ratio())
    return format_figure(indicator, int(value * (FEN_PER_YUAN if indicator.unit == "元" else 1)), None)


def _check_value(indicator: Indicator, value: Decimal, text: str) -> None:
    if not value.is_finite() or value < 0:
        raise PublishedFigureError(Sentence("'{text}' is no number from zero up", text=text))
    if value >= GREATEST_FIGURE or int(value.as_tuple().exponent) < -MOST_DECIMALS:
        raise PublishedFigureError(
            Sentence("'{text}' is more than any figure of a city has, or has too many decimals", text=text)
        )
    if indicator.is_rate and value > 1:
        raise PublishedFigureError(
            Sentence("'{text}' is above 100%; a rate as a number lies between 0 and 1", text=text)
        )
    if indicator.unit == "元" and value * FEN_PER_YUAN % 1:
        raise PublishedFigureError(Sentence("'{text}' has parts of a 分; money is given in 元", text=text))
    if not indicator.is_rate and indicator.unit != "元" and value % 1:
        raise PublishedFigureError(
            Sentence("'{text}' is no whole number of {unit}", text=text, unit=indicator.unit)
        )


def _example(indicator: Indicator) -> str:
    if indicator.is_rate:
        return "98.5%"
    return "3446.52万余元" if indicator.unit == "元" else f"248{indicator.unit}"
