"""Whose report for which period a text is, and the regions and periods that its sentences name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.regions import RegionTable
from transforms.proofread.context import CLAUSE
from transforms.proofread.exclusions import (
    close_exclusion,
    open_exclusion,
    with_exclusions_read,
    words_behind,
)
from transforms.proofread.hints import HintIndex
from transforms.proofread.matching import PhraseIndex
from transforms.proofread.numerals import Numeral
from transforms.proofread.scopes import PLANNED, UNKNOWN, WIDER, PeriodWords, RegionWords, Scope, same_year
from transforms.proofread.series import PeriodSeries

#: characters before the name with which a paragraph begins: a number, 在
_OPENING = 3
_ONLY_BETWEEN = re.compile(r"[、，和及与]|以及")
_REACHED = re.compile(r"实际|实绩|已完成")
_OF_YEAR = re.compile(r"年度(?!计划|目标)|全年")


@dataclass
class ReadingContext:
    """Whose report for which period a text is, and what helps to read it.

    `needs_field`: a number is the bureau's only beside words of its field.
    """

    phrases: PhraseIndex
    hints: HintIndex
    regions: RegionWords
    periods: PeriodWords
    own_region: Scope
    own_period: Scope
    needs_field: bool = False

    @property
    def bureau(self) -> str | None:
        """The code of the bureau whose figures some of the region's are; None for the report of a unit."""
        bureau = self.regions.regions.bureau
        return bureau.code if bureau and not self.regions.is_unit else None


def make_reading(
    indicators: Mapping[str, Indicator], regions: RegionTable, region_code: str, period: Period
) -> ReadingContext:
    """Prepare for reading texts about one region and period."""
    return ReadingContext(
        PhraseIndex(indicators), HintIndex(indicators), RegionWords(regions, region_code), PeriodWords(period),
        Scope(region_code, regions.name_of(region_code)), Scope(str(period), str(period)),
    )  # fmt: skip


@dataclass(frozen=True)
class Mention:
    """The region and period of a number, and whether its own words name one; no region for several.

    `words` name the periods of a list: 四个季度分别为.
    """

    region: Scope | None
    period: Scope
    is_named: bool
    words: str = ""


@dataclass
class SentenceScopes:
    """The region and period that a sentence speaks of, as far as it was read.

    `outer` are those before an open bracket, which go on behind it. `items` are the names of the next
    numbers, where the text says 分别; `ahead` their regions and periods, where these are named so.
    `taken_out` is what an exclusion names that is not closed yet: 除双峰县立案42件外.
    """

    reading: ReadingContext
    region: Scope | None
    period: Scope
    outer: tuple[Scope | None, Scope] | None = None
    items: tuple[str, ...] = ()
    ahead: tuple[tuple[Scope | None, Scope], ...] = ()
    taken_out: str = ""

    @classmethod
    def of_paragraph(cls, text: str, reading: ReadingContext, region: Scope) -> SentenceScopes:
        """Return those with which every sentence of a paragraph begins: 星河区：…, 2022年，…"""
        opening = CLAUSE.split(text)[0]
        named = reading.regions.find(opening)
        is_named = len(named) == 1 and named[0][0] <= _OPENING and not named[0][1].is_rest
        return cls(reading, named[0][1] if is_named else region, _opening_period(opening, reading))

    def begin_sentence(self, before: SentenceScopes | None = None) -> SentenceScopes:
        """Return those of the next sentence; what is said of the province goes on: 全省立案9件。罚款3万元."""
        goes_on = before is not None and before.region is not None and before.region.name in WIDER
        return replace(
            self,
            region=before.region if before and goes_on else self.region,
            outer=None,
            items=(),
            ahead=(),
            taken_out="",
        )

    def read(self, text: str, start: int, numeral: Numeral, *, is_start: bool) -> Mention:
        """Return what the words since the number before name, and move on for the next number.

        Those behind it may take a unit out of it: 206件（不含长岭县）. What brackets name holds within them.
        """
        mention = self._read_lead(text[start : numeral.start], is_start=is_start)
        behind = words_behind(text, numeral.end)
        remainders = [scope for _, scope in self.reading.regions.find(behind) if scope.is_rest]
        return replace(mention, region=remainders[0], is_named=True) if remainders else mention

    def _read_lead(self, lead: str, *, is_start: bool) -> Mention:
        """Return what the words before a number name."""
        lead = close_exclusion(self.taken_out, with_exclusions_read(lead))
        if self.ahead and _ONLY_BETWEEN.fullmatch(lead):
            (region, period), *further = self.ahead
            self.ahead = tuple(further)
            return Mention(region, period, is_named=True)
        self.ahead = ()
        if self.outer and "）" in lead:
            (self.region, self.period), self.outer = self.outer, None
            lead = lead[lead.rindex("）") + 1 :]
        opening = lead.rfind("（")
        if opening < 0 or self.outer:
            return self._read(lead, is_start=is_start)
        before = self._read(lead[:opening], is_start=is_start)
        self.outer = self.region, self.period
        within = self._read(lead[opening + 1 :], is_start=False)
        return replace(within, is_named=before.is_named or within.is_named)

    def _read(self, lead: str, *, is_start: bool) -> Mention:
        lead, self.taken_out = open_exclusion(lead, is_start=is_start)
        regions, periods = self.reading.regions.find(lead), self.reading.periods.find(lead)
        region: Scope | None = self.region
        if regions:
            region = self.region = None if _are_joined(lead, regions) else regions[-1][1]
        start_of_clause = len(lead) - len(CLAUSE.split(lead)[-1])
        periods = [
            (start, scope) for start, scope in periods if not scope.is_passing or start >= start_of_clause
        ]
        period, is_reached = self.period, False
        if self.period.name in PLANNED and _REACHED.search(lead):  # 目标检查3000家次，实际完成3948家次
            period = self.period = self.reading.own_period
            is_reached = True
        if "分别" in lead and _are_joined(lead, regions):  # 甲县、乙县分别立案9件、8件
            first, *further = [(scope, self.period) for _, scope in regions]
            self.ahead = tuple(further)
            return Mention(*first, is_named=True)
        if periods:
            start, period = periods[-1]
            before = [self.period, *(scope for _, scope in periods[:-1])]
            period = self.reading.own_period if _is_of_year(period, lead) else period
            period = same_year(_same_span(period, self.period), before)
            is_opening = is_start and start <= _OPENING
            if not period.is_passing and (is_opening or not period.is_earlier):
                self.period = period
        return Mention(region, period, bool(regions or periods or is_reached))

    def of_series(self, series: PeriodSeries, index: int, mention: Mention) -> Mention:
        """Return the mention of a number of a list of periods, or of one behind it."""
        if series.has(index):
            self.period = series.periods[index]
            return Mention(mention.region, self.period, is_named=True, words=series.words)
        if series.after and mention.period in series.listed and not self.outer:
            self.period = series.after
            return replace(mention, period=self.period)
        return mention


def _same_span(period: Scope, before: Scope) -> Scope:
    """Return last year's months of the period before, where 同期 stands behind it: 上半年…，去年同期."""
    if "同期" not in period.name:
        return period
    key = UNKNOWN if before.key == UNKNOWN else str(Period.parse_span(before.key).a_year_before())
    return replace(period, key=key)


def _is_of_year(period: Scope, words: str) -> bool:
    """Whether these days are only when the work of a year was done: 12月4日至8日开展年度案卷评查."""
    return period.is_of_work and _OF_YEAR.search(words.partition(period.name)[2]) is not None


def _opening_period(opening: str, reading: ReadingContext) -> Scope:
    """Return the period with which a paragraph begins."""
    named = reading.periods.find(opening)
    if len(named) == 1 and _is_of_year(named[0][1], opening):
        return reading.own_period
    is_opening = len(named) == 1 and named[0][0] <= _OPENING and not named[0][1].is_passing
    return named[0][1] if is_opening else reading.own_period


def _are_joined(lead: str, regions: Sequence[tuple[int, Scope]]) -> bool:
    """Whether the last two regions are named together: 长岭县、临江市."""
    if len(regions) < 2:
        return False
    (start, scope), (following, other) = regions[-2:]
    between = lead[start + len(scope.name) : following]
    return scope.key != other.key and between in ("、", "和", "及", "与", "以及")
