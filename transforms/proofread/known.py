"""The figures that a text is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

#: indicator, region code, period
FigureKey = tuple[str, str, str]


@dataclass(frozen=True)
class KnownFigure:
    """A computed or published figure: `value` in 元 or as a ratio, None where there is no figure.

    `is_of_text`: only the text that is read gives it; the data has none.
    """

    value: Decimal | None
    display: str
    is_provisional: bool = False
    is_of_text: bool = False


KnownFigures = Mapping[FigureKey, KnownFigure]
