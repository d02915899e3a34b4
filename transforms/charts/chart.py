"""What a chart shows, whatever it is drawn with. A value that is not known is a gap, never a zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from transforms.foreign_text import make_visible


class Point(NamedTuple):
    """A value of a chart: its label, the number (None: no figure), how it is printed, whether it may move,
    and what is said where there is no figure.
    """

    label: str
    value: float | None
    display: str
    is_provisional: bool = False
    why_none: str = "没有数"

    @property
    def words(self) -> str:
        """How the value is printed, with a mark where it is provisional."""
        return f"{self.display}（暂定）" if self.is_provisional else self.display


def why_no_figure(row: Mapping[str, Any]) -> str:
    """Say why a unit's row of figures has no value: reports are lacking, or there is nothing to divide by."""
    if row["units_reported"] < row["units_expected"]:
        return "未报齐"
    return "已报，分母为零" if row["denominator"] == 0 else "没有数"


class Series(NamedTuple):
    """The points that are drawn as a line, or as bars of one colour."""

    name: str
    points: tuple[Point, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(point.value is None for point in self.points)


@dataclass(frozen=True)
class Chart:
    """A chart: `line` over months, where the second series is that of the year before, or `bars` by unit."""

    kind: Literal["line", "bars"]
    title: str
    unit: str
    series: tuple[Series, ...]

    @property
    def drawn_series(self) -> list[Series]:
        """The series that have any value."""
        return [series for series in self.series if not series.is_empty]

    @property
    def description(self) -> str:
        """The chart in words, for those who do not see it."""
        texts = (
            f"{series.name}：" + "，".join(f"{point.label}{point.display}" for point in series.points)
            for series in self.drawn_series
        )
        return make_visible(f"{self.title}（{self.unit}）。{'；'.join(texts)}。")
