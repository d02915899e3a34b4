"""What a text states: each number with the indicators, the region and the period that its words name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.figures.indicator import Indicator
from transforms.proofread.context import Words, items_of_list, words_of
from transforms.proofread.derived import Change, Share, read_change, read_share
from transforms.proofread.labels import LabelledNumber, label_statement_words
from transforms.proofread.matching import BEHIND, LIGHT, Match
from transforms.proofread.numerals import Numeral, find_numerals
from transforms.proofread.others import (
    OTHER_AUTHORITY,
    PLAN,
    is_aim,
    is_of_others,
    is_plan_heading,
    is_plan_opening,
    reason_of,
)
from transforms.proofread.reading import Mention, ReadingContext, SentenceScopes
from transforms.proofread.rises import read_rise_end, read_rise_start
from transforms.proofread.scopes import Scope
from transforms.proofread.text import Block, TextRead, pieces_of
from transforms.proofread.units import CLASSES, OTHER
from transforms.proofread.words_for_numbers import find_numbers_in_words

#: why a number is no figure that could be checked, beside the guards of numerals
NO_INDICATOR, SEVERAL_REGIONS, DERIVED, STATISTICS = (
    "no_indicator",
    "several_regions",
    "derived",
    "statistics",
)
#: headings of tables that count otherwise than the indicators
_STATISTICS = re.compile(r"统计年报|统计表")
#: words after which a number may be that of a part: in the sentence, before the number, in its clause
_PART_OF_TIME, _PART_OF_WORK = re.compile(r"期间(?!费)"), re.compile(r"专项")
_PART_IN_CLAUSE = re.compile(r"双随机|随机抽查|夜查|(?:公司|企业|厂|村|镇|街道|园区)的$")
#: 3个分局立案不足10件, but not 7个分局共立案
_PART_OF_UNITS = re.compile(r"^(?:分局|县|区|单位|大队|中队|部门|乡镇)(?!.*共)")
_BETWEEN = re.compile(r"[，；（）()年比较与同]")
_HEADINGS_KEPT = 3


@dataclass(frozen=True)
class Statement:
    """A number of a block, and what it states.

    `matches` are the indicators that fit: one for a figure, several that all are meant where `is_shared`,
    several that tie otherwise. Without any, `reason` says what the number is. `is_part`: the words may
    speak of a part only. `is_continued`: they are those of an earlier number. `in_words`: the text says
    没有 or 均 and has no number. `is_rise_start`: it is the 231件 of 由231件增至248件.
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
    in_words: bool = False
    is_rise_start: bool = False
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
    year, is_planned, are_others = reading.periods.own.year, False, is_of_others(text.blocks)
    for block in (piece for whole in text.blocks for piece in pieces_of(whole)):
        if block.is_heading and not any(numeral.unit for numeral in find_numerals(block.text)):
            headings = [*headings, block.text][-_HEADINGS_KEPT:]
            labels_above = []
            is_planned = is_plan_heading(block.text, year, before=is_planned)
            named = reading.regions.find(block.text)
            heading_region = named[-1][1] if len(named) == 1 else reading.own_region
        foreign = (
            OTHER_AUTHORITY
            if are_others
            else PLAN
            if is_planned or is_plan_opening(block.text, year)
            else ""
        )
        if foreign:
            statements += _read_foreign(block, foreign)
        elif block.is_cell:
            statements += _read_cell(block, reading, headings, labels_above)
            labels_above = labels_above if block.row_label else [*labels_above[-3:], block.text]
        else:
            statements += _read_paragraph(block, reading, headings, heading_region)
    return statements


def _read_foreign(block: Block, reason: str) -> Iterator[Statement]:
    """Yield the numbers of a paragraph or cell that is of others, or about a plan."""
    for numeral in find_numerals(block.text):
        yield Statement(numeral, block, reason=numeral.guard or reason)


def _read_cell(
    block: Block, reading: ReadingContext, headings: Sequence[str], labels_above: Sequence[str]
) -> list[Statement]:
    """Read the numbers of a cell by the labels of its row and column."""
    numerals = find_numerals(block.text)
    statements = [Statement(numeral, block, reason=numeral.guard) for numeral in numerals if numeral.guard]
    figures = [numeral for numeral in numerals if not numeral.guard]
    is_alone = len(figures) == 1 and not LIGHT.sub("", _outside(block.text, figures[0]))
    if figures and not is_alone:
        return [
            *statements,
            *_read_paragraph(block, reading, [*headings, block.row_label], reading.own_region),
        ]
    is_of_statistics = any(_STATISTICS.search(heading) for heading in headings[-2:])
    for numeral in figures:
        if is_of_statistics:
            statements.append(Statement(numeral, block, reason=STATISTICS))
            continue
        label = label_statement_words(block, numeral)
        if label is None:
            statements.append(Statement(numeral, block, reason=DERIVED))
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
    if by_row and by_column and by_row[0].indicator != by_column[0].indicator:
        return by_all
    return by_row or by_column or by_all


def _outside(text: str, numeral: Numeral) -> str:
    return text[: numeral.start] + text[numeral.end :]


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
    figures = [numeral for numeral in numerals if not numeral.guard]
    for numeral in numerals:
        if numeral.guard:
            yield Statement(numeral, block, reason=numeral.guard)
    default = SentenceScopes.of_paragraph(block.text, reading, region)
    scopes, earlier, used_until, sentence = default, list[Statement](), 0, -1
    for index, numeral in enumerate(figures):
        words = words_of(block, figures, index, used_until, headings)
        if words.sentence_start != sentence:
            sentence, scopes, earlier = words.sentence_start, default.begin_sentence(), []
        if items := items_of_list(block, figures, index, words.left):
            scopes.items = tuple(items)
        lead_start = max(sentence, figures[index - 1].end if index else 0)
        before = scopes.region, scopes.period
        mention = scopes.read(block.text[lead_start : numeral.start], is_start=lead_start == sentence)
        statement = _read_number(block, words, mention, scopes, earlier)
        if statement.is_continued:  # 其中长岭县60件 goes on with the words before, and not with the county
            scopes.region, scopes.period = before
        if any(match.nearness == BEHIND for match in statement.matches):
            used_until = numeral.end + len(words.right)
        earlier.append(statement)
        yield statement
    for numeral, indicators in find_numbers_in_words(block.text, figures, reading.phrases, headings):
        if is_aim(block.text, numeral.start):
            continue
        yield Statement(
            numeral, block, indicators, default.region, default.period, in_words=True, is_shared=True
        )


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
    if share := read_share(block.text, words, earlier):
        return replace(plain, reason=DERIVED, share=share)
    if not numeral.unit or OTHER in CLASSES[numeral.unit]:
        return replace(plain, reason=NO_INDICATOR)
    if mention.region is None:
        return replace(plain, reason=SEVERAL_REGIONS)
    if reason := reason_of(block.text, words):
        return replace(plain, reason=reason)
    if scopes.items:
        item, *remaining = scopes.items
        scopes.items = tuple(remaining)
        words = replace(words, left=item, right="")
    own_words = words
    words = _with_earlier_words(words, scopes.reading, earlier, is_named=mention.is_named)
    if shared := phrases.shared(words, numeral.unit):
        return replace(plain, matches=tuple(shared), is_shared=True)
    matches = phrases.best(words, numeral.unit)
    statement = replace(
        plain, matches=tuple(matches), reason="" if matches else NO_INDICATOR, is_part=_is_part(words, matches),
        words=words, is_continued=bool(matches) and words is not own_words,
    )  # fmt: skip
    return replace(statement, is_part=True) if _is_among(statement, earlier) else statement


def _with_earlier_words(
    words: Words, reading: ReadingContext, earlier: Sequence[Statement], *, is_named: bool
) -> Words:
    """Return the words with those of an earlier number, where its own say nothing.

    In 23件、22人 the second has none; in 其中长岭县40件 they only name another region.
    """
    anchor = next((each for each in reversed(earlier) if each.matches and each.words), None)
    if anchor is None or anchor.words is None or (anchor.numeral.unit == "%" and not is_named):
        return words
    own = words.left
    for _, scope in (*reading.regions.find(own), *reading.periods.find(own)):
        own = own.replace(scope.name, "")
    is_empty = not LIGHT.sub("", _BETWEEN.sub("", own)) and not LIGHT.sub("", words.right)
    is_other_unit = not CLASSES[anchor.numeral.unit] & CLASSES[words.numeral.unit]
    if is_empty and (is_named or (is_other_unit and "其中" not in words.left)):
        is_behind = any(match.nearness == BEHIND for match in anchor.matches)
        return replace(words, left=anchor.words.left + (anchor.words.right if is_behind else ""))
    return words


def _is_among(statement: Statement, earlier: Sequence[Statement]) -> bool:
    """Whether the sentence gave the figure before, and this is of it: 检查3948家次，其中现场检查312家次."""
    if statement.words is None or "其中" not in statement.words.segment or not statement.matches:
        return False
    key = statement.indicators, statement.region, statement.period
    return any(key == (each.indicators, each.region, each.period) for each in earlier)


def _is_part(words: Words, matches: Sequence[Match]) -> bool:
    """Whether the words may speak of a part of the figure: 专项行动, 大气类立案."""
    first_words = [match.phrase.words[0] for match in matches]
    is_of_part = _PART_OF_TIME.search(words.segment) or _PART_OF_WORK.search(words.left)
    follows_number = len(words.segment) > len(words.left)
    is_of_units = follows_number and _PART_OF_UNITS.search(words.left)  # 3个分局, but not 县市区里
    if is_of_part or _PART_IN_CLAUSE.search(words.clause) or is_of_units:
        return True
    return any(f"类{word}" in words.left for word in first_words)
