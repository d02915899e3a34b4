"""What a text states: each number with the indicators, the region and the period that its words name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.figures.indicator import Indicator
from transforms.proofread.authorship import FIELD, Author, author_of, is_spoken_after
from transforms.proofread.carried import CarriedRegions
from transforms.proofread.choose_match import find_matches, rate_said_as_share
from transforms.proofread.context import Words, items_of_list, words_of
from transforms.proofread.derived import Change, Share, read_change, read_change_of_cell, read_share
from transforms.proofread.earlier_words import with_earlier_words
from transforms.proofread.hints import Surroundings
from transforms.proofread.labels import (
    LabelledNumber,
    is_derived_label,
    is_of_notes,
    label_statement_words,
    with_unit_before,
)
from transforms.proofread.matching import BEHIND, LIGHT, Match
from transforms.proofread.numerals import Numeral, as_percent, find_numerals
from transforms.proofread.others import (
    OTHER_AUTHORITY,
    PLAN,
    is_aim,
    is_plan_heading,
    is_plan_opening,
    reason_of,
)
from transforms.proofread.parts import may_be_part
from transforms.proofread.reading import Mention, ReadingContext, SentenceScopes
from transforms.proofread.rises import read_rise_end, read_rise_start
from transforms.proofread.scopes import PeriodWords, Scope
from transforms.proofread.series import PeriodSeries, read_series, read_unclear_list
from transforms.proofread.text import Block, TextRead, pieces_of
from transforms.proofread.units import OTHER, classes_of_unit
from transforms.proofread.words_for_numbers import find_numbers_in_words

#: why a number is no figure that could be checked, beside the guards of numerals
NO_INDICATOR, SEVERAL_REGIONS, DERIVED, STATISTICS, UNCLEAR_LIST = (
    "no_indicator", "several_regions", "derived", "statistics", "unclear_list",
)  # fmt: skip
#: headings of tables that count otherwise than the indicators
_STATISTICS = re.compile(r"统计年报|统计表")
_SIGN = re.compile(r"[-+±－−—↑↓▲▼]|增长|上升|增加|下降|减少|降低")
#: a number without a unit that ends its clause is one all the same: 均为0。诉讼12，复议6。
_AFTER_WORDS, _STOPS = re.compile(r"[一-龥）][：:]?$"), re.compile(r"[，。；、（）)●■◆]|$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_JOINTS = re.compile(r"[、，；/]")
_HEADINGS_KEPT, _LABELS_KEPT, MOST_COLUMNS = 3, 11, 20


@dataclass(frozen=True)
class Statement:
    """A number of a block, and what it states.

    `matches` are the indicators that fit: one for a figure, several that all are meant where `is_shared`,
    several that tie otherwise. Without any, `reason` says what the number is. `is_part`: the words may
    speak of a part only. `is_continued`: they are those of an earlier number. `is_likely`: they only point
    to the indicator. `in_words`: the text says 没有 or 均. `is_rise_start`: the 231件 of 由231件增至248件.
    `may_be_of`: the county of the sentence before, which the number may be of.
    """

    numeral: Numeral
    block: Block
    matches: tuple[Match, ...] = ()
    region: Scope | None = None
    period: Scope | None = None
    reason: str = ""
    is_shared: bool = False
    is_part: bool = False
    is_continued: bool = False
    is_likely: bool = False
    in_words: bool = False
    is_rise_start: bool = False
    may_be_of: Scope | None = None
    change: Change | None = None
    share: Share | None = None
    words: Words | None = None

    @property
    def indicators(self) -> list[Indicator]:
        return [match.indicator for match in self.matches]


def read_statements(text: TextRead, reading: ReadingContext) -> list[Statement]:
    """Read every number of a text, in order, and what is said in words instead of numbers."""
    statements: list[Statement] = []
    headings: list[str] = []
    labels_above: list[str] = []
    heading_region = reading.own_region
    year, is_planned, author = reading.periods.own.year, False, author_of(text.blocks, reading.regions)
    reading = replace(reading, needs_field=author is Author.GOVERNMENT)
    if is_spoken_after(text.blocks, year):
        reading = replace(reading, periods=PeriodWords(reading.periods.own, is_spoken_after=True))
    for block in (piece for whole in text.blocks for piece in pieces_of(whole)):
        if block.is_heading and not any(numeral.unit for numeral in find_numerals(block.text)):
            headings = [*headings, block.text][-_HEADINGS_KEPT:]
            labels_above = []
            is_planned = is_plan_heading(block.text, year, before=is_planned)
            named = reading.regions.find(block.text)
            heading_region = named[-1][1] if len(named) == 1 else reading.own_region
        foreign = (
            OTHER_AUTHORITY
            if author is Author.OTHER
            else PLAN
            if is_planned or is_plan_opening(block.text, year)
            else ""
        )
        if foreign:
            statements += _read_foreign(block, foreign)
        elif block.is_cell:
            statements += _read_cell(block, reading, headings, labels_above, statements[-MOST_COLUMNS:])
            labels_above = labels_above if block.row_label else [*labels_above[-_LABELS_KEPT:], block.text]
        else:
            statements += _read_paragraph(block, reading, headings, heading_region)
    return statements


def _read_foreign(block: Block, reason: str) -> Iterator[Statement]:
    """Yield the numbers of a paragraph or cell that is of others, or about a plan."""
    for numeral in find_numerals(block.text):
        yield Statement(numeral, block, reason=numeral.guard or reason)


def _read_cell(
    block: Block,
    reading: ReadingContext,
    headings: Sequence[str],
    labels_above: Sequence[str],
    before: Sequence[Statement],
) -> list[Statement]:
    """Read the numbers of a cell by the labels of its row and column; `before` are those read before it."""
    numerals = find_numerals(block.text)
    statements = [Statement(numeral, block, reason=numeral.guard) for numeral in numerals if numeral.guard]
    figures = [numeral for numeral in numerals if not numeral.guard]
    if is_of_notes(block):
        return [*statements, *(Statement(numeral, block, reason=NO_INDICATOR) for numeral in figures)]
    is_alone = _is_cell_value(block, _JOINTS.sub("", LIGHT.sub("", _outside(block.text, figures))))
    if figures and not is_alone:
        return [
            *statements,
            *_read_paragraph(block, reading, [*headings, block.row_label], reading.own_region),
        ]
    if reading.needs_field and not FIELD.search("".join((block.row_label, block.column_label, *headings))):
        return [*statements, *(Statement(numeral, block, reason=OTHER_AUTHORITY) for numeral in figures)]
    is_of_statistics = any(_STATISTICS.search(heading) for heading in headings[-2:])
    for numeral in figures:
        if is_of_statistics:
            statements.append(Statement(numeral, block, reason=STATISTICS))
            continue
        label = label_statement_words(block, numeral)
        if label is None:
            change = read_change_of_cell(block, before, reading.own_period)
            change_numeral = as_percent(numeral) if change else numeral
            statements.append(Statement(change_numeral, block, reason=DERIVED, change=change))
            continue
        region, period = _scopes_of_label(block, reading)
        named = replace(
            numeral, unit=label.unit, value=label.value, step=label.step, rough_step=label.rough_step
        )
        matches = _match_label(label, reading, [*headings, *labels_above])
        statements.append(
            Statement(named, block, tuple(matches), region, period, "" if matches else NO_INDICATOR)
        )
    return statements


def _match_label(label: LabelledNumber, reading: ReadingContext, headings: Sequence[str]) -> list[Match]:
    """Match the innermost label of the row or that of the column, and both together where they disagree."""
    topics = (label.text, *reversed(headings))
    by_row, by_column, by_all = (
        reading.phrases.best_in(text, label.unit, topics) for text in (label.row, label.column, label.text)
    )
    around = Surroundings(label.text, sentence="".join(topics))
    if by_row and by_column and by_row[0].indicator != by_column[0].indicator:
        return by_all
    return by_row or by_column or by_all or reading.hints.find(around, label.unit)[0]


def _is_cell_value(block: Block, words: str) -> bool:
    """Whether these words beside a number are none of their own: nothing, or the sign of a change."""
    return not words or (is_derived_label(block) and bool(_SIGN.fullmatch(words)))


def _outside(text: str, figures: Sequence[Numeral]) -> str:
    """Return what stands around the numbers of a cell."""
    for numeral in reversed(figures):
        text = text[: numeral.start] + text[numeral.end :]
    return text


def _scopes_of_label(block: Block, reading: ReadingContext) -> tuple[Scope, Scope]:
    """Return the region and period that the labels of a cell name."""
    label = f"{block.row_label}，{block.column_label}"
    regions, periods = reading.regions.find(label), reading.periods.find(label)
    return (
        regions[-1][1] if regions else reading.own_region,
        periods[-1][1] if periods else reading.own_period,
    )


def _read_paragraph(
    block: Block, reading: ReadingContext, headings: Sequence[str], region: Scope
) -> Iterator[Statement]:
    """Yield what the numbers of a paragraph state, one after the other."""
    numerals = find_numerals(block.text)
    figures = [with_unit_before(block.text, numeral) for numeral in numerals if not numeral.guard]
    for numeral in numerals:
        if numeral.guard:
            yield Statement(numeral, block, reason=numeral.guard)
    default = SentenceScopes.of_paragraph(block.text, reading, region)
    scopes, earlier, used_until, sentence = default, list[Statement](), 0, -1
    series: PeriodSeries | None = None
    carried = CarriedRegions(block.text, reading, default.region)
    for index in range(len(figures)):
        words = words_of(block, figures, index, used_until, headings)
        if words.sentence_start != sentence:
            scopes = default.begin_sentence(scopes if earlier else None)
            sentence, earlier, series = words.sentence_start, [], None
        lead_start = max(sentence, figures[index - 1].end if index else 0)
        before = scopes.region, scopes.period
        mention = scopes.read(block.text, lead_start, words.numeral, is_start=lead_start == sentence)
        if series is None or not series.has(index):
            begun = read_series(block.text, figures, index, lead_start, series, reading.periods.own.year)
            series = begun.followed_by(before[1] if earlier else begun.whole) if begun else series
            if begun is None:
                scopes.items = tuple(items_of_list(block, figures, index, words.left)) or scopes.items
            if begun is None and not scopes.items and not scopes.ahead:
                unclear = read_unclear_list(block.text, figures, index, words.clause, mention.period)
                series = unclear or series
        if series:
            figures[index] = series.with_unit(figures, index)
            words = replace(words, numeral=figures[index])
            mention = scopes.of_series(series, index, mention)
        mention, county = carried.read(words, mention)
        if series and series.is_unclear and series.has(index):
            statement = Statement(words.numeral, block, reason=UNCLEAR_LIST, words=words)
        else:
            statement = replace(_read_number(block, words, mention, scopes, earlier), may_be_of=county)
        if statement.is_continued and not (
            series and series.listed
        ):  # 其中长岭县60件: only the words go on
            scopes.region, scopes.period = before
        if any(match.nearness == BEHIND for match in statement.matches):
            used_until = words.numeral.end + len(words.right)
        earlier.append(statement)
        yield statement
    for numeral, indicators in find_numbers_in_words(block.text, figures, reading.phrases, headings):
        if not is_aim(block.text, numeral.start):
            scope = default.region, default.period
            yield Statement(numeral, block, indicators, *scope, in_words=True, is_shared=True)


def _ends_its_clause(text: str, words: Words) -> bool:
    """Whether a number without a unit stands between words and a stop, and is no year: 诉讼12，复议6。"""
    numeral = words.numeral
    is_between = _AFTER_WORDS.search(words.left) and _STOPS.match(text, numeral.end)
    return bool(is_between) and not _YEAR.fullmatch(numeral.text)


def _read_number(
    block: Block, words: Words, mention: Mention, scopes: SentenceScopes, earlier: Sequence[Statement]
) -> Statement:
    """Read one number of a sentence, in which `earlier` ones stand before it."""
    numeral, phrases = words.numeral, scopes.reading.phrases
    plain = Statement(numeral, block, (), mention.region, mention.period, words=words)
    if end := read_rise_end(block.text, words, mention, earlier, scopes.reading):
        return end
    start = read_rise_start(block.text, words, mention)
    if start:
        plain = replace(plain, period=start.period, is_rise_start=True)
    elif change := read_change(words, earlier, mention.period):
        return replace(plain, reason=DERIVED, change=change)
    share = read_share(block.text, words, earlier, scopes.reading.own_region)
    if share and not (share.part is None and (rate := rate_said_as_share(block, words, scopes.reading))):
        return replace(plain, reason=DERIVED, share=share)
    if share:
        return replace(plain, matches=rate, is_likely=True)
    if (not numeral.unit and not _ends_its_clause(block.text, words)) or OTHER in classes_of_unit(
        numeral.unit
    ):
        return replace(plain, reason=NO_INDICATOR)
    if mention.region is None:
        return replace(plain, reason=SEVERAL_REGIONS)
    if scopes.items:
        item, *remaining = scopes.items
        scopes.items = tuple(remaining)
        words = replace(words, left=item, right="")
    own_words = words
    words = with_earlier_words(words, scopes.reading, earlier, mention)
    reason = reason_of(block.text, own_words, needs_field=scopes.reading.needs_field)
    if reason and words is own_words:
        return replace(plain, reason=reason)
    if shared := phrases.shared(words, numeral.unit):
        return replace(plain, matches=tuple(shared), is_shared=True)
    matches, is_likely = find_matches(block, (words, own_words), scopes.reading)
    statement = replace(
        plain, matches=matches, reason="" if matches else NO_INDICATOR, words=words, is_likely=is_likely,
        is_continued=bool(matches) and words is not own_words,
    )  # fmt: skip
    is_part = mention.period.is_of_work or may_be_part(statement, own_words, earlier)
    return replace(statement, is_part=True) if is_part else statement
