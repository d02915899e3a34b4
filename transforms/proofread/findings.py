"""Findings of proofreading: each number of a text with its state, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from itertools import islice

from schemas.figures.indicator import Indicator
from schemas.periods import Period
from transforms.proofread.carried import settle_region
from transforms.proofread.compare import agrees, agrees_if_rounded
from transforms.proofread.context import context_of
from transforms.proofread.judge_derived import DerivedVerdict, judge_change, judge_share
from transforms.proofread.known import FigureKey, KnownFigure, KnownFigures
from transforms.proofread.numerals import EXACT
from transforms.proofread.reading import ReadingContext
from transforms.proofread.scopes import UNKNOWN, Scope
from transforms.proofread.statements import NO_INDICATOR, Statement
from transforms.proofread.text import TextRead

#: how many other numbers for the same figure are named with a finding
MOST_OTHER_TEXTS = 5


class State(StrEnum):
    """States of a number, as `proofread --json` has them."""

    AGREES = "agrees"
    DIFFERS = "differs"
    AMBIGUOUS = "ambiguous"
    NOT_A_FIGURE = "not_a_figure"


@dataclass(frozen=True)
class ProofFinding:
    """A number of a text: where it stands, what it states, and whether that is so.

    `reason` names a sentence, whose gaps `details` fills in. `value` is in the unit's base, as in the
    figures: 元, and 1 for 100 %.
    """

    text: str
    start: int
    end: int
    context: str
    value: Decimal | None
    unit: str
    state: State
    reason: str
    indicator_id: str | None = None
    expected: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    key: FigureKey | None = None
    other_texts: tuple[str, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        return self.state in (State.DIFFERS, State.AMBIGUOUS)


def needed_figures(statements: Iterable[Statement], reading: ReadingContext) -> set[tuple[str, str]]:
    """Return the (region, period) pairs whose figures are needed to judge the statements."""
    needed = {(reading.own_region.key, reading.own_period.key)}
    for statement in statements:
        for region in (statement.region, statement.may_be_of):
            if region and statement.period:
                needed.add((region.key, statement.period.key))
        base = statement.change.base if statement.change else None
        for region in (base.region, base.may_be_of) if base else ():
            if statement.change and region:
                needed.add((region.key, statement.change.compared_with))
    return {pair for pair in needed if UNKNOWN not in pair}


def judge(
    text: TextRead, statements: Sequence[Statement], figures: KnownFigures, reading: ReadingContext
) -> list[ProofFinding]:
    """Judge every statement, in the order of the text; one that names several indicators gives several."""
    statements = [settle_region(statement, figures) for statement in statements]
    with_stated = {**_stated_figures(statements), **_with_values(figures)}
    findings = [
        finding
        for statement in statements
        for finding in _judge_statement(
            text, statement, with_stated if statement.change else figures, reading
        )
    ]
    return _name_contradictions(sorted(findings, key=lambda finding: finding.start))


def _with_values(figures: KnownFigures) -> dict[FigureKey, KnownFigure]:
    """Return the figures that there are."""
    return {key: figure for key, figure in figures.items() if figure.value is not None}


def _stated_figures(statements: Iterable[Statement]) -> dict[FigureKey, KnownFigure]:
    """Return the figures as the text itself states them, without those that it states in several ways.

    A change on a year without data is checked by them: 立案248件，上年231件，同比增长7.4%.
    """
    stated: dict[FigureKey, set[Decimal]] = {}
    texts: dict[FigureKey, str] = {}
    for statement in statements:
        value, numeral = statement.numeral.value, statement.numeral
        is_certain = len(statement.matches) == 1 and not (
            statement.is_likely or statement.is_part or statement.may_be_of
        )
        if value is None or numeral.mark != EXACT or not is_certain or statement.in_words:
            continue
        key = _key(statement.indicators[0], statement.region, statement.period)
        if UNKNOWN not in key:
            stated.setdefault(key, set()).add(value)
            texts[key] = numeral.text
    return {
        key: KnownFigure(next(iter(values)), texts[key], is_of_text=True)
        for key, values in stated.items()
        if len(values) == 1
    }


def never_mentioned(
    findings: Iterable[ProofFinding],
    indicators: Mapping[str, Indicator],
    figures: KnownFigures,
    reading: ReadingContext,
) -> list[Indicator]:
    """List the indicators with a figure that no number of the text states for its own region and period."""
    own = reading.own_region.key, reading.own_period.key
    mentioned = {finding.indicator_id for finding in findings if finding.key and finding.key[1:] == own}
    known = {key[0] for key, figure in figures.items() if key[1:] == own and figure.value is not None}
    return [indicator for name, indicator in indicators.items() if name in known - mentioned]


def _judge_statement(
    text: TextRead, statement: Statement, figures: KnownFigures, reading: ReadingContext
) -> list[ProofFinding]:
    plain = _plain_finding(text, statement)
    if statement.change:
        return [_with_verdict(plain, judge_change(statement, statement.change, figures))]
    if statement.share:
        return [_with_verdict(plain, judge_share(statement, statement.share, figures))]
    if not statement.matches:
        return [replace(plain, reason=statement.reason or NO_INDICATOR)]
    if len(statement.matches) > 1 and not statement.is_shared:
        return [_ambiguous(plain, statement, figures)]
    findings = [
        _judge_figure(plain, statement, indicator, figures, reading) for indicator in statement.indicators
    ]
    return [_of_county(finding, statement.may_be_of) for finding in findings]


def _of_county(finding: ProofFinding, county: Scope | None) -> ProofFinding:
    """Return a finding that differs as ambiguous, where the number may be of the county named before."""
    if county is None or finding.state is not State.DIFFERS:
        return finding
    details = {**finding.details, "region": county.name}
    return replace(finding, state=State.AMBIGUOUS, reason="of_county", key=None, details=details)


def _with_verdict(plain: ProofFinding, verdict: DerivedVerdict) -> ProofFinding:
    states = {None: State.NOT_A_FIGURE, True: State.AGREES, False: State.DIFFERS}
    return replace(
        plain, state=states[verdict.is_right], reason=verdict.reason, indicator_id=verdict.indicator_id,
        expected=verdict.expected, details=verdict.details,
    )  # fmt: skip


def _plain_finding(text: TextRead, statement: Statement) -> ProofFinding:
    """Return the finding of a number that is no figure, to be completed."""
    numeral, offsets = statement.numeral, statement.block.offsets
    start, end = offsets[numeral.start], offsets[numeral.end - 1] + 1
    unit = "ratio" if numeral.unit == "%" else numeral.unit
    return ProofFinding(
        text.text[start:end], start, end, context_of(statement.block, numeral), numeral.value, unit,
        State.NOT_A_FIGURE, statement.reason,
    )  # fmt: skip


def _key(indicator: Indicator, region: Scope | None, period: Scope | None) -> FigureKey:
    return indicator.indicator_id, region.key if region else UNKNOWN, period.key if period else UNKNOWN


def _ambiguous(plain: ProofFinding, statement: Statement, figures: KnownFigures) -> ProofFinding:
    """Return the finding of a number that several indicators fit equally well."""
    candidates = []
    for indicator in statement.indicators:
        figure = figures.get(_key(indicator, statement.region, statement.period))
        candidates.append(f"{indicator.title}{f'（{figure.display}）' if figure else ''}")
    return replace(
        plain, state=State.AMBIGUOUS, reason="several_fit", details={"candidates": "、".join(candidates)}
    )


def _judge_figure(
    plain: ProofFinding,
    statement: Statement,
    indicator: Indicator,
    figures: KnownFigures,
    reading: ReadingContext,
) -> ProofFinding:
    """Hold one number against the figure that it states."""
    region, period = statement.region or reading.own_region, statement.period or reading.own_period
    if indicator.scope == "bureau" and region.key == reading.bureau:
        region = reading.own_region  # the city's figure is that of its bureau
    key = _key(indicator, region, period)
    own_key = _key(indicator, reading.own_region, reading.own_period)
    named_scopes = [
        scope.name
        for scope, own in ((region, reading.own_region), (period, reading.own_period))
        if scope.key != own.key
    ]
    title = f"{indicator.title}（{'，'.join(named_scopes)}）" if named_scopes else indicator.title
    names = {"title": title}
    named = replace(plain, indicator_id=indicator.indicator_id, key=key, details=names)
    if region.is_rest:
        return replace(named, reason="rest", key=None)
    figure = figures.get(key)
    if statement.is_part and (figure is None or figure.value is None):
        return replace(named, reason="part", key=None)
    if figure is None or (figure.value is None and key != own_key):
        if _is_within(key, own_key) and _agrees_with(statement, figures.get(own_key)):
            own_names = {"title": indicator.title}  # 12月组织考试，参考率100%: when it was
            return replace(named, state=State.AGREES, reason="agrees", key=own_key, details=own_names,
                           expected=figures[own_key].display)  # fmt: skip
        if indicator.is_rate and figures.get(own_key) and _is_within(key, own_key):
            likely = {**names, "expected": figures[own_key].display}
            return replace(named, state=State.AMBIGUOUS, reason="likely", key=own_key, details=likely)
        return replace(named, reason="other_scope" if UNKNOWN in key else "no_data")
    named = replace(named, expected=figure.display, details={**names, "expected": figure.display})
    if _agrees_with(statement, figure):
        return replace(
            named, state=State.AGREES, reason="provisional" if figure.is_provisional else "agrees"
        )
    if key != own_key and _agrees_with(statement, figures.get(own_key)):
        return replace(named, state=State.AMBIGUOUS, reason="scope_unclear")
    is_greater = (
        statement.numeral.value is not None
        and figure.value is not None
        and (statement.numeral.value > figure.value)
    )  # no part is greater than its whole
    if statement.is_part and not is_greater:
        return replace(named, state=State.NOT_A_FIGURE, reason="part", key=None, expected=None)
    if statement.is_likely:
        return replace(named, state=State.AMBIGUOUS, reason="likely")
    if statement.in_words:
        return replace(named, state=State.AMBIGUOUS, reason="words_differ")
    if figure.is_provisional and key[2] != own_key[2]:
        return replace(named, reason="no_data", expected=None)
    return replace(named, state=State.DIFFERS, reason=_why(statement, figure))


def _is_within(key: FigureKey, own: FigureKey) -> bool:
    """Whether a figure is of the same region and of a part of the report's own period."""
    if UNKNOWN in key or key[1] != own[1]:
        return False
    return set(Period.parse_span(key[2]).months()) <= set(Period.parse_span(own[2]).months())


def _agrees_with(statement: Statement, figure: KnownFigure | None) -> bool:
    return figure is not None and figure.value is not None and agrees(statement.numeral, figure.value)


def _why(statement: Statement, figure: KnownFigure) -> str:
    if figure.value is None:
        return "no_figure"
    if figure.is_provisional:
        return "differs_provisional"
    return "rounded" if agrees_if_rounded(statement.numeral, figure.value) else "differs"


def _name_contradictions(findings: Sequence[ProofFinding]) -> list[ProofFinding]:
    """Add to each figure that the text writes in different ways how it is written elsewhere."""
    by_key: dict[FigureKey, dict[Decimal | None, ProofFinding]] = {}
    for finding in findings:
        if finding.key is not None and finding.indicator_id:
            of_value = by_key.setdefault(finding.key, {}).setdefault(finding.value, finding)
            if of_value.state is State.AGREES and finding.state is not State.AGREES:
                by_key[finding.key][finding.value] = finding
    result = []
    for finding in findings:
        same = by_key.get(finding.key, {}) if finding.key else {}
        other_values = (other for value, other in same.items() if value != finding.value)
        differing = list(islice(other_values, MOST_OTHER_TEXTS))
        is_doubtful = any(other.state is not State.AGREES for other in (finding, *differing))
        if not differing or not is_doubtful:
            result.append(finding)
            continue
        finding = replace(finding, other_texts=tuple(dict.fromkeys(other.text for other in differing)))
        if finding.reason == "no_data" and UNKNOWN not in (finding.key or ()):
            finding = replace(finding, state=State.AMBIGUOUS, reason="contradiction")
        result.append(finding)
    return result
