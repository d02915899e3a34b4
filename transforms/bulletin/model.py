"""The contents of a bulletin: figures with last year's, units, months, coverage, and the quality of the data.

It holds sums and counts only, nothing of single rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.figures.indicator import Indicator
from schemas.periods import Period
from transforms.bulletin.punctuality import Punctuality
from transforms.report.statistics import FilledTable
from transforms.report.year_comparison import YearComparison

#: digits of the hash that are printed; the whole one stands in the properties of each file
DIGITS_SHOWN = 16
#: what the hash of the figures covers, of each row of `indicators --json`
HASHED = (  # the first three tell rows apart
    "indicator_id", "region_code", "period", "value", "numerator", "denominator", "display", "units_expected",
    "units_reported", "is_provisional",
)  # fmt: skip
Row = Mapping[str, Any]


@dataclass(frozen=True)
class BulletinFigure:
    """A figure of the bulletin's region, as `indicators` has it (`row`), with last year's."""

    indicator: Indicator
    row: Row
    last_year: YearComparison

    @property
    def display(self) -> str:
        return str(self.row["display"])

    @property
    def value(self) -> Decimal | None:
        return exact(self.row["value"])

    @property
    def is_provisional(self) -> bool:
        return bool(self.row["is_provisional"])

    @property
    def is_of_region(self) -> bool:
        """Whether the region has this figure at all; a county has none of the bureau's own."""
        return self.value is not None or int(self.row["units_expected"] or 0) > 0

    @property
    def coverage(self) -> str:
        """How many of the units that owe it have reported all; of an imported figure that is not known."""
        if self.row["units_expected"] is None:
            return "录入"
        return f"{self.row['units_reported']}/{self.row['units_expected']}"


@dataclass(frozen=True)
class MonthFigure:
    """A figure of one month of the period, and of the same month a year before."""

    month: str
    row: Row
    earlier: Row | None = None


@dataclass(frozen=True)
class UnitFigures:
    """The figures of a part of the region, by indicator."""

    code: str
    name: str
    rows: Mapping[str, Row]


@dataclass(frozen=True)
class AdjustmentCount:
    """The adjustments of one kind to one report, without what they say of rows."""

    kind: str
    unit_name: str
    ledger_title: str
    month: str
    rows: int


@dataclass(frozen=True)
class MovedFigure:
    """A figure that differs from its last publication, and why."""

    title: str
    before: str
    after: str
    causes: str


@dataclass(frozen=True)
class Quality:
    """How the data came: by unit, the reports still missing, adjustments, and what moved since.

    `previous` is the number of the publication that `moved` compares with; None: there is none.
    """

    punctuality: Sequence[Punctuality] = ()
    missing: Sequence[str] = ()
    adjustments: Sequence[AdjustmentCount] = ()
    previous: int | None = None
    moved: Sequence[MovedFigure] = ()


@dataclass(frozen=True)
class Bulletin:
    """All that a bulletin says; `publication` is None for figures that were not published."""

    region_code: str
    region_name: str
    period: Period
    publication: int | None
    as_of: str
    ruleset: str
    figures: Mapping[str, BulletinFigure]
    units: Sequence[UnitFigures] = ()
    months: Mapping[str, Sequence[MonthFigure]] = field(default_factory=dict)
    statistics: Sequence[FilledTable] = ()
    quality: Quality = Quality()
    notes: Sequence[str] = ()

    @property
    def is_provisional(self) -> bool:
        return any(figure.is_provisional for figure in self.figures.values())

    @property
    def digest(self) -> str:
        """The hash of the figures of the region and its parts, in whatever order: equal for equal figures."""
        rows = [figure.row for figure in self.figures.values()]
        rows += [unit.rows[name] for unit in self.units for name in self.figures if name in unit.rows]
        content = sorted([_plain(row[name]) for name in HASHED] for row in rows)
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()

    @property
    def publication_words(self) -> str:
        return "未公布" if self.publication is None else f"第{self.publication}号公布"

    @property
    def stamp(self) -> str:
        """What tells the files of one bulletin from those of another."""
        digest = self.digest[:DIGITS_SHOWN]
        return f"{self.publication_words}｜数据截至{self.as_of}｜规则版本{self.ruleset}｜数字校验码{digest}"


def exact(value: Any) -> Decimal | None:
    """Return a figure's value exactly, whether it was just computed or comes from JSON."""
    if value is None:
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _plain(value: Any) -> Any:
    """Make a number the same text whether it was just computed or comes from JSON."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return f"{Decimal(repr(float(value))).normalize():f}"
