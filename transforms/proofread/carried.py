"""The county of the sentence before: 娄星区的压力不小。去年检查企业520家次。"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.proofread.compare import agrees
from transforms.proofread.context import Words, sentence_bounds
from transforms.proofread.known import KnownFigures
from transforms.proofread.reading import Mention, ReadingContext
from transforms.proofread.scopes import Scope

if TYPE_CHECKING:
    from transforms.proofread.statements import Statement

#: words that speak of all again, beside the names of regions
_OF_ALL = re.compile(r"其中|市局|我局|本局|全局|全系统|市生态环境|市环境|市环保|各(?:地|县|区|分局)")
#: words that surely mean the county that was named: 该区, 这个人口60万的区
_THIS_COUNTY = re.compile(
    r"该[区县]|该分局|(?<![各县市个])[区县]分局|全[区县](?!域)"
    r"|这个?[^，。；]{0,15}(?<![园小社片地市库城发景校矿厂山])[区县]"
)
_IN_BRACKETS = re.compile(r"（[^（）]*）")


class CarriedRegions:
    """The counties that go on into the next sentences of a paragraph, until these name another region.

    Only where the paragraph itself is about the region whose report it is.
    """

    def __init__(self, text: str, reading: ReadingContext, paragraph_region: Scope | None) -> None:
        self._text, self._reading = text, reading
        self._of_sentence: dict[int, Scope] = {}
        if paragraph_region == reading.own_region and reading.regions.find(text):
            self._read()

    def _read(self) -> None:
        """Note for each sentence the county that goes on into it."""
        start, county = 0, None
        while start < len(self._text):
            end = sentence_bounds(self._text, start)[1]
            if county:
                self._of_sentence[start] = county
            county = self._named_in(self._text[start:end], county)
            start = end + 1

    def _named_in(self, sentence: str, before: Scope | None) -> Scope | None:
        """Return the only county that a sentence names, or the one before where it names no region."""
        named = {
            scope.key: scope for _, scope in self._reading.regions.find(_IN_BRACKETS.sub("", sentence))
        }
        if _OF_ALL.search(sentence) or len(named) > 1:
            return None
        if not named:
            return before
        ((code, scope),) = named.items()
        region = self._reading.regions.regions.regions.get(code)
        return scope if region and region.is_unit and code != self._reading.own_region.key else None

    def read(self, words: Words, mention: Mention) -> tuple[Mention, Scope | None]:
        """Return of which region a number is, and the county of which it may be as well."""
        county = self._of_sentence.get(words.sentence_start)
        if county is None or mention.region != self._reading.own_region:
            return mention, None
        before = self._text[words.sentence_start : words.numeral.start]
        if _OF_ALL.search(before) or self._reading.regions.find(before):
            return mention, None
        if _THIS_COUNTY.search(before):
            return replace(mention, region=county), None
        return mention, county


def settle_region(statement: Statement, figures: KnownFigures) -> Statement:
    """Return a statement with the county that it may be of as its region, where it is the county's figure.

    Where it is that of all, no county is left; else both stay possible.
    """
    if change := statement.change:
        base = settle_region(change.base, figures) if change.base else None
        return replace(statement, change=replace(change, base=None if base and base.may_be_of else base))
    if share := statement.share:
        part, whole = (settle_region(each, figures) if each else None for each in (share.part, share.whole))
        return replace(statement, share=replace(share, part=part, whole=whole))
    for region in (statement.may_be_of, statement.region):
        if statement.may_be_of and region and _is_figure_of(statement, region, figures):
            return replace(statement, region=region, may_be_of=None)
    return statement


def _is_figure_of(statement: Statement, region: Scope, figures: KnownFigures) -> bool:
    """Whether the number is the figure of this region."""
    keys = [
        (match.indicator.indicator_id, region.key, statement.period.key if statement.period else "")
        for match in statement.matches
    ]
    values = [figures[key].value for key in keys if key in figures]
    return any(value is not None and agrees(statement.numeral, value) for value in values)
