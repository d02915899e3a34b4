"""The published yearly figures that the sample year must add up to, read from a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources

#: money is published in 万元 cut to two decimals: what is cut off is less than this
CUT_FEN = 100_00
_CUT_MARK = "余"


@dataclass(frozen=True)
class PublishedFigure:
    """A row of the published table, in its own columns."""

    indicator_id: str
    title_zh: str
    value: str
    unit: str
    published_text: str
    scope: str
    dataset: str

    @property
    def was_cut(self) -> bool:
        """Return whether the text was truncated: 3446.52万余元 was, 3446.52万元 is exact."""
        return _CUT_MARK in self.published_text


def published_figures() -> list[PublishedFigure]:
    """Read the packaged table of the year 2023."""
    text = resources.files(__package__).joinpath("published_2023.csv").read_text("utf-8")
    return [PublishedFigure(**row) for row in csv.DictReader(text.splitlines())]


class Targets:
    """The published table by indicator, converted to counts, shares and amounts."""

    def __init__(self, figures: Iterable[PublishedFigure]) -> None:
        self._figures = {figure.indicator_id: figure for figure in figures}

    def count(self, indicator_id: str) -> int:
        return int(Decimal(self._find(indicator_id).value))

    def share(self, indicator_id: str) -> Decimal:
        return Decimal(self._find(indicator_id).value)

    def shortfall(self, indicator_id: str, count: int) -> int:
        """Return how many of `count` a published share leaves out."""
        return count - int(self.share(indicator_id) * count)

    def fen(self, indicator_id: str) -> int:
        """Return the published amount in 分, truncated as published."""
        return int(Decimal(self._find(indicator_id).value) * 100)

    def was_cut(self, indicator_id: str) -> bool:
        """Whether the publication cut the figure off instead of rounding it."""
        return self._find(indicator_id).was_cut

    def _find(self, indicator_id: str) -> PublishedFigure:
        if indicator_id not in self._figures:
            raise KeyError(f"the published table has no {indicator_id}; it has {', '.join(self._figures)}")
        return self._figures[indicator_id]
